"""A long relaxed problem started from its parts: blocks of weeks solved alone, then all of it from where they ended.

Simplex takes more than twice as long for twice the hours, and one month is much like another: a block that starts where
another of the same hours and weekdays ended takes a tenth to a third of the steps. What ties blocks together (a store at
a cut, a yearly budget) is left out while they are solved alone, and only that is left to find.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from optimizer.solve.decomposition import Split, cut, part_of
from optimizer.solve.highs import Answer, Floats, Integers, Matrix, SolverError
from optimizer.solve.priced_rows import AT_LOWER, BASIC, PricedRows, opened_at_multipliers
from optimizer.solve.relaxation import Basis, Relaxation, Standing
from optimizer.solve.row_multipliers import (
    INWARD,
    MOST_ROUNDS,
    NEAR,
    Master,
    lagrangian,
    own_columns,
    plan_long_rows,
    priced,
)
from optimizer.solve.workers import Progress, WindowPool

BLOCK_STEPS = 672
"""Four weeks of hours. Longer blocks take longer alone, shorter ones leave more to do at the cuts: two to nine weeks
differ little."""


def relaxed_from_blocks(matrix: Matrix, pool: WindowPool, progress: Progress) -> tuple[Relaxation, Answer]:
    """Relaxed problem, open, and its optimum. Raises SolverError."""
    relaxation = opened_from_blocks(matrix, pool, progress)
    progress("relax", 0, 1)
    answer = relaxation.optimum()
    progress("relax", 1, 1)
    return relaxation, answer


def opened_from_blocks(matrix: Matrix, pool: WindowPool, progress: Progress) -> Relaxation:
    """Relaxed problem, ready to start from where its blocks ended; short ones start from nothing."""
    starts = block_starts(matrix)
    return Relaxation(matrix) if starts is None else opened_at(matrix, starts, pool, progress)


def block_starts(matrix: Matrix) -> Integers | None:
    """First steps of the blocks of a long plan. None: it is short."""
    steps = int(matrix.step.max()) + 1
    starts = np.append(0, np.arange(BLOCK_STEPS, steps - BLOCK_STEPS // 2, BLOCK_STEPS))
    return None if len(starts) < 3 else starts


def opened_at(matrix: Matrix, starts: Integers, pool: WindowPool, progress: Progress) -> Relaxation:
    """Relaxed problem, ready to start from where blocks that begin at some steps ended; two or more, the first at the
    first step. Rows that span the plan are priced in the blocks."""
    return _opened(matrix, *_standing(matrix, starts, pool, progress))


def priced_from_blocks(matrix: Matrix, pool: WindowPool, progress: Progress) -> tuple[PricedRows | None, Relaxation]:
    """Rows that span a long plan and may be missed at a penalty, with the multipliers of its blocks, and the relaxed problem
    without these rows, ready to start from where the blocks ended. None: there are none, and the problem is whole."""
    starts = block_starts(matrix)
    if starts is None:
        return None, Relaxation(matrix)
    rows, multipliers, basis = _standing(matrix, starts, pool, progress)
    priced = PricedRows.found(matrix, rows, multipliers)
    if priced is None:
        return None, _opened(matrix, rows, multipliers, basis)
    return priced, Relaxation(priced.relaxed(), basis)


def _opened(matrix: Matrix, rows: Integers, multipliers: Floats, basis: Basis) -> Relaxation:
    return opened_at_multipliers(matrix, rows, multipliers, basis) if len(rows) else Relaxation(matrix, basis)


def _standing(matrix: Matrix, starts: Integers, pool: WindowPool, progress: Progress) -> tuple[Integers, Floats, Basis]:
    """Rows that span the plan, their multipliers, and the blocks' bases side by side; no rows where a block has no answer."""
    split = cut(matrix.relaxed(), starts[1:])
    blocks = _blocks(split, starts)
    ends = _solved_in_turn(blocks, pool, progress)
    rows, multipliers = plan_long_rows(matrix), np.zeros(0)
    if None in ends:
        rows = rows[:0]
    if len(rows):
        multipliers, ends = _at_multipliers(split.matrix, rows, blocks, ends, pool, progress)
    return rows, multipliers, _joined(matrix, blocks, ends)


@dataclass(frozen=True)
class _Block:
    """A block alone, its columns and rows in the whole, and what each of them is in any block: a name made of numbers."""

    matrix: Matrix
    columns: Integers
    rows: Integers
    column_name: Integers
    row_name: Integers


def _blocks(split: Split, starts: Integers) -> list[_Block]:
    column_step, row_step = split.matrix.step, _last_steps(split)
    named = _named(column_step), _named(row_step)
    return [_block(split, number, start, row_step, named) for number, start in enumerate(starts)]


def _solved_in_turn(blocks: list[_Block], pool: WindowPool, progress: Progress) -> list[_End | None]:
    """Where the blocks end: one alone, all others from there. None: a block has no answer."""
    model = blocks[1]  # the first has rows of its own, for what the plan opens with
    end = _solved(model.matrix, None)
    others = [block for block in blocks if block is not model]
    begins = [None if end is None else _carried(end.basis, model, block) for block in others]
    tasks = [(block.matrix, begin) for block, begin in zip(others, begins, strict=True)]
    ends = pool.each(_solved, tasks, "relax in blocks", progress)
    return [ends[0], end, *ends[1:]]


def _joined(matrix: Matrix, blocks: list[_Block], ends: list[_End | None]) -> Basis:
    """Blocks' bases side by side; what belongs to no block, or to one without an answer, starts at its bound."""
    columns = np.full(len(matrix.cost), AT_LOWER, dtype=np.int8)
    rows = np.full(len(matrix.row_lower), BASIC, dtype=np.int8)
    for block, end in zip(blocks, ends, strict=True):
        if end is not None:
            columns[block.columns], rows[block.rows] = end.basis
    return columns, rows


