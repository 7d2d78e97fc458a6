"""A long relaxed problem started from its parts: blocks of weeks solved alone, then all of it from where they ended.

Simplex takes more than twice as long for twice the hours, and blocks are solved in several processes. What ties blocks
together (a store at a cut, a yearly budget) is left out while they are solved alone, and only that is left to find.
"""

from __future__ import annotations

import numpy as np

from optimizer.solver import Answer, Basis, Integers, Matrix, Relaxation, SolverError
from optimizer.windows import Split, cut, part_of
from optimizer.workers import Progress, WindowPool

BLOCK_STEPS = 1460
"""Two months of hours: six blocks and the rest take two thirds of the time of a year at once, and a third on two cores."""
BASIC, AT_LOWER = 1, 0
"""HiGHS' words for where a column or row stands."""


def relaxed_from_blocks(matrix: Matrix, pool: WindowPool, progress: Progress) -> tuple[Relaxation, Answer]:
    """The relaxed problem, open, and its optimum. Raises SolverError."""
    relaxation = opened_from_blocks(matrix, pool, progress)
    progress("relax", 0, 1)
    answer = relaxation.optimum()
    progress("relax", 1, 1)
    return relaxation, answer


def opened_from_blocks(matrix: Matrix, pool: WindowPool, progress: Progress) -> Relaxation:
    """The relaxed problem, ready to start from where its blocks ended; short ones start from nothing."""
    steps = int(matrix.step.max()) + 1
    blocks = steps // BLOCK_STEPS
    if blocks < 2:
        return Relaxation(matrix)
    edges = np.round(np.arange(1, blocks) * steps / blocks).astype(np.int64)
    return Relaxation(matrix, _joined(cut(matrix.relaxed(), edges), pool, progress))


def _joined(split: Split, pool: WindowPool, progress: Progress) -> Basis:
    """The blocks' bases side by side; what belongs to no block, or to one without an answer, starts at its bound."""
    parts = [_block(split, number) for number in range(split.windows)]
    bases = pool.each(_basis_of, [(part,) for part, _, _ in parts], "relax in blocks", progress)
    columns = np.full(len(split.matrix.cost), AT_LOWER, dtype=np.int8)
    rows = np.full(len(split.matrix.row_lower), BASIC, dtype=np.int8)
    for (_, own_columns, own_rows), basis in zip(parts, bases, strict=True):
        if basis is not None:
            columns[own_columns], rows[own_rows] = basis
    return columns, rows


def _block(split: Split, number: int) -> tuple[Matrix, Integers, Integers]:
    """A block alone, and its columns and rows in the whole."""
    own_rows = np.flatnonzero(split.row_window == number)
    part = split.by_row[own_rows]
    met = np.unique(part.indices[split.column_window[part.indices] < 0])
    columns = np.concatenate([split.columns(number), met])
    return part_of(split, own_rows, columns), columns, own_rows


def _basis_of(matrix: Matrix) -> Basis | None:
    """Where a block's optimum stands; None: it has none by itself."""
    relaxation = Relaxation(matrix)
    try:
        relaxation.optimum()
    except SolverError:
        return None
    return relaxation.basis()
