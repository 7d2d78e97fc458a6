"""Grid tie: energy by the hour, charges on the highest import or on contracted capacity, a price on carbon.

Assumes: a charge by the month or year is due in the share of it that the plan covers; a tie takes or gives, never both
in one step, even where the export price is above the import price.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field, model_validator

from optimizer.quantities.demand_charge import DemandCharge
from optimizer.quantities.power_factor import power_factor_multiplier
from optimizer.quantities.series import SeriesError, values_on
from optimizer.quantities.tariff import Tariff
from optimizer.solve.pairs import never_both
from optimizer.solve.pyomo_types import Block, Variable
from optimizer.technologies.base import (
    Capacity,
    Contribution,
    Inputs,
    Outside,
    Record,
    Size,
    State,
    Technology,
    declare_size,
    size_bill,
    size_cost,
)
from optimizer.technologies.energy.carriage import Carriage
from optimizer.technologies.energy.contract import Contract
from optimizer.technologies.energy.demand_charges import Charge, add_excess, add_peaks, tie_scarcity
from optimizer.technologies.energy.grid_mix import GridMix, green_power_beyond
from optimizer.technologies.energy.metering import add_netting, add_tiers, netting_bill, tier_bill
from optimizer.technologies.energy.ramp import hold_exchange_ramp
from optimizer.technologies.energy.tie_limits import TieLimits, power_within
from optimizer.technologies.flows import CARRIED_IN, CARRIED_OUT, Role
from optimizer.technologies.linear import Floats, Linear
from optimizer.technologies.tallies import Tally

TOLERANCE_MW = 1e-6
"""HiGHS holds rows to 1e-7; ten times that is a violation."""
MOST_OVERLOAD = 10.0
"""A month's peak is at most this many times the tie."""
HOURS_PER_MONTH = 730.0


