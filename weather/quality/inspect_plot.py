"""Figure of a weather series: its months, its temperatures, its mean day against the sun, its wind."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import xarray as xr
from plotly.subplots import make_subplots

from weather.calendar import utc_offset_h
from weather.quality.plausibility import clear_sky_ghi_w_per_m2, monthly_means

SUN, BEAM, AIR, WIND, WEATHER = "#e69f00", "#d55e00", "#cc3311", "#0072b2", "#999999"
"""Okabe-Ito colours, safe for colour-blind readers."""
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def plot(weather: xr.Dataset) -> go.Figure:
    """Four panels of a canonical Dataset (time,): radiation by month, daily temperature band, mean day, wind speeds."""
    figure = make_subplots(
        rows=2, cols=2, vertical_spacing=0.16, horizontal_spacing=0.1,
        subplot_titles=("Radiation by month", "Temperature of each day", "Mean day of GHI against a cloudless sky",
                        f"Wind speed at {weather.attrs['wind_height_m']:g} m"),
    )  # fmt: skip
    _add_months(figure, weather)
    _add_temperatures(figure, weather)
    _add_mean_day(figure, weather)
    _add_wind(figure, weather)
    figure.update_layout(
        title=f"{weather.attrs['source']}, {weather.attrs['elevation_m']:.0f} m", template="plotly_white",
        barmode="group", legend={"orientation": "h", "y": -0.1}, height=850, margin={"t": 100},
    )  # fmt: skip
    return figure


def _local(weather: xr.Dataset) -> pd.DatetimeIndex:
    """Stamps in local standard time."""
    return pd.DatetimeIndex(weather.indexes["time"]) + pd.Timedelta(hours=utc_offset_h(weather.attrs["timezone"]))


def _add_months(figure: go.Figure, weather: xr.Dataset) -> None:
    months = monthly_means(weather)
    names = [MONTHS[number - 1] for number in months.index]
    for column, name, colour in (("ghi_kwh_per_m2_day", "GHI", SUN), ("dni_kwh_per_m2_day", "DNI", BEAM)):
        figure.add_trace(go.Bar(x=names, y=months[column], name=name, marker_color=colour), row=1, col=1)
    figure.update_yaxes(title_text="kWh/m² a day", row=1, col=1)


def _add_temperatures(figure: go.Figure, weather: xr.Dataset) -> None:
    days = pd.Series(weather["dry_bulb_c"].values, index=_local(weather)).resample("D").agg(["min", "mean", "max"])
    band = {"mode": "lines", "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip"}
    figure.add_trace(go.Scatter(x=days.index, y=days["max"], **band), row=1, col=2)
    shade = {**band, "showlegend": True, "name": "lowest to highest"}
    fill = {"fill": "tonexty", "fillcolor": "rgba(204,51,17,0.2)"}
    figure.add_trace(go.Scatter(x=days.index, y=days["min"], **shade, **fill), row=1, col=2)
    line = {"color": AIR, "width": 1.5}
    figure.add_trace(go.Scatter(x=days.index, y=days["mean"], name="mean of the day", line=line), row=1, col=2)
    figure.update_yaxes(title_text="°C", row=1, col=2)


def _add_mean_day(figure: go.Figure, weather: xr.Dataset) -> None:
    """A clock error shows as two curves side by side instead of one above the other."""
    local = _local(weather)
    hour = local.hour.to_numpy() + local.minute.to_numpy() / 60 + weather.attrs["step_h"] / 2
    clear = pd.Series(clear_sky_ghi_w_per_m2(weather)).groupby(hour).mean()
    ghi = pd.Series(weather["ghi_w_per_m2"].values).groupby(hour).mean()
    line = {"color": WEATHER, "dash": "dash"}
    figure.add_trace(go.Scatter(x=clear.index, y=clear, name="cloudless sky", line=line), row=2, col=1)
    figure.add_trace(
        go.Scatter(x=ghi.index, y=ghi, name="GHI, mean day", line={"color": SUN, "width": 3}), row=2, col=1
    )
    figure.update_xaxes(title_text="hour of the day, local standard time", range=[0, 24], dtick=3, row=2, col=1)
    figure.update_yaxes(title_text="W/m²", row=2, col=1)


def _add_wind(figure: go.Figure, weather: xr.Dataset) -> None:
    speeds = weather["wind_speed_m_per_s"].values
    counts, edges = np.histogram(speeds[~np.isnan(speeds)], bins=np.arange(-0.5, 26.0, 1.0))
    share = counts / max(counts.sum(), 1)
    bars = go.Bar(x=(edges[:-1] + edges[1:]) / 2, y=share, name="wind speed", marker_color=WIND, showlegend=False)
    figure.add_trace(bars, row=2, col=2)
    figure.update_xaxes(title_text="m/s", row=2, col=2)
    figure.update_yaxes(title_text="share of the hours", tickformat=".0%", row=2, col=2)
