"""Genset: a source that burns fuel and runs on demand; also any plain source with a price and a limit.

Assumes: fuel is a straight line of output (plus a constant while on), or several; one machine an asset. On and off are whole
numbers only where something depends on them: a least load, a price of starting, a minimum time, fuel while idling.
"""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo

from optimizer.solve.pyomo_types import Block, Expr, Variable
from optimizer.technologies.base import (
    Contribution,
    Inputs,
    Record,
    Size,
    State,
    declare_size,
    size_bill,
    size_cost,
)
from optimizer.technologies.energy.commitment import (
    SwitchingRules,
    broken_switching_rules,
    hold_to_switching_rules,
    recent_switching,
    steps_of,
    switched,
)
from optimizer.technologies.energy.fuel_curve import add_fuel, fuel_above_rest, slopes
from optimizer.technologies.energy.genset_terms import GensetTerms
from optimizer.technologies.energy.ramp import Ramp, broken_ramp, hold_ramp
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Floats, Linear
from optimizer.technologies.tallies import Tally

TOLERANCE_MW = 1e-5
"""HiGHS holds rows to 1e-7 and whole numbers to 1e-6, times the rated power."""
SHORTEST_STEP_H = 1 / 12
"""Steps are five minutes at least."""


class Genset(GensetTerms):
    """A generator with fuel: backup diesel, gas engine, or any dispatchable source."""

    def _rules(self, step_h: float, opening: State) -> SwitchingRules:
        up, down = steps_of(self.least_up_h, step_h), steps_of(self.least_down_h, step_h)
        starts = _left(self.most_starts, opening, "starts")
        return SwitchingRules(units=1, least_up=up, least_down=down, most_starts=starts)

    def opening_state(self) -> State:
        return {"on": float(self.opening_on), "since_h": self.opening_since_h, "output_mw": self.opening_mw}

    def _locked_steps(self, opening: State, step_h: float) -> int:
        """First steps in which on and off are fixed, because the genset was switched shortly before the plan."""
        if "since_h" not in opening:
            return 0
        least_h = self.least_up_h if opening["on"] else self.least_down_h
        return steps_of(least_h - opening["since_h"], step_h) if least_h > opening["since_h"] else 0

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:
        size = declare_size(block, "size_mw", self.power_mw, inputs)
        most = inputs["availability"].tolist()
        if isinstance(size, float):
            block.output_mw = pyo.Var(inputs.steps, bounds=lambda _, t: (0, size * most[t]))
        else:
            block.output_mw = pyo.Var(inputs.steps, domain=pyo.NonNegativeReals)

            @block.Constraint(inputs.steps)
            def output_within_power(b: Block, t: int) -> Expr:
                return b.output_mw[t] <= most[t] * size

        output = Linear.of(block.output_mw.values())
        fuel = self._fuel(block, inputs, output)
        cost = [output * (inputs["cost_per_mwh"] * inputs.step_h), fuel * (self.fuel_price(inputs) * inputs.step_h)]
        cost += size_cost(self.power_mw, size, inputs.calendar)
        meters: dict[str, Linear] = {}
        if self.switches() or self.ramp_per_h is not None:
            on, starts, stops = self._switch(block, inputs, opening)
            fuel = fuel + on * self.fuel_at_rest_mw()
            meters = {"on": on, "starts": starts, "stops": stops}
            cost += [on * self._cost_of_on(inputs), starts * self.start_cost, stops * self.stop_cost]
            cost.append(Linear.fixed(inputs["off_cost_per_h"] * inputs.step_h, inputs.count))
            self._hold_output_to_on(block, inputs, opening)
        if (left := _left(self.fuel_limit_mwh, opening, "fuel_mwh")) is not None:
            block.fuel_within_limit = pyo.Constraint(expr=(fuel * inputs.step_h).sum().at(0) <= left)
        emitted_t = fuel * (self.emitted_t_per_mwh_fuel * inputs.step_h)
        return Contribution(
            flows={("electricity", "generation", Role.GENERATION): output},
            cost=cost,
            meters={**meters, "fuel_mw": fuel},
            sizes={"power_mw": size},
            tallies={Tally.EMITTED_T: emitted_t, **self._backup(size, inputs)},
        )

    def _fuel(self, block: Block, inputs: Inputs, output: Linear) -> Linear:
        """Fuel of the output, without that of being on [MW of fuel]."""
        if not self.fuel_curve or isinstance(self.power_mw, Size):
            return output * (1 / self.efficiency)
        costs = bool((self.fuel_price(inputs) > 0).all())
        return add_fuel(block, inputs, output, float(self.power_mw), self.fuel_curve, costs)

    def _fuel_of(self, output_mw: Floats, power_mw: float) -> Floats:
        """The same from plain numbers, shape (steps,)."""
        if self.fuel_curve:
            return fuel_above_rest(output_mw, power_mw, self.fuel_curve)
        return output_mw / self.efficiency

    def _backup(self, size: Variable, inputs: Inputs) -> dict[Tally, Linear]:
        """Backup power available if the grid failed: power in each step, and the energy of its tank if that is limited."""
        tallies = {Tally.BACKUP_MW: Linear.same(size, inputs.count) * inputs["availability"]}
        if self.tank_mwh is not None:
            tallies[Tally.BACKUP_MWH] = Linear.fixed(self.tank_mwh * self.full_efficiency(), inputs.count)
        return tallies

    def _switch(self, block: Block, inputs: Inputs, opening: State) -> tuple[Linear, Linear, Linear]:
        """On, starts and stops by step, held to the least times."""
        locked_steps, before = self._locked_steps(opening, inputs.step_h), opening["on"]
        block.on = pyo.Var(
            inputs.steps, domain=pyo.Integers, bounds=lambda _, t: (before, before) if t < locked_steps else (0, 1)
        )
        block.starts = pyo.Var(inputs.steps, bounds=(0, 1))
        hold_to_switching_rules(
            block, inputs.steps, block.on, block.starts, self._rules(inputs.step_h, opening), opening
        )

        if (left := _left(self.most_stops, opening, "stops")) is not None:
            block.stops_are_few = pyo.Constraint(expr=sum(block.stops[t] for t in inputs.steps) <= left)
        return Linear.of(block.on.values()), Linear.of(block.starts.values()), Linear.of(block.stops.values())

    def _cost_of_on(self, inputs: Inputs) -> Floats:
        """Money for a step on against a step off."""
        return (
            inputs["on_cost_per_h"] - inputs["off_cost_per_h"] + self.fuel_price(inputs) * self.fuel_at_rest_mw()
        ) * inputs.step_h

    def _hold_output_to_on(self, block: Block, inputs: Inputs, opening: State) -> None:
        power = float(self.power_mw) if not isinstance(self.power_mw, Size) else 0.0  # the validator holds it
        most, least = (power * inputs["availability"]).tolist(), (power * inputs["least_load"]).tolist()

        @block.Constraint(inputs.steps)
        def output_only_while_on(b: Block, t: int) -> Expr:
            return b.output_mw[t] <= most[t] * b.on[t]

        @block.Constraint(inputs.steps)
        def output_above_least_load(b: Block, t: int) -> Expr:
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
            "carbon": fuel * step_h * self.emitted_t_per_mwh_fuel * self.carbon_price_per_t,
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
        idle = self.fuel_at_rest_mw() * on if "on" in record.meters else 0.0
        laws = {
            "gives less than its least load": output < power * inputs["least_load"] * on - slack,
            "gives more than it can": output > power * inputs["availability"] * on + slack,
            "fuel does not follow from output": abs(fuel - self._fuel_of(output, power) - idle)
            > slack * (1 + self._steepest()),
        }
        violations = [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]
        left, burned = _left(self.fuel_limit_mwh, opening, "fuel_mwh"), fuel.sum() * inputs.step_h
        if left is not None and burned > left * (1 + 1e-6) + slack:
            violations.append(f"burns {burned:g} MWh of fuel of {left:g}")
        if "on" in record.meters:
            violations += self._switched_wrongly(record, inputs, opening)
        if self.ramp_per_h is not None and broken_ramp(output, on, self._ramp(power, inputs, opening), slack).any():
            violations.append("output changes faster than its ramp")
        return violations

    def _steepest(self) -> float:
        """Most fuel for a MWh more, by which the tolerance of the output grows."""
        return max(slopes(self.fuel_curve)) if self.fuel_curve else 0.0

    def _switched_wrongly(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        on = record.meters["on"]
        starts, stops = switched(on, opening["on"])
        laws = broken_switching_rules(on, self._rules(inputs.step_h, opening), opening)
        locked = np.arange(inputs.count) < self._locked_steps(opening, inputs.step_h)
        laws["is switched sooner than its least time allows"] = locked & (abs(on - opening["on"]) > 1e-5)
        laws["starts are not its switching on"] = abs(record.meters["starts"] - starts) > 1e-5
        laws["stops are not its switching off"] = abs(record.meters["stops"] - stops) > 1e-5
        laws["is on in part"] = abs(on - np.round(on)) > 1e-5  # HiGHS accepts 1e-6
        left = _left(self.most_stops, opening, "stops")
        laws["more stops than allowed"] = np.cumsum(stops) > (np.inf if left is None else left + 1e-5)
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
    """Remainder of a limit on the whole plan after what was done before these hours; none: there is no limit."""
    return None if limit is None else max(limit - opening.get(done, 0.0), 0.0)
