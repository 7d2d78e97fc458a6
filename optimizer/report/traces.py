"""Traces of figures: steps drawn as steps, small numbers on the wire, one way to say the time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import xarray as xr
from numpy.typing import NDArray

from optimizer.language.speech import noted, say
from optimizer.report.strands import Values, local_time, step_h, zone
from optimizer.report.style import lighter
from optimizer.report.windows import daily, is_fine


def on_time_axis(results: xr.Dataset, values: Values) -> dict[str, Any]:
    """`x`, `y` and `line.shape` of a series: step by step for short spans, means by day for long ones."""
    if is_fine(results):
        return stepped(local_time(results), values, pd.Timedelta(hours=step_h(results)))
    means = daily(results, values)
    return stepped(pd.DatetimeIndex(means.index), means.to_numpy(), pd.Timedelta(days=1))


def stepped(starts: pd.DatetimeIndex, values: Values, step: pd.Timedelta) -> dict[str, Any]:
    """A staircase over the steps; the last value is repeated so that the last step has its length too."""
    times = pd.DatetimeIndex([*starts, starts[-1] + step])
    return {"x": stamps(times), "y": small(np.append(values, values[-1])), "line_shape": "hv"}


def stamps(times: pd.DatetimeIndex) -> list[str]:
    """Local times as short texts; a day's start needs no hour."""
    pattern = "%Y-%m-%d" if (times == times.normalize()).all() else "%Y-%m-%d %H:%M"
    return [str(text) for text in times.strftime(pattern)]


def small(values: Values) -> NDArray[np.float32]:
    """Single precision: half the size in the page, and far below what an eye or a meter can tell."""
    return np.asarray(values, dtype=np.float32)


def area(name: str, colour: str, **trace: Any) -> go.Scatter:
    """Area trace of a stack."""
    return go.Scatter(
        name=name, mode="lines", line={"width": 0, "color": colour}, fillcolor=lighter(colour, 0.12), **trace
    )


def line(name: str, colour: str, *, dash: str = "solid", width: float = 1.8, **trace: Any) -> go.Scatter:
    """Line trace."""
    look = {"width": width, "color": colour, "dash": dash}
    return go.Scatter(**{"name": name, "mode": "lines", "line": look, "legendgroup": name, **trace})


def time_axis(
    figure: go.Figure, results: xr.Dataset, *, long: str = noted("means by day"), row: int | None = None
) -> None:
    """Label the time axis with the zone, and with how a long span was thinned; it covers the whole span, no more."""
    times, step = local_time(results), pd.Timedelta(hours=step_h(results))
    title = (
        say("local time ({zone})", zone=zone(results))
        if is_fine(results)
        else say("local time ({zone}), {thinned}", zone=zone(results), thinned=say(long))
    )
    where = {} if row is None else {"row": row, "col": 1}
    figure.update_xaxes(title_text=title, **where)
    figure.update_xaxes(
        range=[f"{times[0]:%Y-%m-%d %H:%M}", f"{times[-1] + step:%Y-%m-%d %H:%M}"],
        hoverformat=say("%a %-d %b %Y, %H:%M") if is_fine(results) else say("%a %-d %b %Y"),
    )


def band(name: str, colour: str, times: list[str], days: pd.DataFrame) -> list[go.Scatter]:
    """Pale band from the column `min` to the column `max`; not in the legend, hidden and shown with its line."""
    edge: dict[str, Any] = {"mode": "lines", "x": times, "line": {"width": 0}, "showlegend": False, "legendgroup": name}
    low, high = small(days["min"].to_numpy()), small(days["max"].to_numpy())
    return [
        go.Scatter(name=say("{name}, lowest", name=name), y=low, hovertemplate=f"{say('lowest')}: %{{y:.4~g}}<extra></extra>", **edge),
        go.Scatter(name=say("{name}, highest", name=name), y=high, hovertemplate=f"{say('highest')}: %{{y:.4~g}}<extra></extra>", fill="tonexty",
                   fillcolor=lighter(colour, 0.75), **edge),
    ]  # fmt: skip


def once_in_the_legend(figure: go.Figure) -> None:
    """Traces of the same name share one legend entry, so that a click hides all of them."""
    shown: set[str] = set()
    for trace in figure.data:
        trace.showlegend = trace.name not in shown
        shown.add(trace.name)
