"""Complementarity: pairs of columns of which at most one may leave its resting bound, as a model declares them.

A store charges or discharges, blocks are switched on or off, a tie takes or gives. Where power is worth something a
linear optimum keeps to it by itself, so the pairs are no rows of the model: the solver looks after them where it does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.solve.pyomo_types import Block, Variable

Integers = NDArray[np.int64]
_DECLARED = "complementary_pairs"


@dataclass(frozen=True)
class Pairs:
    """Pairs of columns, shape (pairs,) each: the first rests at its lower bound, the second there or at its upper one."""

    first: Integers
    second: Integers
    from_top: NDArray[np.bool_]
    """Whether the second rests at its upper bound: it must be full before the first may start."""
    kind: Integers
    """Number of the declaration a pair comes from."""

    @classmethod
    def none(cls) -> Pairs:
        """Empty set of complementary pairs."""
        empty = np.zeros(0, dtype=np.int64)
        return cls(empty, empty, np.zeros(0, dtype=bool), empty)

    def __len__(self) -> int:
        return len(self.first)

    def followed_by(self, more: Pairs) -> Pairs:
        """Complementary pairs with further ones after them."""
        fields = ("first", "second", "from_top", "kind")
        return Pairs(*(np.concatenate([getattr(self, name), getattr(more, name)]) for name in fields))

    def among(self, columns: Integers) -> Pairs:
        """Pairs of which both columns are among some, numbered by their place there."""
        place = np.full(max(self.first.max(initial=0), self.second.max(initial=0), columns.max(initial=0)) + 1, -1)
        place[columns] = np.arange(len(columns))
        inside = np.flatnonzero((place[self.first] >= 0) & (place[self.second] >= 0))
        return Pairs(place[self.first[inside]], place[self.second[inside]], self.from_top[inside], self.kind[inside])

    def take(self, chosen: Integers) -> Pairs:
        """Subset of the complementary pairs."""
        return Pairs(self.first[chosen], self.second[chosen], self.from_top[chosen], self.kind[chosen])


def never_both(block: Block, first: Sequence[Variable], second: Sequence[Variable], *, from_top: bool = False) -> None:
    """Declare that of `first[t]` and `second[t]` (Pyomo variables) one rests at zero in every plan.

    `from_top`: the second rests at its upper bound instead.
    """
    declared = getattr(block, _DECLARED, None)
    if declared is None:
        declared = []
        setattr(block, _DECLARED, declared)
    declared.append((list(first), list(second), from_top))


def pairs_of(root: Block, column_of: Mapping[int, int]) -> Pairs:
    """Complementary pairs declared in a Pyomo model, by column; a pair with a variable that is in no row is none."""
    rows: list[tuple[int, int, bool, int]] = []
    kind = 0
    for block in root.block_data_objects():
        for first, second, from_top in getattr(block, _DECLARED, ()):
            kind += 1
            for variable, other in zip(first, second, strict=True):
                a, b = column_of.get(id(variable)), column_of.get(id(other))
                if a is not None and b is not None:
                    rows.append((a, b, from_top, kind))
    if not rows:
        return Pairs.none()
    table = np.array(rows, dtype=np.int64)
    return Pairs(table[:, 0], table[:, 1], table[:, 2].astype(bool), table[:, 3])
