"""The main job from the command line to its files, on one day of a small center, and the bars that any plan must meet."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import xarray as xr
from click.testing import CliRunner
from sites import center, small

from optimizer.cli import main
from optimizer.plan.results_file import load_results
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.compute.service import Service
from optimizer.technologies.energy.lease import Lease
from optimizer.technologies.energy.storage import Storage

SOUND = Path(__file__).parents[1] / "cases" / "sound.yaml"
SUMMARY_KEYS = [
    "scenario",
    "weather",
    "status",
    "currency",
    "cost",
    "bound",
    "gap",
    "baseline_cost",
    "saving",
    "pue",
    "wue_l_per_kwh",
    "it_mwh",
    "facility_mwh",
    "solar_mwh",
    "wind_mwh",
    "curtailed_mwh",
    "import_mwh",
    "export_mwh",
    "storage_discharge_mwh",
    "green_share",
    "self_use_share",
    "cfe_hourly_share",
    "carbon_location_t",
    "carbon_market_t",
    "card_hours",
    "shifted_card_hours",
    "late_card_hours",
    "shortfalls",
    "seconds",
    "versions",
]
PRICES = [90, 80, 60, 60, 70, 120, 250, 500, 600, 400, 150, 60, 40, 40, 60, 120, 300, 600, 700, 650, 500, 300, 200, 120]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one run of the sound scenario."""
    folder = tmp_path_factory.mktemp("main") / "run"
    result = CliRunner().invoke(main, ["run", str(SOUND), "--out", str(folder), "--workers", "1"])
    assert result.exit_code == 0, result.output
    return folder


def test_a_run_leaves_its_files_and_nothing_else(run: Path) -> None:
    """Four files for people and programs (and the green ledger's two), no half-written neighbour."""
    names = {path.name for path in run.iterdir()}
    assert names >= {"results.nc", "schedule.csv", "summary.json", "report.html"}
    assert [path.name for path in run.parent.iterdir()] == ["run"]


@pytest.mark.parametrize("group", [None, "baseline"])
def test_every_bus_balances_in_every_hour_of_the_file(run: Path, group: str | None) -> None:
    """|Σ flow| ≤ 1e-6 MW (cards) on every bus, from results.nc alone, with nothing but xarray. A sign slip gives megawatts."""
    with xr.open_dataset(run / "results.nc", engine="h5netcdf", group=group) as file:
        flow = file["flow"].load()
    buses = {str(bus) for bus in flow["bus"].values}
    assert buses >= {"electricity", "it", "air_heat", "compute.pool"}
    for bus in buses:
        total = flow.values[:, flow["bus"].values == bus].sum(axis=1)
        assert abs(total).max() <= 1e-6 * max(1.0, abs(flow.values).max() / 100), bus  # rows are held to 1e-7, relative


def test_the_summary_has_its_keys_and_keeps_its_word(run: Path) -> None:
    """Every key programs read; bound ≤ cost ≤ baseline, gap as defined, PUE from the file's own flows."""
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    assert [key for key in SUMMARY_KEYS if key not in summary] == []
    assert summary["bound"] <= summary["cost"] + 1e-6 <= summary["baseline_cost"] + 1e-3
    assert summary["gap"] == pytest.approx((summary["cost"] - summary["bound"]) / abs(summary["cost"]), abs=1e-9)
    flow = load_results(run / "results.nc")["flow"]
    drawn = -flow.values[:, (flow["bus"].values == "electricity") & (flow["series_flow"].values == "draw")].sum()
    fed = flow.values[:, (flow["bus"].values == "it") & (flow["series_flow"].values == "feed")].sum()
    assert summary["pue"] == pytest.approx(drawn / fed)
    assert 1.03 < summary["pue"] < 1.35


