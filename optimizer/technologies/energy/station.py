"""Station: one store that several parties share, each with an account on it and a meter of its own.

What one party charges another may draw in the same step, without losses (netting); only the rest goes through the
batteries. Accounts sum to the stored energy; the station obeys its own limits whatever the accounts say.
Rights: `fixed` each party within its share; `leased` within what it leases, season by season; `pooled` all within the
sum of their shares, an account may be overdrawn and is settled in the end. Calls of the grid are served from accounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyomo.environ as pyo

from optimizer.quantities.calendar import HOURS_PER_YEAR
from optimizer.solve.pairs import never_both
from optimizer.solve.pyomo_types import Block, Expr, Variable
from optimizer.technologies.base import Contribution, Inputs, Outside, Record, State
from optimizer.technologies.energy.carriage import store_flows
from optimizer.technologies.energy.lease import NOT_SAID
from optimizer.technologies.energy.lease_seasons import season_of, season_years
from optimizer.technologies.energy.station_laws import (
    TOLERANCE_MWH,
    PartyNumbers,
    StationNumbers,
    laws_of_station,
    leased_beyond,
)
from optimizer.technologies.energy.station_terms import StationTerms
from optimizer.technologies.energy.storage_terms import DRAWN
from optimizer.technologies.flows import CARRIED_IN, CARRIED_OUT, Flow, Role
from optimizer.technologies.linear import Floats, Linear

PARTS: tuple[str, ...] = ("stored_in", "given", "taken_out", "taken", "call")
"""Through the batteries, to other parties, from the batteries, from other parties, to the grid's calls [MW]."""


