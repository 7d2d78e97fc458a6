"""Free sizes found by cuts: the same optimum as the whole problem's, a bound that holds, prices that carry it."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from sites import Small, center, small, tie

from optimizer.solve import capacity_search, representative_weeks
from optimizer.solve.benders_cuts import cut_at
from optimizer.solve.capacity_search import (
    exact_optimum,
    optimum_over_sizes,
    sample_for_sizes,
    size_columns,
    sizes_of_a_sample,
)
from optimizer.solve.decomposition import constant_of_prices, cut, lagrangian_window, prices_from_duals
from optimizer.solve.highs import Matrix, SolverError, solve
from optimizer.solve.relaxation import Relaxation
from optimizer.technologies.base import Size
from optimizer.technologies.energy.load import Load
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.storage import Storage

DAYS = 10
GAP = 0.002
PRICES = np.tile([150.0] * 8 + [700.0] * 4 + [300.0] * 4 + [800.0] * 5 + [150.0] * 3, DAYS)


def sized_site(lease_price: float = 40_000.0) -> Small:
    """Sun, energy and power of a store free, under dear evenings and a month's peak; clouds differ from day to day."""
    clear = np.concatenate([np.zeros(7), np.sin(np.pi * (np.arange(11) + 0.5) / 11), np.zeros(6)])
    clearness = np.random.default_rng(5).uniform(0.2, 1.0, DAYS)
    assets = center(
        tie=tie(demand_price=20_000.0),
        sun=Solar(peak_power_mw=Size(max=20, annual_cost=350_000), capacity_factor=0.5, cost_per_mwh=1.0),
        store=Storage(
            energy_mwh=Size(max=60, annual_cost=lease_price),
            power_mw=Size(max=30, annual_cost=10_000),
            charge_efficiency=0.95,
            discharge_efficiency=0.95,
        ),
        town=Load(power_mw=5.0, unserved_price_per_mwh=None),
    )
    series = {("sun", "capacity_factor"): np.outer(clearness, clear).ravel(), ("tie", "import_price_per_mwh"): PRICES}
    return small(assets, 24 * DAYS, series=series)


@pytest.fixture
def short_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten days count as long; of these a month's peak meets every hour, a size at least its hours of sun."""
    monkeypatch.setattr(capacity_search, "LONG_PLAN_STEPS", 100)


def matrix_and_sizes(site: Small) -> tuple[Matrix, np.ndarray]:
    """The matrix and the columns of its three sizes."""
    matrix = site.compiled().matrix
    return matrix, np.array([column for column in size_columns(matrix) if matrix.upper[column] in (20.0, 60.0, 30.0)])


@pytest.mark.usefixtures("short_plans")
@pytest.mark.parametrize("lease_price", [4_000.0, 40_000.0, 4_000_000.0])
def test_the_bound_lies_below_the_optimum_and_the_cost_above(lease_price: float) -> None:
    """Cheap, middling and absurd leases: bound ≤ optimum of the whole ≤ cost, 0.2 % apart. A cut above the true cost
    would put the bound above it."""
    matrix, sizes = matrix_and_sizes(sized_site(lease_price))
    assert len(sizes) == 3
    searched = optimum_over_sizes(matrix, Relaxation(matrix), sizes, gap=GAP)
    optimum = solve(matrix.relaxed()).cost
    # 1e-7: HiGHS' feasibility
    assert searched.bound <= optimum * (1 + 1e-7)
    assert searched.cost >= optimum * (1 - 1e-7)
    assert searched.gap <= GAP
    if lease_price == 4_000_000.0:
        assert np.all(searched.values[sizes][matrix.upper[sizes] == 60.0] == 0.0)  # no trace of a store


@pytest.mark.usefixtures("short_plans")
@pytest.mark.parametrize("lease_price", [4_000.0, 40_000.0, 4_000_000.0])
def test_without_whole_numbers_the_optimum_is_exact(lease_price: float) -> None:
    """Begun at the sizes of a sample and then let free: the fresh solve's optimum to 1e-9, not one near it."""
    matrix, sizes = matrix_and_sizes(sized_site(lease_price))
    answer = exact_optimum(matrix, sizes)
    assert answer.cost == pytest.approx(solve(matrix.relaxed()).cost, rel=1e-9)
    assert answer.bound == answer.cost


@pytest.mark.parametrize(("steps", "starts"), [(1000, [336]), (1400, [168, 840]), (8760, [1008, 3192, 5376, 7560])])
def test_a_sample_has_no_overlaps(steps: int, starts: list[int]) -> None:
    """Two weeks each, all at the same hour of the week; of six weeks one block, of a year four."""
    sample = sample_for_sizes(below_sizes(steps, 1.0), np.array([steps])).matrix
    sampled_steps = np.unique(sample.step[sample.step >= 0])
    assert len(sampled_steps) == len(starts) * 336
    assert [int(step) for step in sampled_steps if step - 1 not in sampled_steps] == starts


def test_an_exact_optimum_where_the_sample_has_no_plan() -> None:
    """x ≥ 5 needs a size of 5, the search begins at 1.5: found all the same."""
    assert exact_optimum(below_sizes(1200, 5.0), np.array([1200])).cost == pytest.approx(5.0)
    with pytest.raises(SolverError, match="Infeasible"):
        exact_optimum(below_sizes(1200, 11.0), np.array([1200]))


