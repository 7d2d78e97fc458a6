"""Rounding cuts of counts that carry items: no plan is lost, and a placed item keeps whole blocks on."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp

from optimizer.solve import count_cuts
from optimizer.solve.count_cuts import with_count_cuts
from optimizer.solve.highs import Floats, Matrix, solve

BLOCK = 64.0


def carried(cards: Floats, base: float = 0.0, uncarried: float = 0.0) -> Matrix:
    """Items that run in step 0 or 1 or not at all, a sum of their cards by step, work of `base` cards beside them, and
    blocks of 64 cards that carry both; a block costs 1, a card left uncarried 0.5.

    Columns: x of every item in step 0, the same in step 1, not taken, then by step cards, busy, uncarried, blocks.
    """
    items = len(cards)
    width = 3 * items + 8
    rows, lower, upper = [], [], []

    def row(entries: dict[int, float], least: float, most: float) -> None:
        line = np.zeros(width)
        line[list(entries)] = list(entries.values())
        rows.append(line)
        lower.append(least)
        upper.append(most)

    for item in range(items):
        row({item: 1.0, items + item: 1.0, 2 * items + item: 1.0}, 1.0, 1.0)
    for step in range(2):
        total, busy, left, blocks = (3 * items + 4 * step + number for number in range(4))
        row({**{step * items + item: cards[item] for item in range(items)}, total: -1.0}, 0.0, 0.0)
        row({busy: 1.0, left: 1.0, total: -1.0}, base, base)
        row({busy: 1.0, blocks: -BLOCK}, -np.inf, 0.0)
    cost, most, step_of = np.zeros(width), np.ones(width), np.zeros(width, dtype=np.int64)
    whole = np.zeros(width, dtype=bool)
    whole[: 2 * items] = True
    cost[2 * items : 3 * items] = 50.0
    for step in range(2):
        total, busy, left, blocks = (3 * items + 4 * step + number for number in range(4))
        step_of[[total, busy, left, blocks, *range(step * items, (step + 1) * items)]] = step
        most[[total, busy]], most[left], most[blocks] = 1e4, uncarried, 99.0
        cost[blocks], cost[left], whole[blocks] = 1.0, 0.5, True
    step_of[2 * items : 3 * items] = 1
    return Matrix(
        cost=cost, offset=0.0, rows=sp.csc_array(np.array(rows)), row_lower=np.array(lower), row_upper=np.array(upper),
        lower=np.zeros(width), upper=most, is_integer=whole, step=step_of,
    )  # fmt: skip


def test_a_placed_gang_keeps_whole_blocks_on() -> None:
    """100 cards in blocks of 64: relaxed 1.5625 of them, with the cut 2, which is the truth."""
    matrix = carried(np.array([100.0]))
    placed = np.array([0]), np.array([1.0])
    assert solve(matrix.with_fixed(*placed).relaxed()).cost == pytest.approx(100 / BLOCK)
    cut = with_count_cuts(matrix)
    assert cut.implied_rows == 2
    assert solve(cut.with_fixed(*placed).relaxed()).cost == pytest.approx(2.0)


@pytest.mark.parametrize("seed", range(12))
def test_no_plan_is_lost(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every placement of up to three items costs the same with the cuts as without, also with work beside them and some of
    it left uncarried."""
    monkeypatch.setattr(count_cuts, "MOST_ENTRIES", np.inf)
    rng = np.random.default_rng(seed)
    items = int(rng.integers(1, 4))
    matrix = carried(
        rng.uniform(10, 300, items).round(1), float(rng.choice([0.0, 37.0])), float(rng.choice([0.0, 20.0]))
    )
    cut = with_count_cuts(matrix)
    assert cut.implied_rows
    for places in product(range(3), repeat=items):
        at = np.array([place * items + item for item, place in enumerate(places) if place < 2], dtype=np.int64)
        columns, values = np.arange(2 * items), np.zeros(2 * items)
        values[at] = 1.0
        without = solve(matrix.with_fixed(columns, values)).cost
        assert solve(cut.with_fixed(columns, values)).cost == pytest.approx(without, abs=1e-5)  # HiGHS: whole to 1e-6