class Station(StationTerms):
    """A shared store with accounts."""

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:
        names = list(self.accounts)
        most, call = self.part * self.power_mw * (not self.idle), (inputs["call_mw"] * (not self.idle)).tolist()
        moved = most * inputs.step_h * inputs.count
        lowest, highest = (
            (-moved, self.part * self.energy_mwh + moved) if self.rights == "pooled" else (0.0, self.energy_mwh)
        )
        for name in PARTS:
            top = (lambda _b, t, _p: (0, self.part * call[t])) if name == "call" else (0, most)
            block.add_component(f"{name}_mw", pyo.Var(inputs.steps, names, bounds=top))
        block.account_mwh = pyo.Var(inputs.steps, names, bounds=(lowest, highest))
        seasons = season_of(inputs.calendar)
        if self.rights == "leased":
            block.lease_mwh = pyo.Var(
                names, range(int(seasons.max()) + 1), bounds=(0, self.energy_mwh * (not self.idle))
            )
        self._hold_accounts(block, inputs, opening, seasons)
        self._hold_station(block, inputs)
        self._hold_rights(block, inputs, seasons)
        return self._contribution(block, inputs, opening)

    def _opened(self, name: str, opening: State, lease: Variable) -> float | Expr:
        """Account of a party at the start: as given, else the opening state of its share or lease."""
        if name in opening:
            return float(opening[name])
        right_mwh = lease if self.rights == "leased" else self.accounts[name] * self.energy_mwh
        return self.opening_state_of_charge * right_mwh

    def _opened_line(self, name: str, opening: State, block: Block, inputs: Inputs) -> Linear:
        """Account of a party at the start, one entry."""
        if name in opening or self.rights != "leased":
            return Linear.fixed(self._opened(name, opening, None), 1)
        return Linear.of([block.lease_mwh[name, int(season_of(inputs.calendar)[0])]]) * self.opening_state_of_charge

    def _hold_accounts(self, block: Block, inputs: Inputs, opening: State, seasons: Floats) -> None:
        h, keep = inputs.step_h, (1 - self.standby_loss_per_h) ** inputs.step_h
        first = int(seasons[0])

        @block.Constraint(inputs.steps, list(self.accounts))
        def account_follows_from_what_went_in_and_out(b: Block, t: int, p: str) -> Expr:
            lease = b.lease_mwh[p, first] if self.rights == "leased" else None
            before = b.account_mwh[t - 1, p] if t else self._opened(p, opening, lease)
            out = (b.taken_out_mw[t, p] + b.call_mw[t, p]) * (h / self.discharge_efficiency)
            into = b.stored_in_mw[t, p] * (h * self.charge_efficiency)
            return b.account_mwh[t, p] == keep * before + into - out + h * b.given_mw[t, p] - h * b.taken_mw[t, p]

        @block.Constraint(inputs.steps)
        def netting_closes(b: Block, t: int) -> Expr:
            return sum(b.given_mw[t, p] - b.taken_mw[t, p] for p in self.accounts) == 0

    def _hold_station(self, block: Block, inputs: Inputs) -> None:
        names, call = list(self.accounts), inputs["call_mw"].tolist()

        block.taking_in_mw = pyo.Var(inputs.steps, bounds=(0, self.part * self.power_mw))
        block.giving_mw = pyo.Var(inputs.steps, bounds=(0, self.part * self.power_mw))

        @block.Constraint(inputs.steps)
        def batteries_take_in_no_more_than_their_power(b: Block, t: int) -> Expr:
            return sum(b.stored_in_mw[t, p] for p in names) == b.taking_in_mw[t]

        @block.Constraint(inputs.steps)
        def batteries_give_no_more_than_their_power(b: Block, t: int) -> Expr:
            return sum(b.taken_out_mw[t, p] + b.call_mw[t, p] for p in names) == b.giving_mw[t]

        never_both(block, list(block.taking_in_mw.values()), list(block.giving_mw.values()))

        @block.Constraint(inputs.steps)
        def batteries_hold_no_less_than_nothing_and_no_more_than_all(b: Block, t: int) -> Expr:
            return (0, sum(b.account_mwh[t, p] for p in names), self.part * self.energy_mwh)

        @block.Constraint(inputs.steps)
        def calls_are_served_once(b: Block, t: int) -> Expr:
            return sum(b.call_mw[t, p] for p in names) <= self.part * call[t]

    def _hold_rights(self, block: Block, inputs: Inputs, seasons: Floats) -> None:
        names, ratio, number = list(self.accounts), self.power_mw / self.energy_mwh, seasons.tolist()

        def right_mwh(b: Block, t: int, p: str) -> Expr:
            """Energy right of party p."""
            return b.lease_mwh[p, number[t]] if self.rights == "leased" else self._right_mwh(p)

        if self.rights != "pooled":

            @block.Constraint(inputs.steps, names)
            def account_within_right(b: Block, t: int, p: str) -> Expr:
                return b.account_mwh[t, p] <= right_mwh(b, t, p)

        @block.Constraint(inputs.steps, names)
        def charge_within_right(b: Block, t: int, p: str) -> Expr:
            return b.stored_in_mw[t, p] + b.given_mw[t, p] <= ratio * right_mwh(b, t, p)

        @block.Constraint(inputs.steps, names)
        def draw_within_right(b: Block, t: int, p: str) -> Expr:
            return b.taken_out_mw[t, p] + b.taken_mw[t, p] + b.call_mw[t, p] <= ratio * right_mwh(b, t, p)

        if self.rights == "leased":

            @block.Constraint(sorted(set(number)))
            def leases_fit_into_the_station(b: Block, season: int) -> Expr:
                return sum(b.lease_mwh[p, season] for p in names) <= self.energy_mwh

    def _contribution(self, block: Block, inputs: Inputs, opening: State) -> Contribution:
        flows: dict[Flow, Linear] = {}
        meters: dict[str, Linear] = {}
        sizes: dict[str, Any] = {}
        cost = [Linear.fixed(self._standing(inputs), inputs.count)]
        calls, stored = Linear.fixed(0.0, inputs.count), Linear.fixed(0.0, inputs.count)
        for party in self.accounts:
            part = {name: Linear.of(getattr(block, f"{name}_mw")[t, party] for t in inputs.steps) for name in PARTS}
            account = Linear.of(block.account_mwh[t, party] for t in inputs.steps)
            bus = f"{self.meters.get(party, party)}:electricity"
            flows[bus, f"charge {party}", Role.CHARGE] = -(part["stored_in"] + part["given"])
            flows[bus, f"discharge {party}", Role.DISCHARGE] = part["taken_out"] + part["taken"]
            if self.behind_the_meter is False:
                charge, given = -flows[bus, f"charge {party}", Role.CHARGE], part["taken_out"] + part["taken"]
                flows |= store_flows(charge, given, site=self.meters.get(party, party), party=f" {party}")
            meters |= {f"{name}_{party}_mw": line for name, line in part.items()} | {f"account_{party}_mwh": account}
            calls, stored = calls + part["call"], stored + account
            cost.append((part["taken_out"] + part["taken"]) * (self.fee_per_mwh * inputs.step_h))
            cost.append(part["call"] * (-self._call_price() * inputs.step_h))
            drawn = self._opened_line(party, opening, block, inputs) - account.take([inputs.count - 1])
            cost.append(drawn * self.end_value_per_mwh)
            if self.rights == "leased":
                for season, years in enumerate(season_years(inputs.calendar)):
                    sizes[f"lease_{party}_{season}_mwh"] = block.lease_mwh[party, season]
                    cost.append(Linear.of([block.lease_mwh[party, season]]) * (self.lease_price_per_mwh_year * years))
        if self.calls is not None:
            flows["electricity", "discharge call", Role.DISCHARGE] = calls
            flows["electricity", "export call", Role.EXPORT] = -calls
        return Contribution(flows=flows, cost=cost, stored={"energy_mwh": stored}, meters=meters, sizes=sizes)

    def _call_price(self) -> float:
        return self.calls.price_per_mwh if self.calls else 0.0

    def _standing(self, inputs: Inputs) -> float:
        """Standing cost of the owned part in one step, less the capacity payment."""
        owned = sum(self.accounts.values())
        yearly = self.yearly_cost - self.capacity_payment_per_mw_year * self.power_mw
        return owned * yearly * inputs.step_h / HOURS_PER_YEAR

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:
        items: dict[str, Floats] = {}
        leases, first = self._leases(record, inputs), season_of(inputs.calendar)[0]
        for party, share in self.accounts.items():
            drawn = record.meters[f"taken_out_{party}_mw"] + record.meters[f"taken_{party}_mw"]
            from_stock, left_mwh = np.zeros(inputs.count), record.meters[f"account_{party}_mwh"][-1]
            from_stock[-1] = self.end_value_per_mwh * (self._opened(party, opening, leases[party][first]) - left_mwh)
            owned = share / (sum(self.accounts.values()) or 1.0)
            items[f"{party}: fee"] = drawn * self.fee_per_mwh * inputs.step_h
            items[f"{party}: calls"] = -record.meters[f"call_{party}_mw"] * self._call_price() * inputs.step_h
            items[f"{party}: {DRAWN}"] = from_stock
            items[f"{party}: station"] = np.full(inputs.count, owned * self._standing(inputs))
            if self.rights == "leased":
                items[f"{party}: lease"] = self._lease_bill(party, record, inputs)
        return items

    def _lease_bill(self, party: str, record: Record, inputs: Inputs) -> Floats:
        leased = self._leases(record, inputs)[party]
        return np.asarray(
            leased[season_of(inputs.calendar)] * self.lease_price_per_mwh_year * inputs.step_h / HOURS_PER_YEAR
        )

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        season, leases = season_of(inputs.calendar), self._leases(record, inputs)
        station = StationNumbers(
            self.part * self.power_mw,
            self.part * self.energy_mwh,
            self.power_mw / self.energy_mwh,
            self.charge_efficiency,
            self.discharge_efficiency,
            (1 - self.standby_loss_per_h) ** inputs.step_h,
            inputs.step_h,
            self.part * inputs["call_mw"] * (not self.idle),
            record.stored["energy_mwh"],
        )
        parties = {
            party: PartyNumbers(
                {name: record.meters[f"{name}_{party}_mw"] for name in PARTS},
                record.meters[f"account_{party}_mwh"],
                self._opened(party, opening, leases[party][season[0]]),
                leases[party][season] if self.rights == "leased" else np.full(inputs.count, self._right_mwh(party)),
                self.rights != "pooled",
            )
            for party in self.accounts
        }
        laws = laws_of_station(station, parties)
        if self.rights == "leased":
            beyond = leased_beyond(np.array(list(leases.values())), self.energy_mwh)
            laws["more is leased than the station has"] = np.full(inputs.count, beyond)
        for party in self.accounts if self.behind_the_meter is False else ():
            wrong = abs(record.flow(f"carried in {party}") + record.flow(f"discharge {party}"))
            wrong = wrong + abs(record.flow(f"carried out {party}") - record.flow(f"charge {party}"))
            laws[f"{party} moves other energy than its tie carries"] = wrong > TOLERANCE_MWH
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def _right_mwh(self, party: str) -> float:
        """Energy right of a party where rights are not leased: all of it where they are pooled."""
        return (self.part if self.rights == "pooled" else self.accounts[party]) * self.energy_mwh

    def _leases(self, record: Record, inputs: Inputs) -> dict[str, Floats]:
        """Leased energy of each party by season, shape (seasons,); zeros where nothing is leased."""
        seasons = range(int(season_of(inputs.calendar).max()) + 1)
        return {p: np.array([record.sizes.get(f"lease_{p}_{n}_mwh", 0.0) for n in seasons]) for p in self.accounts}

    def drawn_mw(self, record: Record, party: str) -> Floats:
        """Net draw of a party at its meter without its charging, shape (steps,)."""
        return record.flow(f"discharge {party}") + record.flow(f"charge {party}")

    def state_after(self, record: Record, step: int) -> State:
        return {party: float(record.meters[f"account_{party}_mwh"][step]) for party in self.accounts}

    def needs_foresight(self) -> str | None:
        return "rights: leased" if self.rights == "leased" else None

    def as_baseline(self) -> Station:
        return self.model_copy(update={"idle": True, "yearly_cost": 0.0, "capacity_payment_per_mw_year": 0.0})

    def remarks(self, outside: Outside, offered: Mapping[str, float]) -> list[str]:  # noqa: ARG002
        return [NOT_SAID] if self.behind_the_meter is None else []

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        sites = (
            set() if self.behind_the_meter is not False else {self.meters.get(party, party) for party in self.accounts}
        )
        return {"electricity"}, {f"{site}:{bus}" for site in sites for bus in (CARRIED_IN, CARRIED_OUT)}
