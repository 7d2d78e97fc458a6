"""Figures of the electricity bus: what feeds it, what draws from it, what is stored, and how often how much."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import xarray as xr

from optimizer.report.strands import Strand, Values, local_time, span_h, step_h, strands
from optimizer.report.style import INK, big, colour, framed, rank, words
from optimizer.report.traces import area, line, on_time_axis, small, stamps, time_axis_title
from optimizer.report.windows import extremes, is_fine

NEGLIGIBLE = 1e-4
"""Flows below this [MW, cards] throughout are not drawn."""
NOT_LOAD = ("charge", "export")
"""Flows that take from the electricity bus without being used up on the site."""


def energy_stack(results: xr.Dataset) -> go.Figure | None:
    """What feeds the electricity bus (above zero) and what draws from it (below), stacked, in MW.

    Step by step for a span of days, means by day for longer ones. None if nothing flows.
    """
    found = sorted(moving(strands(results, "flow", bus="electricity")), key=lambda strand: rank(strand.technology))
    if not found:
        return None
    colours = colour_of_assets(found)
    figure = go.Figure()
    shown: set[str] = set()
    for side in ("feed", "draw"):
        for strand in found:
            values = np.maximum(strand.values, 0) if side == "feed" else np.minimum(strand.values, 0)
            if np.abs(values).max() <= NEGLIGIBLE:
                continue
            label = words(strand.asset)
            figure.add_trace(
                area(
                    label,
                    colours[strand.asset],
                    stackgroup=side,
                    legendgroup=strand.asset,
                    showlegend=strand.asset not in shown,
                    hovertemplate=f"{label} {words(strand.role)}: %{{y:.2f}} MW<extra></extra>",
                    meta={"label": f"{label} {words(strand.role)}"},
                    **on_time_axis(results, values),
                )
            )
            shown.add(strand.asset)
    figure.update_yaxes(title_text="power [MW]")
    figure.update_xaxes(title_text=time_axis_title(results))
    fed = ", ".join(f"{words(s.asset)} {big(energy_mwh(results, s))}" for s in found if energy_mwh(results, s) > 1)
    alt = f"Stacked areas over time: feeds above zero, draws below. Energy fed in MWh: {fed}."
    return framed(figure, title="Electricity: what feeds it, what draws from it", alt=alt, height_px=430)


def storage_level(results: xr.Dataset) -> go.Figure | None:
    """Stored energy of each storage at the end of each step, in MWh; long spans keep each day's extremes."""
    found = [strand for strand in strands(results, "stored") if strand.role == "energy_mwh"]
    if not found:
        return None
    colours = colour_of_assets(found)
    figure = go.Figure()
    for strand in found:
        figure.add_trace(
            line(
                words(strand.asset),
                colours[strand.asset],
                hovertemplate=f"{words(strand.asset)}: %{{y:.2f}} MWh<extra></extra>",
                **at_step_ends(results, strand.values),
            )
        )
    figure.update_yaxes(title_text="stored energy [MWh]", rangemode="tozero")
    figure.update_xaxes(title_text=time_axis_title(results).replace("means by day", "lowest and highest of each day"))
    full = ", ".join(f"{words(s.asset)} {big(s.values.min())} to {big(s.values.max())} MWh" for s in found)
    return framed(
        figure, title="Storage: energy held", alt=f"Lines over time. Range: {full}.", height_px=300, showlegend=True
    )


def duration_curves(results: xr.Dataset) -> go.Figure | None:
    """For how many hours each kind of feed, and the site's whole load, reaches at least a given power [MW]."""
    found = moving(strands(results, "flow", bus="electricity"))
    curves = feeds_by_technology(found)
    load = facility_mw(results)
    if not curves and load is None:
        return None
    figure = go.Figure()
    for (technology, role), values in curves.items():
        figure.add_trace(line(f"{words(technology)} {words(role)}", colour(technology), **sorted_down(results, values)))
    if load is not None:
        figure.add_trace(line("load of the whole site", INK, dash="dot", **sorted_down(results, load)))
    figure.update_xaxes(title_text="hours in which at least this much flows [h]", range=[0, span_h(results)])
    figure.update_yaxes(title_text="power [MW]", rangemode="tozero")
    figure.update_traces(hovertemplate="%{fullData.name}: %{y:.2f} MW<extra></extra>")
    peaks = ", ".join(f"{words(t)} {words(r)} {big(v.max())} MW" for (t, r), v in curves.items())
    return framed(figure, title="Duration curves", alt=f"Sorted power over hours. Peaks: {peaks}.", height_px=340)


def facility_mw(results: xr.Dataset) -> Values | None:
    """Electricity used up on the site, shape (time,) [MW]: all draws but storage charging and export; None without any."""
    draws = [s for s in strands(results, "flow", bus="electricity") if s.role not in NOT_LOAD]
    used = [-np.minimum(strand.values, 0) for strand in draws]
    return np.sum(used, axis=0) if used and np.max(used) > NEGLIGIBLE else None


def feeds_by_technology(found: list[Strand]) -> dict[tuple[str, str], Values]:
    """Positive flows summed by (technology, flow), in the order of the palette."""
    sums: dict[tuple[str, str], Values] = {}
    for strand in sorted(found, key=lambda strand: rank(strand.technology)):
        fed = np.maximum(strand.values, 0)
        if fed.max() > NEGLIGIBLE:
            key = (strand.technology, strand.role)
            sums[key] = sums[key] + fed if key in sums else fed
    return sums


def moving(found: list[Strand]) -> list[Strand]:
    """Those that carry anything at all."""
    return [strand for strand in found if np.abs(strand.values).max() > NEGLIGIBLE]


def colour_of_assets(found: list[Strand]) -> dict[str, str]:
    """A colour per asset: its technology's, in a lighter step for each further asset of the same technology."""
    chosen: dict[str, str] = {}
    count: dict[str, int] = {}
    for strand in found:
        if strand.asset not in chosen:
            chosen[strand.asset] = colour(strand.technology, count.get(strand.technology, 0))
            count[strand.technology] = count.get(strand.technology, 0) + 1
    return chosen


def energy_mwh(results: xr.Dataset, strand: Strand) -> float:
    """Energy a series adds to its bus over the span [MWh]."""
    return float(np.maximum(strand.values, 0).sum() * step_h(results))


def at_step_ends(results: xr.Dataset, values: Values) -> dict[str, list[str] | np.ndarray]:  # type: ignore[type-arg]
    """`x` and `y` of a stock: known at the END of each step, straight in between."""
    level = pd.Series(values, index=local_time(results)) if is_fine(results) else extremes(results, values)
    return {
        "x": stamps(pd.DatetimeIndex(level.index) + pd.Timedelta(hours=step_h(results))),
        "y": small(level.to_numpy()),
    }


def sorted_down(results: xr.Dataset, values: Values, points: int = 300) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    """`x` [h] and `y` of a duration curve, thinned to `points` evenly spaced ranks with both ends kept."""
    ranked = np.sort(values)[::-1]
    picks = np.unique(np.linspace(0, len(ranked) - 1, min(points, len(ranked))).round().astype(int))
    return {"x": small((picks + 1) * step_h(results)), "y": small(ranked[picks])}
