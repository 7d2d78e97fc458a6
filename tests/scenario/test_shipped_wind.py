"""Hub wind of every shipped site against its region's range: mean, Weibull shape, calms, hour of the maximum, full-load hours."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.inputs.weather import weather_for
from optimizer.quantities.calendar import Calendar
from optimizer.scenario.file import load_scenario
from optimizer.technologies.base import Outside
from weather.wind.hub_climate import bands, region_at
from weather.wind.hub_wind import hub_wind_by_climate, wind_figures

FARMS = {
    ("qaidam", "ridge_farm"): (1700, 2400),
    ("zero-carbon-center", "dedicated_wind"): (1700, 2400),
    ("qingyang", "plateau_farm"): (1700, 2800),
    ("horinger", "direct_wind"): (2100, 3300),
    ("qinghai-shared-storage", "turbines"): (1700, 2400),
}
"""Range of full-load hours before curtailment: Haixi's Chaka farm about 1,850 h in 2012 (secondary), taller and wider rotors
since; Inner Mongolia 2,305-2,380 h of the whole fleet (secondary), more at 7 m/s and class II; loess ridges in between."""


def circular_distance_h(one: float, other: float) -> float:
    """Hours between two hours of the day."""
    return abs((one - other + 12) % 24 - 12)


@pytest.mark.parametrize(("file", "farm"), FARMS)
def test_hub_wind_lies_in_the_region_s_range(project: Path, file: str, farm: str) -> None:
    """Each figure of the year's hub wind lies between the region's ends; sampling of a year is 0.02 of calms, 0.05 of k."""
    scenario = load_scenario(project / "scenarios" / f"{file}.yaml")
    calendar = Calendar.at_local_midnight("2025-01-01", 365, 1.0, scenario.site.timezone)
    site, wind = scenario.site.place(), scenario.wind[farm]
    weather = weather_for(synthetic=scenario.weather.synthetic, file=None, year=2025, calendar=calendar, site=site)
    figures = wind_figures(weather, hub_wind_by_climate(weather, wind.hub_climate(site, weather)))
    row = {
        key: float(value)
        for key, value in bands()[region_at(site.latitude, site.longitude)].items()
        if key[-3:] in ("low", "igh")
    }
    assert row["mean_low"] - 0.05 <= figures.mean_m_per_s <= row["mean_high"] + 0.05
    assert row["k_low"] - 0.05 <= figures.weibull_k <= row["k_high"] + 0.05
    assert row["calm_low"] - 0.02 <= figures.share_below_cut_in <= row["calm_high"] + 0.02
    assert figures.highest_m_per_s < 35
    middle, half = (row["hour_low"] + row["hour_high"]) / 2, (row["hour_high"] - row["hour_low"]) / 2
    assert circular_distance_h(figures.hour_of_max, middle) <= half
    outside = Outside(site=site, calendar=calendar, weather=weather)
    full_load_h = float(wind.weather_capacity_factor(outside).sum())
    low, high = FARMS[file, farm]
    assert low <= full_load_h <= high, full_load_h
