"""Storage: an own battery, or a leased share of a shared station (a store with a price for the right to use it).

Assumes: losses both ways are shares of the power; power limits hold at the meter; the leased share behaves like an own
store of that size; cold narrows the power, not the energy; ageing is a straight line of the energy taken out (cycles)
and of the energy kept (calendar). It charges or discharges, never both in one step, whatever power is worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pyomo.environ as pyo
from pydantic import Field, model_validator

from optimizer.solve.pairs import never_both
from optimizer.solve.pyomo_types import Block, Expr, Variable
from optimizer.technologies.base import (
    Contribution,
    Inputs,
    Outside,
    Record,
    State,
    declare_size,
    most_of,
    size_bill,
    size_cost,
)
from optimizer.technologies.capacity import Capacity, Size, free_of_charge
from optimizer.technologies.energy.backup import backup_tallies
from optimizer.technologies.energy.battery import TOLERANCE_MWH, missing_final
from optimizer.technologies.energy.carriage import not_carried, store_flows
from optimizer.technologies.energy.cold import power_left
from optimizer.technologies.energy.grid_side import CHARGED_TODAY
from optimizer.technologies.energy.lease import called_power
from optimizer.technologies.energy.power_changes import CHANGE
from optimizer.technologies.energy.self_consumption import Most, self_consumption
from optimizer.technologies.energy.sized_store import hold_converter_to_power, hold_energy_to_size, hold_power_to_sizes
from optimizer.technologies.energy.storage_terms import DRAWN, StorageTerms
from optimizer.technologies.flows import CARRIED_IN, CARRIED_OUT, ELECTRICITY, Role
from optimizer.technologies.limits import Limit, Scarcity
from optimizer.technologies.linear import Floats, Linear
from optimizer.technologies.plant import OwnerCost
from optimizer.technologies.tallies import Tally


class Storage(StorageTerms):
    """A store of electricity."""

    power_mw: Capacity | None = None
    """Most power in or out at the meter [MW]; none: the C-rate alone limits it."""
    energy_mwh: Capacity
    """Usable energy [MWh]."""
    c_rate_per_h: float | None = Field(default=None, gt=0)
    """Most power in or out over the energy [1/h]: 0.25 is four hours; none: no such limit."""

    @model_validator(mode="after")
    def _opens_above_least(self) -> Storage:
        if self.opening_state_of_charge < self.least_state_of_charge:
            raise ValueError("opening_state_of_charge is below least_state_of_charge; open with at least that much")
        if self.power_mw is None and self.c_rate_per_h is None:
            raise ValueError("nothing limits the power; give power_mw, or c_rate_per_h, or both")
        if self.one_converter and self.power_mw is None:
            raise ValueError("one_converter needs power_mw; give the converter's power")
        if self.capacity_payment is not None and (self.on_site or self.power_mw is None):
            raise ValueError(
                "capacity_payment is for a store of given power_mw on the public grid (behind_the_meter: false)"
            )
        if self.heating and not self.on_site:
            raise ValueError("heating of a store on the public grid is its station's; leave it out")
        sized = isinstance(self.energy_mwh, Size) or not isinstance(self.power_mw, float)
        if sized and (self.power_by_state_of_charge or self.converter_loss_mw):
            raise ValueError("power_by_state_of_charge and converter_loss_mw need power_mw and energy_mwh as numbers")
        return self

    def needs_weather(self) -> bool:
        return bool(self.cold or self.heating)

    def series(self, outside: Outside) -> dict[str, Floats]:
        series = (self.lease.series(outside) if self.lease else {}) | self.heating_series(outside)
        if self.cold:
            for name, left in power_left(self.cold, np.asarray(outside.weather["dry_bulb_c"].values)).items():
                series[name] = left * series.get(name, 1.0)
        return series

    def _shares(self, inputs: Inputs) -> tuple[Floats, Floats]:
        """Share of the power there is for charging and for discharging, each shape (steps,)."""
        if self.idle:
            return np.zeros(inputs.count), np.zeros(inputs.count)
        whole = np.ones(inputs.count)
        return inputs.values.get("charge_share", whole), inputs.values.get("discharge_share", whole)

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:
        power = None if self.power_mw is None else declare_size(block, "power_mw", self.power_mw, inputs)
        energy = declare_size(block, "energy_mwh", self.energy_mwh, inputs)
        charge_share, discharge_share = (share.tolist() for share in self._shares(inputs))
        most_mw, (charge_mw, discharge_mw) = self._most_mw(), self._most_by_way(self._most_mw())
        least = self.least_state_of_charge * most_of(self.energy_mwh) if isinstance(energy, float) else 0.0
        block.charge_mw = pyo.Var(inputs.steps, bounds=lambda _, t: (0, charge_mw * charge_share[t]))
        block.discharge_mw = pyo.Var(inputs.steps, bounds=lambda _, t: (0, discharge_mw * discharge_share[t]))
        block.stored_mwh = pyo.Var(inputs.steps, bounds=(least, most_of(self.energy_mwh)))
        step_h, keep = inputs.step_h, (1 - self.standby_loss_per_h) ** inputs.step_h
        before_start = opening.get("energy_mwh", self.opening_state_of_charge * energy)
        gain, drain = self.charge_efficiency * step_h, step_h / self.discharge_efficiency

        if self.converter_loss_mw:
            self.hold_converter(block, inputs, most_mw)

        @block.Constraint(inputs.steps)
        def energy_balance(b: Block, t: int) -> Expr:
            before = b.stored_mwh[t - 1] if t else before_start
            lost = self.converter_loss_mw * step_h * b.converter_works[t] if self.converter_loss_mw else 0.0
            return b.stored_mwh[t] == keep * before + gain * b.charge_mw[t] - drain * b.discharge_mw[t] - lost

        free_power = power if power is not None and not isinstance(power, float) else None
        hold_power_to_sizes(block, inputs, free_power, energy, self._shares(inputs), self.c_rate_per_h)
        if self.one_converter:
            hold_converter_to_power(block, inputs, power)
        hold_energy_to_size(block, inputs, energy, self.least_state_of_charge)
        if self.power_by_state_of_charge:
            self.hold_power_at_the_ends(block, inputs, most_mw, most_of(self.energy_mwh))
        self.hold_ramps(block, inputs, opening)
        self.count_changes(block, inputs, opening)
        self.hold_full_charges(block, inputs, energy, opening)
        if self.final_state_of_charge is not None:
            self.hold_final(block, inputs, energy, before_start, most_of(self.energy_mwh))
        never_both(block, list(block.charge_mw.values()), list(block.discharge_mw.values()))
        return self._contribution(block, inputs, power, energy, opening)

    def _contribution(
        self, block: Block, inputs: Inputs, power: Variable, energy: Variable, opening: State
    ) -> Contribution:
        charge, discharge = Linear.of(block.charge_mw.values()), Linear.of(block.discharge_mw.values())
        stored, step_h = Linear.of(block.stored_mwh.values()), inputs.step_h
        flows = {(ELECTRICITY, "charge", Role.CHARGE): -charge, (ELECTRICITY, "discharge", Role.DISCHARGE): discharge}
        cost = [
            charge * (self.charge_cost_per_mwh * step_h),
            discharge * (self._throughput_price() * step_h),
            stored * (self.keep_cost_per_mwh_h * step_h),
            self.cost_of_drawn(energy, block.stored_mwh[inputs.count - 1], opening),
            *(self.lease.cost(power, energy, inputs) if self.lease else []),
            *size_cost(self.energy_mwh, energy, inputs.calendar),
        ]
        cost += [] if self.power_mw is None else size_cost(self.power_mw, power, inputs.calendar)
        cost += self.paid_capacity(block, inputs, power, energy)
        called = Linear.fixed(0.0, inputs.count)
        if self.lease and self.lease.call:
            called = called_power(block, inputs)
            flows[ELECTRICITY, "export", Role.EXPORT] = -called
            cost.append(called * (-inputs["call_price_per_mwh"] * step_h))
        sizes = {"energy_mwh": energy} if power is None else {"power_mw": power, "energy_mwh": energy}
        backup, limits = self._backup(inputs, stored, power, energy), self._limits(block, inputs)
        if not self.on_site:
            flows |= store_flows(charge, discharge - called)
        if self.heating:
            heat = Linear.same(energy, inputs.count) * inputs["heating_share_per_h"]
            flows[ELECTRICITY, "heating", Role.LOAD] = -heat
        meters = self.battery_meters(block)
        cost += [meters[CHANGE] * self.power_change_cost_per_mw] if CHANGE in meters else []
        missing = {"missing_final_mwh": missing_final(block)} if self.final_state_of_charge is not None else {}
        cost += [line * self.final_price_per_mwh for line in missing.values()]
        empty = {Limit.STORE_EMPTY: Scarcity(lower=stored)}
        return Contribution(flows, cost, {"energy_mwh": stored}, meters, missing, sizes, backup, limits, empty)

    def _limits(self, block: Block, inputs: Inputs) -> dict[str, Linear]:
        """Given sizes, as the bounds they are."""
        limits = {} if isinstance(self.energy_mwh, Size) else {"energy_mwh": Linear.of(block.stored_mwh.values())}
        power_binds = isinstance(self.power_mw, float) and self._most_by_way(self._most_mw()) == (self.power_mw,) * 2
        if power_binds and not self.power_by_state_of_charge:
            ways = zip((block.charge_mw, block.discharge_mw), self._shares(inputs), strict=True)
            charge, discharge = (Linear.of(way.values()) * share for way, share in ways)
            limits["power_mw"] = charge + discharge
        return limits

    def _backup(self, inputs: Inputs, stored: Linear, power: Variable, energy: Variable) -> dict[Tally, Linear]:
        """Backup power available if the grid failed: power in each step, energy at its end, the most energy it could hold."""
        if not self.on_site:  # it is gone with the grid
            return {}
        given = None if self.discharge_power_mw is None else self._most_by_way(self._most_mw())[1]
        share = self._shares(inputs)[1]
        most = None if power is None else Linear.same(power if given is None else given, inputs.count) * share
        capacity, losses = Linear.same(energy, inputs.count), (self.charge_efficiency, self.discharge_efficiency)
        by_rate = None if self.c_rate_per_h is None else capacity * (share * self.c_rate_per_h)
        return backup_tallies(stored, capacity, self.least_state_of_charge, losses, most, by_rate)

    def _most_mw(self) -> float:
        """Most power it can have, whatever sizes are found."""
        by_power = np.inf if self.power_mw is None else most_of(self.power_mw)
        by_rate = np.inf if self.c_rate_per_h is None else self.c_rate_per_h * most_of(self.energy_mwh)
        return float(min(by_power, by_rate))

    def _throughput_price(self) -> float:
        return self.wear_cost_per_mwh + (self.lease.fee_per_mwh if self.lease else 0.0)

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:
        charge_mwh, discharge_mwh = -record.flow("charge") * inputs.step_h, record.flow("discharge") * inputs.step_h
        drawn, stored = np.zeros(inputs.count), record.stored["energy_mwh"]
        drawn[-1] = self.end_value_per_mwh * (self.opened_mwh(record, opening) - stored[-1])
        wear = discharge_mwh * self.wear_cost_per_mwh + charge_mwh * self.charge_cost_per_mwh
        keeping = stored * self.keep_cost_per_mwh_h * inputs.step_h
        items = {"wear": wear, DRAWN: drawn, "keeping energy": keeping}
        if self.power_change_cost_per_mw:
            items["changes of power"] = record.meters[CHANGE] * self.power_change_cost_per_mw
        if self.final_state_of_charge is not None:
            items["missing final energy"] = record.shortfalls["missing_final_mwh"] * self.final_price_per_mwh
        if self.lease is not None:
            items["lease"] = self.lease.bill(record.sizes.get("power_mw", 0.0), record.sizes["energy_mwh"], inputs)
            items["fee"] = discharge_mwh * self.lease.fee_per_mwh
            if self.lease.call is not None:
                items["calls"] = record.flow("export") * inputs.step_h * inputs["call_price_per_mwh"]
        items |= self.capacity_bill(record, inputs)
        for name, capacity in (("power_mw", self.power_mw), ("energy_mwh", self.energy_mwh)):
            if isinstance(capacity, Size):
                items[f"capacity {name}"] = size_bill(capacity, record.sizes[name], inputs.calendar)
        return items

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        energy = record.sizes["energy_mwh"]
        charge, discharge, stored = -record.flow("charge"), record.flow("discharge"), record.stored["energy_mwh"]
        opened = self.opened_mwh(record, opening)
        before = np.concatenate([[opened], stored[:-1]]) * (1 - self.standby_loss_per_h) ** inputs.step_h
        gained = (charge * self.charge_efficiency - discharge / self.discharge_efficiency) * inputs.step_h
        if self.converter_loss_mw:
            gained = gained - self.converter_loss_mw * inputs.step_h * record.meters["converter_works"]
        power = min(record.sizes.get("power_mw", np.inf), (self.c_rate_per_h or np.inf) * energy)
        slack = TOLERANCE_MWH * max(1.0, energy / 100)  # rows of sizes are held relative to their terms
        charge_share, discharge_share = self._shares(inputs)
        charge_mw, discharge_mw = self._most_by_way(power)
        called = -record.flow("export") if self.lease and self.lease.call else 0.0
        laws = {
            "gives more to calls than it discharges": called > discharge + slack,
            "energy does not follow from charge and discharge": abs(stored - before - gained) > slack,
            "charges above its power": (charge < -slack) | (charge > charge_mw * charge_share + slack),
            "discharges above its power": (discharge < -slack) | (discharge > discharge_mw * discharge_share + slack),
            "is not carried as it charges and gives": np.zeros(inputs.count, bool)
            if self.on_site
            else not_carried(record, called, slack),
            "charges and discharges at once": np.minimum(charge, discharge) > slack * (1 + power),
            "takes in more than its full charges of a day": self.charged_too_often(record, inputs, opening, slack),
            "its converter carries more than it can": charge + discharge
            > (power if self.one_converter else np.inf) + slack,
            "stored energy outside its limits": (stored < self.least_state_of_charge * energy - slack)
            | (stored > energy + slack),
            **self.broken_battery_laws(record, inputs, opening, opened, slack),
        }
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def opened_mwh(self, record: Record, opening: State) -> float:
        return float(opening.get("energy_mwh", self.opening_state_of_charge * record.sizes["energy_mwh"]))

    def state_after(self, record: Record, step: int) -> State:
        return {"energy_mwh": float(record.stored["energy_mwh"][step]), **self.battery_state(record, step)}

    def closing_state(self, record: Record, inputs: Inputs, opening: State, step: int) -> State:
        return self.state_after(record, step) | self.charged_today(record, inputs, opening, step)

    def state_limits(self) -> dict[str, tuple[float, float]]:
        least = self.energy_mwh.min if isinstance(self.energy_mwh, Size) else self.energy_mwh
        ramps = {"net_mw": (-self._most_mw(), self._most_mw())} if self.battery_state_kept else {}
        if self.most_full_charges_per_day is not None:
            ramps[CHARGED_TODAY] = (0.0, self.most_full_charges_per_day * most_of(self.energy_mwh))
        return {"energy_mwh": (self.least_state_of_charge * least, most_of(self.energy_mwh)), **ramps}

    carries: ClassVar[Mapping[str, str]] = {"energy_mwh": "energy_balance"}

    def valued(self, shadow_prices: Mapping[str, float]) -> Storage:
        return self.model_copy(update={"end_value_per_mwh": shadow_prices.get("energy_mwh", self.end_value_per_mwh)})

    def as_baseline(self) -> Storage:
        sizes, lease = {name: free_of_charge(size) for name, size in self.capacities().items()}, self.lease
        rests = {
            "idle": True,
            "final_state_of_charge": None,
            "heating": (),
            "keep_cost_per_mwh_h": 0.0,
            "capacity_payment": None,
        }
        unpaid = {"lease": lease and lease.unpaid(), "owner_cost": OwnerCost(sunk=True), **sizes}
        return self.model_copy(update=rests | unpaid)

    def cost_is_stated(self) -> bool:
        return self.lease is not None or super().cost_is_stated()

    def capacities(self) -> dict[str, Capacity]:
        return {"energy_mwh": self.energy_mwh} | ({} if self.power_mw is None else {"power_mw": self.power_mw})

    def charged_by_rule(
        self, record: Record, inputs: Inputs, opening: State, surplus_mw: Floats, deficit_mw: Floats
    ) -> tuple[Floats, Floats]:
        energy = record.sizes["energy_mwh"]
        power = min(record.sizes.get("power_mw", np.inf), (self.c_rate_per_h or np.inf) * energy)
        ways = [share * way for share, way in zip(self._shares(inputs), self._most_by_way(power), strict=True)]
        most = Most(ways[0], ways[1], self._lines("charge"), self._lines("discharge"), power)
        opened, left_mw = self.opened_mwh(record, opening), (surplus_mw, deficit_mw)
        return self_consumption(self, energy, most, opened, left_mw, inputs.step_h)

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        return {"electricity"}, {"electricity"} | (set() if self.on_site else {CARRIED_IN, CARRIED_OUT})
