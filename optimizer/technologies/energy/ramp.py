"""Ramp of a machine: how fast its output may change while it stays on, and what it may give when it starts and stops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from optimizer.solve.pyomo_types import Block, Expr, Steps
from optimizer.technologies.linear import Floats, Linear


@dataclass(frozen=True)
class Ramp:
    """Limits on the change of output from step to step [MW]."""

    step_mw: float
    """Most change in a step while on."""
    start_mw: float
    """Most output in the step it starts in."""
    stop_mw: float
    """Most output in the step before it stops."""
    before_mw: float | None
    """Output just before the plan; none: the first step may take any."""
    on_before: float
    """1 if it was on just before the plan, else 0."""


def hold_ramp(block: Block, steps: Steps, ramp: Ramp) -> None:
    """Add the rows for `block.output_mw`, `block.on`, `block.starts` and `block.stops`."""

    @block.Constraint(steps)
    def rises_no_faster(b: Block, t: int) -> Expr:
        if t == 0 and ramp.before_mw is None:
            return pyo.Constraint.Skip
        before, was_on = (b.output_mw[t - 1], b.on[t - 1]) if t else (ramp.before_mw, ramp.on_before)
        return b.output_mw[t] - before <= ramp.step_mw * was_on + ramp.start_mw * b.starts[t]

    @block.Constraint(steps)
    def falls_no_faster(b: Block, t: int) -> Expr:
        if t == 0 and ramp.before_mw is None:
            return pyo.Constraint.Skip
        before = b.output_mw[t - 1] if t else ramp.before_mw
        return before - b.output_mw[t] <= ramp.step_mw * b.on[t] + ramp.stop_mw * b.stops[t]


def hold_exchange_ramp(block: Block, steps: Steps, net: Linear, most_mw: float, before_mw: float | None) -> None:
    """Add the rows that let a net exchange [MW] change by `most_mw` a step; `before_mw` none: the first may take any."""

    @block.Constraint(steps)
    def exchange_changes_no_faster(_: Block, t: int) -> Expr:
        if t:
            return (-most_mw, net.at(t) - net.at(t - 1), most_mw)
        return pyo.Constraint.Skip if before_mw is None else (before_mw - most_mw, net.at(0), before_mw + most_mw)


def broken_ramp(output_mw: Floats, on: Floats, ramp: Ramp, slack: float) -> NDArray[np.bool_]:
    """Whether each step changes faster than the ramp allows, from plain numbers, shape (steps,)."""
    on_before = np.concatenate([[ramp.on_before], on[:-1]])
    before = np.concatenate([[output_mw[0] if ramp.before_mw is None else ramp.before_mw], output_mw[:-1]])
    up = np.where(on_before > 0.5, ramp.step_mw, ramp.start_mw)
    down = np.where(on > 0.5, ramp.step_mw, ramp.stop_mw)
    change = output_mw - before
    return np.asarray((change > up + slack) | (-change > down + slack))
