"""Station: one store that several parties share, each with an account on it and a meter of its own.

What one party charges another may draw in the same step, without losses (netting); only the rest goes through the
batteries. Accounts sum to the stored energy; the station obeys its own limits whatever the accounts say.
Rights: `fixed` each party within its share; `leased` within what it leases, season by season; `pooled` all within the
sum of their shares, an account may be overdrawn and is settled in the end. Calls of the grid are served from accounts.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field, model_validator

from optimizer.quantities.calendar import HOURS_PER_YEAR
from optimizer.quantities.series import Series, values_on
from optimizer.solve.pairs import never_both
from optimizer.solve.pyomo_types import Block, Expr, Variable
from optimizer.technologies.base import Contribution, Inputs, Outside, Record, Settings, State, Technology
from optimizer.technologies.energy.carriage import store_flows
from optimizer.technologies.energy.lease_seasons import season_of, season_years
from optimizer.technologies.flows import CARRIED_IN, CARRIED_OUT, Flow, Role
from optimizer.technologies.linear import Floats, Linear

TOLERANCE_MWH = 1e-5
"""Accounts accumulate the row tolerance 1e-7 of HiGHS over a handful of terms a step."""
PARTS: tuple[str, ...] = ("stored_in", "given", "taken_out", "taken", "call")
"""Through the batteries, to other parties, from the batteries, from other parties, to the grid's calls [MW]."""


class Calls(Settings):
    """Power the grid asks the station for (peak shaving)."""

    power_mw: Series
    """Most power it takes, by hour [MW]."""
    price_per_mwh: float = Field(ge=0)
    """What it pays for a MWh."""


