"""Sharing a cost fairly: Shapley value, nucleolus, and the test whether any group would rather leave.

A game gives every coalition its cost. Shapley: each player pays its mean marginal cost over all orders (L. Shapley 1953).
Nucleolus: the greatest unhappiness x(S) − c(S) of any coalition is as small as can be, then the next (D. Schmeidler 1969),
by the linear programs of M. Maschler, B. Peleg and L. Shapley (1979).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy.sparse as sp

from optimizer.solve.highs import Floats, Matrix, solve

Coalition = frozenset[str]
TIGHT = 1e-9
"""A dual above this makes its coalition tight in every optimum."""


@dataclass(frozen=True)
class Game:
    """Costs of all coalitions; the empty one costs nothing."""

    players: tuple[str, ...]
    cost: Mapping[Coalition, float]

    @property
    def whole(self) -> float:
        """Cost of all together."""
        return self.cost[frozenset(self.players)]

    def of(self, coalition: Coalition) -> float:
        """Cost of some together."""
        return self.cost[coalition] if coalition else 0.0


def coalitions(players: tuple[str, ...]) -> list[Coalition]:
    """Coalitions of at least one player, small ones first."""
    return [frozenset(group) for size in range(1, len(players) + 1) for group in combinations(players, size)]


def shapley(game: Game) -> dict[str, float]:
    """Shapley value: what each player pays; sums to the cost of the whole."""
    count, paid = len(game.players), {}
    for player in game.players:
        others = tuple(name for name in game.players if name != player)
        groups = [frozenset[str](), *coalitions(others)] if others else [frozenset[str]()]
        paid[player] = sum(
            math.factorial(len(group)) * math.factorial(count - len(group) - 1) / math.factorial(count)
            * (game.of(group | {player}) - game.of(group))
            for group in groups
        )  # fmt: skip
    return paid


def nucleolus(game: Game) -> dict[str, float]:
    """Nucleolus: what each player pays; sums to the cost of the whole. Raises SolverError."""
    players = game.players
    everybody = frozenset(players)
    if len(players) == 1:
        return {players[0]: game.whole}
    free = [group for group in coalitions(players) if group != everybody]
    scale = max(max(abs(cost) for cost in game.cost.values()), 1.0)
    fixed: dict[Coalition, float] = {everybody: game.whole / scale}
    payments = np.zeros(len(players))
    while np.linalg.matrix_rank(_members(players, list(fixed))) < len(players):
        answer = solve(_least_unhappiness(game, players, free, fixed, scale))
        assert answer.row_dual is not None
        payments, unhappiness = answer.values[:-1], answer.values[-1]
        tight = [group for group, dual in zip(free, answer.row_dual, strict=False) if abs(dual) > TIGHT]
        fixed |= {group: game.of(group) / scale + unhappiness for group in tight}
        free = [group for group in free if not _follows(players, list(fixed), group)]
    payments = np.linalg.lstsq(_members(players, list(fixed)), np.array(list(fixed.values())), rcond=None)[0]
    paid = payments * scale
    paid += (game.whole - paid.sum()) / len(players)  # rounding of the linear programs
    return dict(zip(players, paid.tolist(), strict=True))


def _members(players: tuple[str, ...], groups: list[Coalition]) -> Floats:
    return np.array([[float(player in group) for player in players] for group in groups])


def _follows(players: tuple[str, ...], fixed: list[Coalition], group: Coalition) -> bool:
    """Whether a group's payment is settled by those already held."""
    rows = _members(players, fixed)
    return bool(np.linalg.matrix_rank(np.vstack([rows, _members(players, [group])])) == np.linalg.matrix_rank(rows))


def _least_unhappiness(
    game: Game, players: tuple[str, ...], free: list[Coalition], fixed: Mapping[Coalition, float], scale: float
) -> Matrix:
    """min e with x(S) − e ≤ c(S) for the free coalitions and x(S) = held(S) for the others."""
    rows = np.vstack(
        [
            np.hstack([_members(players, free), -np.ones((len(free), 1))]),
            np.hstack([_members(players, list(fixed)), np.zeros((len(fixed), 1))]),
        ]
    )
    upper = np.array([*(game.of(group) / scale for group in free), *fixed.values()])
    columns = len(players) + 1
    return Matrix(
        cost=np.concatenate([np.zeros(len(players)), [1.0]]),
        offset=0.0,
        rows=sp.csc_array(rows),
        row_lower=np.concatenate([np.full(len(free), -math.inf), list(fixed.values())]),
        row_upper=upper,
        lower=np.full(columns, -math.inf),
        upper=np.full(columns, math.inf),
        is_integer=np.zeros(columns, dtype=bool),
        step=np.full(columns, -1, dtype=np.int64),
    )


def would_leave(game: Game, paid: Mapping[str, float]) -> dict[Coalition, float]:
    """Groups that pay more together than alone, and by how much; empty: the payments are in the core."""
    excess = {group: sum(paid[player] for player in group) - game.of(group) for group in coalitions(game.players)}
    # a millionth of the whole: what the plans' own tolerance leaves open
    return {group: amount for group, amount in excess.items() if amount > 1e-6 * max(abs(game.whole), 1.0)}
