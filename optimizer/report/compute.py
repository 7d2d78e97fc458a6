"""Figures of compute load: when work runs against when it arrived, and where in the day it was moved."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import xarray as xr
from plotly.subplots import make_subplots

from optimizer.language.numbers import unit
from optimizer.language.speech import counted, noted, say
from optimizer.report.energy import moving
from optimizer.report.palette import POOL, asset_colours, without_pool
from optimizer.report.prices import prices_per_mwh
from optimizer.report.strands import Strand, Values, buses, local_time, strands
from optimizer.report.style import BASELINE_COLOUR, colour, framed, rank, words
from optimizer.report.traces import area, line, on_time_axis, once_in_the_legend, small, time_axis

LAST = 2000
"""Legend rank (others have 1000): the baseline stands after the workloads."""


def compute_shift(results: xr.Dataset, baseline: xr.Dataset | None = None) -> go.Figure | None:
    """Busy cards by workload, one row a pool; the dotted line is the baseline, where all work runs as it arrives."""
    pools = buses(results, POOL)
    if not pools:
        return None
    names = [words(pool.removeprefix(POOL)) for pool in pools]
    figure = make_subplots(rows=len(pools), shared_xaxes=True, vertical_spacing=0.06, subplot_titles=names)
    for row, pool in enumerate(pools, start=1):
        figure.add_traces(work_layers(results, pool), rows=row, cols=1)
        if baseline is not None and (baseline_case := total(baseline, pool)) is not None:
            figure.add_trace(baseline_line(baseline, baseline_case, pool), row=row, col=1)
        figure.update_yaxes(title_text=say("busy cards"), rangemode="tozero", nticks=5, row=row, col=1)
    once_in_the_legend(figure)
    time_axis(figure, results, row=len(pools))
    number = len(pools)
    pooled = counted(number, noted("one pool"), noted("{number} pools"))
    alt = (
        say("Stacked areas of busy cards in {pools} over time, with the baseline as a line.", pools=pooled)
        if baseline is not None
        else say("Stacked areas of busy cards in {pools} over time.", pools=pooled)
    )
    return framed(figure, title=say("Work: when it runs"), alt=alt, height_px=150 + 170 * len(pools))


def shift_by_hour(results: xr.Dataset, baseline: xr.Dataset | None) -> go.Figure | None:
    """Cards moved by local hour of the day (plan less baseline, mean of all days), below the price that drew them."""
    moved = gains(results, baseline) if baseline is not None else {}
    if not moved:
        return None
    prices = prices_per_mwh(results)[:1]
    rows = 1 + len(prices)
    heights = [0.35, 0.65] if prices else [1]
    figure = make_subplots(rows=rows, shared_xaxes=True, vertical_spacing=0.09, row_heights=heights)
    for price in prices:
        label = words(price.quantity.removesuffix("_per_mwh"))
        hover = f"{label}: %{{y:.0f}} {unit(price.units)}<extra></extra>"
        steps = line(label, BASELINE_COLOUR, line_shape="hvh", hovertemplate=hover, **by_hour(results, price.values))
        figure.add_trace(steps, row=1, col=1)
        figure.update_yaxes(
            title_text=f"{say('price')}<br>[{unit(price.units)}]", rangemode="tozero", nticks=4, row=1, col=1
        )
    for index, (pool, values) in enumerate(moved.items()):
        label = words(pool.removeprefix(POOL))
        hover = f"{label}: %{{y:+,.0f}} {unit('cards')}<extra></extra>"
        shade = asset_colours(results).get(pool.removeprefix(POOL), colour("cluster", index))
        bars = go.Bar(name=label, marker_color=shade, hovertemplate=hover, **by_hour(results, values))
        figure.add_trace(bars, row=rows, col=1)
    figure.update_yaxes(title_text=f"{say('moved here')}<br>[{say('busy cards')}]", row=rows, col=1)
    figure.update_xaxes(title_text=say("hour of the day (local)"), dtick=3, row=rows, col=1)
    net = by_hour(results, np.sum(list(moved.values()), axis=0))
    most, least = net["x"][np.argmax(net["y"])], net["x"][np.argmin(net["y"])]
    alt = say(
        "Bars by hour of the day. Most work is moved to {most} h and away from {least} h.", most=most, least=least
    )
    return framed(figure, title=say("Where in the day the work moved"), alt=alt, barmode="relative", height_px=420)


def work_layers(results: xr.Dataset, pool: str) -> list[go.Scatter]:
    """Stacked layers of a pool, one for each workload."""
    colours = asset_colours(results)
    return [
        area(
            without_pool(strand.asset, pool),
            colours[strand.asset],
            stackgroup=pool,
            legendgroup=without_pool(strand.asset, pool),
            hovertemplate=f"{without_pool(strand.asset, pool)}: %{{y:,.0f}} {unit('cards')}<extra></extra>",
            meta={"label": words(strand.asset)},
            **on_time_axis(results, strand.values),
        )
        for strand in work(results, pool)
    ]


def baseline_line(baseline: xr.Dataset, baseline_case: Values, pool: str) -> go.Scatter:
    """Baseline line of a pool."""
    hover = f"{say('baseline')}: %{{y:,.0f}} {unit('cards')}<extra></extra>"
    name = say("baseline: work runs as it arrives")
    label = {"label": say("{name}, baseline", name=words(pool.removeprefix(POOL)))}
    shape = on_time_axis(baseline, baseline_case)
    return line(name, BASELINE_COLOUR, dash="dot", width=1.4, hovertemplate=hover, meta=label, legendrank=LAST, **shape)


def work(results: xr.Dataset, pool: str) -> list[Strand]:
    """Workload of a pool's cards, as positive numbers: the draws of services and queues."""
    flows = strands(results, "flow", bus=pool)
    drawn = [strand.with_values(-np.minimum(strand.values, 0)) for strand in flows]
    return sorted(moving(drawn), key=lambda strand: rank(strand.technology))


def total(results: xr.Dataset, pool: str) -> Values | None:
    busy = [strand.values for strand in work(results, pool)]
    return np.asarray(np.sum(busy, axis=0)) if busy else None


def gains(results: xr.Dataset, baseline: xr.Dataset) -> dict[str, Values]:
    """Busy cards of the plan less those of the baseline, by pool."""
    pairs = {pool: (total(results, pool), total(baseline, pool)) for pool in buses(results, POOL)}
    return {
        pool: plan - baseline_case
        for pool, (plan, baseline_case) in pairs.items()
        if plan is not None and baseline_case is not None
    }


def by_hour(results: xr.Dataset, values: Values) -> dict[str, Any]:
    """Means by local hour of the day as `x` and `y`."""
    hours = np.asarray(local_time(results).hour)
    present = np.unique(hours)
    return {"x": present, "y": small(np.array([values[hours == hour].mean() for hour in present]))}
