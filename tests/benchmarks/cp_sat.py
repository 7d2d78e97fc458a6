"""`python -m tests.benchmarks.cp_sat MATRIX.npz SECONDS GAP`: a mixed-integer program by OR-tools' CP-SAT, in a process of its own.

Imports nothing of the project: OR-tools brings a HiGHS whose symbols clash with highspy's in one process.
"""

from __future__ import annotations

import json
import sys

import numpy as np
import scipy.sparse as sp

SCALING = "mip_var_scaling:10000,mip_automatically_scale_variables:true,mip_wanted_precision:0.001"
"""CP-SAT knows whole numbers alone: continuous columns are counted in ten-thousandths, else it calls the energy side infeasible."""


def solved(path: str, seconds: float, gap: float) -> dict[str, float | None]:
    """Cost (none without a plan) and bound, both without the constant of the objective."""
    from ortools.linear_solver.python import model_builder

    data = np.load(path)
    rows = sp.csr_matrix(
        sp.csc_matrix(
            (data["data"], data["indices"], data["indptr"]), shape=(len(data["row_lower"]), len(data["cost"]))
        )
    )
    model = model_builder.Model()
    helper = model.helper
    helper.fill_model_from_sparse_data(
        data["lower"], data["upper"], data["cost"], data["row_lower"], data["row_upper"], rows
    )
    for column in np.flatnonzero(data["is_integer"]):
        helper.set_var_integrality(int(column), True)
    solver = model_builder.Solver("sat")
    solver.set_time_limit_in_seconds(seconds)
    solver.set_solver_specific_parameters(f"num_workers:1,relative_gap_limit:{gap},{SCALING}")
    status = solver.solve(model)
    found = status in (model_builder.SolveStatus.OPTIMAL, model_builder.SolveStatus.FEASIBLE)
    return {"cost": float(solver.objective_value) if found else None, "bound": _number(solver.best_objective_bound)}


def _number(value: object) -> float:
    """A bound as a number; −infinity where the solver tells none (it refused the model, or had no time)."""
    return float(value) if isinstance(value, int | float) else -np.inf


if __name__ == "__main__":
    print(json.dumps(solved(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))))
