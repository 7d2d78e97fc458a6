"""Genset: a source that burns fuel and runs when it is told to; also any plain source with a price and a limit.

Assumes: fuel is a straight line of output (plus a constant while on); one machine an asset. On and off are whole
numbers only where something depends on them: a least load, a price of starting, a minimum time, fuel while idling.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo
from pydantic import Field, model_validator

from optimizer.inputs.series import Series, values_on
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
from optimizer.technologies.commitment import (
    SwitchingRules,
    broken_switching_rules,
    hold_to_switching_rules,
    recent_switching,
    steps_of,
    switched,
)
from optimizer.technologies.linear import Floats, Linear
from optimizer.technologies.ramp import Ramp, broken_ramp, hold_ramp

TOLERANCE_MW = 1e-5
"""HiGHS holds rows to 1e-7 and whole numbers to 1e-6, times the rated power."""
LONG_AGO_H = 1e4
"""Hours since the last start or stop when nobody says: longer than any minimum time."""


SHORTEST_STEP_H = 1 / 12
"""Steps are five minutes at least."""


class Genset(Technology):
    """A generator with fuel: backup diesel, gas engine, or any dispatchable source."""

    power_mw: Capacity
    """Rated power [MW], a number or a size to be found."""
    availability: Series = 1.0
    """Share of the rated power it can give, by hour."""
    least_load: Series = 0.0
    """Share of the rated power below which it cannot run while on."""
    efficiency: float = Field(default=0.4, gt=0, le=1)
    """Electricity over fuel, without the fuel of idling."""
    idle_fuel_mw: float = Field(default=0.0, ge=0)
    """Fuel it burns while on, whatever it gives [MW of fuel]."""
    fuel_price_per_mwh: Series = 0.0
    """Price of a MWh of fuel."""
    cost_per_mwh: Series = 0.0
    """Operation and maintenance for a MWh given."""
    carbon_t_per_mwh_fuel: float = Field(default=0.0, ge=0)
    """Emissions of a MWh of fuel [t CO2]; diesel is near 0.27."""
    carbon_price_per_t: float = Field(default=0.0, ge=0)
    """Price put on a tonne of CO2."""
    fuel_limit_mwh: float | None = Field(default=None, ge=0)
    """Most fuel it may burn over the plan; none: as much as it likes."""
    start_cost: float = Field(default=0.0, ge=0)
    """Cost of a start."""
    stop_cost: float = Field(default=0.0, ge=0)
    """Cost of a stop."""
    on_cost_per_h: Series = 0.0
    """Cost of an hour on, whatever it gives."""
    off_cost_per_h: Series = 0.0
    """Cost of an hour off."""
    least_up_h: float = Field(default=0.0, ge=0, le=24 * 31)
    """Once started it stays on at least so long."""
    least_down_h: float = Field(default=0.0, ge=0, le=24 * 31)
    """Once stopped it stays off at least so long."""
    most_starts: int | None = Field(default=None, ge=0)
    """Most starts in the plan."""
    most_stops: int | None = Field(default=None, ge=0)
    """Most stops in the plan."""
    ramp_per_h: float | None = Field(default=None, gt=0)
    """Most change of output in an hour while it stays on, as a share of the rated power."""
    start_load: float = Field(default=1.0, gt=0, le=1)
    """Most output in the step it starts in, as a share of the rated power; counts where there is a ramp."""
    stop_load: float = Field(default=1.0, gt=0, le=1)
    """Most output in the step before it stops, as a share of the rated power; counts where there is a ramp."""
    opening_on: bool = False
    """Whether it is on when the plan starts."""
    opening_since_h: float = Field(default=LONG_AGO_H, ge=0)
    """Hours since it was last switched when the plan starts."""
    opening_mw: float | None = Field(default=None, ge=0)
    """Output just before the plan starts, for the ramp; none: the first step may take any."""

    @model_validator(mode="after")
    def _sizes_do_not_switch(self) -> Genset:
        if isinstance(self.power_mw, Size) and (self._switches() or self.ramp_per_h is not None):
            raise ValueError(
                "a power to be found cannot have a least load, starts, least times, idle fuel or a ramp; give a number"
            )
        return self

    def _switches(self) -> bool:
        """Whether anything depends on its being on or off."""
        prices = (self.start_cost, self.stop_cost, self.on_cost_per_h, self.off_cost_per_h)
        laws = (self.least_load, self.least_up_h, self.least_down_h, self.idle_fuel_mw)
        return (
            any(value != 0.0 for value in prices + laws) or self.most_starts is not None or self.most_stops is not None
        )

    def series(self, outside: Outside) -> dict[str, Floats]:
        names = ("availability", "least_load", "fuel_price_per_mwh", "cost_per_mwh", "on_cost_per_h", "off_cost_per_h")
        return {name: values_on(getattr(self, name), outside.calendar, outside.member) for name in names}

    def _price(self, inputs: Inputs) -> Floats:
        """Money for a MWh given, without that of being on; shape (steps,)."""
        return inputs["cost_per_mwh"] + self._fuel_price(inputs) / self.efficiency

    def _fuel_price(self, inputs: Inputs) -> Floats:
        return inputs["fuel_price_per_mwh"] + self.carbon_t_per_mwh_fuel * self.carbon_price_per_t

    def _rules(self, step_h: float, opening: State) -> SwitchingRules:
        up, down = steps_of(self.least_up_h, step_h), steps_of(self.least_down_h, step_h)
        starts = _left(self.most_starts, opening, "starts")
        return SwitchingRules(units=1, least_up=up, least_down=down, most_starts=starts)

    def opening_state(self) -> State:
        return {"on": float(self.opening_on), "since_h": self.opening_since_h, "output_mw": self.opening_mw}

    def _held(self, opening: State, step_h: float) -> int:
        """First steps in which it must stay as it is, because it was switched shortly before the plan."""
        if "since_h" not in opening:
            return 0
        least_h = self.least_up_h if opening["on"] else self.least_down_h
        return steps_of(least_h - opening["since_h"], step_h) if least_h > opening["since_h"] else 0

    def build(self, block: Any, inputs: Inputs, opening: State) -> Contribution:
        size = declare_size(block, "size_mw", self.power_mw, inputs)
        most = inputs["availability"].tolist()
        if isinstance(size, float):
            block.output_mw = pyo.Var(inputs.steps, bounds=lambda _, t: (0, size * most[t]))
        else:
            block.output_mw = pyo.Var(inputs.steps, domain=pyo.NonNegativeReals)

            @block.Constraint(inputs.steps)
            def output_within_power(b: Any, t: int) -> Any:
                return b.output_mw[t] <= most[t] * size

        output = Linear.of(block.output_mw.values())
        fuel = output * (1 / self.efficiency)
        cost = [output * (self._price(inputs) * inputs.step_h), *size_cost(self.power_mw, size, inputs.calendar)]
        meters: dict[str, Linear] = {}
        if self._switches() or self.ramp_per_h is not None:
            on, starts, stops = self._switch(block, inputs, opening)
            fuel = fuel + on * self.idle_fuel_mw
            meters = {"on": on, "starts": starts, "stops": stops}
            cost += [on * self._cost_of_on(inputs), starts * self.start_cost, stops * self.stop_cost]
            cost.append(Linear.fixed(inputs["off_cost_per_h"] * inputs.step_h, inputs.count))
            self._hold_output_to_on(block, inputs, opening)
        if (left := _left(self.fuel_limit_mwh, opening, "fuel_mwh")) is not None:
            block.fuel_within_limit = pyo.Constraint(expr=(fuel * inputs.step_h).sum().at(0) <= left)
        carbon_t = fuel * (self.carbon_t_per_mwh_fuel * inputs.step_h)
        return Contribution(
            flows={("electricity", "generation"): output},
            cost=cost,
            meters={**meters, "fuel_mw": fuel, "fuel_carbon_t": carbon_t},
            sizes={"power_mw": size},
            tallies={"carbon_t": carbon_t},
        )

    def _switch(self, block: Any, inputs: Inputs, opening: State) -> tuple[Linear, Linear, Linear]:
        """On, starts and stops by step, held to the least times."""
        held, before = self._held(opening, inputs.step_h), opening["on"]
        block.on = pyo.Var(
            inputs.steps, domain=pyo.Integers, bounds=lambda _, t: (before, before) if t < held else (0, 1)
        )
        block.starts = pyo.Var(inputs.steps, bounds=(0, 1))
        hold_to_switching_rules(
            block, inputs.steps, block.on, block.starts, self._rules(inputs.step_h, opening), opening
        )

        @block.Constraint(inputs.steps)
        def stops_only_into_off(b: Any, t: int) -> Any:
            return b.stops[t] <= 1 - b.on[t]

        if (left := _left(self.most_stops, opening, "stops")) is not None:
            block.stops_are_few = pyo.Constraint(expr=sum(block.stops[t] for t in inputs.steps) <= left)
        return Linear.of(block.on.values()), Linear.of(block.starts.values()), Linear.of(block.stops.values())

    def _cost_of_on(self, inputs: Inputs) -> Floats:
        """Money for a step on against a step off."""
        return (
            inputs["on_cost_per_h"] - inputs["off_cost_per_h"] + self._fuel_price(inputs) * self.idle_fuel_mw
        ) * inputs.step_h

    def _hold_output_to_on(self, block: Any, inputs: Inputs, opening: State) -> None:
        power = float(self.power_mw) if not isinstance(self.power_mw, Size) else 0.0  # the validator holds it
        most, least = (power * inputs["availability"]).tolist(), (power * inputs["least_load"]).tolist()

        @block.Constraint(inputs.steps)
        def output_only_while_on(b: Any, t: int) -> Any:
            return b.output_mw[t] <= most[t] * b.on[t]

        @block.Constraint(inputs.steps)
        def output_above_least_load(b: Any, t: int) -> Any:
            return b.output_mw[t] >= least[t] * b.on[t] if least[t] else pyo.Constraint.Skip

        if self.ramp_per_h is not None:
            hold_ramp(block, inputs.steps, self._ramp(power, inputs, opening))

    def _ramp(self, power: float, inputs: Inputs, opening: State) -> Ramp:
        return Ramp(
            step_mw=(self.ramp_per_h or np.inf) * power * inputs.step_h,
            start_mw=self.start_load * power,
            stop_mw=self.stop_load * power,
            before_mw=opening["output_mw"],
            on_before=opening["on"],
        )

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        step_h, fuel = inputs.step_h, record.meters["fuel_mw"]
        items = {
            "fuel": fuel * step_h * inputs["fuel_price_per_mwh"],
            "carbon": fuel * step_h * self.carbon_t_per_mwh_fuel * self.carbon_price_per_t,
            "operation": record.flow("generation") * step_h * inputs["cost_per_mwh"],
        }
        if isinstance(self.power_mw, Size):
            items["capacity"] = size_bill(self.power_mw, record.sizes["power_mw"], inputs.calendar)
        if "on" in record.meters:
            on = record.meters["on"]
            items["starts"] = record.meters["starts"] * self.start_cost
            items["stops"] = record.meters["stops"] * self.stop_cost
            items["time on"] = on * inputs["on_cost_per_h"] * step_h
            items["time off"] = (1 - on) * inputs["off_cost_per_h"] * step_h
        return items

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        output, fuel, power = record.flow("generation"), record.meters["fuel_mw"], record.sizes["power_mw"]
        slack = TOLERANCE_MW * max(1.0, power)
        on = record.meters.get("on", np.ones(inputs.count))
        idle = self.idle_fuel_mw * on if "on" in record.meters else 0.0
        laws = {
            "gives less than its least load": output < power * inputs["least_load"] * on - slack,
            "gives more than it can": output > power * inputs["availability"] * on + slack,
            "fuel does not follow from output": abs(fuel - output / self.efficiency - idle) > slack,
        }
        found = [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]
        left, burned = _left(self.fuel_limit_mwh, opening, "fuel_mwh"), fuel.sum() * inputs.step_h
        if left is not None and burned > left * (1 + 1e-6) + slack:
            found.append(f"burns {burned:g} MWh of fuel of {left:g}")
        if "on" in record.meters:
            found += self._switched_wrongly(on, inputs, opening)
        if self.ramp_per_h is not None and broken_ramp(output, on, self._ramp(power, inputs, opening), slack).any():
            found.append("output changes faster than its ramp")
        return found

    def _switched_wrongly(self, on: Floats, inputs: Inputs, opening: State) -> list[str]:
        laws = broken_switching_rules(on, self._rules(inputs.step_h, opening), opening)
        held = np.arange(inputs.count) < self._held(opening, inputs.step_h)
        laws["is switched sooner than its least time allows"] = held & (abs(on - opening["on"]) > 1e-5)
        laws["is on in part"] = abs(on - np.round(on)) > 1e-5  # HiGHS accepts 1e-6
        left = _left(self.most_stops, opening, "stops")
        laws["more stops than allowed"] = np.cumsum(switched(on, opening["on"])[1]) > (
            np.inf if left is None else left + 1e-5
        )
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if np.any(broken)]

    def state_after(self, record: Record, step: int) -> State:
        state: State = {"on": 0.0, "output_mw": float(record.flow("generation")[step])}
        if "on" in record.meters:
            remembering = self._rules(SHORTEST_STEP_H, {})  # longer than needed with longer steps, which does no harm
            state |= recent_switching(record.meters["on"], step, remembering, self.opening_state())
        return state

    def closing_state(self, record: Record, inputs: Inputs, opening: State, step: int) -> State:
        state, done = self.state_after(record, step), slice(step + 1)
        state["fuel_mwh"] = opening.get("fuel_mwh", 0.0) + float(record.meters["fuel_mw"][done].sum()) * inputs.step_h
        if "on" in record.meters:
            for name in ("starts", "stops"):
                state[name] = opening.get(name, 0.0) + float(np.round(record.meters[name][done]).sum())
            state |= recent_switching(record.meters["on"], step, self._rules(inputs.step_h, {}), opening)
            if "since_h" in opening and not np.any(switched(record.meters["on"][: step + 1], opening["on"])):
                state["since_h"] = opening["since_h"] + (step + 1) * inputs.step_h
        return state

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        return {"electricity"}, set()


def _left(limit: float | None, opening: State, done: str) -> float | None:
    """What is left of a limit on the whole plan after what was done before these hours; none: there is no limit."""
    return None if limit is None else max(limit - opening.get(done, 0.0), 0.0)
