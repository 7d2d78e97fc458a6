"""Results in one call: flows, stocks, prices and cards by name, unknown names with the nearest, and a year as a tidy table."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from sites import center, flow_of, small

from optimizer.plan.outcome import Plan
from optimizer.plan.reading import Reading, UnknownNameError, read_plan, select
from optimizer.plan.results_file import save_results
from optimizer.plan.tidy_table import COLUMNS
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.compute.service import Service
from optimizer.technologies.energy.storage import Storage

MEMBERS, WEIGHTS = 3, [0.5, 0.3, 0.2]


@pytest.fixture(scope="module")
def plan() -> Plan:
    """A center with a battery and two pieces of work, 24 h; power is dear in the second half."""
    assets = center(
        battery=Storage(power_mw=0.1, energy_mwh=0.4), inference=Service(pool="pool", cards=100.0),
        training=Queue(pool="pool", arrival_cards=50.0, deadline_h=6),
    )  # fmt: skip
    prices = [100.0] * 12 + [900.0] * 12
    return small(assets, 24, series={("tie", "import_price_per_mwh"): prices}).plan()


@pytest.fixture(scope="module")
def of_members() -> Reading:
    """Two hours of a tie that is decided for all and a battery of three members."""
    labels = {"site": "here", "technology": "t", "bus": "electricity", "units": "MW"}
    columns = [("tie", "import", -1), *(("battery", "charge", member) for member in range(MEMBERS))]
    coords = {name: ("series", np.array([value] * 4, dtype=object)) for name, value in labels.items()}
    coords["series_units"] = coords.pop("units")
    for number, name in enumerate(("asset", "series_flow", "member")):
        coords[name] = (
            "series",
            np.array([column[number] for column in columns], dtype=int if number == 2 else object),
        )
    table = xr.DataArray([[5.0, -1, -2, -4], [6.0, -3, -3, -3]], dims=("time", "series"), coords=coords)
    time = pd.date_range("2025-01-01", periods=2, freq="h")
    attrs = {"weights": WEIGHTS, "step_h": 1.0, "timezone": "UTC+08:00", "currency": "CNY"}
    return Reading(xr.Dataset({"flow": table}, coords={"time": time}, attrs=attrs))


def test_a_flow_by_its_name_with_unit_and_local_time(plan: Plan) -> None:
    """The discharge is the column itself; without a quantity, discharge and charge add up to what the bus sees."""
    discharge = plan.flow("battery", "discharge")
    assert np.array_equal(discharge.values, flow_of(plan, "battery", "discharge"))
    assert discharge.attrs["units"] == "MW"
    assert (discharge["time_local"] - discharge["time"]).values[0] == np.timedelta64(8, "h")
    both = plan.flow("battery", "discharge") + plan.flow("battery", "charge")
    assert np.allclose(plan.flow("battery"), both, atol=1e-12)  # double precision
    assert both.min() < -0.05 < 0.05 < both.max()


def test_stock_price_size_and_cards(plan: Plan) -> None:
    """The stock follows the flows; the price is the tariff; the pool's cards are those of its two pieces of work."""
    assert plan.stored("battery").attrs["units"] == "MWh"
    assert plan.stored("battery").max() > 0.3
    assert plan.price().attrs["units"] == "money/MWh"
    assert plan.price().values[[3, 20]] == pytest.approx([100.0, 900.0])
    assert plan.size("battery", "energy_mwh") == 0.4
    cards = plan.cards("pool")
    assert cards["workload"].values.tolist() == ["inference", "training"]
    assert cards.sel(workload="inference").values == pytest.approx(np.full(24, 100.0))
    assert cards.sum("workload").values == pytest.approx(plan.flow("pool", "busy").values)
    assert plan.metered("pool", "blocks_on").max() >= 2
    assert plan.input("tie", "import_price_per_mwh").attrs["units"] == "money/MWh"


def test_a_file_answers_alike(plan: Plan, tmp_path: Path) -> None:
    """Saved and read again, the plan answers the same."""
    save_results(tmp_path / "results.nc", plan.results)
    read = read_plan(tmp_path / "results.nc")
    xr.testing.assert_identical(read.flow("battery", "charge"), plan.flow("battery", "charge"))
    pd.testing.assert_frame_equal(read.to_frame(), plan.to_frame())


