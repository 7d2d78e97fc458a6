"""Waiver: amounts that are paid unless a whole number says that another way of paying was chosen.

Of two ways of paying the grid the cheaper is a minimum of two costs, which a linear problem cannot state; a whole number
chooses, and amounts (MW, MVA), not money, are switched, so that numbers stay near one another.
"""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo

from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.linear import Floats, Linear


def greatest(line: Linear) -> Floats:
    """Greatest value of each entry within the bounds of its variables, shape (n,); infinite where one has none."""
    most = line.constant.copy()
    for factors, columns in line.terms:
        for entry, (factor, variable) in enumerate(zip(factors.tolist(), columns, strict=True)):
            bound = variable.ub if factor > 0 else variable.lb
            if factor:
                most[entry] += np.inf if bound is None else factor * float(bound)
    return most


def unless_waived(block: Block, amounts: Linear, most: Floats, waived: Expr) -> Linear:
    """Amounts that are paid: at least these, or nothing where `waived` (0 or 1) is 1; `most` bounds each of them."""
    block.paid = pyo.Var(range(len(amounts)), bounds=lambda _, k: (0.0, max(float(most[k]), 0.0)))

    @block.Constraint(range(len(amounts)))
    def paid_unless_waived(b: Block, k: int) -> Expr:
        return b.paid[k] >= amounts.at(k) - max(float(most[k]), 0.0) * waived

    return Linear.of(block.paid.values())
