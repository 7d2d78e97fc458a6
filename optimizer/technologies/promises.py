"""Promises over a whole plan: a row that may be missed at a price, which later windows of the same plan know."""

from __future__ import annotations

import pyomo.environ as pyo

from optimizer.solve.pyomo_types import Block
from optimizer.technologies.base import Inputs
from optimizer.technologies.linear import Linear


def add_shortfall(block: Block, promise: str, gap: Linear, behind: float, inputs: Inputs) -> Linear:
    """Priced slack of a promise over the plan, as an even rate over its hours; adds the promise's row.

    `behind`: by how much the promise was missed before these hours.
    """
    slack = pyo.Var(bounds=(0, None))
    block.add_component(f"{promise}_short", slack)
    missed = gap.sum() + behind - Linear.of([slack]) * (inputs.count * inputs.step_h)
    block.add_component(f"promise_{promise}", pyo.Constraint(expr=missed.at(0) <= 0))
    return Linear.of([slack] * inputs.count)
