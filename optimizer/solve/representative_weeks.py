"""Representative weeks of a long plan: they say where the search for its sizes begins, and guide it.

Solved at some sizes, the sample takes a tenth of the time of the whole. Its cost bends with the sizes much as the whole's
does; a cut added to it makes both touch, with the same slope, at the best sizes known, and near them it is trusted
(Alexandrov et al. 1998, doi:10.1007/BF01197433). It chooses where to look, it proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.solve.benders_cuts import Cut, CutModel, at_sizes, cut_at, least_kept
from optimizer.solve.block_basis import opened_at
from optimizer.solve.decomposition import cut, part_of
from optimizer.solve.highs import Floats, Integers, Matrix
from optimizer.solve.relaxation import Relaxation
from optimizer.solve.workers import WindowPool

BLOCKS, STEPS, WEEK = 4, 336, 168
"""A year's sample: two weeks from each season, a sixth of the time; fewer blocks of a shorter plan, so that none overlap. All
begin at the same hour of the week, so that one can start from another."""
LOOKS = 4
"""Points at which the sample is solved before the whole is."""
SURE = 0.3
"""Of the saving that is sought: the sample is solved no more where its cuts are this near to it."""


@dataclass
class Sample:
    """Sample of a problem, kept open, with its cuts."""

    matrix: Matrix
    sizes: Integers
    relaxation: Relaxation
    columns: Integers
    """Its columns in the whole."""
    stands_for: Floats
    """How much of the whole each column stands for."""
    cuts: list[Cut] = field(default_factory=list)

    def cut_at(self, at: Floats) -> Cut:
        """Benders cut of the sample at some sizes, solved once and kept. Raises SolverError where there is no plan."""
        for known_cut in self.cuts:
            if np.array_equal(known_cut.at, at):
                return known_cut
        self.cuts.append(cut_at(self.matrix, self.relaxation, self.sizes, at))
        return self.cuts[-1]

    def promising(self, whole: CutModel, best: Cut, saving: float, reach: float) -> Floats | None:
        """Sizes of least estimated cost, among those at which the sample's own cuts still allow a saving.

        None where there are no such sizes within reach of the best. Raises SolverError where the sample has no plan.
        """
        sample_cut = self.cut_at(best.at)
        slope = best.slope - sample_cut.slope
        height = best.height - sample_cut.height
        box = np.maximum(least_kept(best.at), best.at - reach), np.minimum(best.at + reach, 1.0)
        for look in range(LOOKS + 1):
            guide = CutModel.of(self.cuts).turned(slope, height, whole.money)
            lowest = guide.lowest_below(whole, best.cost - saving, box)
            if lowest is None:
                return None
            estimate, sizes = lowest
            if look < LOOKS:
                true = self.cut_at(sizes).cost + float(slope @ sizes) + height
                if true - estimate < SURE * max(saving, estimate - best.cost):
                    break
        return sizes


def sample_of(matrix: Matrix, sizes: Integers, begin: float) -> Sample:
    """Representative blocks that stand for a whole plan; what ties them to the rest is left out. Ready to be solved at `begin`."""
    steps = int(matrix.step.max()) + 1
    count = min(BLOCKS, max(steps // (2 * STEPS), 1))
    middles = (np.arange(count) + 0.5) * steps / count
    starts = np.maximum(np.round((middles - STEPS / 2) / WEEK), 0).astype(np.int64) * WEEK
    edges = np.ravel(np.column_stack([starts, starts + STEPS]))
    split = cut(matrix, edges)
    blocks = np.arange(1, 2 * count, 2)  # every other window; between them lies what is left out
    rows = np.flatnonzero(np.isin(split.row_window, blocks))
    columns = np.flatnonzero(np.isin(split.column_window, blocks) | (split.column_window < 0))
    stands_for = np.where(matrix.step[columns] < 0, 1.0, steps / (count * STEPS))
    part = part_of(split, rows, columns)
    part, own_sizes = replace(part, cost=part.cost * stands_for), np.searchsorted(columns, sizes)
    fixed = at_sizes(part, own_sizes, np.full(len(sizes), begin))
    if count < 2:
        return Sample(part, own_sizes, Relaxation(fixed), columns, stands_for)
    relaxation = opened_at(fixed, starts, WindowPool(None), lambda *_: None)
    return Sample(part, own_sizes, relaxation, columns, stands_for)
