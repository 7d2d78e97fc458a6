"""Bus prices: what one more unit drawn from each bus would cost, by hour, whole numbers held.

The dual of a row is that price where something flows on the bus. Of a bus on which nothing flows in a step, any number between
what a source there would be sold for and what it would cost is a dual; the price is the upper end, the cost of the next unit.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
import xarray as xr
from numpy.typing import NDArray

from optimizer.plan.model import Balance, Model
from optimizer.solve.highs import Compiled, Floats

LEAST_FLOW = 1e-9
"""Less on every column of a row is no flow: HiGHS puts columns at their bounds exactly."""
ROOM = 1e-9
"""Nearer to its bound a column stands at it; one that is fixed sets no price."""
PASSES = 3
"""From electricity over IT power to cards: each pass carries a price one bus further."""

Numbers = NDArray[np.int64]


def bus_prices(model: Model, compiled: Compiled, values: Floats, row_dual: Floats) -> xr.DataArray:
    """Money per MWh (or per card-hour) of one more unit drawn from each bus, dimensions (time, balance)."""
    rows = {balance: _rows_of(model, compiled, balance) for balance in model.balances}
    duals = at_upper_end(compiled, values, row_dual, np.concatenate([np.zeros(0, dtype=np.int64), *rows.values()]))
    step_h, labels = model.calendar.step_h, list(rows)
    columns = []
    for balance, numbers in rows.items():
        weight = 1.0 if balance.member < 0 else model.weights[balance.member]
        columns.append(np.where(numbers < 0, 0.0, duals[numbers]) / (step_h * weight))
    names = {"site": [b.site for b in labels], "member": [b.member for b in labels], "bus": [b.bus for b in labels]}
    coords = {
        f"balance_{key}": ("balance", np.array(named, dtype=int if key == "member" else object))
        for key, named in names.items()
    }
    return xr.DataArray(np.column_stack(columns), dims=("time", "balance"), coords=coords)


def _rows_of(model: Model, compiled: Compiled, balance: Balance) -> Numbers:
    """Row of each step of a bus, −1 where there is none; shape (steps,)."""
    constraint = model.balances[balance]
    steps = range(model.calendar.count)
    return np.array([compiled.row_of.get(id(constraint[t]), -1) if t in constraint else -1 for t in steps])


def at_upper_end(compiled: Compiled, values: Floats, row_dual: Floats, rows: Numbers) -> Floats:
    """Duals with those of rows without any flow raised as far as all others let them."""
    matrix, dual = compiled.matrix, row_dual.copy()
    flows = abs(matrix.rows) @ np.abs(values)
    idle = np.unique(rows[rows >= 0])
    idle = idle[flows[idle] <= LEAST_FLOW]
    if not len(idle):
        return dual
    of_idle = sp.csr_array(matrix.rows)[idle]
    can_rise, can_fall = matrix.upper - values > ROOM, values - matrix.lower > ROOM
    for _ in range(PASSES):
        reduced_cost = matrix.cost - matrix.rows.T @ dual
        for row, first, end in zip(idle, of_idle.indptr[:-1], of_idle.indptr[1:], strict=True):
            columns, share = of_idle.indices[first:end], of_idle.data[first:end]
            source = (share > 0) & can_rise[columns] | (share < 0) & can_fall[columns]
            if source.any():
                dual[row] += max(float((reduced_cost[columns[source]] / share[source]).min()), 0.0)
    return dual
