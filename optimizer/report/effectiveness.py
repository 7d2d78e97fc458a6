"""Figures of PUE: energy of the whole site over energy of the IT, by day, and by hour and month."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import xarray as xr

from optimizer.report.energy import facility_mw
from optimizer.report.strands import local_time, strands, zone
from optimizer.report.style import COLOURS, framed, lighter
from optimizer.report.traces import line, small, stamps

LEAST_MW = 1e-3
"""Below this IT power a ratio to it says nothing."""


def power_mw(results: xr.Dataset) -> pd.DataFrame | None:
    """Columns `facility` and `it` [MW] by local time; None where a results Dataset has no IT bus or no load."""
    it = [np.maximum(strand.values, 0) for strand in strands(results, "flow", bus="it")]
    facility = facility_mw(results)
    if not it or facility is None or np.sum(it, axis=0).max() < LEAST_MW:
        return None
    return pd.DataFrame({"facility": facility, "it": np.sum(it, axis=0)}, index=local_time(results))


def pue_over_time(results: xr.Dataset) -> go.Figure | None:
    """PUE of each day (energy by energy) as a line, between its lowest and highest hour as a band."""
    power = power_mw(results)
    if power is None:
        return None
    running = power[power["it"] >= LEAST_MW]
    hourly = running["facility"] / running["it"]
    days = running.resample("D").sum()
    days = days[days["it"] > 0]
    band = hourly.resample("D").agg(["min", "max"]).loc[days.index]
    times = stamps(pd.DatetimeIndex(days.index))
    blue = COLOURS["power_train"]
    edge = {"mode": "lines", "x": times, "line": {"width": 0}, "hovertemplate": "%{y:.3f}"}
    figure = go.Figure(
        [
            go.Scatter(name="lowest hour", y=small(band["min"].to_numpy()), showlegend=False, **edge),
            go.Scatter(name="lowest to highest hour", y=small(band["max"].to_numpy()), fill="tonexty",
                       fillcolor=lighter(blue, 0.75), **edge),
            line("PUE of the day", blue, x=times, y=small((days["facility"] / days["it"]).to_numpy()), hovertemplate="%{y:.3f}"),
        ]
    )  # fmt: skip
    figure.update_yaxes(title_text="PUE [MWh/MWh]")
    figure.update_xaxes(title_text=f"local time ({zone(results)})")
    mean = power["facility"].sum() / power["it"].sum()
    alt = f"PUE of the span {mean:.3f}; days from {(days['facility'] / days['it']).min():.3f} to {(days['facility'] / days['it']).max():.3f}."
    return framed(figure, title="PUE over the year" if len(days) > 300 else "PUE by day", alt=alt, height_px=320)


def pue_by_hour_and_month(results: xr.Dataset) -> go.Figure | None:
    """PUE by local hour and month (by day for spans of up to two months), energy by energy."""
    power = power_mw(results)
    if power is None:
        return None
    index = pd.DatetimeIndex(power.index)
    long = (index[-1] - index[0]).days > 62
    label = index.strftime("%Y-%m") if long else index.strftime("%Y-%m-%d")
    energy = power.groupby([label, index.hour]).sum()
    table = (energy["facility"] / energy["it"].where(energy["it"] >= LEAST_MW)).unstack()
    unit = "month" if long else "day"
    heat = go.Heatmap(
        z=small(table.to_numpy(dtype=float)), x=list(table.columns), y=list(table.index), colorscale="YlGnBu",
        colorbar={"title": {"text": "PUE"}, "thickness": 12, "tickformat": ".2f"},
        hovertemplate=f"{unit} %{{y}}, %{{x}} h: PUE %{{z:.3f}}<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(heat)
    figure.update_xaxes(title_text="hour of the day (local)", dtick=3)
    figure.update_yaxes(type="category", autorange="reversed", dtick=1 if long else None)
    alt = f"Map of PUE, hours across, {unit}s down; from {np.nanmin(table):.3f} to {np.nanmax(table):.3f}."
    return framed(
        figure,
        title=f"PUE by hour and {unit}",
        alt=alt,
        hovermode="closest",
        height_px=max(220, 90 + 26 * len(table)) if long else 420,
    )