def _at_multipliers(
    matrix: Matrix,
    rows: Integers,
    blocks: list[_Block],
    ends: list[_End | None],
    pool: WindowPool,
    progress: Progress,
) -> tuple[Floats, list[_End | None]]:
    """Multipliers of rows that span the plan, and where the blocks end at them."""
    by_row = sp.csr_array(matrix.rows)[rows]
    master = Master(matrix, rows, len(blocks), _average_cost(matrix, by_row, blocks, ends))
    costs, multipliers = matrix.cost, np.zeros(len(rows))
    best, bound, step, own = multipliers, -math.inf, INWARD, own_columns(matrix, rows)
    for _ in range(MOST_ROUNDS):
        of_blocks = 0.0
        for number, (block, end) in enumerate(zip(blocks, ends, strict=True)):
            assert end is not None
            timed = matrix.step[block.columns] >= 0
            activity = by_row[:, block.columns[timed]] @ end.values[timed]
            master.add(number, float(matrix.cost[block.columns] @ end.values), activity)
            of_blocks += float(costs[block.columns] @ end.values)
        here = lagrangian(matrix, rows, own, multipliers, of_blocks)
        if here > bound:
            bound, best = here, multipliers
        mixed = master.solved()
        near = mixed.cost - bound <= NEAR * abs(mixed.cost)
        asked = best + (1.0 if near else step) * (
            mixed.multipliers - best
        )  # the master's own: a penalty to the last digit
        if near and np.array_equal(asked, multipliers):
            break
        costs = priced(matrix, rows, asked)
        tasks = [
            (replace(block.matrix, cost=costs[block.columns]), end and end.basis)
            for block, end in zip(blocks, ends, strict=True)
        ]
        answers = pool.each(_solved, tasks, "price rows of the whole", progress)
        if None in answers:
            break
        known = all(old and new and (old.values == new.values).all() for old, new in zip(ends, answers, strict=True))
        ends, multipliers, step = answers, asked, 1.0 if known else INWARD
        if near:
            break
    return multipliers, ends


def _average_cost(matrix: Matrix, by_row: sp.csr_array, blocks: list[_Block], ends: list[_End | None]) -> Floats:
    """Cost of the blocks over all that passes through each row, whatever its sign, shape (rows,)."""
    cost, passed = 0.0, np.zeros(by_row.shape[0])
    for block, end in zip(blocks, ends, strict=True):
        if end is not None:
            cost += abs(float(matrix.cost[block.columns] @ end.values))
            passed += abs(by_row[:, block.columns]) @ np.abs(end.values)
    average: Floats = max(cost, 1.0) / np.maximum(passed, 1.0)
    return average


def _block(split: Split, number: int, start: int, row_step: Integers, named: tuple[Integers, Integers]) -> _Block:
    own_rows = np.flatnonzero(split.row_window == number)
    part = split.by_row[own_rows]
    met = np.unique(part.indices[split.column_window[part.indices] < 0])
    columns = np.concatenate([split.columns(number), met])
    step, (column_name, row_name) = split.matrix.step, named
    since = np.where(step[columns] < 0, -1, step[columns] - start)
    return _Block(
        part_of(split, own_rows, columns),
        columns,
        own_rows,
        column_name[columns] * PLACES + since,
        row_name[own_rows] * PLACES + row_step[own_rows] - start,
    )


PLACES = 1 << 20
"""More than the steps of a block."""


def _last_steps(split: Split) -> Integers:
    """Last step of every row's columns; −1 for rows of no step."""
    by_row = split.by_row
    rows = np.repeat(np.arange(by_row.shape[0]), np.diff(by_row.indptr))
    last = np.full(by_row.shape[0], -1, dtype=np.int64)
    np.maximum.at(last, rows, split.matrix.step[by_row.indices])
    return last


def _named(step: Integers) -> Integers:
    """A number for what a column or row is, the same in every step: the matrix lists one kind after another, each in the
    order of time, and within a step in an order of its own."""
    ends = np.diff(step, prepend=step[:1]) < 0
    opens = ends | (np.diff(step, prepend=-2) != 0)
    first = np.flatnonzero(opens)
    place_in_step = np.arange(len(step)) - np.repeat(first, np.diff(np.append(first, len(step))))
    return np.cumsum(ends) * PLACES + place_in_step


def _carried(basis: Basis, model: _Block, block: _Block) -> Basis:
    """Basis of one block carried over to another: every column and row starts where its like ended."""
    columns = _looked_up(block.column_name, model.column_name, basis[0], AT_LOWER)
    return columns, _looked_up(block.row_name, model.row_name, basis[1], BASIC)


def _looked_up(names: Integers, known: Integers, values: Standing, otherwise: int) -> Standing:
    order = np.argsort(known)
    place = np.minimum(np.searchsorted(known, names, sorter=order), len(known) - 1)
    like = order[place]
    statuses: Standing = np.where(known[like] == names, values[like], np.int8(otherwise))
    return statuses


@dataclass(frozen=True)
class _End:
    """Where a block ended: its basis and its values."""

    basis: Basis
    values: Floats


def _solved(matrix: Matrix, begin: Basis | None) -> _End | None:
    """Optimum of a block; None: it has none by itself."""
    relaxation = Relaxation(matrix, begin)
    try:
        values = relaxation.optimum().values
    except SolverError:
        return None
    return _End(relaxation.basis(), values)
