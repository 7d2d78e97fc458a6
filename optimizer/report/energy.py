"""Figures of the electricity bus: what feeds it, what draws from it, what is stored, and how often how much."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import xarray as xr

from optimizer.language.numbers import amount, listed, unit
from optimizer.language.speech import noted, say
from optimizer.report.curtailment import unused_layer
from optimizer.report.palette import asset_colours
from optimizer.report.strands import Strand, Values, local_time, span_h, step_h, strands
from optimizer.report.style import INK, big, colour, framed, rank, words
from optimizer.report.traces import area, band, line, on_time_axis, once_in_the_legend, small, stamps, time_axis
from optimizer.report.windows import is_fine
from optimizer.technologies.flows import USED, Role

NEGLIGIBLE = 1e-4
"""Flows below this [MW, cards] throughout are not drawn."""
FARTHEST = (Role.CHARGE, Role.EXPORT)
"""Draws that are not used up on the site, in the order in which they stand outside those that are."""


def energy_stack(results: xr.Dataset) -> go.Figure | None:
    """Energy stack: sources above zero with the curtailed rest of sun and wind on top (hatched), uses below, in MW.

    Step by step for a span of days, means by day for longer ones. None if nothing flows.
    """
    flows = sorted(moving(strands(results, "flow", bus="electricity")), key=nearest_zero_first)
    if not flows:
        return None
    colours = asset_colours(results)
    feeds = [strand.with_values(np.maximum(strand.values, 0)) for strand in flows]
    draws = [strand.with_values(np.minimum(strand.values, 0)) for strand in flows]
    figure = go.Figure([stack_layer(results, strand, colours[strand.asset], "feed") for strand in moving(feeds)])
    figure.add_traces([stack_layer(results, strand, colours[strand.asset], "draw") for strand in moving(draws)])
    if (unused := unused_layer(results)) is not None:
        figure.add_trace(unused)
    once_in_the_legend(figure)
    figure.update_yaxes(title_text=say("power [MW]"))
    time_axis(figure, results)
    energy_mwh = {words(strand.asset): strand.values.sum() * step_h(results) for strand in moving(feeds)}
    fed = listed([f"{asset} {big(energy)}" for asset, energy in energy_mwh.items()])
    alt = say("Stacked areas over time: feeds above zero, draws below. Energy fed in MWh: {fed}.", fed=fed)
    return framed(figure, title=say("Electricity: what feeds it, what draws from it"), alt=alt, height_px=430)


def stack_layer(results: xr.Dataset, strand: Strand, shade: str, side: str) -> go.Scatter:
    """Stack layer of one asset's flow; its feeds and its draws share a legend entry."""
    label = f"{words(strand.asset)} {words(strand.quantity)}"
    hover = f"{label}: %{{y:.2f}} {unit('MW')}<extra></extra>"
    named = {"legendgroup": strand.asset, "meta": {"label": label}, "hovertemplate": hover}
    return area(words(strand.asset), shade, stackgroup=side, **named, **on_time_axis(results, strand.values))


def storage_level(results: xr.Dataset) -> go.Figure | None:
    """Stored energy of each storage that holds any, at the end of each step, in MWh; over long spans by day with its extremes."""
    stored_energy = [s for s in strands(results, "stored", like="^energy_mwh$") if s.values.max() > 0]
    if not stored_energy:
        return None
    colours = asset_colours(results)
    figure = go.Figure()
    for strand in stored_energy:
        figure.add_traces(level(results, strand, colours[strand.asset], f"%{{y:.2f}} {unit('MWh')}"))
    figure.update_yaxes(title_text=say("stored energy [MWh]"), rangemode="tozero")
    time_axis(figure, results, long=noted("mean and range by day"))
    full = listed([
        say("{name} {least} to {most} MWh", name=words(s.asset), least=big(s.values.min()), most=big(s.values.max()))
        for s in stored_energy
    ])  # fmt: skip
    alt = say("Lines over time. Range: {ranges}.", ranges=full)
    return framed(figure, title=say("Stored energy"), alt=alt, height_px=300)


