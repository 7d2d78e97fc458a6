"""Textbook games: what each player pays by Shapley and nucleolus, and who would leave."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.sharing.games import Game, coalitions, nucleolus, shapley, would_leave

EXACT = 1e-7
"""The linear programs are held to 1e-9 of the largest cost."""


def glove(left: str, right: str, alone: str) -> Game:
    """Two right-hand gloves and one left: a pair is worth 1. As a cost game the worth is a negative cost."""
    players = (left, right, alone)
    cost = {group: -1.0 if left in group and len(group) > 1 else 0.0 for group in coalitions(players)}
    return Game(players, cost)


def airport(**runways: float) -> Game:
    """A runway as long as the largest aeroplane of the group needs (Littlechild and Owen 1973)."""
    return Game(tuple(runways), {group: max(runways[name] for name in group) for group in coalitions(tuple(runways))})


def test_glove_game():
    """The owner of the scarce glove gets 2/3 by Shapley and all by the nucleolus (the core's only point); 1/3 each would leave."""
    game = glove("left", "right1", "right2")
    assert shapley(game) == pytest.approx({"left": -2 / 3, "right1": -1 / 6, "right2": -1 / 6}, abs=EXACT)
    assert nucleolus(game) == pytest.approx({"left": -1.0, "right1": 0.0, "right2": 0.0}, abs=EXACT)
    assert would_leave(game, nucleolus(game)) == {}
    assert would_leave(game, shapley(game)) == pytest.approx(
        {frozenset({"left", "right1"}): 1 / 6, frozenset({"left", "right2"}): 1 / 6}
    )


def test_airport_game():
    """Runways 12, 18, 21: Shapley 4, 7, 10 (each piece among those who need it); nucleolus 6, 6, 9 by Littlechild's rule."""
    game = airport(small=12.0, middle=18.0, large=21.0)
    assert shapley(game) == pytest.approx({"small": 4.0, "middle": 7.0, "large": 10.0}, abs=EXACT)
    assert nucleolus(game) == pytest.approx({"small": 6.0, "middle": 6.0, "large": 9.0}, abs=EXACT * 21)
    assert would_leave(game, shapley(game)) == {}


def test_symmetric_game():
    """Three alike: each alone 6, two 9, all 12; both rules give 4 each."""
    players = ("a", "b", "c")
    game = Game(players, {group: {1: 6.0, 2: 9.0, 3: 12.0}[len(group)] for group in coalitions(players)})
    for rule in (shapley, nucleolus):
        assert rule(game) == pytest.approx(dict.fromkeys(players, 4.0), abs=EXACT * 12)


def test_a_bankruptcy_of_the_talmud():
    """Claims 100, 200, 300 on an estate of 200: the nucleolus pays 50, 75, 75 (Aumann and Maschler 1985), Shapley 33⅓, 83⅓, 83⅓."""
    claims, estate = {"a": 100.0, "b": 200.0, "c": 300.0}, 200.0
    left = {
        group: max(estate - sum(v for k, v in claims.items() if k not in group), 0.0)
        for group in coalitions(tuple(claims))
    }
    game = Game(tuple(claims), {group: -amount for group, amount in left.items()})
    assert nucleolus(game) == pytest.approx({"a": -50.0, "b": -75.0, "c": -75.0}, abs=EXACT * 200)
    assert shapley(game) == pytest.approx({"a": -100 / 3, "b": -250 / 3, "c": -250 / 3}, abs=EXACT * 200)


@pytest.mark.parametrize("seed", range(5))
def test_payments_sum_to_the_whole_and_the_nucleolus_is_never_unhappier(seed: int):
    """Five players, random costs: both rules hand out the whole to 1e-9, and no coalition is unhappier than the worst under Shapley."""
    random = np.random.default_rng(seed)
    players = tuple("abcde")
    game = Game(players, {group: float(random.uniform(5, 10) * len(group) ** 0.7) for group in coalitions(players)})
    fair, quiet = shapley(game), nucleolus(game)
    assert sum(fair.values()) == pytest.approx(game.whole, rel=1e-9)
    assert sum(quiet.values()) == pytest.approx(game.whole, rel=1e-9)

    def worst(paid: dict[str, float]) -> float:
        return max(sum(paid[name] for name in group) - game.of(group) for group in coalitions(players)[:-1])

    assert worst(quiet) <= worst(fair) + 1e-6
