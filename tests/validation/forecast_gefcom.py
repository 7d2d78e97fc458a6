"""Wind power forecast and its members against GEFCom2012 wind farm 1: fit on nine months, test on the last three."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from weather.forecast import scores
from weather.forecast.archive import measured_series, read_archive
from weather.forecast.blend import (
    binned_power_curve,
    fit_blend,
    persistence_power,
    predict_out_of_fold,
    predict_power,
)
from weather.forecast.error_model import ErrorModel, fit_error_model
from weather.forecast.forecast import as_forecast
from weather.forecast.members import members

Floats = NDArray[np.float64]

DATA = "GEFCom2012 wind farm 1, fit 2009-07..2010-03, test 2010-04..06"
SOURCE = "Hong et al., International Journal of Forecasting 30 (2014)"
TEST_START = pd.Timestamp("2010-04-01")
HORIZON = pd.Timedelta(hours=48)
MEMBERS = 200
PUBLISHED_CURVE_RMSE = 0.176
"""All-lead RMSE of the binned curve on another split of the year (odd months against even ones)."""


@dataclass(frozen=True)
class Comparison:
    """Test months; arrays (issue, lead), drawn (member, issue, lead), powers as fraction of capacity."""

    measured: Floats
    blend: Floats
    curve: Floats
    persistence: Floats
    drawn: Floats

    def rmse_by_lead(self, forecast: Floats) -> Floats:
        """RMSE of each lead, shape (lead,)."""
        return np.sqrt(np.mean((forecast - self.measured) ** 2, axis=0))

    def coverage_by_lead(self) -> Floats:
        """Share inside the central 80 % of the members, shape (lead,)."""
        return np.array([scores.coverage(self.drawn[..., k], self.measured[:, k]) for k in range(self.drawn.shape[-1])])

    def margin(self) -> float:
        """Smallest share by which the blend beats the better of curve and persistence at any lead."""
        better = np.minimum(self.rmse_by_lead(self.curve), self.rmse_by_lead(self.persistence))
        return float(np.min(1 - self.rmse_by_lead(self.blend) / better))


def read(path: Path) -> tuple[xr.Dataset, xr.DataArray]:
    """The archive of issues and the measured power."""
    columns = {"ws": "wind_speed_m_per_s", "wp": "power"}
    archive = read_archive(
        path,
        issue_column="issue",
        lead_column="hors",
        columns=columns,
        units={"wind_speed_m_per_s": "m/s", "power": "1"},
    )
    return archive, measured_series(archive, "power")


def compare(path: Path) -> Comparison:
    """Fit on issues whose 48 h end before TEST_START, predict the issues from TEST_START on."""
    archive, power = read(path)
    fitting = archive.sel(issue=slice(None, TEST_START - HORIZON))
    testing = archive.sel(issue=slice(TEST_START, None))
    speed, known = fitting["wind_speed_m_per_s"], power.sel(time=slice(None, TEST_START))
    blend = predict_power(fit_blend(speed, known), testing["wind_speed_m_per_s"], power)
    curve = binned_power_curve(speed, known)(testing["wind_speed_m_per_s"])
    persistence = persistence_power(testing["wind_speed_m_per_s"], power)
    past = predict_out_of_fold(speed, known).to_dataset(name="power")
    drawn = drawn_members(blend, fit_error_model(past, fitting[["power"]]))
    return Comparison(testing["power"].values, blend.values, curve.values, persistence.values, drawn)


def drawn_members(power: xr.DataArray, model: ErrorModel) -> Floats:
    """MEMBERS members of every issue, shape (member, issue, lead); the seed is the issue's place."""
    drawn = []
    for place, issue in enumerate(power.indexes["issue"]):
        times = issue + pd.to_timedelta(power["lead_h"].values, unit="h")
        forecast = as_forecast(xr.Dataset({"power": ("time", power.values[place])}, coords={"time": times}), issue)
        drawn.append(members(forecast, model, MEMBERS, seed=place)["power"].values)
    return np.stack(drawn, axis=1)


def rows(path: Path) -> list[dict[str, str]]:
    """The comparison from the file as rows of the validation table: data, metric, ours, bar, source."""
    return table_of(compare(path))


def table_of(result: Comparison) -> list[dict[str, str]]:
    """A comparison as rows of the validation table."""
    covered, by_lead = scores.coverage(result.drawn, result.measured), result.coverage_by_lead()
    curve_rmse, blend_rmse = (scores.rmse(kind, result.measured) for kind in (result.curve, result.blend))
    blend_crps = float(scores.crps(result.drawn, result.measured).mean())
    mean_error = float(np.abs(result.blend - result.measured).mean())
    table = [
        ("RMSE all leads, blend", f"{blend_rmse:.3f}", f"<= {0.95 * PUBLISHED_CURVE_RMSE:.3f}"),
        ("RMSE all leads, binned curve, same split", f"{curve_rmse:.3f}", "-"),
        ("RMSE all leads, persistence, same split", f"{scores.rmse(result.persistence, result.measured):.3f}", "-"),
        ("blend below the curve, all leads", f"{1 - blend_rmse / curve_rmse:.1%}", ">= 5 %"),
        ("blend below the better of both, worst lead of 48", f"{result.margin():.1%}", "> 0"),
        ("central 80 % interval covers", f"{covered:.1%}", "74..86 %"),
        ("central 80 % interval covers, least and most of 48 leads", f"{by_lead.min():.0%}, {by_lead.max():.0%}", "-"),
        (f"CRPS of {MEMBERS} members (mean error of the blend {mean_error:.4f})", f"{blend_crps:.4f}", "-"),
    ]
    named = [result.blend, result.curve, result.persistence]
    for lead in (1, 6, 12, 24, 48):
        ours, curve, persistence = (result.rmse_by_lead(kind)[lead - 1] for kind in named)
        bar = f"< {min(curve, persistence):.3f}"
        table.append((f"RMSE at {lead} h (curve {curve:.3f}, persistence {persistence:.3f})", f"{ours:.3f}", bar))
    return [{"data": DATA, "metric": name, "ours": ours, "bar": bar, "source": SOURCE} for name, ours, bar in table]
