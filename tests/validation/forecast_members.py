"""The GEFCom2012 comparison at every lead, and the score of its members against scoringrules."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

import numpy as np
import plotly.graph_objects as go

from tests.validation import forecast_gefcom
from tests.validation.forecast_gefcom import Comparison
from weather.forecast import scores

FILE = "data/yield/gefcom2012_wf1_fc_actual_1y.csv"
ISSUES_COMPARED = 5
"""The oracle compares all pairs of members: 200 x 200 x 48 numbers an issue."""


@cache
def comparison(shared: Path) -> Comparison:
    """Forecasts and measurements of the test months."""
    return forecast_gefcom.compare(shared / FILE)


def rows(shared: Path) -> list[dict[str, str]]:
    """The table of the forecast with every lead and the oracle of its score."""
    found = comparison(shared)
    return [*forecast_gefcom.table_of(found), every_lead(found), score_against_scoringrules(found)]


def every_lead(found: Comparison) -> dict[str, str]:
    """The number of leads at which the blend beats both curve and persistence."""
    best = np.minimum(found.rmse_by_lead(found.curve), found.rmse_by_lead(found.persistence))
    won = int((found.rmse_by_lead(found.blend) < best).sum())
    return {
        "data": forecast_gefcom.DATA, "metric": f"leads of {len(best)} at which the blend beats curve and persistence",
        "ours": f"{won}", "bar": f">= {len(best)}", "source": forecast_gefcom.SOURCE,
    }  # fmt: skip


def score_against_scoringrules(found: Comparison) -> dict[str, str]:
    """The largest difference of our CRPS from that of scoringrules."""
    oracle = importlib.import_module("scoringrules")
    drawn, measured = found.drawn[:, :ISSUES_COMPARED], found.measured[:ISSUES_COMPARED]
    theirs = oracle.crps_ensemble(measured, drawn, m_axis=0, estimator="nrg", backend="numpy")
    apart = float(np.abs(scores.crps(drawn, measured) - theirs).max())
    return {
        "data": f"{forecast_gefcom.DATA}, {ISSUES_COMPARED} issues", "metric": "CRPS, largest difference",
        "ours": f"{apart:.12f}", "bar": "<= 0.000000001", "source": "scoringrules",
    }  # fmt: skip


def figure(shared: Path) -> go.Figure:
    """RMSE of each lead: persistence, binned curve, blend."""
    found = comparison(shared)
    leads = np.arange(1, found.measured.shape[1] + 1)
    plot = go.Figure()
    series = {"persistence": found.persistence, "binned power curve": found.curve, "blend": found.blend}
    for name, forecast in series.items():
        plot.add_scatter(x=leads, y=found.rmse_by_lead(forecast), mode="lines", name=name)
    return plot.update_layout(
        title="Wind farm 1 of GEFCom2012, test months", xaxis_title="lead, h", yaxis_title="RMSE of capacity"
    )
