"""Hub wind made from wind near the ground, against a mast with both heights, and against a highland farm's own wind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import xarray as xr

from weather.wind.hub_climate import HubClimate, hub_climate_of
from weather.wind.hub_wind import WindFigures, climate_with_own_months, hub_wind_by_climate, wind_figures

JILIN = "data/yield/cn_wind_jilin_mast_10_60_80m_hourly_2012.csv"
HIGHLAND = "data/yield/cn_wind_highland_735hPa_hourly_2021_11_2022_06.csv"
SOURCE_JILIN = "mast of a farm in western Jilin, 2012, 10 and 80 m"
SOURCE_HIGHLAND = (
    "highland farm at about 2,630 m, November 2021 to June 2022, its weather forecast against its own wind"
)


@dataclass(frozen=True)
class Comparison:
    """Hub wind by climate beside the measured one, hour by hour."""

    time: pd.DatetimeIndex
    measured_m_per_s: np.ndarray
    ours_m_per_s: np.ndarray
    scaled_m_per_s: np.ndarray
    measured: WindFigures
    ours: WindFigures

    @property
    def rmse_m_per_s(self) -> float:
        """Root mean square error of the hours [m/s]."""
        return float(np.sqrt(np.mean((self.ours_m_per_s - self.measured_m_per_s) ** 2)))

    @property
    def scaled_rmse_m_per_s(self) -> float:
        """The same for the wind near the ground scaled to the hub's mean [m/s]."""
        return float(np.sqrt(np.mean((self.scaled_m_per_s - self.measured_m_per_s) ** 2)))

    @property
    def daily_course_r(self) -> float:
        """Correlation of the two 24-hour mean profiles."""
        hour = np.asarray(self.time.hour)
        profiles = [pd.Series(v).groupby(hour).mean() for v in (self.ours_m_per_s, self.measured_m_per_s)]
        return float(np.corrcoef(*profiles)[0, 1])


def compared(time: pd.DatetimeIndex, low: pd.Series, hub: pd.Series, climate: HubClimate) -> Comparison:
    """The comparison of the hours in which the hub was measured; gaps of the low wind are filled from their neighbours."""
    weather = xr.Dataset(
        {"wind_speed_m_per_s": ("time", low.interpolate().bfill().to_numpy())}, {"time": time.to_numpy()},
        {"timezone": "UTC+08:00", "step_h": 1.0},
    )  # fmt: skip
    made = hub_wind_by_climate(weather, climate_with_own_months(climate, weather))
    there = hub.notna().to_numpy()
    town = weather["wind_speed_m_per_s"].values
    scaled = town * hub.mean() / town.mean()
    hours = weather.isel(time=there)
    pair = [wind_figures(hours, values[there]) for values in (hub.to_numpy(), made)]
    local = (time + pd.Timedelta(hours=8))[there]
    return Comparison(local, hub.to_numpy()[there], made[there], scaled[there], *pair)


def jilin(shared: Path) -> Comparison:
    """80 m from 10 m, with the hub's mean and a k of 2.1 known and the daily course of the table's middle."""
    table = pd.read_csv(shared / JILIN, comment="#")
    region = hub_climate_of("elsewhere")
    climate = HubClimate(6.22, 2.1, region.hour_of_max, region.day_amplitude, region.month_factors)
    return compared(_utc(table), table["ws10"], table["ws80"], climate)


def highland(shared: Path) -> Comparison:
    """The farm's wind from its weather forecast, with the farm's mean and the Yunnan row of the table."""
    table = pd.read_csv(shared / HIGHLAND, comment="#")
    region = hub_climate_of("yunnan")
    climate = HubClimate(6.01, 2.48, region.hour_of_max, region.day_amplitude, region.month_factors)
    return compared(_utc(table), table["ws_fc"], table["ws"], climate)


def _utc(table: pd.DataFrame) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.to_datetime(table["time"])).tz_convert("UTC").tz_localize(None)


def rows(shared: Path) -> list[dict[str, str]]:
    """The comparisons as rows of the validation table."""
    lines = []
    for name, result, source, most in (
        ("Jilin mast, 10 to 80 m", jilin(shared), SOURCE_JILIN, "<= 1.5"),
        ("highland farm, from its forecast", highland(shared), SOURCE_HIGHLAND, "reported"),
    ):
        ours, truth = result.ours, result.measured
        lines += [
            (name, "hub wind, RMSE, m/s", f"{result.rmse_m_per_s:.2f}", most, source),
            (name, "the same by scaling to the mean, m/s", f"{result.scaled_rmse_m_per_s:.2f}", "reported", source),
            (name, "hub wind, correlation of the daily course", f"{result.daily_course_r:.2f}", ">= 0.8", source),
            (name, "hub wind, Weibull k", f"{ours.weibull_k:.2f}", f"{truth.weibull_k:.2f} ± 0.1", source),
            (name, "share of hours below 3 m/s", f"{ours.share_below_cut_in:.3f}",
             f"{truth.share_below_cut_in:.3f} ± 0.03", source),
            (name, "highest hour, m/s", f"{ours.highest_m_per_s:.1f}", "<= 35", source),
        ]  # fmt: skip
    return [dict(zip(("data", "metric", "ours", "bar", "source"), line, strict=True)) for line in lines]


def figure(shared: Path) -> go.Figure:
    """Daily course of the hub's wind at the Jilin mast: measured, by climate, and scaled from 10 m."""
    result, plot = jilin(shared), go.Figure()
    series = {
        "measured at 80 m": result.measured_m_per_s,
        "by climate": result.ours_m_per_s,
        "scaled": result.scaled_m_per_s,
    }
    for name, values in series.items():
        course = pd.Series(values).groupby(np.asarray(result.time.hour)).mean()
        plot.add_scatter(x=course.index, y=course, name=name, mode="lines")
    return plot.update_layout(title="Daily course of wind at the hub", xaxis_title="local hour", yaxis_title="m/s")
