"""Scores against scoringrules and against cases that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import scoringrules

from weather.forecast import scores

ROUNDING = 1e-12  # a few hundred sums of numbers of order one


def test_crps_equals_the_oracle():
    """Random members and observations, 7 x 30: every single score as scoringrules' energy form."""
    rng = np.random.default_rng(1)
    members, seen = rng.normal(size=(7, 30)), rng.normal(size=30)
    theirs = scoringrules.crps_ensemble(seen, members, m_axis=0, estimator="nrg", backend="numpy")
    np.testing.assert_allclose(scores.crps(members, seen), theirs, atol=ROUNDING)


def test_weight_counts_as_copies():
    """A member of weight 3/4 scores as three equal members of four; equal weights would give another number."""
    seen = np.array([0.2, 1.4])
    weighted = scores.crps([[0.0, 0.0], [1.0, 1.0]], seen, [0.75, 0.25])
    copied = scores.crps([[0.0, 0.0]] * 3 + [[1.0, 1.0]], seen)
    np.testing.assert_allclose(weighted, copied, atol=ROUNDING)
    assert abs(weighted - scores.crps([[0.0, 0.0], [1.0, 1.0]], seen)).min() > 0.01


def test_crps_of_one_member_is_its_error():
    """One member at 3, seen 5: the score is 2."""
    assert scores.crps([[3.0]], [5.0]) == pytest.approx([2.0])


def test_pinball_equals_the_oracle():
    """The .9 quantile missed by 2 from below costs 1.8, from above 0.2; scoringrules agrees."""
    ours = scores.pinball([1.0, 5.0], [3.0, 3.0], probability=0.9)
    np.testing.assert_allclose(ours, [1.8, 0.2], atol=ROUNDING)
    np.testing.assert_allclose(ours, scoringrules.quantile_score([3.0, 3.0], [1.0, 5.0], 0.9, backend="numpy"))


def test_coverage_counts_what_lies_inside():
    """Members 0..10, central 80 % is 1..9: of 0, 1, 5, 9.5 and one unknown, half of the four known lie inside."""
    members = np.repeat(np.arange(11.0)[:, None], 5, axis=1)
    assert scores.coverage(members, [0.0, 1.0, 5.0, 9.5, np.nan]) == 0.5


def test_rank_of_observation():
    """Two of four members below and one equal: rank 2.5 of 4."""
    assert scores.rank_of_observation([[1.0], [2.0], [3.0], [4.0]], [3.0]) == pytest.approx([0.625])


def test_rmse_leaves_out_the_unknown():
    """Errors 3 and 4 and one unknown: root of 12.5."""
    assert scores.rmse([3.0, 4.0, 1.0], [0.0, 0.0, np.nan]) == pytest.approx(12.5**0.5)


@pytest.mark.parametrize("call", [
    lambda: scores.crps([[1.0], [2.0]], [1.0], [0.5, 0.6]),
    lambda: scores.pinball([1.0], [1.0], probability=90.0),
    lambda: scores.coverage([[1.0]], [1.0], central=80.0),
])  # fmt: skip
def test_impossible_arguments_are_refused(call):
    """Weights of sum 1.1, and percent where a fraction belongs, raise instead of scoring."""
    with pytest.raises(ValueError, match="must be"):
        call()