class Station(Technology):
    """A shared store with accounts."""

    power_mw: float = Field(gt=0)
    """Most power in or out of the batteries [MW]."""
    energy_mwh: float = Field(gt=0)
    """Usable energy [MWh]."""
    accounts: dict[str, float] = Field(min_length=1)
    """Share of the station each party owns, 0..1; together at most 1."""
    rights: Literal["fixed", "leased", "pooled"] = "pooled"
    """How far a party may use the station."""
    meters: dict[str, str] = Field(default={})
    """Site whose electricity bus a party's meter is on; none: a site of the party's name."""
    charge_efficiency: float = Field(default=0.95, gt=0, le=1)
    """Share of the power taken in that is stored."""
    discharge_efficiency: float = Field(default=0.95, gt=0, le=1)
    """Share of the stored energy that comes out."""
    standby_loss_per_h: float = Field(default=0.0, ge=0, lt=1)
    """Share of the stored energy lost in an hour."""
    opening_state_of_charge: float = Field(default=0.5, ge=0, le=1)
    """Share of the energy inside at the start."""
    end_value_per_mwh: float = 0.0
    """What a MWh left in an account is worth."""
    fee_per_mwh: float = Field(default=0.0, ge=0)
    """Fee on each MWh a party draws, netted or not."""
    lease_price_per_mwh_year: float = Field(default=0.0, ge=0)
    """Yearly price of a leased MWh, where rights are leased."""
    behind_the_meter: bool = False
    """Whether it stands behind the meters of its parties; false: on the public grid, reached through ties that `carries_stores`."""
    calls: Calls | None = None
    """Calls of the grid."""
    capacity_payment_per_mw_year: float = Field(default=0.0, ge=0)
    """Paid to the owners for each MW."""
    yearly_cost: float = Field(default=0.0, ge=0)
    """What the whole station costs its owners in a year (annuity, operation)."""
    idle: bool = False
    """Idle station: no party charges, draws or leases."""

    @model_validator(mode="after")
    def _no_more_than_one_station(self) -> Station:
        if sum(self.accounts.values()) > 1 + 1e-9 or min(self.accounts.values()) < 0:
            raise ValueError("the shares in accounts must be 0 or more and together at most 1")
        return self

    def of(self, parties: frozenset[str]) -> Station:
        """Station with the accounts, and the owned shares, of some parties alone."""
        return self.model_copy(
            update={"accounts": {name: share for name, share in self.accounts.items() if name in parties}}
        )

    @property
    def part(self) -> float:
        """Part of the station that the parties here may use."""
        return 1.0 if self.rights == "leased" else sum(self.accounts.values())

    def series(self, outside: Outside) -> dict[str, Floats]:
        calls = (
            np.zeros(outside.calendar.count) if self.calls is None else values_on(self.calls.power_mw, outside.calendar)
        )
        return {"call_mw": np.maximum(calls, 0.0)}

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
        return self._contribution(block, inputs)

    def _opened(self, name: str, opening: State, lease: Variable) -> float | Expr:
        """Account of a party at the start: as given, else the opening state of its share or lease."""
        if name in opening:
            return float(opening[name])
        right_mwh = lease if self.rights == "leased" else self.accounts[name] * self.energy_mwh
        return self.opening_state_of_charge * right_mwh

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
            if self.rights == "pooled":
                return self.part * self.energy_mwh
            return b.lease_mwh[p, number[t]] if self.rights == "leased" else self.accounts[p] * self.energy_mwh

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

    def _contribution(self, block: Block, inputs: Inputs) -> Contribution:
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
            if not self.behind_the_meter:
                charge, given = -flows[bus, f"charge {party}", Role.CHARGE], part["taken_out"] + part["taken"]
                flows |= store_flows(charge, given, site=self.meters.get(party, party), party=f" {party}")
            meters |= {f"{name}_{party}_mw": line for name, line in part.items()} | {f"account_{party}_mwh": account}
            calls, stored = calls + part["call"], stored + account
            cost.append((part["taken_out"] + part["taken"]) * (self.fee_per_mwh * inputs.step_h))
            cost.append(part["call"] * (-self._call_price() * inputs.step_h))
            cost.append(Linear.of([block.account_mwh[inputs.count - 1, party]]) * -self.end_value_per_mwh)
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

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        items: dict[str, Floats] = {}
        for party, share in self.accounts.items():
            drawn = record.meters[f"taken_out_{party}_mw"] + record.meters[f"taken_{party}_mw"]
            left = np.zeros(inputs.count)
            left[-1] = -self.end_value_per_mwh * record.meters[f"account_{party}_mwh"][-1]
            owned = share / (sum(self.accounts.values()) or 1.0)
            items[f"{party}: fee"] = drawn * self.fee_per_mwh * inputs.step_h
            items[f"{party}: calls"] = -record.meters[f"call_{party}_mw"] * self._call_price() * inputs.step_h
            items[f"{party}: value of energy left"] = left
            items[f"{party}: station"] = np.full(inputs.count, owned * self._standing(inputs))
            if self.rights == "leased":
                items[f"{party}: lease"] = self._lease_bill(party, record, inputs)
        return items

    def _lease_bill(self, party: str, record: Record, inputs: Inputs) -> Floats:
        season = season_of(inputs.calendar)
        leased = np.array([record.sizes[f"lease_{party}_{number}_mwh"] for number in range(int(season.max()) + 1)])
        return np.asarray(leased[season] * self.lease_price_per_mwh_year * inputs.step_h / HOURS_PER_YEAR)

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        h, keep = inputs.step_h, (1 - self.standby_loss_per_h) ** inputs.step_h
        totals: dict[str, Any] = {
            name: sum(record.meters[f"{name}_{party}_mw"] for party in self.accounts) for name in PARTS
        }
        out = (totals["taken_out"] + totals["call"]) / self.discharge_efficiency
        stored = record.stored["energy_mwh"]
        lease = {party: record.sizes.get(f"lease_{party}_0_mwh", 0.0) for party in self.accounts}
        opened = sum(self._opened(party, opening, lease[party]) for party in self.accounts)
        before = keep * np.concatenate([[opened], stored[:-1]])
        laws = {
            "energy does not follow from charge and discharge": abs(
                stored - before - h * (totals["stored_in"] * self.charge_efficiency - out)
            ) > TOLERANCE_MWH * len(self.accounts),
            "netting does not close": abs(totals["given"] - totals["taken"]) > TOLERANCE_MWH,
            "batteries above their power": np.maximum(totals["stored_in"], totals["taken_out"] + totals["call"])
            > self.part * self.power_mw + TOLERANCE_MWH,
            "batteries charge and discharge at once": np.minimum(totals["stored_in"], totals["taken_out"] + totals["call"])
            > TOLERANCE_MWH * (1 + self.power_mw),
            "stored energy outside its limits": (stored < -TOLERANCE_MWH) | (stored > self.part * self.energy_mwh + TOLERANCE_MWH),
        }  # fmt: skip
        for party in () if self.behind_the_meter else self.accounts:
            wrong = abs(record.flow(f"carried in {party}") + record.flow(f"discharge {party}"))
            wrong = wrong + abs(record.flow(f"carried out {party}") - record.flow(f"charge {party}"))
            laws[f"{party} moves other energy than its tie carries"] = wrong > TOLERANCE_MWH
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def drawn_mw(self, record: Record, party: str) -> Floats:
        """Net draw of a party at its meter without its charging, shape (steps,)."""
        return record.flow(f"discharge {party}") + record.flow(f"charge {party}")

    def state_after(self, record: Record, step: int) -> State:
        return {party: float(record.meters[f"account_{party}_mwh"][step]) for party in self.accounts}

    def needs_foresight(self) -> str | None:
        return "rights: leased" if self.rights == "leased" else None

    def as_baseline(self) -> Station:
        return self.model_copy(update={"idle": True, "yearly_cost": 0.0, "capacity_payment_per_mw_year": 0.0})

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        sites = () if self.behind_the_meter else {self.meters.get(party, party) for party in self.accounts}
        return {"electricity"}, {f"{site}:{bus}" for site in sites for bus in (CARRIED_IN, CARRIED_OUT)}
