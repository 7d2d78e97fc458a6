"""Switching of like units as counts: how many are on, started and stopped, with least times and ramps.

Units of one kind (server blocks, a genset) are counted, never told apart. With counts the least-time rows of Rajan and
Takriti (IBM research report RC23628, 2005) are exact: the unit stopped is the one that has been on longest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyomo.environ as pyo

from optimizer.solve.pairs import never_both
from optimizer.solve.pyomo_types import Block, Expr, Steps, Variable
from optimizer.technologies.base import State
from optimizer.technologies.linear import Floats

TOLERANCE_UNITS = 1e-5
"""Ten times HiGHS' integrality tolerance: a start and the count before and after it may each be 1e-6 off."""


@dataclass(frozen=True)
class SwitchingRules:
    """Switching rules of units of one kind (unit commitment); times in steps."""

    units: int
    least_up: int = 1
    least_down: int = 1
    ramp_units: float | None = None
    """Most units started, and most stopped, in any `ramp_span` steps; none: any number."""
    ramp_span: int = 1
    most_starts: float | None = None
    """Most starts in the whole plan."""

    @property
    def binds(self) -> bool:
        """Whether there is anything to hold to."""
        return self.least_up > 1 or self.least_down > 1 or self.ramp_units is not None or self.most_starts is not None

    @property
    def memory(self) -> int:
        """Steps of the past that the next window must know."""
        return max(self.least_up, self.least_down, self.ramp_span) - 1


def steps_of(hours: float, step_h: float) -> int:
    """Steps that cover so many hours, at least one."""
    return max(int(np.ceil(hours / step_h - 1e-9)), 1)


def hold_to_switching_rules(
    block: Block, steps: Steps, on: Variable, starts: Variable, rules: SwitchingRules, opening: State
) -> None:
    """Add `block.stops` and the rows of the rules for counts `on` and `starts` (Pyomo variables over `steps`).

    `opening` may hold `on` (units on before the first step; none: the first step is free), and `recent_starts` and
    `recent_stops`: counts one, two, ... steps before the plan.
    """
    past_starts, past_stops = (list(opening.get(name, [])) for name in ("recent_starts", "recent_stops"))
    hold_to_switching(block, steps, on, starts, rules.units, opening.get("on"))

    def lately(counts: Variable, past: list[float], t: int, span: int) -> Expr:
        known = sum(past[: max(span - t - 1, 0)])
        return sum(counts[s] for s in range(max(t - span + 1, 0), t + 1)) + known

    if rules.least_up > 1:

        @block.Constraint(steps)
        def started_units_stay_on(b: Block, t: int) -> Expr:  # noqa: ARG001
            return lately(starts, past_starts, t, rules.least_up) <= on[t]

    if rules.least_down > 1:

        @block.Constraint(steps)
        def stopped_units_stay_off(b: Block, t: int) -> Expr:
            return lately(b.stops, past_stops, t, rules.least_down) <= rules.units - on[t]

    if rules.ramp_units is not None:

        @block.Constraint(steps)
        def starts_within_ramp(b: Block, t: int) -> Expr:  # noqa: ARG001
            return lately(starts, past_starts, t, rules.ramp_span) <= rules.ramp_units

        @block.Constraint(steps)
        def stops_within_ramp(b: Block, t: int) -> Expr:
            return lately(b.stops, past_stops, t, rules.ramp_span) <= rules.ramp_units

    if rules.most_starts is not None:
        block.starts_are_few = pyo.Constraint(expr=sum(starts[t] for t in steps) <= rules.most_starts)


def hold_to_switching(
    block: Block, steps: Steps, on: Variable, starts: Variable, units: int, before: float | None
) -> None:
    """Add `block.stops` and the rows that make starts and stops the changes of the count `on`, never both in a step.

    `before`: units on before the first step; none: the first step starts and stops nothing.
    """
    block.stops = pyo.Var(steps, bounds=(0, units))

    @block.Constraint(steps)
    def on_changes_by_starts_and_stops(b: Block, t: int) -> Expr:
        if t == 0 and before is None:
            return starts[t] + b.stops[t] == 0
        return on[t] - (on[t - 1] if t else before) == starts[t] - b.stops[t]

    @block.Constraint(steps)
    def started_units_are_on(b: Block, t: int) -> Expr:  # noqa: ARG001
        return starts[t] <= on[t]

    @block.Constraint(steps)
    def started_units_were_off(b: Block, t: int) -> Expr:
        return b.stops[t] <= units - on[t]

    never_both(block, list(starts.values()), list(block.stops.values()))


def broken_switching_rules(on: Floats, rules: SwitchingRules, opening: State) -> dict[str, np.ndarray]:
    """Law → whether each step breaks it, recomputed from the counts alone, shape (steps,)."""
    starts, stops = switched(on, opening.get("on"))
    past_starts, past_stops = (list(opening.get(name, [])) for name in ("recent_starts", "recent_stops"))
    recent = {name: _over_span(counts, past, span) for name, counts, past, span in (
        ("started", starts, past_starts, rules.least_up),
        ("stopped", stops, past_stops, rules.least_down),
        ("ramped up", starts, past_starts, rules.ramp_span),
        ("ramped down", stops, past_stops, rules.ramp_span),
    )}  # fmt: skip
    most = np.inf if rules.ramp_units is None else rules.ramp_units
    starts_allowed = np.inf if rules.most_starts is None else rules.most_starts
    return {
        "a unit is stopped before its least time on": recent["started"] > on + TOLERANCE_UNITS,
        "a unit is started before its least time off": recent["stopped"] > rules.units - on + TOLERANCE_UNITS,
        "more units are started than the ramp allows": recent["ramped up"] > most + TOLERANCE_UNITS,
        "more units are stopped than the ramp allows": recent["ramped down"] > most + TOLERANCE_UNITS,
        "more starts than allowed": np.cumsum(starts) > starts_allowed + TOLERANCE_UNITS,
    }


def switched(on: Floats, before: float | None) -> tuple[Floats, Floats]:
    """Fewest starts and stops that explain the counts, each shape (steps,); none in a first step without a past."""
    change = np.diff(on, prepend=on[0] if before is None else before)
    return np.maximum(change, 0.0), np.maximum(-change, 0.0)


def recent_switching(on: Floats, step: int, rules: SwitchingRules, opening: State) -> State:
    """Recent switching the next window must know after `step`: units on, and starts and stops of the steps before it, latest first."""
    starts, stops = switched(on[: step + 1], opening.get("on"))
    state: State = {"on": float(np.round(on[step]))}
    for name, counts in (("recent_starts", starts), ("recent_stops", stops)):
        history = [*np.round(counts[::-1]).tolist(), *opening.get(name, [])]
        state[name] = history[: rules.memory]
    return state


def _over_span(counts: Floats, past: list[float], span: int) -> Floats:
    """Sum of each step's count and those of the `span` − 1 steps before it, shape (steps,)."""
    known = np.array((past + [0.0] * span)[: span - 1][::-1])
    return np.asarray(np.convolve(np.concatenate([known, counts]), np.ones(span))[span - 1 : span - 1 + len(counts)])
