"""The fan of a forecast: members by their weights, quantiles that are members' own values, the forecast beside them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from optimizer.report import figures
from optimizer.report.forecast import weighted_quantile


def offers(factors: list[float], weights: list[float]) -> xr.Dataset:
    """Three hours of a 10 MW field whose capacity factor is the same in each hour and differs by member."""
    count = len(factors)
    labels = {"site": "a", "asset": "field", "quantity": "capacity_factor"}
    coords = {f"exogenous_{name}": ("exogenous", [value] * count) for name, value in labels.items()}
    coords |= {"exogenous_member": ("exogenous", list(range(count)))}
    coords |= {f"sized_{name}": ("sized", [value]) for name, value in (labels | {"quantity": "size_mw"}).items()}
    table = xr.DataArray(np.tile(factors, (3, 1)), dims=("time", "exogenous"))
    time = pd.date_range("2025-06-01 16:00", periods=3, freq="h").to_numpy()
    made = xr.Dataset({"input": table, "size": ("sized", [10.0])}, coords={"time": time, **coords})
    return made.assign_attrs(step_h=1.0, timezone="Asia/Shanghai", weights=weights)


def values(figure, name):
    return float(next(trace for trace in figure.data if trace.name == name).y[0])


def test_bands_and_mean_follow_the_weights():
    """Members of 2, 4 and 8 MW at 0.2, 0.3, 0.5: mean 5.6, quartiles 4 and 8. Unweighted the mean were 4.67, the lower
    quartile 2."""
    figure = figures.forecast_fan(offers([0.2, 0.4, 0.8], [0.2, 0.3, 0.5]), offers([0.5], [1.0]))
    assert values(figure, "mean of the members") == pytest.approx(5.6)
    assert values(figure, "25% to 75% of the members, from") == pytest.approx(4.0)
    assert values(figure, "25% to 75% of the members") == pytest.approx(8.0)
    assert values(figure, "10% to 90% of the members, from") == pytest.approx(2.0)
    assert values(figure, "forecast") == pytest.approx(5.0)
    assert sum(trace.name == "members" for trace in figure.data) == 3
    assert figure.data[0].x[0] == "2025-06-02 00:00"  # local


def test_a_quantile_is_reached_at_the_whole_of_its_weight():
    """Ten members of a tenth each: the 0.3 quantile is the third, although 0.1 + 0.1 + 0.1 is not quite 0.3 in doubles."""
    members = np.arange(1.0, 11.0)[None, ::-1]
    assert weighted_quantile(members, np.full(10, 0.1), 0.3) == 3.0
    assert weighted_quantile(members, np.full(10, 0.1), 1.0) == 10.0


def test_one_member_without_a_forecast_has_no_spread_to_show():
    """A certain plan shows no fan; with a forecast beside it there are two lines and no band."""
    assert figures.forecast_fan(offers([0.5], [1.0])) is None
    names = [trace.name for trace in figures.forecast_fan(offers([0.5], [1.0]), offers([0.4], [1.0])).data]
    assert names == ["mean of the members", "forecast"]
