"""Decomposition of a long problem along time: windows that stand alone, and the rows and columns that link them.

Works on the matrix, so it knows no technology: a column belongs to the window of its step, a row to the window all its
timed columns lie in. Rows that touch several windows are links (a store at a cut, a start-up at a cut, a yearly budget).
Columns of no step (a month's peak, a size) are shared: each window that meets one gets a copy.

Two kinds of windows come from it:
- priced: links and copies are replaced by prices. By weak duality the windows' bounds add up to a bound of the whole,
  whatever the prices are; at the relaxed problem's duals, without whole numbers, they add up to its optimum.
- restricted: everything outside the window is held at a given point. Their answers give the whole numbers of a plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from optimizer.solve.highs import Floats, Integers, Matrix


@dataclass(frozen=True)
class Split:
    """Split of a problem into windows: the window of each column and row; −1: shared column, or link row."""

    matrix: Matrix
    by_row: sp.csr_array
    windows: int
    column_window: Integers
    row_window: Integers

    def columns(self, window: int) -> Integers:
        """Window's own columns."""
        return np.flatnonzero(self.column_window == window)

    def links(self) -> Integers:
        """Rows that tie windows together, and rows of shared columns alone."""
        return np.flatnonzero(self.row_window < 0)


@dataclass(frozen=True)
class Window:
    """Window of a long problem, with the place of its columns in the whole."""

    matrix: Matrix
    own: Integers
    shared: Integers


def cut(matrix: Matrix, edges: Integers) -> Split:
    """Split at steps `edges` (0 < edge, rising): window w covers steps edges[w−1] ≤ step < edges[w]."""
    window = np.where(matrix.step < 0, -1, np.searchsorted(edges, matrix.step, side="right"))
    by_row = sp.csr_array(matrix.rows)
    rows = np.repeat(np.arange(by_row.shape[0]), np.diff(by_row.indptr))
    owner = window[by_row.indices]
    timed = owner >= 0
    count = int(window.max()) + 1
    first = np.full(by_row.shape[0], count, dtype=np.int64)
    last = np.full(by_row.shape[0], -1, dtype=np.int64)
    np.minimum.at(first, rows[timed], owner[timed])
    np.maximum.at(last, rows[timed], owner[timed])
    return Split(matrix, by_row, count, window, np.where(first == last, first, -1))


def usable_duals(matrix: Matrix, dual: Floats) -> Floats:
    """Duals without the noise that would price a side a row does not have."""
    cleaned = dual.copy()
    cleaned[(dual > 0) & ~np.isfinite(matrix.row_lower)] = 0.0
    cleaned[(dual < 0) & ~np.isfinite(matrix.row_upper)] = 0.0
    return cleaned


@dataclass(frozen=True)
class Prices:
    """Lagrangian prices of what crosses the cuts: a multiplier for every link row, and for every shared column in every window."""

    link: Floats
    """(rows,), zero for rows inside windows."""
    copies: list[dict[int, float]]
    """For each window: shared column → price of its copy."""


def prices_from_duals(split: Split, dual: Floats) -> Prices:
    """Lagrangian prices from the duals of the relaxed problem. `dual` as HiGHS gives it, shape (rows,)."""
    dual = usable_duals(split.matrix, dual)
    copies: list[dict[int, float]] = []
    shared = split.column_window < 0
    for window in range(split.windows):
        rows = split.by_row[split.row_window == window]
        touched = np.unique(rows.indices[shared[rows.indices]])
        column_price = rows.T @ dual[split.row_window == window]
        copies.append({int(column): float(column_price[column]) for column in touched})
    return Prices(np.where(split.row_window < 0, dual, 0.0), copies)


def lagrangian_window(split: Split, prices: Prices, window: int) -> Window:
    """Lagrangian window: its ends free and everything that crosses them priced."""
    matrix, own = split.matrix, split.columns(window)
    shared = np.array(sorted(prices.copies[window]), dtype=np.int64)
    links = split.by_row[split.links()]
    charged = matrix.cost[own] - (links.T @ prices.link[split.links()])[own]
    cost = np.concatenate([charged, [prices.copies[window][int(column)] for column in shared]])
    return _window(split, window, own, shared, cost)


