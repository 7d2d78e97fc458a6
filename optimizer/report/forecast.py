"""Figure of the weather to come: sun and wind on offer by member, with their quantile bands and the plan's own forecast."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import xarray as xr

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
    figure.add_trace(line("mean of the members", gold, width=2.4, hovertemplate=HOVER, **on_time_axis(results, mean)))
    known = available_mw(forecast, results) if forecast is not None else None
    if known is not None:
        figure.add_trace(
            line("forecast", INK, dash="dash", hovertemplate=HOVER, **on_time_axis(results, known.mean(axis=1)))
        )
    time_axis(figure, results)
    figure.update_yaxes(title_text="sun and wind on offer [MW]", rangemode="tozero")
    alt = (
        f"{members.shape[1]} members as thin lines in bands over time; mean {mean.min():.1f} to {mean.max():.1f} MW, "
        f"members up to {members.max():.1f} MW."
    )
    return framed(figure, title="Forecast of sun and wind, with its spread", alt=alt, height_px=320)


HOVER = "%{fullData.name}: %{y:.2f} MW<extra></extra>"


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
    name = f"{between[0]:.0%} to {between[1]:.0%} of the members"
    edge: dict[str, Any] = {"mode": "lines", "line": {"width": 0}, "legendgroup": name, "hoverinfo": "skip"}
    return [
        go.Scatter(**(on_time_axis(results, low) | edge), name=f"{name}, from", showlegend=False),
        go.Scatter(**(on_time_axis(results, high) | edge), name=name, fill="tonexty", fillcolor=shade),
    ]


def member_line(results: xr.Dataset, values: Values, number: int) -> go.Scatter:
    """Line of one ensemble member, thin and grey; all share a legend entry."""
    return line(
        "members", "#7d8590", width=0.7, opacity=0.7, showlegend=number == 0, meta={"label": f"member {number + 1}"},
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
