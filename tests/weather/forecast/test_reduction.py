"""Reduction of members: what is chosen, what it weighs, and that ramps survive."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from weather.canonical import WeatherError
from weather.forecast.reduction import distinct_members, reduce, reduction_distance


def power_members(values) -> xr.Dataset:
    return xr.Dataset({"power": (("member", "time"), np.asarray(values, dtype=float))})


def test_two_groups_and_their_weights():
    """Three calm and one stormy day: one of each is chosen, weights 3/4 and 1/4; equal ones plan for storms."""
    chosen, weights = reduce(power_members([[0.1, 0.1], [0.12, 0.1], [0.14, 0.1], [0.9, 0.9]]), 2)
    assert chosen.tolist() == [1, 3]
    assert weights.tolist() == pytest.approx([0.75, 0.25])


def test_equal_members_are_one():
    """Two calm days and a storm, drawn as calm, storm, calm, calm, calm: two are left, with 4/5 and 1/5 of the weight."""
    calm, storm = [0.1, 0.1], [0.9, 0.9]
    chosen, weights = distinct_members(power_members([calm, storm, calm, calm, calm]))
    assert chosen.tolist() == [0, 1]
    assert weights.tolist() == pytest.approx([0.8, 0.2])


def test_members_that_differ_in_one_step_are_two():
    """Equal but for the last hour: both stay, half each."""
    chosen, weights = distinct_members(power_members([[0.1, 0.1], [0.1, 0.2]]))
    assert chosen.tolist() == [0, 1]
    assert weights.tolist() == pytest.approx([0.5, 0.5])


def test_given_weights_move_the_choice():
    """With 97 % of the weight on the storm it is chosen first, of equally likely members a calm day is."""
    members = power_members([[0.1], [0.12], [0.14], [0.9]])
    assert reduce(members, 1)[0][0] in (1, 2)  # both are a median
    chosen, weights = reduce(members, 2, weights=[0.01, 0.01, 0.01, 0.97])
    assert chosen[0] == 3
    assert weights[0] == pytest.approx(0.97)


def test_ramps_survive():
    """Up or down by 0.8 at hour 2, half the members each: two members keep the full ramp, their mean is flat."""
    up, down = [0.1, 0.1, 0.9, 0.9], [0.9, 0.9, 0.1, 0.1]
    members = power_members([up, down] * 5)
    chosen, weights = reduce(members, 2)
    kept = members["power"].values[chosen]
    assert abs(np.diff(kept, axis=1)).max(axis=1) == pytest.approx([0.8, 0.8])
    assert weights.tolist() == [0.5, 0.5]


def test_scale_decides_what_counts():
    """One step of 0.4 in a day tells two pairs apart by wind, by sun other pairs; scales pick which."""
    members = xr.Dataset({
        "wind": (("member", "time"), np.array([[0.0], [0.0], [1.0], [1.0]])),
        "sun": (("member", "time"), np.array([[0.0], [1.0], [0.0], [1.0]])),
    })  # fmt: skip
    by_wind, _ = reduce(members, 2, scales={"wind": 1.0, "sun": 1e6})
    by_sun, _ = reduce(members, 2, scales={"wind": 1e6, "sun": 1.0})
    assert len(set(members["wind"].values[by_wind, 0])) == 2
    assert len(set(members["sun"].values[by_sun, 0])) == 2


def test_better_than_drawing_lots():
    """Ten of 400 correlated days: distance below that of every one of 20 random tens (about 10 % less on the mean)."""
    rng = np.random.default_rng(3)
    members = power_members(np.cumsum(rng.normal(size=(400, 48)), axis=1))
    chosen, _ = reduce(members, 10)
    lots = [reduction_distance(members, rng.permutation(400)[:10]) for _ in range(20)]
    assert reduction_distance(members, chosen) < min(lots)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 1000))
def test_weights_are_shares_of_real_members(count, k, seed):
    """For any set: k different members, weights that sum to one, none of them idle, and all of them if k is all."""
    k = min(k, count)
    values = np.random.default_rng(seed).integers(0, 3, size=(count, 2)) / 2  # coarse, so that equal members occur
    chosen, weights = reduce(power_members(values), k)
    assert len(set(chosen.tolist())) == k
    assert weights.sum() == pytest.approx(1.0)
    assert (weights >= 1 / count - 1e-12).all()  # each keeps at least its own weight; rounding
    if k == count:
        assert weights == pytest.approx(np.full(count, 1 / count))


@pytest.mark.parametrize(("k", "part"), [(0, "1 to 2"), (3, "1 to 2")])
def test_impossible_numbers_are_refused(k, part):
    """None of two, or three of two, is an error that names the range."""
    with pytest.raises(WeatherError, match=part):
        reduce(power_members([[0.0], [1.0]]), k)


def test_nothing_to_choose_by_is_refused():
    """Pressure alone does not differ between members: choosing by it would be chance."""
    with pytest.raises(WeatherError, match="to choose by"):
        reduce(xr.Dataset({"pressure_pa": (("member", "time"), np.ones((3, 2)))}), 2)
