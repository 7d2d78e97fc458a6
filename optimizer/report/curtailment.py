"""Curtailment of sun and wind hour by hour, and the hatched layer that shows it on top of what feeds the site."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from optimizer.language.numbers import unit
from optimizer.language.speech import say
from optimizer.report.strands import Values, step_h, strands
from optimizer.report.style import lighter
from optimizer.report.traces import area, on_time_axis
from optimizer.technologies.flows import Role
from optimizer.technologies.tallies import Tally

UNUSED_COLOUR = "#c9a24b"
LEAST_DRAWN_MW = 1e-4
"""Less than this throughout is how solvers round."""


def unused_layer(results: xr.Dataset) -> go.Scatter | None:
    """Hatched layer of curtailed sun and wind on top of the feeds [MW]; None where all of it is used."""
    unused_mw = curtailed_mw(results)
    if unused_mw.max() <= LEAST_DRAWN_MW:
        return None
    label = say("curtailed")
    return area(
        label, UNUSED_COLOUR, stackgroup="feed", hovertemplate=hover(label), meta={"label": label},
        **on_time_axis(results, unused_mw),
    ).update(
        fillpattern={"shape": "/", "fgcolor": UNUSED_COLOUR, "bgcolor": lighter(UNUSED_COLOUR, 0.7), "size": 5, "fillmode": "replace"},
    )  # fmt: skip


def curtailed_mw(results: xr.Dataset) -> Values:
    """Power that own sun and wind could give and did not, shape (time,) [MW]."""
    available = strands(results, "metered", like=f"^{Tally.GREEN_AVAILABLE_MWH.value}$")
    zero = np.zeros(results.sizes["time"])
    if not available:
        return zero
    generated = strands(results, "flow", bus="electricity", role=Role.GREEN_GENERATION)
    left = sum((strand.values / step_h(results) for strand in available), start=zero)
    return np.asarray(np.maximum(left - sum((strand.values for strand in generated), start=zero), 0.0))


def hover(label: str) -> str:
    """Text of a layer under the pointer."""
    return f"{label}: %{{y:.2f}} {unit('MW')}<extra></extra>"