@pytest.mark.usefixtures("short_plans")
def test_the_mean_prices_carry_the_bound_through_windows() -> None:
    """Days priced with the mean duals add up to the bound told: each point's own duals leave money at the free sizes, which
    times their ranges would cost most of the bound."""
    matrix, sizes = matrix_and_sizes(sized_site())
    relaxed = matrix.relaxed()
    searched = optimum_over_sizes(matrix, Relaxation(matrix), sizes, gap=GAP)
    assert searched.row_dual is not None
    split = cut(relaxed, np.arange(24, 24 * DAYS, 24))
    prices = prices_from_duals(split, searched.row_dual)
    days = sum(solve(lagrangian_window(split, prices, day).matrix).bound for day in range(split.windows))
    bound = constant_of_prices(split, prices) + days
    assert bound <= solve(relaxed).cost * (1 + 1e-7)
    # windows may only do better than the cuts
    assert bound >= searched.bound * (1 - 1e-6)


@pytest.mark.usefixtures("short_plans")
def test_the_relaxation_is_left_with_the_sizes_held() -> None:
    """Solved again it gives the cost told, not the lower one of free sizes: what is rounded next keeps the sizes."""
    matrix, sizes = matrix_and_sizes(sized_site())
    relaxation = Relaxation(matrix)
    searched = optimum_over_sizes(matrix, relaxation, sizes, gap=0.05)
    assert searched.cost > solve(matrix.relaxed()).cost * (1 + 1e-4)
    assert relaxation.optimum().cost == pytest.approx(searched.cost, rel=1e-9)


def below_sizes(steps: int, least: float, months: int = 0) -> Matrix:
    """`least` ≤ x_t ≤ size, x_t ≤ peak of its month; size (range 0 to 10) and peaks (0 to 20) cost 1, x nothing."""
    size, month = steps, np.arange(steps) * months // steps
    columns = steps + 1 + months
    rows = sp.lil_array((steps * (2 if months else 1), columns))
    for step in range(steps):
        rows[step, step], rows[step, size] = -1.0, 1.0
        if months:
            rows[steps + step, step], rows[steps + step, size + 1 + month[step]] = -1.0, 1.0
    return Matrix(
        cost=np.concatenate([np.zeros(steps), np.ones(1 + months)]),
        offset=0.0,
        rows=sp.csc_array(rows),
        row_lower=np.zeros(rows.shape[0]),
        row_upper=np.full(rows.shape[0], np.inf),
        lower=np.concatenate([np.full(steps, least), np.zeros(1 + months)]),
        upper=np.concatenate([np.full(steps, np.inf), [10.0], np.full(months, 20.0)]),
        is_integer=np.zeros(columns, dtype=bool),
        step=np.concatenate([np.arange(steps), np.full(1 + months, -1)]),
    )


def test_where_only_some_sizes_have_a_plan_the_whole_is_solved() -> None:
    """x ≥ 5 needs a size of 5; the search begins at 1.5, where there is no plan. The optimum, 5, all the same."""
    matrix = below_sizes(4, 5.0)
    relaxation = Relaxation(matrix)
    searched = optimum_over_sizes(matrix, relaxation, np.array([4]), gap=GAP)
    assert (searched.cost, searched.bound) == (pytest.approx(5.0), pytest.approx(5.0))
    assert relaxation.optimum().values[4] == pytest.approx(5.0)


def test_no_size_has_a_plan() -> None:
    """x ≥ 11 above a size of at most 10: said, not searched for."""
    matrix = below_sizes(4, 11.0)
    with pytest.raises(SolverError, match="Infeasible"):
        optimum_over_sizes(matrix, Relaxation(matrix), np.array([4]), gap=GAP)


def test_a_months_peak_is_no_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 1,200 steps the size meets all and each of twelve peaks a hundred. Plans of some weeks, and matrices with more
    sizes than a search can bear, are left to the simplex method."""
    matrix = below_sizes(1200, 1.0, months=12)
    assert size_columns(matrix).tolist() == [1200]
    assert len(size_columns(below_sizes(240, 1.0, months=12))) == 0
    monkeypatch.setattr(capacity_search, "MOST_SIZES", 0)
    assert len(size_columns(matrix)) == 0


def test_a_sample_of_the_plan_says_where_to_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight days of ten: their sizes lie within a fifth of the ranges of the whole's, and a search from there needs fewer
    points than one from nothing. A store's opening stock, free in a sample, weighs little over a week."""
    monkeypatch.setattr(capacity_search, "LONG_PLAN_STEPS", 100)
    monkeypatch.setattr(representative_weeks, "BLOCKS", 1)
    monkeypatch.setattr(representative_weeks, "STEPS", 192)
    matrix, sizes = matrix_and_sizes(sized_site())
    sample = sample_for_sizes(matrix, sizes)
    guess = sizes_of_a_sample(sample)
    best = solve(matrix.relaxed()).values[sizes] / matrix.upper[sizes]
    assert np.abs(guess - best).max() < 0.2
    tried: list[int] = []
    monkeypatch.setattr(capacity_search, "cut_at", lambda *arguments: tried.append(1) or cut_at(*arguments))  # type: ignore[func-returns-value]
    optimum_over_sizes(matrix, Relaxation(matrix), sizes, gap=GAP)
    from_nothing = len(tried)
    optimum_over_sizes(matrix, Relaxation(matrix), sizes, gap=GAP, begin=guess)
    from_there = len(tried) - from_nothing
    searched = optimum_over_sizes(matrix, Relaxation(matrix), sizes, gap=GAP, begin=guess, sample=sample)
    guided = len(tried) - from_nothing - from_there
    assert searched.gap <= GAP
    assert guided < from_there < from_nothing