def duration_curves(results: xr.Dataset) -> go.Figure | None:
    """Duration curves: hours in which each kind of feed, and the site's whole load, reaches at least a given power [MW]."""
    flows = moving(strands(results, "flow", bus="electricity"))
    curves = feeds_by_technology(flows)
    load = facility_mw(results)
    if not curves and load is None:
        return None
    figure = go.Figure()
    for (technology, role), values in curves.items():
        figure.add_trace(line(f"{words(technology)} {words(role)}", colour(technology), **sorted_down(results, values)))
    if load is not None:
        figure.add_trace(line(say("load of the whole site"), INK, dash="dot", **sorted_down(results, load)))
    figure.update_xaxes(title_text=say("hours in which at least this much flows [h]"), range=[0, span_h(results)])
    figure.update_yaxes(title_text=say("power [MW]"), rangemode="tozero")
    figure.update_traces(hovertemplate=f"%{{fullData.name}}: %{{y:.2f}} {unit('MW')}<extra></extra>")
    peaks = listed([f"{words(t)} {words(r)} {amount(big(v.max()), unit('MW'))}" for (t, r), v in curves.items()])
    alt = say("Sorted power over hours. Peaks: {peaks}.", peaks=peaks)
    return framed(figure, title=say("Duration curves"), alt=alt, height_px=340)


def nearest_zero_first(strand: Strand) -> tuple[int, int]:
    """Order in the stack: what is used up stands nearest to zero, what is stored or sold farthest from it."""
    return (FARTHEST.index(Role(strand.role)) + 1 if strand.role in FARTHEST else 0, rank(strand.technology))


def facility_mw(results: xr.Dataset) -> Values | None:
    """Electricity used up on the site, shape (time,) [MW]: loads, cooling and what the power train draws; None without any."""
    used = [-np.minimum(strand.values, 0) for strand in strands(results, "flow", bus="electricity", role=USED)]
    return np.asarray(np.sum(used, axis=0)) if used and np.max(used) > NEGLIGIBLE else None


def feeds_by_technology(flows: list[Strand]) -> dict[tuple[str, str], Values]:
    """Positive flows summed by (technology, flow), in the order of the palette."""
    sums: dict[tuple[str, str], Values] = {}
    for strand in sorted(flows, key=lambda strand: rank(strand.technology)):
        fed = np.maximum(strand.values, 0)
        if fed.max() > NEGLIGIBLE:
            key = (strand.technology, strand.quantity)
            sums[key] = sums[key] + fed if key in sums else fed
    return sums


def moving(flows: list[Strand]) -> list[Strand]:
    """Strands that carry anything at all."""
    return [strand for strand in flows if np.abs(strand.values).max() > NEGLIGIBLE]


def level(results: xr.Dataset, strand: Strand, shade: str, value: str, **style: Any) -> list[go.Scatter]:
    """Traces of a storage level, known at the END of each step; over long spans the mean of each day in a band from lowest to highest."""
    label = words(strand.asset)
    hover = f"{label}: {value}<extra></extra>"
    if is_fine(results):
        ends = local_time(results) + pd.Timedelta(hours=step_h(results))
        return [line(label, shade, hovertemplate=hover, x=stamps(ends), y=small(strand.values), **style)]
    days = pd.Series(strand.values, index=local_time(results)).resample("D").agg(["min", "mean", "max"])
    times = stamps(pd.DatetimeIndex(days.index))
    return [
        *band(label, shade, times, days),
        line(label, shade, hovertemplate=hover, x=times, y=small(days["mean"].to_numpy())),
    ]


def sorted_down(results: xr.Dataset, values: Values, points: int = 300) -> dict[str, Any]:
    """`x` [h] and `y` of a duration curve, thinned to `points` evenly spaced ranks with both ends kept."""
    ranked = np.sort(values)[::-1]
    picks = np.unique(np.linspace(0, len(ranked) - 1, min(points, len(ranked))).round().astype(int))
    return {"x": small((picks + 1) * step_h(results)), "y": small(ranked[picks])}
