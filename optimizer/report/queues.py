"""Figures of backlog and server blocks: work waiting in the queues, blocks that are switched on."""

from __future__ import annotations

import plotly.graph_objects as go
import xarray as xr

from optimizer.language.numbers import listed, unit
from optimizer.language.speech import noted, say
from optimizer.report.energy import level, moving
from optimizer.report.palette import asset_colours
from optimizer.report.strands import Strand, strands
from optimizer.report.style import big, framed, words
from optimizer.report.traces import line, on_time_axis, time_axis


def backlog(results: xr.Dataset, baseline: xr.Dataset | None = None) -> go.Figure | None:
    """Work that has arrived and waits, by queue, at the end of each step [card-hours]; dotted: the baseline."""
    waiting_work = waiting(results)
    if not waiting_work:
        return None
    colours = asset_colours(results)
    figure = go.Figure()
    for strand in waiting_work:
        figure.add_traces(level(results, strand, colours[strand.asset], f"%{{y:,.0f}} {unit('card-h')}"))
    if baseline is not None:
        figure.add_traces(baseline_lines(baseline))
    figure.update_yaxes(title_text=say("waiting work [card-h]"), rangemode="tozero")
    time_axis(figure, results, long=noted("mean and range by day"))
    most = listed([f"{words(strand.asset)} {big(strand.values.max())}" for strand in waiting_work])
    alt = say("Lines over time. Most waiting, in card-hours: {most}.", most=most)
    return framed(figure, title=say("Work that waits"), alt=alt, height_px=300)


def baseline_lines(baseline: xr.Dataset) -> list[go.Scatter]:
    """Baseline lines of the queues, dotted."""
    colours = asset_colours(baseline)
    lines = []
    for strand in waiting(baseline):
        label = say("{name}, baseline", name=words(strand.asset))
        hover = f"{label}: %{{y:,.0f}} {unit('card-h')}<extra></extra>"
        shape = on_time_axis(baseline, strand.values)
        lines.append(line(label, colours[strand.asset], dash="dot", width=1.3, hovertemplate=hover, **shape))
    return lines


def powered_on(results: xr.Dataset) -> go.Figure | None:
    """Units (server blocks) of each asset that are on in each step."""
    cards_on = moving(strands(results, "metered", like="_on$"))
    if not cards_on:
        return None
    colours = asset_colours(results)
    figure = go.Figure()
    for strand in cards_on:
        label = f"{words(strand.asset)}{say(': ')}{words(strand.quantity)}"
        trace = on_time_axis(results, strand.values)
        hover = f"{label} %{{y:,.0f}}<extra></extra>"
        figure.add_trace(line(label, colours[strand.asset], hovertemplate=hover, **trace))
    figure.update_yaxes(title_text=say("number on"), rangemode="tozero")
    time_axis(figure, results)
    most = listed([
        say("{name} {least} to {most}", name=words(s.asset), least=f"{s.values.min():.0f}", most=f"{s.values.max():.0f}")
        for s in cards_on
    ])  # fmt: skip
    alt = say("Step lines. Range: {ranges}.", ranges=most)
    return framed(figure, title=say("Server blocks switched on"), alt=alt, height_px=300)


def waiting(results: xr.Dataset) -> list[Strand]:
    """Stocks of waiting work."""
    return moving(strands(results, "stored", like="^backlog_card_h$"))