class Grid(GridMix, TieLimits, Carriage, Technology):
    """Tie to the public grid."""

    tariff: Tariff
    """Prices: a file of scenarios/tariffs by name, or written out here."""
    two_part: Literal["demand", "capacity", "direct_supply"] = "demand"
    """What is paid beside energy: the month's demand, contracted capacity, or the direct-supply fee on capacity."""
    contract_mva: Capacity | None = None
    """Contracted capacity for `capacity` and `direct_supply`, a number or a size to be found; none: the import limit."""
    declared_demand_mw: Capacity | None = None
    """Demand declared and billed in any case, a number or a size to be found; none: the real one is billed."""
    average_load_rate: float = Field(default=0.65, gt=0, le=1)
    """Province's mean load rate in the direct-supply fee."""
    power_factor: float | None = Field(default=None, ge=0, le=1)
    """Month's mean power factor, for the adjustment of energy and demand charges; none: no adjustment."""
    ramp_mw_per_h: float | None = Field(default=None, gt=0)
    """Most change of the net exchange in an hour; none: any."""
    overload_price_per_mwh: float = Field(default=20_000.0, gt=0)
    """Penalty for a MWh imported above the limit; the last resort that keeps a plan from being infeasible."""

    @model_validator(mode="after")
    def _contract_goes_with_capacity(self) -> Grid:
        if self.contract_mva is not None and self.two_part == "demand":
            raise ValueError("contract_mva is paid under two_part: capacity or direct_supply; choose one of these")
        if self.declared_demand_mw is not None and self.two_part != "demand":
            raise ValueError("declared_demand_mw is paid under two_part: demand; choose it")
        return self

    def series(self, outside: Outside) -> dict[str, Floats]:
        calendar, member, tariff = outside.calendar, outside.member, self.tariff
        price = tariff.import_price(calendar, member)
        if self.two_part == "direct_supply":
            price = price - tariff.transmission_price_per_mwh
        series = {
            "import_price_per_mwh": (price - tariff.funds_per_mwh) * self._multiplier() + tariff.funds_per_mwh,
            "export_price_per_mwh": values_on(tariff.export_price_per_mwh, calendar, member),
        } | self.mix_series(outside) | self.limit_series(outside)  # fmt: skip
        series |= self.carriage_series(outside, tariff, without_transmission=self.two_part == "direct_supply")
        if tariff.net_metering and (series["export_price_per_mwh"] > series["import_price_per_mwh"]).any():
            raise SeriesError("net metering: the export price is above the import price in some hour; it must not be")
        for number, charge in enumerate(tariff.demand_charges):
            series[f"demand_counts_{number}"] = charge.counts(calendar)
        return series

    def _multiplier(self) -> float:
        return 1.0 if self.power_factor is None else power_factor_multiplier(self.power_factor)

    def _charges(self, inputs: Inputs, opening: State) -> dict[str, Charge]:
        """Charges on import by the key of their peak in the state; the tariff's plain one first."""
        charges, tariff = {}, self.tariff
        if tariff.demand_price_per_mw_month and self.two_part == "demand":
            least = tariff.minimum_demand_share * self.connection_mw(inputs.calendar)
            terms = DemandCharge(name="demand", price_per_mw=tariff.demand_price_per_mw_month, minimum_mw=least)
            opened = float(opening.get("peak_mw", 0.0))
            charges["peak_mw"] = Charge(terms, np.ones(inputs.count), opened, self._multiplier())
        for number, terms in enumerate(tariff.demand_charges):
            key = f"peak_mw_{terms.name}"
            counts = inputs[f"demand_counts_{number}"]
            charges[key] = Charge(terms, counts, float(opening.get(key, 0.0)), self._multiplier())
        return charges

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:
        step_h, limits = inputs.step_h, (self.import_limit(inputs), self.export_limit(inputs))
        block.import_mw = power_within(inputs, limits[0])
        block.overload_mw = pyo.Var(inputs.steps, domain=pyo.NonNegativeReals)
        imported, overload = Linear.of(block.import_mw.values()), Linear.of(block.overload_mw.values())
        taken = imported + overload
        flows = {("electricity", "import", Role.IMPORT): imported, ("electricity", "overload", Role.OVERLOAD): overload}
        tallies, premium = self.mix_tallies(block, inputs, taken), Linear.fixed(self.premium(inputs), inputs.count)
        cost = [tallies[Tally.EMITTED_T] * self.carbon_price_per_t, premium]
        cost.append(overload * (self.overload_price_per_mwh * step_h))
        given = Linear.fixed(0.0, inputs.count)
        if self.exports:
            block.export_mw = power_within(inputs, limits[1])
            given = Linear.of(block.export_mw.values())
            flows["electricity", "export", Role.EXPORT] = -given
            never_both(block, list(block.import_mw.values()), list(block.export_mw.values()))
        carried_in, carried_out = self.carry(block, inputs, *limits)
        cost, at_tie = cost + self.carriage_cost(carried_in, inputs), taken + carried_in
        cost += self._energy(block, inputs, taken, given) + self._demand(block, inputs, opening, at_tie)
        sizes, more = self._capacity(block, inputs)
        if self.ramp_mw_per_h is not None:
            most_mw = self.ramp_mw_per_h * inputs.step_h
            hold_exchange_ramp(block, inputs.steps, at_tie - given - carried_out, most_mw, opening.get("net_mw"))
        return Contribution(
            flows=flows | self.carriage_flows(carried_in, carried_out),
            cost=cost + more,
            meters=self._counted(inputs, at_tie),
            shortfalls={"overload_mw": overload},
            sizes=sizes,
            tallies=tallies,
            scarcity=tie_scarcity(block, inputs, self._charges(inputs, opening), imported, given),
        )

    def _energy(self, block: Block, inputs: Inputs, taken: Linear, given: Linear) -> list[Linear]:
        price, tariff, most = inputs["import_price_per_mwh"], self.tariff, self._most_mw(inputs)
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

    def _most_mw(self, inputs: Inputs) -> float:
        """Most import the model must be able to bill; finite, so that windows with a free peak stay bounded."""
        return MOST_OVERLOAD * (self.connection_mw(inputs.calendar) + 1.0)

    def _demand(self, block: Block, inputs: Inputs, opening: State, taken: Linear) -> list[Linear]:
        """Cost of every demand charge by period."""
        costs = []
        for key, charge in self._charges(inputs, opening).items():
            part = pyo.Block()
            block.add_component(f"charge_{key}", part)
            billed = add_peaks(part, inputs, charge, taken, self._most_mw(inputs))
            if key == "peak_mw" and self.declared_demand_mw is not None:
                declared = declare_size(block, "declared_mw", self.declared_demand_mw, inputs)
                if not isinstance(declared, float):
                    block.declared_at_least = pyo.Constraint(expr=declared >= charge.terms.minimum_mw)
                costs.append(add_excess(part, billed, declared) * charge.prices(inputs))
            else:
                costs.append(billed * charge.prices(inputs) - charge.paid_elsewhere(inputs))
        return costs

    def _capacity(self, block: Block, inputs: Inputs) -> tuple[dict[str, float | Variable], list[Linear]]:
        """Contracted or declared sizes, and what they cost by themselves."""
        if self.two_part != "demand":
            contract, cost = self._contract(inputs).add(block, inputs)
            return {"contract_mva": contract}, cost
        if self.declared_demand_mw is None:
            return {}, []
        declared = declare_size(block, "declared_mw", self.declared_demand_mw, inputs)
        return {"declared_mw": declared}, size_cost(self.declared_demand_mw, declared, inputs.calendar)

    def _contract(self, inputs: Inputs) -> Contract:
        monthly = self.tariff.capacity_price_per_mva_month
        if self.two_part == "direct_supply":
            monthly += self.tariff.transmission_price_per_mwh * self.average_load_rate * HOURS_PER_MONTH
        fee = float(monthly * self._multiplier() * inputs.calendar.month_share.sum())
        capacity = self.connection_mw(inputs.calendar) if self.contract_mva is None else self.contract_mva
        return Contract(capacity, fee, self.power_factor or 1.0)

    def _counted(self, inputs: Inputs, taken: Linear) -> dict[str, Linear]:
        """Import that counts for each further charge, for the state of the next plan."""
        charges = self.tariff.demand_charges
        return {f"counted_{charge.name}_mw": taken * inputs[f"demand_counts_{k}"] for k, charge in enumerate(charges)}

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:
        taken, step_h, tariff = record.flow("import") + record.flow("overload"), inputs.step_h, self.tariff
        given = -record.flow("export") if self.exports else np.zeros(inputs.count)
        items = {"carbon": taken * step_h * inputs["carbon_t_per_mwh"] * self.carbon_price_per_t}
        items["green power premium"] = self.premium(inputs)
        items["overload penalty"] = record.flow("overload") * step_h * self.overload_price_per_mwh
        prices = inputs["import_price_per_mwh"], inputs["export_price_per_mwh"]
        if tariff.net_metering and self.exports:
            items["net energy"] = netting_bill((taken - given) * step_h, *prices, inputs)
        else:
            items |= {"energy": taken * step_h * prices[0], "export": -given * step_h * prices[1]}
        if tariff.tiers:
            items["tiers"] = tier_bill(taken * step_h, tariff.tiers, inputs, self._most_mw(inputs))
        if tariff.fixed_price_per_month:
            month, share = inputs.calendar.billing_month, inputs.calendar.month_share
            items["connection"] = (tariff.fixed_price_per_month * share / np.bincount(month))[month]
        items, taken = items | self.carriage_bill(record, inputs), self._taken_mw(record)
        for key, charge in self._charges(inputs, opening).items():
            name = "demand charge" + key.removeprefix("peak_mw").replace("_", " ")
            declared = record.sizes.get("declared_mw") if key == "peak_mw" else None
            if declared is None:
                items[name] = charge.bill(taken, inputs)
            else:
                items[name] = charge.declared_bill(taken, declared, inputs)
        return items | self._capacity_bill(record, inputs)

    def _capacity_bill(self, record: Record, inputs: Inputs) -> dict[str, Floats]:
        items = {}
        if "contract_mva" in record.sizes:
            items["contracted capacity"] = self._contract(inputs).bill(record.sizes["contract_mva"], inputs)
        if isinstance(self.declared_demand_mw, Size):
            items["declaring"] = size_bill(self.declared_demand_mw, record.sizes["declared_mw"], inputs.calendar)
        return items

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
            "imports and exports at once": np.minimum(into, out) > 1e-5 * (1 + limit),
            "exchange changes faster than its ramp": abs(np.diff(net, prepend=opening.get("net_mw", net[0])))
            > ramp + TOLERANCE_MW,
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
        return frozenset({"peak_mw"} | monthly)

    def state_after(self, record: Record, step: int) -> State:
        taken = {"peak_mw": self._taken_mw(record)}
        for charge in self.tariff.demand_charges:
            taken[f"peak_mw_{charge.name}"] = record.meters[f"counted_{charge.name}_mw"]
        return {name: float(power[: step + 1].max()) for name, power in taken.items()}

    def closing_state(self, record: Record, inputs: Inputs, opening: State, step: int) -> State:
        taken, charges = self._taken_mw(record), self._charges(inputs, opening)
        peaks = {key: charge.peak_after(taken, inputs, step) for key, charge in charges.items()}
        return {**peaks, "net_mw": float(self._net_mw(record)[step])}

    def state_limits(self) -> dict[str, tuple[float, float]]:
        names = {f"peak_mw_{charge.name}" for charge in self.tariff.demand_charges}
        return dict.fromkeys({"peak_mw", *names}, (0.0, MOST_OVERLOAD * (self.greatest_import_mw + 1.0)))

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        return {"electricity"} | ({CARRIED_IN, CARRIED_OUT} if self.carries_stores else set()), {"electricity"}
