"""Small nights for tests: a site of 512 cards, forecasts cut from a made-up year, broken in every way a test asks for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.nightly.forecast_chain import forecast_file
from optimizer.nightly.night import Published, Sources, plan_night
from optimizer.nightly.settings import NightSettings
from optimizer.nightly.solving import Solver, in_this_process
from optimizer.scenario.file import scenario_from
from weather.sources import tidy
from weather.synthetic.year import synthetic_year

SITE: dict[str, Any] = {
    "name": "small night",
    "site": {"name": "small", "latitude": 36.42, "longitude": 94.9, "elevation_m": 2808, "timezone": "Asia/Shanghai"},
    "weather": {"synthetic": "golmud", "year": 2025},
    "solar": {"field": {"peak_power_mw": 1.5}},
    "storage": {"battery": {"power_mw": 0.3, "energy_mwh": 1.0, "end_value_per_mwh": 250}},
    "grid": {"tie": {"tariff": "qinghai", "import_limit_mw": 2}},
    "power_train": {"supply": {"design_it_mw": 0.5}},
    "cooling": {"halls": {"kind": "indirect-evaporative", "design_heat_mw": 0.6, "segments": 1}},
    "cluster": {"pool": {"cards": 512, "cards_per_block": 64, "busy_kw_per_card": 0.756, "idle_kw_per_card": 0.198}},
    "service": {"answers": {"pool": "pool", "cards": {"hourly": [60] * 8 + [180] * 12 + [90] * 4}}},
    "queue": {
        "training": {
            "pool": "pool", "deadline_h": 24, "unfinished_price_per_card_h": 0.2,
            "arrival_cards": {"hourly": [0] * 8 + [330] * 10 + [0] * 6},
        }
    },
}  # fmt: skip
EVENING = pd.Timestamp("2025-06-01T14:00")
"""22:00 in Golmud."""
MIDDAY = pd.Timestamp("2025-06-01T12:00")
"""Two hours before, on the hour."""
DAY = pd.Timedelta(days=1)
QUICK = NightSettings(members=2, drawn=3, gap=0.05)


def small_site(**changes: Any) -> Any:
    """The small site; `changes` replace whole parts of it (`site`, `weather`, ...), mappings are merged."""
    data = {key: dict(value) if isinstance(value, dict) else value for key, value in SITE.items()}
    for key, value in changes.items():
        data[key] = {**data.get(key, {}), **value} if isinstance(value, dict) else value
    return scenario_from(data)


def no_page(*_: Any) -> None:
    """Pages have their own tests; fifty of them would take minutes."""


def run_night(
    plans: Path, *, scenario: Any = None, now: pd.Timestamp = EVENING, sources: Sources | None = None,
    solver: Solver = in_this_process, settings: NightSettings = QUICK,
) -> Published:  # fmt: skip
    """One night of the small site."""
    return plan_night(
        scenario or small_site(), plans, now, sources=sources, settings=settings, solver=solver, draw_page=no_page
    )


def sky(start: pd.Timestamp = MIDDAY, hours: int = 72) -> xr.Dataset:
    """Made-up weather from `start` on (UTC): what a good forecast file holds."""
    year = synthetic_year("golmud", start.year, seed=start.year)
    return year.sel(time=slice(start, start + pd.Timedelta(hours=hours - 1)))


def file_of(folder: Path, weather: xr.Dataset) -> Path:
    """The weather as a forecast file."""
    path = folder / "forecast.csv"
    tidy.write(weather, path)
    return path


def from_file(path: Path) -> Sources:
    """A night whose forecast is that file."""
    return Sources(forecast=lambda: forecast_file(path))


def good(folder: Path) -> Sources:
    """A sound forecast."""
    return from_file(file_of(folder, sky()))


def telemetry(folder: Path, assets: Any, time: str = "2025-06-01T22:00+08:00") -> Callable[[Sources], Sources]:
    """Adds a telemetry file to sources."""
    path = folder / "telemetry.json"
    path.write_text(json.dumps({"time": time, "assets": assets}), encoding="utf-8")
    return lambda sources: Sources(sources.forecast, path, sources.notes)


def with_values(weather: xr.Dataset, name: str, change: Callable[[Any], Any]) -> xr.Dataset:
    """The weather with one variable changed."""
    return weather.assign({name: ("time", np.asarray(change(weather[name].values.copy())), weather[name].attrs)})
