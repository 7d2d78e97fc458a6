"""Figure of the weather to come: sun and wind on offer by member, with their quantile bands and the plan's own forecast."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from optimizer.language.numbers import unit
from optimizer.language.speech import counted, noted, say
from optimizer.quantities.columns import matching, rows_of, weights_of
from optimizer.report.strands import Values
from optimizer.report.style import COLOURS, INK, framed, lighter
from optimizer.report.traces import line, on_time_axis, time_axis

BANDS = ((0.1, 0.9, 0.72), (0.25, 0.75, 0.45))
"""From quantile, to quantile, how pale; the widest first, so that the others lie on it."""


def forecast_fan(results: xr.Dataset, forecast: xr.Dataset | None = None) -> go.Figure | None:
    """Sun and wind that members could give [MW]: a thin line each, bands of their weighted quantiles, and their mean.

    `forecast`: inputs of the forecast alone, where the members are draws around one. None without sun and wind, or with
    one member and no forecast.
    """
    members = available_mw(results, results)
    if members is None or (members.shape[1] < 2 and forecast is None):
        return None
    weights = np.array(weights_of(results))[: members.shape[1]]
    gold = COLOURS["solar"]
    figure = go.Figure()
    if members.shape[1] > 1:
        for low, high, pale in BANDS:
            figure.add_traces(band(results, members, weights, (low, high), lighter(gold, pale)))
        figure.add_traces([member_line(results, members[:, number], number) for number in range(members.shape[1])])
    mean = members @ weights / weights.sum()
    figure.add_trace(
        line(say("mean of the members"), gold, width=2.4, hovertemplate=hover(), **on_time_axis(results, mean))
    )
    known = available_mw(forecast, results) if forecast is not None else None
    if known is not None:
        figure.add_trace(
            line(say("forecast"), INK, dash="dash", hovertemplate=hover(), **on_time_axis(results, known.mean(axis=1)))
        )
    time_axis(figure, results)
    figure.update_yaxes(title_text=say("power [MW]"), rangemode="tozero")
    alt = counted(
        members.shape[1], noted("One member over time; {least} to {most} MW."),
        noted("{number} members as thin lines in bands over time; mean {least} to {most} MW, members up to {highest} MW."),
        least=f"{mean.min():.1f}", most=f"{mean.max():.1f}", highest=f"{members.max():.1f}",
    )  # fmt: skip
    return framed(figure, title=say("Forecast of sun and wind, with its spread"), alt=alt, height_px=320)


def hover() -> str:
    """What is shown where the pointer is."""
    return f"%{{fullData.name}}: %{{y:.2f}} {unit('MW')}<extra></extra>"


def available_mw(inputs: xr.Dataset, sized: xr.Dataset) -> Values | None:
    """Sun and wind available, shape (time, members) [MW]: capacity factors of `inputs` times the sizes of `sized`."""
    factors, sizes = matching(inputs["input"], quantity="capacity_factor"), sizes_mw(sized)
    total: dict[int, Values] = {}
    for factor, (site, asset, member) in zip(
        factors.values.T, rows_of(factors, "site", "asset", "member"), strict=True
    ):
        size = sizes.get((site, asset), 0.0)
        if size:
            total[int(member)] = total.get(int(member), 0.0) + size * factor
    return np.column_stack([total[member] for member in sorted(total)]) if total else None


def sizes_mw(sized: xr.Dataset) -> dict[tuple[str, str], float]:
    """Rated powers by (site, asset) [MW]."""
    if "size" not in sized:
        return {}
    powers = matching(sized["size"], quantity="size_mw")
    return {
        (site, asset): float(size)
        for size, (site, asset) in zip(powers.values, rows_of(powers, "site", "asset"), strict=True)
    }


def band(
    results: xr.Dataset, members: Values, weights: Values, between: tuple[float, float], shade: str
) -> list[go.Scatter]:
    """Area between two quantiles, in the legend once."""
    low, high = (weighted_quantile(members, weights, q) for q in between)
    name = say("{low} to {high} of the members", low=f"{between[0]:.0%}", high=f"{between[1]:.0%}")
    edge: dict[str, Any] = {"mode": "lines", "line": {"width": 0}, "legendgroup": name, "hoverinfo": "skip"}
    return [
        go.Scatter(**(on_time_axis(results, low) | edge), name=say("{name}, from", name=name), showlegend=False),
        go.Scatter(**(on_time_axis(results, high) | edge), name=name, fill="tonexty", fillcolor=shade),
    ]


def member_line(results: xr.Dataset, values: Values, number: int) -> go.Scatter:
    """Line of one ensemble member, thin and grey; all share a legend entry."""
    return line(
        say("members"), "#7d8590", width=0.7, opacity=0.7, showlegend=number == 0,
        meta={"label": say("member {number}", number=number + 1)},
        hoverinfo="skip", **on_time_axis(results, values),
    )  # fmt: skip


def weighted_quantile(members: Values, weights: Values, q: float) -> Values:
    """Least value that members of at least the share `q` of all weight do not exceed, shape (time,)."""
    order = np.argsort(members, axis=1)
    reached = np.cumsum(weights[order], axis=1) / weights.sum()
    # 1e-12: weights are sums of tenths and thirds in double precision
    first = np.argmax(reached >= q - 1e-12, axis=1)
    picks = np.take_along_axis(order, first[:, None], axis=1)
    return np.asarray(np.take_along_axis(members, picks, axis=1)[:, 0])
