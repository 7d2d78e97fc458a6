"""Figures of the work: when it runs against when it came, what waits, and how many servers are on."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import xarray as xr
from plotly.subplots import make_subplots

from optimizer.report.energy import at_step_ends, colour_of_assets, moving
from optimizer.report.prices import prices_per_mwh
from optimizer.report.strands import Strand, Values, buses, local_time, step_h, strands
from optimizer.report.style import BASELINE_COLOUR, FALLBACK, big, framed, rank, words
from optimizer.report.traces import area, line, on_time_axis, small, time_axis_title

POOL = "compute."


def compute_shift(results: xr.Dataset, baseline: xr.Dataset | None = None) -> go.Figure | None:
    """Busy cards by workload, one row a pool; the dotted line is the baseline, where all work runs as it arrives."""
    pools = buses(results, POOL)
    if not pools:
        return None
    figure = make_subplots(rows=len(pools), shared_xaxes=True, vertical_spacing=0.06, subplot_titles=pool_names(pools))
    colours = colour_of_assets([strand for pool in pools for strand in work(results, pool)])
    for row, pool in enumerate(pools, start=1):
        for strand in work(results, pool):
            label = words(strand.asset)
            values = on_time_axis(results, strand.values)
            hover = f"{label}: %{{y:,.0f}} cards<extra></extra>"
            layer = area(label, colours[strand.asset], stackgroup=pool, hovertemplate=hover, **values)
            figure.add_trace(layer, row=row, col=1)
        if baseline is not None and (usual := total(baseline, pool)) is not None:
            hover = "baseline: %{y:,.0f} cards<extra></extra>"
            drawn = line("baseline: work runs as it arrives", BASELINE_COLOUR, dash="dot", hovertemplate=hover,
                         legendgroup="baseline", showlegend=row == 1, **on_time_axis(baseline, usual))  # fmt: skip
            figure.add_trace(drawn, row=row, col=1)
        figure.update_yaxes(title_text="busy cards", rangemode="tozero", row=row, col=1)
    figure.update_xaxes(title_text=time_axis_title(results), row=len(pools), col=1)
    alt = f"Stacked areas of busy cards in {len(pools)} pools over time" + (
        ", with the baseline as a line." if baseline else "."
    )
    return framed(figure, title="Work: when it runs", alt=alt, height_px=150 + 170 * len(pools))


def shift_by_hour(results: xr.Dataset, baseline: xr.Dataset | None) -> go.Figure | None:
    """Cards moved by local hour of the day (plan less baseline, mean of all days), below the price that drew them there."""
    pools = buses(results, POOL)
    moved = {pool: gained(results, baseline, pool) for pool in pools} if baseline is not None else {}
    drawn = {pool: values for pool, values in moved.items() if values is not None}
    if not drawn:
        return None
    price = next(iter(prices_per_mwh(results)), None)
    rows = 1 if price is None else 2
    figure = make_subplots(
        rows=rows, shared_xaxes=True, vertical_spacing=0.09, row_heights=[1] if rows == 1 else [0.35, 0.65]
    )
    if price is not None:
        mean = by_hour(results, price.values)
        figure.add_trace(
            line(words(price.role), BASELINE_COLOUR, line_shape="hvh", **mean, hovertemplate="%{y:.0f} " + price.units),
            row=1,
            col=1,
        )
        figure.update_yaxes(title_text=f"price<br>[{price.units}]", rangemode="tozero", row=1, col=1)
    for index, (pool, values) in enumerate(drawn.items()):
        bars = go.Bar(name=pool.removeprefix(POOL), marker_color=FALLBACK[index % len(FALLBACK)], hovertemplate="%{y:+,.0f} cards",
                      **by_hour(results, values))  # fmt: skip
        figure.add_trace(bars, row=rows, col=1)
    figure.update_yaxes(title_text="moved here (+), away (−)<br>[busy cards]", row=rows, col=1)
    figure.update_xaxes(title_text="hour of the day (local)", dtick=3, row=rows, col=1)
    net = sum((by_hour(results, values)["y"] for values in drawn.values()), start=np.zeros(1))
    alt = (
        f"Bars by hour of the day. Most work is moved to {int(np.argmax(net))} h and away from {int(np.argmin(net))} h."
    )
    return framed(figure, title="Where in the day the work moved", alt=alt, barmode="relative", height_px=420)


def backlog(results: xr.Dataset, baseline: xr.Dataset | None = None) -> go.Figure | None:
    """Work that has arrived and waits, by queue, at the end of each step [card-hours]; dotted: baseline."""
    found = waiting(results)
    if not found:
        return None
    colours = colour_of_assets(found)
    figure = go.Figure()
    for strand in found:
        label, values = words(strand.asset), at_step_ends(results, strand.values)
        figure.add_trace(
            line(label, colours[strand.asset], hovertemplate=f"{label}: %{{y:,.0f}}<extra></extra>", **values)
        )
    for strand in waiting(baseline) if baseline is not None else []:
        label, values = f"{words(strand.asset)}, baseline", at_step_ends(results, strand.values)
        figure.add_trace(line(label, colours.get(strand.asset, BASELINE_COLOUR), dash="dot", width=1.2, **values))
    figure.update_yaxes(title_text="waiting work [card-h]", rangemode="tozero")
    figure.update_xaxes(title_text=time_axis_title(results).replace("means by day", "lowest and highest of each day"))
    most = ", ".join(f"{words(s.asset)} {big(s.values.max())}" for s in found)
    return framed(
        figure, title="Work that waits", alt=f"Lines over time. Most waiting, in card-hours: {most}.", height_px=300
    )


def powered_on(results: xr.Dataset) -> go.Figure | None:
    """Whole numbers the plan sets in each step, such as server blocks that are on, by asset."""
    found = moving(strands(results, "count"))
    if not found:
        return None
    figure = go.Figure()
    for index, strand in enumerate(found):
        label = f"{words(strand.asset)}: {words(strand.role)}"
        trace = on_time_axis(results, strand.values)
        figure.add_trace(
            line(label, FALLBACK[index % len(FALLBACK)], hovertemplate=f"{label} %{{y:,.0f}}<extra></extra>", **trace)
        )
    figure.update_yaxes(title_text="number on", rangemode="tozero")
    figure.update_xaxes(title_text=time_axis_title(results))
    most = ", ".join(f"{words(s.asset)} {s.values.min():.0f} to {s.values.max():.0f}" for s in found)
    return framed(figure, title="Server blocks switched on", alt=f"Step lines. Range: {most}.", height_px=300)


def work(results: xr.Dataset, pool: str) -> list[Strand]:
    """What keeps a pool's cards busy, as positive numbers: the draws of services and queues."""
    found = moving(strands(results, "flow", bus=pool))
    drawn = [strand.with_values(-np.minimum(strand.values, 0)) for strand in found]
    return sorted(moving(drawn), key=lambda strand: rank(strand.technology))


def total(results: xr.Dataset, pool: str) -> Values | None:
    busy = [strand.values for strand in work(results, pool)]
    return np.sum(busy, axis=0) if busy else None


def gained(results: xr.Dataset, baseline: xr.Dataset, pool: str) -> Values | None:
    """Busy cards of the plan less those of the baseline."""
    planned, usual = total(results, pool), total(baseline, pool)
    return planned - usual if planned is not None and usual is not None else None


def waiting(results: xr.Dataset) -> list[Strand]:
    return [strand for strand in moving(strands(results, "stored")) if strand.role == "backlog_card_h"]


def by_hour(results: xr.Dataset, values: Values) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    """Means by local hour of the day as `x` and `y`."""
    hours = np.asarray(local_time(results).hour)
    present = np.unique(hours)
    return {"x": present, "y": small(np.array([values[hours == hour].mean() for hour in present]))}


def pool_names(pools: list[str]) -> list[str]:
    return [words(pool.removeprefix(POOL)) for pool in pools]
