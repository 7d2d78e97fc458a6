"""Inspection says what a file is and what is wrong with it, in words and in a figure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pvlib
import pytest

from tests.weather.fixtures import provider_files as files
from weather import sources
from weather.quality.inspect import inspect, plot
from weather.quality.repair import repair


def test_a_good_file_is_called_good() -> None:
    """TMY3 Greensboro: right clock, plausible DNI, good closure, GHI sum of its months equal to the year's."""
    path = Path(pvlib.__file__).parent / "data" / "723170TYA.CSV"
    weather = sources.read(path)
    inspection = inspect(weather, path)
    assert abs(inspection.clock_error_min) < 5
    assert not inspection.dni_capped
    assert inspection.closure_w_per_m2 < 2
    assert inspection.gaps == {}
    assert inspection.problems == []
    # Clear hours of a measured year reach the cloudless model within 10 %, the model's own error.
    assert inspection.clear_sky_ratio == pytest.approx(1.0, abs=0.1)
    days = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    assert float((inspection.monthly["ghi_kwh_per_m2_day"].to_numpy() * days).sum()) == pytest.approx(1566.2, abs=0.1)
    text = inspection.text()
    assert "clock      right" in text
    assert "723170TYA.CSV" in text
    assert "typical year" in text


def test_golmud_is_called_what_it_is(shared_file: Callable[[str], Path]) -> None:
    """All known defects of the Golmud file appear in words; after the repair the same words are gone."""
    weather = sources.read(shared_file("data/weather/CHN_Qinghai.Golmud.528180_CSWD.epw"))
    text = inspect(weather).text()
    for words in ("WRONG: radiation 87 min late", "NOT to be trusted", "95.9 W/m2 RMSE", "spliced", "wind at 10 m"):
        assert words in text
    repaired = inspect(repair(weather)).text()
    assert "WRONG" not in repaired
    assert "NOT to be trusted" not in repaired
    assert "done       radiation was 85 min late" in repaired


def test_gaps_and_impossible_values_are_listed() -> None:
    """Five lost hours (longest 3) and a humidity of 40 %, written as 40, are both named with their numbers."""
    weather = files.truth_year()
    weather["dry_bulb_c"].values[[10, 11, 12, 100, 200]] = np.nan
    weather["relative_humidity"].values[50] = 40.0
    inspection = inspect(weather)
    assert inspection.gaps == {"dry_bulb_c": (5, 3.0)}
    assert "dry_bulb_c 5 (longest 3 h)" in inspection.text()
    assert any("relative_humidity: 40" in problem for problem in inspection.problems)


def test_a_source_without_beam_is_reported() -> None:
    """All-NaN DNI: not trusted, no closure, and no numpy warning on the way."""
    weather = files.truth_year()
    weather["dni_w_per_m2"].values[:] = np.nan
    inspection = inspect(weather)
    assert inspection.dni_capped
    assert np.isnan(inspection.closure_w_per_m2)


def test_short_series_are_inspected_too() -> None:
    """Ten days give no clock error and two months at most; text and figure still come."""
    weather = files.truth()
    inspection = inspect(weather)
    assert "unknown (under 60 days" in inspection.text()
    assert list(inspection.monthly.index) == [6]
    assert len(plot(weather).data) >= 7


def test_the_figure_shows_what_was_measured() -> None:
    """Twelve months of GHI as in the table, a mean day whose peak is the data's, wind shares that sum to one."""
    weather = files.truth_year()
    figure = plot(weather)
    traces = {trace.name: trace for trace in figure.data}
    np.testing.assert_allclose(traces["GHI"].y, inspect(weather).monthly["ghi_kwh_per_m2_day"])
    mean_day = weather["ghi_w_per_m2"].values.reshape(365, 24).mean(axis=0)
    np.testing.assert_allclose(np.asarray(traces["GHI, mean day"].y), mean_day)
    assert float(np.sum(traces["wind speed"].y)) == pytest.approx(1.0)
