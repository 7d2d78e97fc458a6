"""Grid tie: energy by the hour, charges on the highest import or on contracted capacity, a price on carbon.

Assumes: a charge by the month or year is due in the share of it that the plan covers; a tie takes or gives, never both
in one step, even where the export price is above the import price.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from optimizer.quantities.series import SeriesError, values_on
from optimizer.solve.pairs import never_both
from optimizer.solve.pyomo_types import Block
from optimizer.technologies.base import Contribution, Inputs, Kept, Outside, Record, State, Technology
from optimizer.technologies.energy.carriage import Carriage
from optimizer.technologies.energy.demand_charges import tie_scarcity
from optimizer.technologies.energy.direct_connection import SELF_USED, self_used_mw
from optimizer.technologies.energy.grid_mix import GridMix, green_power_beyond
from optimizer.technologies.energy.market import Market
from optimizer.technologies.energy.metering import add_netting, add_tiers, netting_bill, tier_bill
from optimizer.technologies.energy.ramp import hold_exchange_ramp
from optimizer.technologies.energy.tie_limits import power_within
from optimizer.technologies.energy.two_part import DISCOUNTED, MOST_OVERLOAD, TwoPart, Use
from optimizer.technologies.energy.use_discount import MONTH_USE_MWH
from optimizer.technologies.flows import CARRIED_IN, CARRIED_OUT, Role
from optimizer.technologies.linear import Floats, Linear
from optimizer.technologies.tallies import Tally

TOLERANCE_MW = 1e-6
"""HiGHS holds rows to 1e-7; ten times that is a violation."""


class Grid(GridMix, TwoPart, Carriage, Technology):
    """Tie to the public grid."""

    market: Market | None = None
    """Market desk: contracts, day-ahead purchase, mechanism price; none: energy at the tariff's price alone."""
    ramp_mw_per_h: float | None = Field(default=None, gt=0)
    """Most change of the net exchange in an hour; none: any."""
    overload_price_per_mwh: float | None = Field(default=20_000.0, gt=0)
    """Penalty for a MWh imported above the limit; the last resort that keeps a plan from being infeasible. null: nothing is ever
    bought above it, and what cannot be served stays unserved (a declared capacity)."""

    def series(self, outside: Outside) -> dict[str, Floats]:
        calendar, member, tariff = outside.calendar, outside.member, self.tariff
        price = tariff.import_price(calendar, member)
        if not self._transmission_in_price:
            price = price - tariff.transmission_price_per_mwh
        series = {
            "import_price_per_mwh": (price - tariff.funds_per_mwh) * self.multiplier() + tariff.funds_per_mwh,
            "export_price_per_mwh": values_on(tariff.export_price_per_mwh, calendar, member),
        } | self.mix_series(outside) | self.limit_series(outside)  # fmt: skip
        series |= self.carriage_series(outside, tariff, without_transmission=not self._transmission_in_price)
        if tariff.net_metering and (series["export_price_per_mwh"] > series["import_price_per_mwh"]).any():
            raise SeriesError("net metering: the export price is above the import price in some hour; it must not be")
        if self.market is not None:
            series |= self.market.series(outside, values_on(tariff.energy_price_per_mwh, calendar, member))
        for number, charge in enumerate(tariff.demand_charges):
            series[f"demand_counts_{number}"] = charge.counts(calendar)
        return series

    def remarks(self, outside: Outside, offered: Mapping[str, float]) -> list[str]:  # noqa: ARG002
        return [*self.remarks_on_circuits(), *self.remarks_on_carbon()]

    @property
    def rules_the_site(self) -> bool:  # type: ignore[override]
        """Whether it must know what the site's other assets do: a direct connection pays on self-used energy."""
        return self.direct_connection is not None

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:
        step_h, limits = inputs.step_h, (self.import_limit(inputs), self.export_limit(inputs))
        block.import_mw = power_within(inputs, limits[0])
        block.overload_mw = pyo.Var(inputs.steps, bounds=(0, None if self.overload_price_per_mwh else 0))
        imported, overload = Linear.of(block.import_mw.values()), Linear.of(block.overload_mw.values())
        taken = imported + overload
        flows = {("electricity", "import", Role.IMPORT): imported, ("electricity", "overload", Role.OVERLOAD): overload}
        tallies, premium = self.mix_tallies(block, inputs, taken), Linear.fixed(self.premium(inputs), inputs.count)
        cost = [tallies[Tally.EMITTED_T] * self.carbon_price_per_t, premium]
        cost.append(overload * ((self.overload_price_per_mwh or 0.0) * step_h))
        given = Linear.fixed(0.0, inputs.count)
        if self.exports:
            block.export_mw = power_within(inputs, limits[1])
            given = Linear.of(block.export_mw.values())
            flows["electricity", "export", Role.EXPORT] = -given
            never_both(block, list(block.import_mw.values()), list(block.export_mw.values()))
        carried_in, carried_out = self.carry(block, inputs, *limits)
        cost, at_tie = cost + self.carriage_cost(carried_in, inputs), taken + carried_in
        cost += self._energy(block, inputs, taken, given)
        own = Linear.fixed(0.0, inputs.count) if self.direct_connection is None else self_used_mw(inputs, given)
        network = self.pay_network(block, inputs, opening, Use(imported + carried_in, at_tie, own))
        if self.market is not None:
            traded, meters = self.market.trade(block, inputs, taken, given)
            network.cost, network.meters = network.cost + traded, network.meters | meters
        if self.ramp_mw_per_h is not None:
            most_mw = self.ramp_mw_per_h * inputs.step_h
            hold_exchange_ramp(block, inputs.steps, at_tie - given - carried_out, most_mw, opening.get("net_mw"))
        return Contribution(
            flows=flows | self.carriage_flows(carried_in, carried_out),
            cost=cost + network.cost,
            meters=self._counted(inputs, at_tie) | network.meters,
            shortfalls={"overload_mw": overload},
            sizes=network.sizes,
            tallies=tallies,
            scarcity=tie_scarcity(block, inputs, self.charges(inputs, opening), imported, given),
        )

    @property
    def _transmission_in_price(self) -> bool:
        """Whether the import price holds transmission."""
        return self.transmission in ("import", "energy")

    def _energy(self, block: Block, inputs: Inputs, taken: Linear, given: Linear) -> list[Linear]:
        price, tariff, most = inputs["import_price_per_mwh"], self.tariff, self.most_import_mw(inputs)
        fixed = tariff.fixed_price_per_month * inputs.calendar.month_share
        costs = [Linear.fixed(fixed, len(fixed))]
        if tariff.tiers:
            block.tiers = pyo.Block()
            costs.append(add_tiers(block.tiers, inputs, tariff.tiers, taken, most))
        if tariff.net_metering and self.exports:
            block.netting = pyo.Block()
            netted = add_netting(block.netting, inputs, taken, given, price, inputs["export_price_per_mwh"], most)
            return [*costs, netted]
        sold = given * (-inputs["export_price_per_mwh"] * inputs.step_h)
        return [*costs, taken * (price * inputs.step_h), sold]

    def _counted(self, inputs: Inputs, taken: Linear) -> dict[str, Linear]:
        """Import that counts for each further charge, for the state of the next plan."""
        charges = self.tariff.demand_charges
        return {f"counted_{charge.name}_mw": taken * inputs[f"demand_counts_{k}"] for k, charge in enumerate(charges)}

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:
        taken, step_h, tariff = record.flow("import") + record.flow("overload"), inputs.step_h, self.tariff
        given = -record.flow("export") if self.exports else np.zeros(inputs.count)
        items = {"carbon": taken * step_h * inputs["carbon_t_per_mwh"] * self.carbon_price_per_t}
        items["green power premium"] = self.premium(inputs)
        items["overload penalty"] = record.flow("overload") * step_h * (self.overload_price_per_mwh or 0.0)
        prices = inputs["import_price_per_mwh"], inputs["export_price_per_mwh"]
        if tariff.net_metering and self.exports:
            items["net energy"] = netting_bill((taken - given) * step_h, *prices, inputs)
        else:
            items |= {"energy": taken * step_h * prices[0], "export": -given * step_h * prices[1]}
        if tariff.tiers:
            items["tiers"] = tier_bill(taken * step_h, tariff.tiers, inputs, self.most_import_mw(inputs))
        if tariff.fixed_price_per_month:
            month, share = inputs.calendar.billing_month, inputs.calendar.month_share
            items["connection"] = (tariff.fixed_price_per_month * share / np.bincount(month))[month]
        if self.market is not None:
            items |= self.market.bill(record, inputs, taken, given)
        bought_mw = record.flow("import") + self.carried(record)[0]
        items |= self.carriage_bill(record, inputs)
        return items | self.network_bill(record, inputs, opening, bought_mw, self._taken_mw(record))

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        imported = record.flow("import")
        exported, net = -record.flow("export") if self.exports else np.zeros(inputs.count), self._net_mw(record)
        contract_mw = record.sizes.get("contract_mva", np.inf) * (self.power_factor or 1.0)
        limit, most = np.minimum(self.import_limit(inputs), contract_mw), self.export_limit(inputs)
        ramp = np.inf if self.ramp_mw_per_h is None else self.ramp_mw_per_h * inputs.step_h
        carried_in, carried_out = self.carried(record)
        into, out = imported + carried_in, exported + carried_out
        laws = {
            "imports above its limit": (imported < -TOLERANCE_MW) | (into > limit + TOLERANCE_MW),
            "exports above its limit": (exported < -TOLERANCE_MW) | (out > most + TOLERANCE_MW),
            # 1e-5: HiGHS accepts a binary 1e-6 off, times the limit
            "buys above its limit": (record.flow("overload") > TOLERANCE_MW) & (self.overload_price_per_mwh is None),
            "imports and exports at once": np.minimum(into, out) > 1e-5 * (1 + limit),
            "exchange changes faster than its ramp": abs(np.diff(net, prepend=opening.get("net_mw", net[0])))
            > ramp + TOLERANCE_MW,
            "buys outside its limits a day ahead": np.zeros(inputs.count) > 0
            if self.market is None
            else self.market.beyond(record, inputs) > 0,
            "has the discount of high use without its use": self.unearned_discount(
                record, inputs, opening, self._taken_mw(record)
            )
            > 0,
            "counts green power that is not bought": green_power_beyond(
                record, inputs, imported + record.flow("overload")
            ),
        }
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def _net_mw(self, record: Record) -> Floats:
        net = self._taken_mw(record) - self.carried(record)[1]
        return net + record.flow("export") if self.exports else net

    def _taken_mw(self, record: Record) -> Floats:
        """Power that comes in over the tie, bought or carried."""
        return record.flow("import") + record.flow("overload") + self.carried(record)[0]

    @property
    def monthly_state(self) -> frozenset[str]:  # type: ignore[override]
        """Peaks of the charges that start anew with each month."""
        monthly = {f"peak_mw_{charge.name}" for charge in self.tariff.demand_charges if charge.per == "month"}
        counted = set() if self.tariff.use_discount is None else {MONTH_USE_MWH}
        return frozenset({"peak_mw"} | monthly | counted)

    def state_after(self, record: Record, step: int) -> State:
        taken = {"peak_mw": self._taken_mw(record)}
        for charge in self.tariff.demand_charges:
            taken[f"peak_mw_{charge.name}"] = record.meters[f"counted_{charge.name}_mw"]
        return {name: float(power[: step + 1].max()) for name, power in taken.items()}

    def closing_state(self, record: Record, inputs: Inputs, opening: State, step: int) -> State:
        taken, charges = self._taken_mw(record), self.charges(inputs, opening)
        peaks = {key: charge.peak_after(taken, inputs, step) for key, charge in charges.items()}
        after = {**peaks, "net_mw": float(self._net_mw(record)[step])}
        if (discount := self.use_discount(inputs, opening)) is not None:
            after[MONTH_USE_MWH] = discount.used_after(self._used_mw(record), inputs, step)
        return after

    def over_windows(self, record: Record, parts: Sequence[Kept], inputs: Inputs, opening: State) -> Record:  # noqa: ARG002
        """Record with the discount of high use in the months that earned it, which is known at the end only."""
        discount = self.use_discount(inputs, opening)
        if discount is None:
            return record
        return replace(record, meters={**record.meters, DISCOUNTED: discount.earned(self._used_mw(record), inputs)})

    def _used_mw(self, record: Record) -> Floats:
        """All use that counts for the discount: over the tie, and own generation behind it."""
        return np.asarray(self._taken_mw(record) + record.meters.get(SELF_USED, 0.0))

    def state_limits(self) -> dict[str, tuple[float, float]]:
        names = {f"peak_mw_{charge.name}" for charge in self.tariff.demand_charges}
        most = MOST_OVERLOAD * (self.greatest_import_mw + 1.0)
        counted = {} if self.tariff.use_discount is None else {MONTH_USE_MWH: (0.0, most * 744.0)}
        return dict.fromkeys({"peak_mw", *names}, (0.0, most)) | counted

    def needs_foresight(self) -> str | None:
        if self.first_term == "cheaper":
            return "two_part"
        if self.transmission == "cheaper":
            return "direct_connection > transmission"
        if self.market is not None and self.market.contract_band is not None:
            return "market > contract_band"
        mechanism = None if self.market is None else self.market.mechanism
        has_quota = mechanism is not None and mechanism.most_mwh_per_year is not None
        return "market > mechanism > most_mwh_per_year" if has_quota else None

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        return {"electricity"} | ({CARRIED_IN, CARRIED_OUT} if self.carries_stores else set()), {"electricity"}
