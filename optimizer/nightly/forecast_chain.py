"""The forecast of a night: fresh, else the last night's tail, else the season's mean, else still air. Each is dated.

Nothing here raises: what is wrong with a link of the chain is noted, and the next link is tried.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.files.processes import in_child, problems_of
from optimizer.language.speech import noted
from optimizer.nightly.past_weather import past_weather, still_air, wind_of_the_year
from optimizer.scenario.single_site import Scenario
from weather import sources
from weather.canonical import WeatherError
from weather.files.netcdf import refuse_damaged
from weather.forecast.fallback import climatology, persistence
from weather.forecast.forecast import ISSUE_TIME, as_forecast, issue_time, problems_of_forecast
from weather.quality.repair import repair
from weather.site import to_site_elevation
from weather.steps import to_hourly

PAST = "past-weather"
BEGINNINGS = (noted("fresh:"), noted("tail:"), noted("climatology:"), noted("past-weather:"), noted("none given"))
"""Parts of the notes on the links of the chain; for their translation."""
LEAST_COVERED_H = 24.0
"""A forecast that covers less than the day that is kept is of no use."""
OWN = "own_forecast"
"""Attribute of a kept forecast: 1 if somebody forecast it, 0 if it was the season's mean."""


@dataclass(frozen=True)
class ForecastChoice:
    """Chosen forecast: hourly canonical weather that covers the horizon, and how it came about."""

    forecast: xr.Dataset
    level: str
    """`fresh`, `tail` (of the last night's forecast), `climatology`, `still air`."""
    notes: list[str]
    """What was wrong with better links of the chain, and what was repaired."""
    past: xr.Dataset | None
    """Season to draw members from where there is no forecast."""

    @property
    def issued(self) -> pd.Timestamp:
        """Issue time of the forecast, UTC without zone."""
        return issue_time(self.forecast)


@dataclass(frozen=True)
class ForecastRequest:
    """Hours a forecast must cover, and when it is requested."""

    now: pd.Timestamp
    start: pd.Timestamp
    hours: float
    oldest_forecast_h: float
    oldest_tail_h: float
    read_seconds: float = 60.0
    """Longest that reading one source may take."""


def choose_forecast(
    scenario: Scenario,
    request: ForecastRequest,
    *,
    fresh: Callable[[], xr.Dataset] | None,
    tail: Callable[[], xr.Dataset] | None,
) -> ForecastChoice:
    """Best forecast there is. `fresh` and `tail` deliver raw weather or raise; None: there is no such source."""
    notes: list[str] = []
    past = _tried(partial(_past, scenario, request.read_seconds), PAST, notes)
    for level, source, oldest_h in (("fresh", fresh, request.oldest_forecast_h), ("tail", tail, request.oldest_tail_h)):
        if source is None:
            notes.append(f"{level}: none given")
            continue
        forecast = _tried(partial(_from_source, source, scenario, request, oldest_h), level, notes)
        if forecast is not None:
            return _choice(forecast, level, notes, past)
    if past is not None:
        season = _tried(lambda: climatology(past, start=request.start, hours=request.hours), "climatology", notes)
        if season is not None:
            return _choice(season, "climatology", notes, past)
    return _choice(
        as_forecast(still_air(scenario, request.start, request.hours), request.start), "still air", notes, None
    )


def _past(scenario: Scenario, seconds: float) -> xr.Dataset:
    """Site's past; a file is read in a process of its own."""
    if scenario.weather.file is None:
        return past_weather(scenario)
    return in_child(lambda: past_weather(scenario), seconds)


def _choice(forecast: xr.Dataset, level: str, notes: list[str], past: xr.Dataset | None) -> ForecastChoice:
    forecast.attrs |= wind_of_the_year(past, forecast)
    return ForecastChoice(forecast, level, [*notes, *forecast.attrs.get("repairs", [])], past)


def _tried(attempt: Callable[[], xr.Dataset], name: str, notes: list[str]) -> xr.Dataset | None:
    """Outcome of an attempt, or None and a note. Any error is caught: a night must not end on a bad file."""
    try:
        return attempt()
    except Exception as error:
        notes.extend(f"{name}: {problem}" for problem in problems_of(error))
    return None


