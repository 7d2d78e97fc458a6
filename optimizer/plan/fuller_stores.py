"""Fuller stores among plans of equal cost: more energy for an outage that nobody planned, at no money."""

from __future__ import annotations

import numpy as np

from optimizer.plan.model import Model
from optimizer.solve.certified import Certificate
from optimizer.solve.highs import Compiled, Floats
from optimizer.solve.optimal_face import best_of_equals
from optimizer.technologies.flows import ENERGY_MWH

SECONDS = 60.0
"""Most time for it; the plan found before is as cheap."""


def with_fuller_stores(model: Model, compiled: Compiled, certificate: Certificate) -> Floats:
    """Values of the plan of the same cost whose stores hold most energy over all steps."""
    wanted = np.zeros(len(compiled.matrix.cost))
    for place in model.places:
        line = place.contribution.stored.get(ENERGY_MWH)
        for factors, variables in () if line is None else line.terms:
            for factor, variable in zip(factors.tolist(), variables, strict=True):
                if (column := compiled.column_of.get(id(variable))) is not None:
                    wanted[column] += factor
    if not wanted.any():
        return certificate.values
    return best_of_equals(compiled.matrix, certificate.values, certificate.row_dual, wanted, seconds=SECONDS)
