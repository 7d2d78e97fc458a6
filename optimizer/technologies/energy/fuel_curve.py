"""Fuel curve of a genset: fuel by output in straight pieces, exact whether it bends up (dearer the more it gives) or down.

Where it bends up and fuel costs something in every step, the cheap pieces fill first by themselves; elsewhere a whole number
for each piece above the first keeps their order (incremental formulation of piecewise linear costs in unit commitment).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from optimizer.quantities.strict import Settings
from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import Inputs
from optimizer.technologies.linear import Floats, Linear


class FuelPoint(Settings):
    """A point of a fuel curve."""

    output: float = Field(ge=0, le=1)
    """Output as a share of the rated power."""
    fuel: float = Field(ge=0)
    """Fuel burned there, MW of fuel for a MW of rated power; at output 0 what idling burns."""


def whole_curve(points: Sequence[FuelPoint]) -> None:
    """Check that a curve goes from no output to all, rising. Raises ValueError."""
    outputs, fuels = [point.output for point in points], [point.fuel for point in points]
    if outputs[0] != 0 or outputs[-1] != 1 or any(later <= before for before, later in pairwise(outputs)):
        raise ValueError("fuel_curve goes from output 0 to output 1 in rising points; write both ends")
    if fuels[-1] <= 0 or any(later < before for before, later in pairwise(fuels)):
        raise ValueError("fuel_curve: more output never burns less fuel, and full output burns some")


def slopes(points: Sequence[FuelPoint]) -> list[float]:
    """Fuel for a MWh more in each piece."""
    return [(b.fuel - a.fuel) / (b.output - a.output) for a, b in pairwise(points)]


def fuel_above_rest(output_mw: Floats, power_mw: float, points: Sequence[FuelPoint]) -> Floats:
    """Fuel of an output beyond that of idling [MW of fuel], from plain numbers; shape (steps,)."""
    fuels = np.array([point.fuel for point in points])
    at = [point.output * power_mw for point in points]
    return np.asarray(np.interp(output_mw, at, (fuels - fuels[0]) * power_mw))


def add_fuel(
    block: Block, inputs: Inputs, output: Linear, power_mw: float, points: Sequence[FuelPoint], costs: bool
) -> Linear:
    """Fuel of the output beyond that of idling [MW of fuel], by step; `costs`: fuel costs something in every step."""
    widths = [(b.output - a.output) * power_mw for a, b in pairwise(points)]
    pieces, per_mw = range(len(widths)), slopes(points)
    block.piece_mw = pyo.Var(inputs.steps, pieces, bounds=lambda _, __, k: (0.0, widths[k]))

    @block.Constraint(inputs.steps)
    def output_lies_in_pieces(b: Block, t: int) -> Expr:
        return sum(b.piece_mw[t, k] for k in pieces) == output.at(t)

    if not costs or any(later < before for before, later in pairwise(per_mw)):
        block.piece_reached = pyo.Var(inputs.steps, pieces[1:], domain=pyo.Binary)

        @block.Constraint(inputs.steps, pieces[1:])
        def piece_is_used_when_reached(b: Block, t: int, k: int) -> Expr:
            return b.piece_mw[t, k] <= widths[k] * b.piece_reached[t, k]

        @block.Constraint(inputs.steps, pieces[1:])
        def piece_is_reached_when_the_one_below_is_full(b: Block, t: int, k: int) -> Expr:
            return b.piece_mw[t, k - 1] >= widths[k - 1] * b.piece_reached[t, k]

    fuel = Linear.fixed(0.0, inputs.count)
    for k in pieces:
        fuel = fuel + Linear.of([block.piece_mw[t, k] for t in inputs.steps]) * per_mw[k]
    return fuel