def _from_source(
    source: Callable[[], xr.Dataset], scenario: Scenario, request: ForecastRequest, oldest_h: float
) -> xr.Dataset:
    raw = in_child(source, request.read_seconds)  # a reader that hangs or crashes ends alone
    return _usable(raw, scenario, request, oldest_h)


def _usable(raw: xr.Dataset, scenario: Scenario, request: ForecastRequest, oldest_h: float) -> xr.Dataset:
    """Raw weather as a whole forecast over the horizon. Raises WeatherError with all that is wrong."""
    dated = _dated(raw if "member" not in raw.dims else raw.mean("member", keep_attrs=True), request)
    sound = repair(to_hourly(dated.drop_vars("lead_h", errors="ignore")))
    placed = as_forecast(to_site_elevation(sound, scenario.site.elevation_m), dated.attrs[ISSUE_TIME])
    covered_h = _covered_h(placed, request)
    problems = problems_of_forecast(
        placed, now=request.now, start=request.start, hours=min(covered_h, request.hours), max_age_h=oldest_h
    )
    if covered_h < LEAST_COVERED_H:
        problems.append(
            f"time: covers {max(covered_h, 0):.0f} h from {request.start} UTC on; {LEAST_COVERED_H:.0f} h are needed"
        )
    if problems:
        raise WeatherError(problems)
    return placed if covered_h >= request.hours else _stretched(placed, request)


def _dated(raw: xr.Dataset, request: ForecastRequest) -> xr.Dataset:
    """Raw weather with an issue time: its own, else its first step, but not later than now (a cautious guess: errors grow with age)."""
    if ISSUE_TIME in raw.attrs:
        return raw
    if raw.attrs.get("typical", 0):
        raise WeatherError("is a typical year, not a forecast")
    dated = as_forecast(raw, min(pd.Timestamp(raw.indexes["time"][0]), request.now))
    dated.attrs["repairs"] = [
        *raw.attrs.get("repairs", []),
        "says not when it was issued: taken as issued at its first step",
    ]
    return dated


def _covered_h(forecast: xr.Dataset, request: ForecastRequest) -> float:
    index = forecast.indexes["time"]
    if index[0] > request.start:
        return 0.0
    return float((index[-1] + pd.Timedelta(hours=1) - request.start) / pd.Timedelta(hours=1))


def _stretched(forecast: xr.Dataset, request: ForecastRequest) -> xr.Dataset:
    """A forecast that ends early, continued by its own last day."""
    end = forecast.indexes["time"][-1] + pd.Timedelta(hours=1)
    rest = persistence(forecast, start=end, hours=request.hours - _covered_h(forecast, request)).drop_vars("lead_h")
    whole = xr.concat([forecast.drop_vars("lead_h"), rest], dim="time", combine_attrs="override")
    note = f"ends {end} UTC: its last day is repeated up to the end of the plan"
    whole.attrs["repairs"] = [*forecast.attrs.get("repairs", []), note]
    return as_forecast(whole, forecast.attrs[ISSUE_TIME])


def forecast_file(path: Path) -> xr.Dataset:
    """A forecast from a file of any weather format; netCDF is a forecast of an earlier night. Raises WeatherError, OSError."""
    if path.suffix == ".nc":
        return load_forecast(path)
    return sources.read(path)


def save_forecast(path: Path, forecast_choice: ForecastChoice) -> None:
    """Write a forecast as netCDF. Raises OSError."""
    plain = {
        key: value
        for key, value in forecast_choice.forecast.attrs.items()
        if isinstance(value, str | int | float | np.generic)
    }
    plain[OWN] = int(forecast_choice.level in ("fresh", "tail"))
    forecast_choice.forecast.drop_attrs(deep=False).assign_attrs(plain).to_netcdf(path, engine="h5netcdf")


def load_forecast(path: Path) -> xr.Dataset:
    """A forecast as `save_forecast` wrote it. Raises OSError, and WeatherError where that night had none of its own."""
    refuse_damaged(path)
    with xr.open_dataset(path, engine="h5netcdf") as file:
        forecast = file.load()
    if not forecast.attrs.get(OWN, 0):
        raise WeatherError("the last night had no forecast of its own")
    forecast.attrs["repairs"] = []
    return forecast
