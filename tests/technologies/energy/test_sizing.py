"""Capacities found by the plan: what stands already, whole units, and sizes fixed before it is known what comes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from energy_cases import planned, scenario, sizes
from sites import Demand, small, tie

from optimizer.plan.optimize import calendar_for, inputs_for
from optimizer.quantities.series import SeriesError
from optimizer.scenario.file import ScenarioError, scenario_from
from optimizer.technologies.base import Size
from optimizer.technologies.energy.genset import Genset
from optimizer.technologies.energy.load import Flexible, Load
from optimizer.technologies.energy.wind import Wind
from weather.canonical import WeatherError

PER_DAY = 365.0
"""A yearly cost of 365 is 1 for a plan of one day."""


def wind(**size: Any) -> Wind:
    """A farm to be sized, with wind in every hour."""
    return Wind(power_mw=Size(**{"max": 20.0, **size}), capacity_factor=1.0, cost_per_mwh=0.0)


def site_cost(farm: Wind, load: float = 5.0) -> tuple[float, float]:
    """Cost of a day and the size found, with a grid at 1 a MWh beside the farm."""
    plan = small({"tie": tie(1.0), "farm": farm, "load": Demand(amount=[load])}, 24).plan()
    return plan.cost, float(plan.results["size"].item())


def test_what_stands_already_costs_nothing_more() -> None:
    """3 of 5 MW stand: 2 are bought at 10 for the day. Charged for all 5 it would be 50."""
    assert site_cost(wind(annual_cost=10 * PER_DAY, existing=3.0)) == pytest.approx((20.0, 5.0))


def test_what_stands_already_stays() -> None:
    """8 MW stand though 5 would do: the size is not below 8."""
    assert site_cost(wind(annual_cost=10 * PER_DAY, existing=8.0)) == pytest.approx((0.0, 8.0))


def test_whole_units_only() -> None:
    """Turbines of 2 MW at 10 a MW: the third would cost 20 for 1 MW that saves 24, so there are three: 60. Any size: 50.

    With 4.5 MW of load the third saves only 12: two turbines and 12 of energy, 52.
    """
    step = {"annual_cost": 10 * PER_DAY, "step": 2.0}
    assert site_cost(wind(**step)) == pytest.approx((60.0, 6.0))
    assert site_cost(wind(**step), 4.5) == pytest.approx((52.0, 4.0))


def test_least_and_most_hold() -> None:
    """At least 7 MW, at most 4 MW."""
    assert site_cost(wind(annual_cost=10 * PER_DAY, min=7.0)) == pytest.approx((70.0, 7.0))
    assert site_cost(wind(annual_cost=10 * PER_DAY, max=4.0)) == pytest.approx((40 + 24, 4.0))


def test_sizes_of_other_assets_are_free_too() -> None:
    """A genset at 30 a MW-day that alone feeds 5 MW: 150 and 240 of energy."""
    engine = Genset(power_mw=Size(max=10.0, annual_cost=30 * PER_DAY), cost_per_mwh=2.0)
    plan = small({"engine": engine, "load": Demand(amount=[5.0])}, 24).plan()
    assert plan.cost == pytest.approx(5 * 30 + 240)


def test_a_flexible_load_pays_for_the_capacity_it_moves_into() -> None:
    """2 MW over two hours at 10 and 100: the second MW moved saves 90 and needs a MW at 40 more; all 2 MW move: 80 + 40."""
    most = Size(existing=2.0, max=4.0, annual_cost=40 * 8760 / 2)
    town = Load(power_mw=2.0, flexible=Flexible(share=1.0, block_h=2.0, most_mw=most))
    series = {("tie", "import_price_per_mwh"): [10.0, 100.0]}
    assert small({"tie": tie(), "town": town}, 2, series=series).plan().cost == pytest.approx(2 * 40 + 4 * 10)


@pytest.mark.parametrize("size", [
    {"max": 5.0, "existing": 6.0, "annual_cost": 1.0}, {"max": 5.0, "min": 6.0, "annual_cost": 1.0}, {"max": 5.0},
])  # fmt: skip
def test_sizes_that_contradict_themselves_are_refused(size: dict[str, float]) -> None:
    """More standing than may stand, least above most, no price."""
    with pytest.raises(ValueError, match=r"above max|annual_cost or capex"):
        Size(**size)


def newsvendor(unit_cost: float, **members: float) -> dict[str, Any]:
    """A day whose load is 1 or 3 MW; engines are bought before it is known which, unserved energy costs 1 a MWh."""
    load = {"power_mw": {"by_member": {"low": 1.0, "high": 3.0}}, "unserved_price_per_mwh": 1.0}
    engine = {"power_mw": {"max": 10.0, "annual_cost": unit_cost * PER_DAY}, "cost_per_mwh": 0.0}
    return scenario("newsvendor", "2025-01-01", 24, members=members, load={"town": load}, genset={"engine": engine})


@pytest.mark.parametrize(
    ("unit_cost", "size", "cost"), [(10.0, 3.0, 30.0), (15.0, 1.0, 15 + 0.5 * 48), (25.0, 0.0, 48.0)]
)
def test_a_size_answers_all_members(unit_cost: float, size: float, cost: float, tmp_path: Path) -> None:
    """The second and third MW are used with probability 1/2: worth 12 each. At 10 all three are bought, at 15 one, at 25
    none. Sized for each member alone the cost at 10 would be 20."""
    plan = planned(newsvendor(unit_cost, low=0.5, high=0.5), tmp_path)
    assert plan.cost == pytest.approx(cost)
    assert sizes(plan)["engine"] == pytest.approx(size, abs=1e-6)


def test_probabilities_weigh(tmp_path: Path) -> None:
    """At 10 a MW-day a high load of 1 in 10 is not built for (worth 2.4): 10 + 0.1 x 48."""
    assert planned(newsvendor(10.0, low=0.9, high=0.1), tmp_path).cost == pytest.approx(14.8)


def test_probabilities_must_sum_to_one() -> None:
    """0.5 and 0.4 would make every cost a tenth too cheap."""
    with pytest.raises(ScenarioError, match="sum to 1"):
        scenario_from(newsvendor(10.0, low=0.5, high=0.4))


def test_every_member_needs_its_series() -> None:
    """A member without a load of its own is named."""
    given = scenario_from(newsvendor(10.0, low=0.5, high=0.4, third=0.1))
    with pytest.raises(SeriesError, match="not member 'third'"):
        inputs_for(given, calendar_for(given))


def test_a_scenario_that_needs_weather_must_say_where_it_comes_from() -> None:
    """Wind without a series of its own and without weather."""
    data = scenario("no weather", "2025-01-01", 24, wind={"farm": {"power_mw": 1.0}})
    given = scenario_from(data)
    with pytest.raises(WeatherError, match="names no weather"):
        inputs_for(given, calendar_for(given))
