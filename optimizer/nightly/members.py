"""The members a night is planned for: draws around the forecast, thinned to a few, each laid on the plan's steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.nightly.forecast_chain import ForecastChoice
from optimizer.nightly.settings import NightSettings
from optimizer.quantities.calendar import Calendar
from weather.calendar import place_on_horizon
from weather.forecast.default_errors import default_error_model
from weather.forecast.error_model import ErrorModel
from weather.forecast.fallback import climatology_members
from weather.forecast.members import members as draw
from weather.forecast.reduction import distinct_members, reduce
from weather.wind.rank_map import NAME as WIND_REFERENCE


@dataclass(frozen=True)
class Members:
    """Weather on the plan's steps: one Dataset a member with its weight, and the forecast itself."""

    weather_by_member: list[xr.Dataset]
    """Ordered by forward selection: the first few represent all best."""
    weights: list[float]
    center: xr.Dataset
    few_weights: list[float]
    """Weights of the first few members where these alone stand for all."""


def members_of(
    forecast_choice: ForecastChoice, calendar: Calendar, settings: NightSettings, errors: ErrorModel | None = None
) -> Members:
    """Members of the chosen forecast, no two the same. The same forecast, day and settings give the same members. Raises WeatherError.

    errors: what such forecasts err by; none: the assumed errors.
    """
    forecast = _around(forecast_choice.forecast, calendar)
    center = _on_steps(forecast, calendar)
    if settings.members == 1 or forecast_choice.level == "still air":
        return Members([center], [1.0], center, [1.0])
    seed = int(calendar.local[0].strftime("%Y%m%d"))
    hours = float(forecast.sizes["time"])
    if forecast_choice.level == "climatology" and forecast_choice.past is not None:
        start = pd.Timestamp(forecast.indexes["time"][0])
        drawn = climatology_members(forecast_choice.past, start=start, hours=hours, n=settings.drawn, seed=seed)
    else:
        drawn = draw(forecast, errors or default_error_model(), settings.drawn, seed)
    distinct, shares = distinct_members(drawn)
    drawn = drawn.isel(member=distinct)
    chosen, weights = reduce(drawn, min(settings.members, len(distinct)), weights=shares)
    # forward selection: the few are the first of the same order
    _, few_weights = reduce(drawn, min(settings.few, len(chosen)), weights=shares)
    weather_by_member = [_on_steps(_alone(drawn, int(number), forecast), calendar) for number in chosen]
    return Members(weather_by_member, weights.tolist(), center, few_weights.tolist())


def _around(forecast: xr.Dataset, calendar: Calendar) -> xr.Dataset:
    """Whole hours that hold the plan's steps."""
    end = calendar.start + pd.Timedelta(hours=calendar.count * calendar.step_h)
    index = forecast.indexes["time"]
    return forecast.isel(time=np.asarray((index > calendar.start - pd.Timedelta(hours=1)) & (index < end)))


def _alone(drawn: xr.Dataset, number: int, forecast: xr.Dataset) -> xr.Dataset:
    alone = drawn.isel(member=number).drop_vars("member", errors="ignore")
    return alone.assign_attrs({**forecast.attrs, "source": f"{forecast.attrs['source']}, member {number}"})


def _on_steps(weather: xr.Dataset, calendar: Calendar) -> xr.Dataset:
    days = max(int(np.ceil(calendar.count * calendar.step_h / 24)), 1)
    plain = weather.drop_vars("lead_h", errors="ignore").assign_attrs(typical=0)
    placed = place_on_horizon(
        plain,
        start_local=pd.Timestamp(calendar.local[0]),
        days=days,
        step_h=calendar.step_h,
        timezone=calendar.timezone,
        count=calendar.count,
    )
    placed.attrs |= {
        name: weather.attrs[name] for name in ("whole_mean_wind_m_per_s", WIND_REFERENCE) if name in weather.attrs
    }
    return placed