def _window(split: Split, window: int, own: Integers, shared: Integers, cost: Floats) -> Window:
    rows, columns = np.flatnonzero(split.row_window == window), np.concatenate([own, shared])
    return Window(replace(part_of(split, rows, columns), cost=cost), own, shared)


def part_of(split: Split, rows: Integers, columns: Integers) -> Matrix:
    """Sub-problem of some rows and columns of the whole; what else the rows hold is left out."""
    matrix = split.matrix
    return Matrix(
        cost=matrix.cost[columns],
        offset=0.0,
        rows=sp.csc_array(split.by_row[rows][:, columns]),
        row_lower=matrix.row_lower[rows],
        row_upper=matrix.row_upper[rows],
        lower=matrix.lower[columns],
        upper=matrix.upper[columns],
        is_integer=matrix.is_integer[columns],
        step=matrix.step[columns],
    )


def constant_of_prices(split: Split, prices: Prices) -> float:
    """Constant term of the Lagrangian prices: right sides of links, and shared columns at their best.

    Added to the windows' bounds it gives the bound of the whole.
    """
    matrix, link = split.matrix, prices.link
    side = np.where(link > 0, matrix.row_lower, matrix.row_upper)
    constant = matrix.offset + float(np.sum(link * np.where(link == 0, 0.0, side), where=link != 0))
    shared = np.flatnonzero(split.column_window < 0)
    if not len(shared):
        return constant
    paid = np.zeros(len(matrix.cost))
    for copies in prices.copies:
        for column, price in copies.items():
            paid[column] += price
    left = (matrix.cost - split.by_row[split.links()].T @ link[split.links()] - paid)[shared]
    at = np.where(left > 0, matrix.lower[shared], matrix.upper[shared])
    small = np.abs(left) <= 1e-9 * (1 + np.abs(matrix.cost[shared]))  # rounding of sums of thousands of duals
    return constant + float(np.sum(np.where(small & ~np.isfinite(at), 0.0, left * np.where(left == 0, 0.0, at))))


def restricted_window(split: Split, point: Floats, window: int) -> Window:
    """Window with all columns outside it fixed at `point`; a shared column may only move to its dearer side."""
    matrix, own = split.matrix, split.columns(window)
    touching = np.flatnonzero(split.row_window == window)
    links = split.links()
    linked = links[np.asarray(abs(split.by_row[links][:, own]).sum(axis=1)).ravel() > 0]
    rows = np.concatenate([touching, linked])
    part = split.by_row[rows]
    met = np.unique(part.indices[split.column_window[part.indices] < 0])
    columns = np.concatenate([own, met])
    outside = point.copy()
    outside[columns] = 0.0
    fixed = part @ outside
    lower, upper = matrix.lower[columns].copy(), matrix.upper[columns].copy()
    dearer, at = matrix.cost[met], point[met]
    lower[len(own) :] = np.where(dearer >= 0, at, lower[len(own) :])
    upper[len(own) :] = np.where(dearer <= 0, at, upper[len(own) :])
    small = part_of(split, rows, columns)
    small = replace(
        small, row_lower=small.row_lower - fixed, row_upper=small.row_upper - fixed, lower=lower, upper=upper
    )
    return Window(small, own, met)


ROW_TOLERANCE = 1e-7
"""HiGHS' primal feasibility; a point it calls feasible may be this far off in every row."""


def slackened(window: Window, tolerance: float = 2 * ROW_TOLERANCE) -> Window:
    """Window with rows widened by the tolerance the fixed point was found with."""
    matrix = window.matrix
    return replace(
        window, matrix=replace(matrix, row_lower=matrix.row_lower - tolerance, row_upper=matrix.row_upper + tolerance)
    )
