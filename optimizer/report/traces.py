"""How one series becomes a trace: steps drawn as steps, small numbers on the wire, one way to say the time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import xarray as xr

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
    times = starts.append(pd.DatetimeIndex([starts[-1] + step]))
    return {"x": stamps(times), "y": small(np.append(values, values[-1])), "line_shape": "hv"}


def stamps(times: pd.DatetimeIndex) -> list[str]:
    """Local times as short texts; a day's start needs no hour."""
    pattern = "%Y-%m-%d" if (times == times.normalize()).all() else "%Y-%m-%d %H:%M"
    return [str(text) for text in times.strftime(pattern)]


def small(values: Values) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Single precision: half the size in the page, and far below what an eye or a meter can tell."""
    return np.asarray(values, dtype=np.float32)


def area(name: str, colour: str, **trace: Any) -> go.Scatter:
    """One layer of a stack."""
    return go.Scatter(
        name=name, mode="lines", line={"width": 0.4, "color": colour}, fillcolor=lighter(colour, 0.12), **trace
    )


def line(name: str, colour: str, *, dash: str = "solid", width: float = 1.8, **trace: Any) -> go.Scatter:
    """One plain line."""
    return go.Scatter(name=name, mode="lines", line={"width": width, "color": colour, "dash": dash}, **trace)


def time_axis_title(results: xr.Dataset) -> str:
    """What every time axis says."""
    return f"local time ({zone(results)})" + ("" if is_fine(results) else ", means by day")
