"""Figures of PUE (energy of the whole site over energy of the IT) and of the water that cooling takes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import xarray as xr

from optimizer.language.numbers import listed
from optimizer.language.speech import noted, say
from optimizer.plan.bill import facility_mw
from optimizer.quantities.columns import expected, weights_of
from optimizer.report.energy import moving
from optimizer.report.palette import asset_colours
from optimizer.report.strands import local_time, step_h, strands
from optimizer.report.style import COLOURS, big, framed, words
from optimizer.report.traces import band, line, on_time_axis, small, stamps, time_axis
from optimizer.report.windows import is_fine

LEAST_MW = 1e-3
"""Below this IT power a ratio to it says nothing."""


def power_mw(results: xr.Dataset) -> pd.DataFrame | None:
    """Columns `facility` and `it` [MW] by local time; None where a results Dataset has no IT bus or no load."""
    it = [np.maximum(strand.values, 0) for strand in strands(results, "flow", bus="it")]
    facility = facility_mw(expected(results["flow"].transpose("time", ...), weights_of(results)))
    if not it or not facility.any() or np.sum(it, axis=0).max() < LEAST_MW:
        return None
    return pd.DataFrame({"facility": facility, "it": np.sum(it, axis=0)}, index=local_time(results))


def pue_over_time(results: xr.Dataset) -> go.Figure | None:
    """PUE step by step; over long spans by day (energy by energy), in a band from lowest to highest hour."""
    power = power_mw(results)
    if power is None:
        return None
    blue = COLOURS["powertrain"]
    if is_fine(results):
        hourly = (power["facility"] / power["it"].where(power["it"] >= LEAST_MW)).to_numpy()
        figure = go.Figure(line("PUE", blue, hovertemplate="%{y:.3f}", **on_time_axis(results, hourly)))
    else:
        figure = go.Figure(daily_pue(power, blue))
    figure.update_yaxes(title_text=say("PUE [MWh/MWh]"))
    time_axis(figure, results, long=noted("by day"))
    lowest, highest = np.nanmin(figure.data[-1].y), np.nanmax(figure.data[-1].y)
    mean = power["facility"].sum() / power["it"].sum()
    alt = say(
        "Line over time. PUE of the whole span {mean}; drawn values from {lowest} to {highest}.",
        mean=f"{mean:.3f}", lowest=f"{lowest:.3f}", highest=f"{highest:.3f}",
    )  # fmt: skip
    return framed(figure, title=say("PUE over time"), alt=alt, height_px=320, showlegend=True)


def daily_pue(power: pd.DataFrame, shade: str) -> list[go.Scatter]:
    """A line of daily values in a band over the hours of each day."""
    running = power[power["it"] >= LEAST_MW]
    energy = running.resample("D").sum()
    energy = energy[energy["it"] > 0]
    days = (running["facility"] / running["it"]).resample("D").agg(["min", "max"]).loc[energy.index]
    days["mean"] = energy["facility"] / energy["it"]
    times = stamps(pd.DatetimeIndex(days.index))
    hover = f"{say('PUE of the day')}: %{{y:.3f}}<extra></extra>"
    name = say("PUE of the day, band over its hours")
    means = line(name, shade, x=times, y=small(days["mean"].to_numpy()), hovertemplate=hover)
    return [*band("PUE", shade, times, days), means]


def pue_by_hour_and_month(results: xr.Dataset) -> go.Figure | None:
    """PUE by local hour and month (by day for spans of up to two months), energy by energy."""
    power = power_mw(results)
    if power is None:
        return None
    table, unit = pue_table(power)
    heat = go.Heatmap(
        z=small(table.to_numpy(dtype=float)), x=list(table.columns), y=list(table.index), colorscale="YlGnBu",
        colorbar={"title": {"text": "PUE"}, "thickness": 12, "tickformat": ".3f", "nticks": 6},
        hovertemplate=f"{say(unit)} %{{y}}, %{{x}} h: PUE %{{z:.3f}}<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(heat)
    figure.update_xaxes(title_text=say("hour of the day (local)"), dtick=3)
    figure.update_yaxes(type="category", autorange="reversed", nticks=16)
    alt, title = MAP_WORDS[unit]
    alt = say(alt, least=f"{np.nanmin(table):.3f}", most=f"{np.nanmax(table):.3f}")
    height_px = min(430, 110 + 26 * len(table))
    return framed(figure, title=say(title), alt=alt, hovermode="closest", height_px=height_px)


MAP_WORDS = {
    "month": (
        noted("Map of PUE, hours across, months down; from {least} to {most}."), noted("PUE by hour and month"),
    ),
    "day": (noted("Map of PUE, hours across, days down; from {least} to {most}."), noted("PUE by hour and day")),
}  # fmt: skip
"""Text for those who cannot see the map, and its title, by what a row of it is."""


def pue_table(power: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """PUE with a column for each local hour and a row for each month, or each day of spans up to two months."""
    index = pd.DatetimeIndex(power.index)
    unit, pattern = (noted("month"), "%Y-%m") if (index[-1] - index[0]).days > 62 else (noted("day"), "%Y-%m-%d")
    energy = power.groupby([index.strftime(pattern), index.hour]).sum()
    return (energy["facility"] / energy["it"].where(energy["it"] >= LEAST_MW)).unstack(), unit


WHOLE_DAYS = {"xperiod": 86_400_000, "xperiodalignment": "middle"}
"""A bar covers its day [ms] instead of standing around midnight."""


def water_by_day(results: xr.Dataset) -> go.Figure | None:
    """Water used by each asset in a day [m³]; None if none is used."""
    water_meters = moving(strands(results, "metered", like="^water_m3_per_h$"))
    if not water_meters:
        return None
    colours = asset_colours(results)
    figure = go.Figure()
    for strand in water_meters:
        days = pd.Series(strand.values * step_h(results), index=local_time(results)).resample("D").sum()
        hover = f"{words(strand.asset)}: %{{y:,.1f}} m³<extra></extra>"
        bars = {"x": stamps(pd.DatetimeIndex(days.index)), "y": small(np.asarray(days, dtype=float)), **WHOLE_DAYS}
        look = {"color": colours[strand.asset], "line": {"width": 0}}
        figure.add_trace(go.Bar(name=words(strand.asset), marker=look, hovertemplate=hover, **bars))
    figure.update_yaxes(title_text=say("water [m³ in a day]"))
    time_axis(figure, results, long=noted("sums by day"))
    sums = listed([f"{words(s.asset)} {big(float(s.values.sum()) * step_h(results))} m³" for s in water_meters])
    alt = say("Stacked bars by day. In all: {sums}.", sums=sums)
    return framed(
        figure, title=say("Water for cooling"), alt=alt, barmode="stack", bargap=0, height_px=280, showlegend=True
    )
