"""Two stages: one decision for all members, an answer for each; and the second solver agrees with the first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from optimizer.nightly.attempt import problem_of
from optimizer.nightly.expected import expected_results
from optimizer.nightly.hours import night_of
from optimizer.nightly.members import members_of
from optimizer.nightly.past_weather import past_weather
from optimizer.nightly.problem import Candidate, Problem
from optimizer.nightly.settings import NightSettings
from optimizer.nightly.state import Opening
from optimizer.nightly.two_stage import optimise
from optimizer.plan.optimize import compiled_assets
from optimizer.plan.results import violations
from optimizer.solve.highs import solve
from optimizer.solve.scipy_solver import solve_by_scipy
from tests.nightly.nights import EVENING, sky, small_site
from weather.forecast.forecast import as_forecast

SHARP = NightSettings(members=4, drawn=12, gap=1e-6)


def problem_with(settings: NightSettings) -> Problem:
    """The small site's night from a sound forecast."""
    from optimizer.nightly.forecast_chain import ForecastChoice

    scenario = small_site()
    night = night_of(scenario, EVENING, 2)
    forecast = as_forecast(sky(), EVENING)
    forecast.attrs["whole_mean_wind_m_per_s"] = float(past_weather(scenario)["wind_speed_m_per_s"].mean())
    members = members_of(ForecastChoice(forecast, "fresh", [], None), night.calendar, settings)
    return problem_of(scenario, night, settings, members, Opening({}, {}), {})


def best(problem: Problem) -> Candidate:
    candidates: list[Candidate] = []
    optimise(problem, candidates.append)
    return min(candidates, key=lambda candidate: candidate.cost)


@pytest.fixture(scope="module")
def problem() -> Problem:
    return problem_with(SHARP)


@pytest.fixture(scope="module")
def plan(problem: Problem) -> Candidate:
    return best(problem)


def test_work_is_decided_once_and_storage_answers_each_member(plan: Candidate) -> None:
    """The queue has one course, the battery four that differ; a model that lets work see the weather would have four."""
    flow = plan.results["flow"]
    asset, member = flow.coords["asset"].values, flow.coords["member"].values
    assert set(member[asset == "training"]) == {-1}
    assert set(member[asset == "battery"]) == {0, 1, 2, 3}
    courses = flow.values[:, (asset == "battery") & (flow.coords["series_flow"].values == "discharge")]
    assert np.ptp(courses, axis=1).max() > 0.01


def test_one_plan_for_all_costs_no_less_than_one_for_each(problem: Problem, plan: Candidate) -> None:
    """Wait and see ≤ here and now: the weighted mean of the members' own optima is a lower bound of the two-stage cost."""
    alone = 0.0
    for number, weight in enumerate(problem.inputs.attrs["weights"]):
        table = problem.inputs
        member = table.coords["exogenous_member"].values
        plan_asset = np.isin(table.coords["exogenous_asset"].values, ["training", "answers", "pool"])
        member_inputs = table.isel(exogenous=np.flatnonzero((member == number) | plan_asset))
        member_inputs = member_inputs.assign_coords(
            exogenous_member=("exogenous", np.zeros(member_inputs.sizes["exogenous"], dtype=int))
        )
        single = Problem(
            problem.assets,
            member_inputs.assign_attrs(table.attrs | {"weights": [1.0]}),
            problem.center,
            problem.center,
            {},
            {},
            1e-6,
            60.0,
        )
        alone += weight * best(single).cost
    assert alone <= plan.cost * (1 + 2e-6)  # each is solved to a gap of 1e-6
    assert alone < plan.cost * 0.9999  # the members do differ


def test_the_mean_of_the_members_is_a_sound_plan_of_flows(plan: Candidate) -> None:
    """Every bus balances in the mean (1e-6 MW, rows are held to 1e-7), and its flows are the weighted means."""
    mean = expected_results(plan.results)
    flow = mean["flow"]
    for bus in set(flow.coords["bus"].values):
        assert np.abs(flow.values[:, flow.coords["bus"].values == bus].sum(axis=1)).max() < 1e-6
    weights = np.asarray(plan.results.attrs["weights"])
    whole = plan.results["flow"]
    imported = whole.values[:, whole.coords["series_flow"].values == "import"] @ weights
    assert flow.values[:, flow.coords["series_flow"].values == "import"][:, 0] == pytest.approx(imported, abs=1e-12)


def test_the_bill_of_members_is_the_cost(problem: Problem, plan: Candidate) -> None:
    """Expected money from plain numbers; unweighted it would be four times as much."""
    from optimizer.nightly.ladder import faults

    assert faults(problem, plan) == []
    assert violations(plan.results, problem.assets, {}) == []


def test_whole_numbers_of_few_members_are_judged_by_all(plan: Candidate) -> None:
    """Sought for two of the four members: every offer passes the checks for all four, none is cheaper than the optimum is
    proven to be, and no bound is above it. Judged by the two alone, cost and bound would be those of other weather."""
    from optimizer.nightly.ladder import faults

    some = problem_with(NightSettings(members=4, drawn=12, few=2, gap=2e-3))
    assert some.few.attrs["weights"] != some.inputs.attrs["weights"]
    assert sum(some.few.attrs["weights"]) == pytest.approx(1.0)
    candidates: list[Candidate] = []
    optimise(some, candidates.append)
    for candidate in candidates:
        assert faults(some, candidate) == []
        # 1e-9: the same optimum by another way
        assert candidate.cost >= plan.bound * (1 - 1e-9)
        assert candidate.bound <= plan.cost * (1 + 1e-9)
    assert candidates[-1].gap <= 2e-3


def test_the_second_solver_agrees_with_the_first(problem: Problem) -> None:
    """The same relaxed night by both: cost to 1e-7 relative, and the second's row prices foretell what a little more costs.

    1e-4 more on each row with a price, one after the other, costs price times 1e-4; a wrong sign would be twice that off.
    """
    _, compiled = compiled_assets(problem.assets, problem.center)
    relaxed = compiled.matrix.relaxed()
    other = solve_by_scipy(relaxed)
    assert other.cost == pytest.approx(solve(relaxed).cost, rel=1e-7)
    assert other.row_dual is not None
    equal = relaxed.row_lower == relaxed.row_upper
    kinds = [equal, ~equal & np.isfinite(relaxed.row_upper), ~equal & np.isfinite(relaxed.row_lower)]
    for kind in kinds:
        priced = np.flatnonzero(kind & (np.abs(other.row_dual) > 1.0))
        for row in priced[:3]:
            more = relaxed.row_lower.copy(), relaxed.row_upper.copy()
            for side in more:
                side[row] += 1e-4
            raised = solve(replace(relaxed, row_lower=more[0], row_upper=more[1]))
            # a price holds on one side of a kink only, hence 50 %: the sign and size are what is proved
            assert raised.cost - other.cost == pytest.approx(1e-4 * other.row_dual[row], rel=0.5)


def test_one_member_is_the_forecast_itself() -> None:
    """`members: 1` plans for the forecast without its errors: the inputs are those of the forecast alone."""
    single = problem_with(NightSettings(members=1))
    xr.testing.assert_identical(single.inputs["input"], single.center["input"])


def test_inputs_are_given_once_to_plan_assets_and_per_member_to_the_others() -> None:
    """Three columns of the sun's yield, one of arrivals."""
    table = problem_with(NightSettings(members=3, drawn=5)).inputs
    asset, member = table.coords["exogenous_asset"].values, table.coords["exogenous_member"].values
    assert sorted(set(member[asset == "field"])) == [0, 1, 2]
    assert sorted(set(member[asset == "training"])) == [0]
