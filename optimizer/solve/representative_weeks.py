"""A few weeks that stand for a long plan: they say where the search for its sizes begins, and guide it.

Solved at some sizes, the sample takes a tenth of the time of the whole. Its cost bends with the sizes much as the whole's
does; a plane added to it makes both touch, with the same slope, at the best sizes known, and near them it is trusted
(Alexandrov et al. 1998, doi:10.1007/BF01197433). It chooses where to look, it proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.solve.benders_cuts import Ceiling, Plane, at_sizes, least_kept, touched
from optimizer.solve.block_basis import opened_at
from optimizer.solve.decomposition import cut, part_of
from optimizer.solve.highs import Floats, Integers, Matrix
from optimizer.solve.relaxation import Relaxation
from optimizer.solve.workers import WindowPool

BLOCKS, STEPS, WEEK = 4, 336, 168
"""A year's sample: two weeks from each season, a sixth of the time; fewer blocks of a shorter plan, so that none overlap. All
begin at the same hour of the week, so that one can start from another."""
LOOKS = 4
"""Points at which the sample is asked before the whole is."""
SURE = 0.3
"""Of the saving that is sought: the sample is asked no more where its planes are this near to it."""


@dataclass
class Sample:
    """A sample of a problem, kept open, with its planes."""

    matrix: Matrix
    sizes: Integers
    relaxation: Relaxation
    cuts: list[Plane] = field(default_factory=list)

    def touch(self, at: Floats) -> Plane:
        """Solve with the sizes held, unless that was done, and keep the plane. Raises SolverError where there is no plan."""
        for known_cut in self.cuts:
            if np.array_equal(known_cut.at, at):
                return known_cut
        self.cuts.append(touched(self.matrix, self.relaxation, self.sizes, at))
        return self.cuts[-1]

    def promising(self, whole: Ceiling, best: Plane, saving: float, reach: float) -> Floats | None:
        """Sizes of least estimated cost, among those at which the sample's own cuts still allow a saving.

        None where there are no such sizes within reach of the best. Raises SolverError where the sample has no plan.
        """
        here = self.touch(best.at)
        slope = best.slope - here.slope
        height = best.height - here.height
        box = np.maximum(least_kept(best.at), best.at - reach), np.minimum(best.at + reach, 1.0)
        for look in range(LOOKS + 1):
            guide = Ceiling.of(self.cuts).turned(slope, height, whole.money)
            lowest = guide.lowest_below(whole, best.cost - saving, box)
            if lowest is None:
                return None
            told, found = lowest
            if look < LOOKS:
                true = self.touch(found).cost + float(slope @ found) + height
                if true - told < SURE * max(saving, told - best.cost):
                    break
        return found


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
    part, mine = replace(part, cost=part.cost * stands_for), np.searchsorted(columns, sizes)
    held = at_sizes(part, mine, np.full(len(sizes), begin))
    if count < 2:
        return Sample(part, mine, Relaxation(held))
    return Sample(part, mine, opened_at(held, starts, WindowPool(None), lambda *_: None))
