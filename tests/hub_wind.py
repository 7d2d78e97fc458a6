"""Hub wind of every shipped site beside its region's range: mean, Weibull shape, calms, hour of the maximum, full-load hours.

    python -m tests.hub_wind

A farm that a scenario gains is found here by itself; its range of full-load hours must be said before its test passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from optimizer.inputs.weather import weather_for
from optimizer.quantities.calendar import Calendar
from optimizer.scenario.file import load_scenario
from optimizer.scenario.hubs import Hubs
from optimizer.technologies.base import Outside
from weather.wind.hub_climate import bands, region_at
from weather.wind.hub_wind import WindFigures, hub_wind_by_climate, wind_figures

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"
FULL_LOAD_H = {
    "haixi": (1700.0, 2400.0),
    "gonghe": (1700.0, 2400.0),
    "qingyang": (1700.0, 2800.0),
    "inner_mongolia": (2100.0, 3300.0),
}
"""Range before curtailment by region: Haixi's Chaka farm about 1,850 h in 2012 (secondary), taller and wider rotors since; Inner
Mongolia 2,305-2,380 h of the whole fleet (secondary), more at 7 m/s and class II; loess ridges in between."""
HIGHEST_M_PER_S = 35.0
SAMPLING = {"mean": 0.05, "k": 0.05, "calm": 0.02, "hour": 0.0}
"""What a single year may lie beyond a range of the long run [m/s, -, share of hours, h]."""


@dataclass(frozen=True)
class Farm:
    """Wind of a shipped farm over the year 2025."""

    file: str
    name: str
    region: str
    figures: WindFigures
    full_load_h: float

    def beside_bands(self) -> dict[str, tuple[float, float, float]]:
        """Value, lower and upper end of each figure; hours of the day run on past midnight as in the table."""
        row = {key: float(value) for key, value in bands()[self.region].items() if key.endswith(("_low", "_high"))}
        hour = self.figures.hour_of_max
        hour += 24.0 if hour + 24.0 <= row["hour_high"] + SAMPLING["hour"] else 0.0
        values = {
            "mean": self.figures.mean_m_per_s,
            "k": self.figures.weibull_k,
            "calm": self.figures.share_below_cut_in,
            "hour": hour,
        }
        ends = {
            name: (value, row[f"{name}_low"] - SAMPLING[name], row[f"{name}_high"] + SAMPLING[name])
            for name, value in values.items()
        }
        return ends | {
            "full-load hours": (self.full_load_h, *FULL_LOAD_H[self.region]),
            "highest hour": (self.figures.highest_m_per_s, 0.0, HIGHEST_M_PER_S),
        }

    def outside_its_bands(self) -> list[str]:
        """Figures that lie beyond their range, in words."""
        return [
            f"{self.file} > {self.name}: {name} {value:.3f}, not within {low:g} to {high:g}"
            for name, (value, low, high) in self.beside_bands().items()
            if not low <= value <= high
        ]


def shipped_farms() -> list[tuple[str, str]]:
    """Every wind farm of every shipped scenario, by file and asset; hubs.yaml is made of others that stand there too."""
    farms = []
    for path in sorted(SCENARIOS.glob("*.yaml")):
        scenario = load_scenario(path)
        if not isinstance(scenario, Hubs):
            farms += [(path.stem, name) for name in scenario.wind]
    return farms


def farm_of(file: str, name: str) -> Farm:
    """Wind of a farm over the year 2025, in the weather its scenario has."""
    scenario = load_scenario(SCENARIOS / f"{file}.yaml")
    calendar = Calendar.at_local_midnight("2025-01-01", 365, 1.0, scenario.site.timezone)
    site, wind = scenario.site.place(), scenario.wind[name]
    weather = weather_for(synthetic=scenario.weather.synthetic, file=None, year=2025, calendar=calendar, site=site)
    figures = wind_figures(weather, hub_wind_by_climate(weather, wind.hub_climate(site, weather)))
    full_load_h = float(wind.weather_capacity_factor(Outside(site=site, calendar=calendar, weather=weather)).sum())
    return Farm(file, name, region_at(site.latitude, site.longitude), figures, full_load_h)


def table(farms: Iterator[Farm]) -> Iterator[str]:
    """Lines of a Markdown table: each figure with its range."""
    headings = ("farm", "region", "mean m/s", "k", "share below 3 m/s", "hour of max", "full-load hours", "highest m/s")
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    forms = dict(zip(("mean", "k", "calm", "hour", "full-load hours", "highest hour"), (2, 2, 3, 1, 0, 1), strict=True))
    for farm in farms:
        cells = [
            f"{value:,.{forms[name]}f} ({low:,.{forms[name]}f}-{high:,.{forms[name]}f})"
            for name, (value, low, high) in farm.beside_bands().items()
        ]
        yield f"| {farm.file} > {farm.name} | {farm.region} | {' | '.join(cells)} |"


if __name__ == "__main__":
    print("\n".join(table(farm_of(*names) for names in shipped_farms())))
