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
    result = comparison(shared)
    return [*forecast_gefcom.table_of(result), every_lead(result), score_against_scoringrules(result)]


def every_lead(result: Comparison) -> dict[str, str]:
    """The number of leads at which the blend beats both curve and persistence."""
    best = np.minimum(result.rmse_by_lead(result.curve), result.rmse_by_lead(result.persistence))
    won = int((result.rmse_by_lead(result.blend) < best).sum())
    return {
        "data": forecast_gefcom.DATA, "metric": f"leads of {len(best)} at which the blend beats curve and persistence",
        "ours": f"{won}", "bar": f">= {len(best)}", "source": forecast_gefcom.SOURCE,
    }  # fmt: skip


def score_against_scoringrules(result: Comparison) -> dict[str, str]:
    """The largest difference of our CRPS from that of scoringrules."""
    oracle = importlib.import_module("scoringrules")
    drawn, measured = result.drawn[:, :ISSUES_COMPARED], result.measured[:ISSUES_COMPARED]
    oracle_crps = oracle.crps_ensemble(measured, drawn, m_axis=0, estimator="nrg", backend="numpy")
    apart = float(np.abs(scores.crps(drawn, measured) - oracle_crps).max())
    return {
        "data": f"{forecast_gefcom.DATA}, {ISSUES_COMPARED} issues", "metric": "CRPS, largest difference",
        "ours": f"{apart:.12f}", "bar": "<= 0.000000001", "source": "scoringrules",
    }  # fmt: skip


def figure(shared: Path) -> go.Figure:
    """RMSE of each lead: persistence, binned curve, blend."""
    result = comparison(shared)
    leads = np.arange(1, result.measured.shape[1] + 1)
    plot = go.Figure()
    series = {"persistence": result.persistence, "binned power curve": result.curve, "blend": result.blend}
    for name, forecast in series.items():
        plot.add_scatter(x=leads, y=result.rmse_by_lead(forecast), mode="lines", name=name)
    return plot.update_layout(
        title="Wind farm 1 of GEFCom2012, test months", xaxis_title="lead, h", yaxis_title="RMSE of capacity"
    )
