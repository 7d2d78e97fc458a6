"""Changes of power from step to step: how far a machine moves, up and down, where moving costs something."""

from __future__ import annotations

import pyomo.environ as pyo

from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import Inputs
from optimizer.technologies.linear import Linear

CHANGE = "power_change_mw"
"""Meter of the change of a step."""


def add_changes(block: Block, inputs: Inputs, net: Linear, before_mw: float | None) -> None:
    """Add `block.change_mw`, at least the rise and the fall of `net`; `before_mw` none: the first step changes nothing."""
    block.change_mw = pyo.Var(inputs.steps, domain=pyo.NonNegativeReals)

    def rise(t: int) -> Expr:
        return net.at(t) - net.at(t - 1) if t else net.at(0) - before_mw

    steps = [t for t in inputs.steps if t or before_mw is not None]

    @block.Constraint(steps)
    def rise_is_a_change(b: Block, t: int) -> Expr:
        return b.change_mw[t] >= rise(t)

    @block.Constraint(steps)
    def fall_is_a_change(b: Block, t: int) -> Expr:
        return b.change_mw[t] >= -rise(t)