@pytest.mark.parametrize(
    ("ask", "words"),
    [(lambda plan: plan.flow("batery"), r"no asset 'batery' in flow; did you mean battery\?"),
     (lambda plan: plan.flow("battery", "output"), "no quantity 'output' in flow of battery. There is: .*discharge"),
     (lambda plan: plan.stored("tie"), "no asset 'tie' in stored"),
     (lambda plan: plan.price("electrcity"), r"did you mean electricity\?"),
     (lambda plan: plan.cards("pol"), r"no pool 'pol' .*did you mean pool\?"),
     (lambda plan: plan.flow("pool"), "flow of pool: there are several; say bus= one of compute.pool, it"),
     (lambda plan: plan.metered("pool"), "say quantity= one of blocks_on"),
     (lambda plan: plan.flow("tie", site="sight"), r"no site 'sight' in flow of tie; did you mean site\?"),
     (lambda plan: plan.flow("tie", member=1), "no member 1; there are 1, from 0 on"),
     (lambda plan: plan.to_frame("flows"), r"no variable 'flows' .*did you mean flow\?"),
     (lambda plan: select(plan.results, "price", asset="tie"), "the columns of price have no asset; they have site")],
)  # fmt: skip
def test_unknown_names_are_told_with_the_nearest(plan: Plan, ask, words: str) -> None:
    """A misspelled name, a flow of another asset, a sum over buses: refused in words that say what there is."""
    with pytest.raises(UnknownNameError, match=words):
        ask(plan)


def test_expected_values_unless_a_member_is_named(of_members: Reading) -> None:
    """−(0.5·1 + 0.3·2 + 0.2·4) = −1.9; member 2 charges 4; the tie's import was decided for all."""
    assert of_members.flow("battery").values == pytest.approx([-1.9, -3.0])
    assert of_members.flow("battery", member=2).values.tolist() == [-4.0, -3.0]
    assert of_members.flow("tie").values.tolist() == of_members.flow("tie", member=2).values.tolist() == [5.0, 6.0]
    assert select(of_members.results, "flow", asset="battery").shape == (2, MEMBERS)
    frame = of_members.to_frame("flow", member=1)
    assert frame["value"].tolist() == [5.0, -2.0, 6.0, -3.0]


def test_the_tidy_table_has_every_series_once_a_step(plan: Plan) -> None:
    """Its sum by series is the Dataset's; no series is lost, doubled or called another's unit; times stand in both clocks."""
    frame = plan.to_frame()
    assert tuple(frame.columns) == COLUMNS
    series = ["site", "asset", "variable", "bus", "quantity"]
    assert (frame.groupby(series, observed=True).size() == 24).all()
    flows = frame[frame["variable"] == "flow"].groupby(["asset", "bus", "quantity"], observed=True)["value"].sum()
    assert flows["battery", "electricity", "charge"] == pytest.approx(float(plan.flow("battery", "charge").sum()))
    assert len(flows) == plan.results.sizes["series"]
    assert set(frame.loc[frame["bus"] == "compute.pool", "unit"]) == {"cards", "money/card-h"}
    assert ((frame["time_local"] - frame["time_utc"]) == pd.Timedelta(hours=8)).all()
    assert frame["time_utc"].is_monotonic_increasing


A_YEAR = """
import resource
import numpy as np, pandas as pd, xarray as xr
from optimizer.plan.reading import Reading
steps, count = 8760, 150
labels = {"site": "here", "technology": "t", "bus": "electricity", "series_units": "MW", "series_flow": "output"}
coords = {name: ("series", np.array([value] * count, dtype=object)) for name, value in labels.items()}
coords |= {"asset": ("series", np.array([f"asset_{n}" for n in range(count)], dtype=object)), "member": ("series", np.zeros(count, int))}
flow = xr.DataArray(np.random.default_rng(1).random((steps, count)), dims=("time", "series"), coords=coords)
time = pd.date_range("2025-01-01", periods=steps, freq="h")
data = xr.Dataset({"flow": flow}, coords={"time": time}, attrs={"step_h": 1.0, "timezone": "Asia/Shanghai"})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
frame = Reading(data).to_frame("flow")
assert len(frame) == steps * count and np.isclose(frame["value"].sum(), flow.values.sum())
print(before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
KB_OF_A_GB = 1e6


def test_a_year_is_a_table_of_less_than_a_gigabyte(project: Path) -> None:
    """150 series of 8,760 h in a process of its own: its peak, with Python and all libraries, stays under 1 GB."""
    done = subprocess.run([sys.executable, "-c", A_YEAR], cwd=project, capture_output=True, text=True, check=True)
    _, peak_kb = map(int, done.stdout.split())
    assert peak_kb < KB_OF_A_GB
    assert (
        resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >= peak_kb
    )  # the same clockwork measures it from outside