def test_the_schedule_tells_what_the_plan_does(run: Path) -> None:
    """A row an hour and workload, planned cards as in the results, and every row with a reason."""
    with (run / "schedule.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 24 * 2
    flow = load_results(run / "results.nc")["flow"]
    ran = -flow.values[:, (flow["asset"].values == "training") & (flow["series_flow"].values == "run")][:, 0]
    told = [float(row["planned_cards"]) for row in rows if row["workload"] == "training"]
    assert told == pytest.approx(ran, abs=0.006)  # written with two decimals
    assert all(row["reason"] for row in rows)


def test_a_report_can_be_written_again_from_the_file_alone(run: Path) -> None:
    """`qaidam report` re-checks the results and writes the page anew."""
    (run / "report.html").unlink()
    result = CliRunner().invoke(main, ["report", str(run)])
    assert result.exit_code == 0, result.output
    assert (run / "report.html").stat().st_size > 10_000


def test_a_result_changed_by_hand_is_not_reported(run: Path) -> None:
    """A megawatt more of import in one hour of the file: the laws it breaks are named, exit code 5, no report."""
    from optimizer.plan.results_file import save_results

    whole = (run / "results.nc").read_bytes()
    results, baseline = (load_results(run / "results.nc", group=group) for group in (None, "baseline"))
    column = (results["flow"]["series_flow"].values == "import").nonzero()[0][0]
    results["flow"].values[5, column] += 1.0
    save_results(run / "results.nc", results, baseline.assign(input=results["input"]))
    result = CliRunner().invoke(main, ["report", str(run)])
    (run / "results.nc").write_bytes(whole)
    assert result.exit_code == 5
    assert "here > electricity: flows sum to 1 at step 5, not to zero" in result.output


def test_the_same_run_twice_is_the_same(run: Path, tmp_path: Path) -> None:
    """Schedule byte for byte; costs to the last digit; so also where the reader has another language, whose page differs."""
    again = tmp_path / "again"
    command = ["run", str(SOUND), "--out", str(again), "--workers", "1", "--language", "zh"]
    told = CliRunner().invoke(main, command)
    assert told.exit_code == 0
    assert "运行成本" in told.output
    assert (again / "schedule.csv").read_bytes() == (run / "schedule.csv").read_bytes()
    summaries = [json.loads((folder / "summary.json").read_text(encoding="utf-8")) for folder in (run, again)]
    first, second = ({key: value for key, value in each.items() if key != "seconds"} for each in summaries)
    assert first == second
    assert '<html lang="zh-CN">' in (again / "report.html").read_text(encoding="utf-8")


def test_a_longer_deadline_never_costs_more() -> None:
    """Two days, training within 24, 36, 48 h on prices that are cheap on the second day: the bill falls, step by step.

    Work not done by the end costs more than any hour, so that nothing is gained by leaving it.
    """
    prices = [price * 2 for price in PRICES] + PRICES
    costs = []
    for deadline in (24, 36, 48):
        queue = Queue(pool="pool", arrival_cards=0.0, deadline_h=deadline, unfinished_price_per_card_h=20.0)
        series = {("tie", "import_price_per_mwh"): prices, ("training", "arrival_cards"): [200.0] * 12 + [0.0] * 36}
        costs.append(
            small(center(training=queue, inference=Service(pool="pool", cards=100.0)), 48, series=series).plan().cost
        )
    day, day_and_half, two_days = costs
    assert day >= day_and_half - 1e-5 >= two_days - 2e-5  # money; optima to 1e-9, rows to 1e-7
    assert (day, two_days) == (pytest.approx(2666, rel=0.01), pytest.approx(2628, rel=0.01))  # 38 saved by waiting


def test_a_lease_that_costs_nothing_is_worth_something_or_nothing() -> None:
    """Without a free lease of 0.3 MW / 1 MWh the day costs more, here by more than 50; without a priced one it may cost less."""
    store = Storage(power_mw=0.3, energy_mwh=1.0, opening_state_of_charge=0.0, behind_the_meter=True, lease=Lease())
    series = {("tie", "import_price_per_mwh"): PRICES}
    base = center(inference=Service(pool="pool", cards=300.0))
    without = small(base, 24, series=series).plan().cost
    free = small({**base, "lease": store}, 24, series=series).plan().cost
    dear = store.model_copy(update={"lease": Lease(price_per_mwh_year=10_000_000)})
    priced = small({**base, "lease": dear}, 24, series=series).plan().cost
    assert free < without - 50
    assert priced == pytest.approx(free + 10_000_000 * 24 / 8760)
    assert priced > without


def test_the_schema_in_the_repository_is_the_one_the_code_gives(project: Path) -> None:
    """`qaidam schema` would change nothing: an editor checks what the program checks."""
    from optimizer.scenario.file import json_schema

    stored = json.loads((project / "scenarios" / "scenario.schema.json").read_text(encoding="utf-8"))
    assert stored == json.loads(json_schema()), "run `qaidam schema`"
