"""Figures of what stands ready and what waits: work in the queues, server blocks that are on."""

from __future__ import annotations

import plotly.graph_objects as go
import xarray as xr

from optimizer.report.energy import colour_of_assets, level, moving
from optimizer.report.strands import Strand, strands
from optimizer.report.style import FALLBACK, big, colour, framed, words
from optimizer.report.traces import line, on_time_axis, time_axis


def backlog(results: xr.Dataset, baseline: xr.Dataset | None = None) -> go.Figure | None:
    """Work that has arrived and waits, by queue, at the end of each step [card-hours]; dotted: the baseline."""
    found = waiting(results)
    if not found:
        return None
    colours = {strand.asset: QUEUE_COLOURS[nth % len(QUEUE_COLOURS)] for nth, strand in enumerate(found)}
    figure = go.Figure()
    for strand in found:
        figure.add_traces(level(results, strand, colours[strand.asset], "%{y:,.0f} card-h"))
    for strand in waiting(baseline) if baseline is not None else []:
        label = f"{words(strand.asset)}, baseline"
        shade = colours.get(strand.asset, FALLBACK[0])
        hover = f"{label}: %{{y:,.0f}} card-h<extra></extra>"
        usual = on_time_axis(results, strand.values)
        figure.add_trace(line(label, shade, dash="dot", width=1.3, hovertemplate=hover, **usual))
    figure.update_yaxes(title_text="waiting work [card-h]", rangemode="tozero")
    time_axis(figure, results, long="mean and range by day")
    most = ", ".join(f"{words(strand.asset)} {big(strand.values.max())}" for strand in found)
    alt = f"Lines over time. Most waiting, in card-hours: {most}."
    return framed(figure, title="Work that waits", alt=alt, height_px=300)


QUEUE_COLOURS = (colour("queue"), "#8c2d33", "#f0a88a", *FALLBACK)
"""Apart enough for lines: the queue's own colour first."""


def powered_on(results: xr.Dataset) -> go.Figure | None:
    """How many units (server blocks) of each asset are on in each step."""
    found = moving(strands(results, "metered", like="_on$"))
    if not found:
        return None
    colours = colour_of_assets(found)
    figure = go.Figure()
    for strand in found:
        label = f"{words(strand.asset)}: {words(strand.role)}"
        trace = on_time_axis(results, strand.values)
        hover = f"{label} %{{y:,.0f}}<extra></extra>"
        figure.add_trace(line(label, colours[strand.asset], hovertemplate=hover, **trace))
    figure.update_yaxes(title_text="number on", rangemode="tozero")
    time_axis(figure, results)
    most = ", ".join(
        f"{words(strand.asset)} {strand.values.min():.0f} to {strand.values.max():.0f}" for strand in found
    )
    return framed(figure, title="Server blocks switched on", alt=f"Step lines. Range: {most}.", height_px=300)


def waiting(results: xr.Dataset) -> list[Strand]:
    """Stocks of waiting work."""
    return moving(strands(results, "stored", like="^backlog_card_h$"))
