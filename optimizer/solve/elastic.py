"""Elastic re-solve of an infeasible problem: by how much some rows must be broken so that all others can hold.

Each chosen row gets a slack on either side; the total slack is minimised in place of the cost (Chinneck 2008,
doi:10.1007/978-0-387-74932-7, elastic filters). The duals then tell which other rows and bounds stand in the way.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from optimizer.solve.highs import Floats, Integers, Limits, Matrix, SolverError, solve

LEAST_BREACH = 1e-6
"""HiGHS holds rows to 1e-7; a total breach below is none."""
LONGEST_SEARCHED = 200
"""Steps up to which the first breach is sought: each try is a solve of the whole."""
LATER = 0.1
"""Weight of all later steps together beside the first that must break: what is lacking there is lacking at least."""


@dataclass(frozen=True)
class Breach:
    """Least breach of an infeasible problem's rows, and the rows that force it."""

    amount: Floats
    """By row, shape (rows,): above 0 where the row is too low by so much, below 0 where it is too high."""
    values: Floats
    """Point at which the breach is least, shape (columns,)."""
    row_dual: Floats
    """Not 0 where a row is in the way, shape (rows,)."""
    reduced_cost: Floats
    """Not 0 where a column's bound is in the way, shape (columns,)."""


def earliest_breach(matrix: Matrix, rows: Integers, step: Integers, seconds: float) -> Breach | None:
    """Least breach of rows that hold as long as they can: none before the first step at which, whatever is done, one must break.

    `step`: of each of the rows. The least breach of all lies where it is cheapest, which may be hours before its cause: a
    machine that is off for an hour starts without its ramp. None: as for `least_breach`.
    """
    until = time.monotonic() + seconds
    breach = least_breach(matrix, rows, seconds)
    steps = np.unique(step)
    if breach is None or len(steps) > LONGEST_SEARCHED:
        return breach
    holds = int(np.searchsorted(steps, step[np.abs(breach.amount[rows]) > LEAST_BREACH].min()))
    breaks = len(steps)
    while breaks - holds > 1 and (left := until - time.monotonic()) > 0:
        middle = (holds + breaks) // 2
        later = least_breach(matrix, rows[step >= steps[middle]], left)
        if later is None:
            breaks = middle
        else:
            holds, breach = middle, later
    from_there = rows[step >= steps[holds]]
    weights = np.where(step[step >= steps[holds]] == steps[holds], 1.0, LATER / len(steps))
    return least_breach(matrix, from_there, max(until - time.monotonic(), 1.0), weights) or breach


def least_breach(matrix: Matrix, rows: Integers, seconds: float, weights: Floats | None = None) -> Breach | None:
    """Least total breach of the rows given, weighted. None: breaking them does not help, or there is nothing to break.

    Without whole numbers first; where that shows no breach, the whole numbers are what makes the problem infeasible.
    """
    elastic = _elastic(matrix, rows, np.ones(len(rows)) if weights is None else weights)
    count = len(matrix.cost)
    try:
        answer = solve(elastic.relaxed(), Limits(seconds=seconds))
        if matrix.is_integer.any() and answer.cost <= LEAST_BREACH:
            whole = solve(elastic, Limits(gap=0.01, seconds=seconds))
            whole_columns = np.flatnonzero(elastic.is_integer)
            answer = solve(
                elastic.with_fixed(whole_columns, np.round(whole.values[whole_columns])).relaxed(),
                Limits(seconds=seconds),
            )
    except (SolverError, ValueError):  # ValueError: no point was found in the time
        return None
    if answer.cost <= LEAST_BREACH or answer.row_dual is None:
        return None
    amount = np.zeros(len(matrix.row_lower))
    slack = answer.values[count:]
    amount[rows] = slack[: len(rows)] - slack[len(rows) :]
    reduced = -(matrix.rows.T @ answer.row_dual)
    return Breach(
        amount, answer.values[:count], answer.row_dual, np.where(np.abs(reduced) > LEAST_BREACH, reduced, 0.0)
    )


def _elastic(matrix: Matrix, rows: Integers, weights: Floats) -> Matrix:
    """Problem with a slack on either side of some rows, and their weighted sum as its cost."""
    picked = sp.csc_array((np.ones(len(rows)), (rows, np.arange(len(rows)))), shape=(len(matrix.row_lower), len(rows)))
    extra = 2 * len(rows)
    return replace(
        matrix,
        cost=np.concatenate([np.zeros(len(matrix.cost)), weights, weights]),
        offset=0.0,
        rows=sp.csc_array(sp.hstack([matrix.rows, picked, -picked])),
        lower=np.concatenate([matrix.lower, np.zeros(extra)]),
        upper=np.concatenate([matrix.upper, np.full(extra, np.inf)]),
        is_integer=np.concatenate([matrix.is_integer, np.zeros(extra, dtype=bool)]),
        step=np.concatenate([matrix.step, np.full(extra, -1)]),
        begin=None,
    )
