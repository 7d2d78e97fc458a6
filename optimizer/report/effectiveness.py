"""Figures of PUE: energy of the whole site over energy of the IT, by day, and by hour and month."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import xarray as xr

from optimizer.report.energy import facility_mw
from optimizer.report.strands import local_time, strands
from optimizer.report.style import COLOURS, framed
from optimizer.report.traces import band, line, small, stamps, time_axis

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
    energy = running.resample("D").sum()
    energy = energy[energy["it"] > 0]
    days = hourly.resample("D").agg(["min", "max"]).loc[energy.index]
    days["mean"] = energy["facility"] / energy["it"]
    times, blue = stamps(pd.DatetimeIndex(days.index)), COLOURS["power_train"]
    name = "PUE of the day, band over its hours"
    hover = "PUE of the day: %{y:.3f}<extra></extra>"
    means = line(name, blue, x=times, y=small(days["mean"].to_numpy()), hovertemplate=hover)
    figure = go.Figure([*band("PUE", blue, times, days), means])
    figure.update_yaxes(title_text="PUE [MWh/MWh]")
    time_axis(figure, results)
    mean = power["facility"].sum() / power["it"].sum()
    alt = f"PUE of the span {mean:.3f}; days from {days['mean'].min():.3f} to {days['mean'].max():.3f}."
    return framed(figure, title="PUE by day", alt=alt, height_px=320, showlegend=True)


def pue_by_hour_and_month(results: xr.Dataset) -> go.Figure | None:
    """PUE by local hour and month (by day for spans of up to two months), energy by energy."""
    power = power_mw(results)
    if power is None:
        return None
    table, unit = pue_table(power)
    heat = go.Heatmap(
        z=small(table.to_numpy(dtype=float)), x=list(table.columns), y=list(table.index), colorscale="YlGnBu",
        colorbar={"title": {"text": "PUE"}, "thickness": 12, "tickformat": ".3f", "nticks": 6},
        hovertemplate=f"{unit} %{{y}}, %{{x}} h: PUE %{{z:.3f}}<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(heat)
    figure.update_xaxes(title_text="hour of the day (local)", dtick=3)
    figure.update_yaxes(type="category", autorange="reversed", nticks=16)
    alt = f"Map of PUE, hours across, {unit}s down; from {np.nanmin(table):.3f} to {np.nanmax(table):.3f}."
    height_px = min(430, 110 + 26 * len(table))
    return framed(figure, title=f"PUE by hour and {unit}", alt=alt, hovermode="closest", height_px=height_px)


def pue_table(power: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """PUE with a column for each local hour and a row for each month, or each day of spans up to two months."""
    index = pd.DatetimeIndex(power.index)
    unit, pattern = ("month", "%Y-%m") if (index[-1] - index[0]).days > 62 else ("day", "%Y-%m-%d")
    energy = power.groupby([index.strftime(pattern), index.hour]).sum()
    return (energy["facility"] / energy["it"].where(energy["it"] >= LEAST_MW)).unstack(), unit
