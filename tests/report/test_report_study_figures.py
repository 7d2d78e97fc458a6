"""Figures of studies: names with their units, values in the order of numbers, one colour a case."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optimizer.report import study_figures as draw


@pytest.fixture
def runs() -> pd.DataFrame:
    """Two prices, two weather years: the cost is price / 1000 plus the year's last digit."""
    rows = [(price, year) for price in (20_000.0, 100_000.0) for year in ("2023", "2024")]
    return pd.DataFrame(
        {
            "label": [f"{price:g} {year}" for price, year in rows], "case": "base", "weather": [year for _, year in rows],
            "factor.lease": [price for price, _ in rows], "factor.tariff": ["a", "b", "a", "b"],
            "cost": [price / 1000 + int(year[-1]) for price, year in rows],
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("cost", "cost of the run's hours [CNY]"), ("running_cost", "running cost a year [CNY]"), ("carbon_location_t", "carbon, location-based [t]"), ("import_mwh", "import [MWh]"),
        ("size.haixi_share.energy_mwh", "haixi share: energy [MWh]"), ("size.ridge_farm.size_mw", "ridge farm: size [MW]"),
        ("green_share", "green share"), ("factor.lease", "lease"), ("wue_l_per_kwh", "WUE [l/kWh]"),
    ],
)  # fmt: skip
def test_names_carry_their_units(column, said):
    """As the other figures write them: in brackets, money in the study's currency."""
    assert draw.name_of(column, "CNY") == said


def test_a_map_stands_in_the_order_of_numbers(runs):
    """20,000 before 100,000: as texts "100000" would come first. Means over the weather years: 23.5 and 103.5."""
    heat = draw.heat_map(runs.assign(other=[1, 2, 1, 2]), "factor.lease", "factor.tariff", "cost", "CNY").data[0]
    assert list(heat.x) == ["20,000", "100,000"]
    assert list(heat.y) == ["a", "b"]
    np.testing.assert_allclose(heat.z, [[23.0, 103.0], [24.0, 104.0]])


def test_many_values_of_a_factor_are_taken_by_quarters():
    """Sixteen values give four columns, each named by its range, in order."""
    runs = pd.DataFrame({"x": np.arange(16.0), "y": [0, 1] * 8, "cost": np.arange(16.0)})
    heat = draw.heat_map(runs, "x", "y", "cost").data[0]
    assert len(heat.x) == 4
    assert heat.x[0].endswith("3.75")
    assert list(np.asarray(heat.z)[0]) == sorted(np.asarray(heat.z)[0])


def test_a_spread_shows_every_run_of_a_case(runs):
    """Four runs are four points and no box; ten are a box with all of them; the heading has no unit, the axis has."""
    runs = runs.drop(columns="factor.tariff")
    figure = draw.weather_spread(runs, "cost", "CNY")
    assert (figure.data[0].type, list(figure.data[0].y)) == ("scatter", list(runs["cost"]))
    assert figure.layout.title.text == "Cost of the run's hours over weather years"
    assert figure.layout.yaxis.title.text == "cost of the run's hours [CNY]"
    ten = pd.concat([runs.assign(**{"factor.lease": float(step)}) for step in range(3)]).iloc[:10]
    assert (draw.weather_spread(ten, "cost").data[0].type, len(draw.weather_spread(ten, "cost").data[0].y)) == (
        "box",
        10,
    )


def test_weather_years_that_differ_in_nothing_are_no_spread(runs):
    """Two years with one value each, and two cases with a weather of their own each: nothing is drawn."""
    alike = runs.drop(columns="factor.tariff").assign(cost=runs["factor.lease"])
    assert draw.weather_spread(alike, "cost") is None
    assert draw.weather_spread(runs.assign(case=runs["weather"]), "cost") is None


def test_lines_of_all_runs_are_scaled_between_their_ends(runs):
    """Every axis from least (0) to most (1); its ends are written out."""
    figure = draw.parallel(runs, ["factor.lease", "cost"], "CNY")
    heights = np.concatenate([np.asarray(trace.y, dtype=float) for trace in figure.data])
    assert (np.nanmin(heights), np.nanmax(heights)) == (0.0, 1.0)
    assert [note.text for note in figure.layout.annotations] == ["20,000", "100,000", "23", "104"]
