"""`qaidam table` and `qaidam compare`: every hour and job of a run in a form to keep, and runs side by side without silent unlikeness."""

from __future__ import annotations

import importlib.util
import json
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from optimizer.cli import main
from optimizer.commands.compare import page_of
from optimizer.commands.table import TABLES
from optimizer.plan.optimize import optimize
from optimizer.plan.results_file import load_results
from optimizer.quantities.columns import labels_of, matching
from optimizer.runs.comparison import compare_runs
from optimizer.runs.folder import write_run
from optimizer.scenario.file import load_site

SOUND = (Path(__file__).parents[1] / "cases" / "sound.yaml").read_text(encoding="utf-8")
JOBS = """
jobs:
  train:
    pools: [pool]
    jobs:
      - {id: fits, arrival: "2025-03-01 03:00", deadline: "2025-03-01 12:00", cards: 64, hours: 2}
      - {id: huge, arrival: "2025-03-01 03:00", deadline: "2025-03-01 12:00", cards: 4000, hours: 2}
"""


def run_of(folder: Path, name: str, text: str) -> Path:
    """A run of one day."""
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return write_run(folder / name, optimize(load_site(folder / f"{name}.yaml"), workers=1))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A day with a battery, the same with a larger one, and the same on another clock and in another currency."""
    folder = tmp_path_factory.mktemp("runs")
    larger = SOUND.replace("energy_mwh: 0.4", "energy_mwh: 0.8")
    later = SOUND.replace("2025-03-01", "2025-03-02")
    return [run_of(folder, name, text + JOBS) for name, text in (("small", SOUND), ("large", larger), ("later", later))]


def call(*arguments: object) -> Result:
    """The command."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_hours_stand_on_both_clocks_and_balance(runs):
    """24 rows, local midnight is 16:00 UTC of the day before; the bus of electricity sums to nothing (1e-4 MW of rounded cells)."""
    table = pd.read_csv(runs[0] / "hours.csv")
    assert (len(table), table["time_local"][0], table["time_utc"][0]) == (24, "2025-03-01 00:00", "2025-02-28T16:00Z")
    results = load_results(runs[0] / "results.nc")
    electricity = matching(results["flow"], bus="electricity")
    labels = labels_of(electricity)
    names = [f"{asset}.{flow} [MW]" for asset, flow in zip(labels["asset"], labels["quantity"], strict=True)]
    assert {"tie.import [MW]", "battery.charge [MW]"} <= set(names)
    assert table[names].sum(axis=1).abs().max() < 1e-4
    asked = call("table", runs[0], "hours")
    pd.testing.assert_frame_equal(pd.read_csv(StringIO(asked.output)), table)


def test_jobs_that_do_not_run_stand_in_the_table_with_their_reason(runs):
    """4,000 cards in a pool of 256: a row without a start, and why; the job that runs has the site's clock, eight hours ahead."""
    table = pd.read_csv(runs[0] / "jobs.csv").set_index("job")
    assert pd.isna(table.loc["huge", "start_utc"])
    assert "4000 cards for 2 h" in table.loc["huge", "not_run_because"]
    ahead = pd.Timestamp(table.loc["fits", "start_local"]) - pd.Timestamp(table.loc["fits", "start_utc"]).tz_localize(
        None
    )
    assert (ahead, pd.isna(table.loc["fits", "not_run_because"])) == (pd.Timedelta(hours=8), True)


@pytest.mark.parametrize("what", ["money", "energy", "schedule"])
def test_every_table_comes_in_markdown(runs, what):
    """A table of money sums to the run's cost (a cent)."""
    assert call("table", runs[0], what, "--format", "md").exit_code == 0
    if what == "money":
        table = pd.read_csv(StringIO(call("table", runs[0], what).output))
        cost = json.loads((runs[0] / "summary.json").read_text(encoding="utf-8"))["cost"]
        assert table["total"].sum() == pytest.approx(cost, abs=0.01)


@pytest.mark.parametrize("what", [name for name in TABLES if name != "rules"])
def test_every_table_comes_as_a_spreadsheet(runs, what, tmp_path):
    """Read back from the file: the sheet bears the table's name, the head row and every cell are those of the CSV table."""
    pytest.importorskip("openpyxl", reason="openpyxl not installed (extra `xlsx`)")
    path = tmp_path / "made.xlsx"
    asked = call("table", runs[0], what, "--format", "xlsx", "--out", path)
    assert (asked.exit_code, asked.output.strip()) == (0, str(path))
    as_text = pd.read_csv(StringIO(call("table", runs[0], what).output))
    in_sheet = pd.read_excel(path, sheet_name=what)
    pd.testing.assert_frame_equal(in_sheet, as_text, check_dtype=False)
    assert call("table", runs[0], what, "--format", "xlsx", "--out", path).exit_code == 2


def test_a_table_a_run_has_not_is_told(runs, tmp_path):
    """No rule book in the scenario: no empty file, but the reason."""
    asked = call("table", runs[0], "rules", "--format", "csv", "--out", tmp_path / "rules.csv")
    assert (asked.exit_code, "no rule book is in force" in asked.stderr, list(tmp_path.iterdir())) == (0, True, [])
    assert call("table", runs[0], "rules").stdout == ""


def test_xlsx_without_its_package_is_told(runs, monkeypatch, tmp_path):
    """The package and how to install it; no file is left."""
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *_: None if name == "openpyxl" else found(name))
    asked = call("table", runs[0], "energy", "--format", "xlsx", "--out", tmp_path / "e.xlsx")
    assert (asked.exit_code, "pip install 'qaidam[xlsx]'" in asked.output, list(tmp_path.iterdir())) == (3, True, [])


def test_runs_are_compared_flow_by_flow(runs):
    """Figures are those of the summaries; what differs is the battery's flows and the tie's, and no warning is due."""
    told = json.loads(call("compare", runs[0], runs[1], "--json").output)
    figures = {row["figure"]: row for row in told["figures"]}
    summaries = [json.loads((run / "summary.json").read_text(encoding="utf-8")) for run in runs[:2]]
    assert [figures["cost"][name] for name in ("small", "large")] == pytest.approx([s["cost"] for s in summaries])
    assert told["warnings"] == []
    assert {row["flow"] for row in told["hours"]} >= {"battery.charge [MW]", "tie.import [MW]"}


def test_a_comparison_is_a_page_where_its_name_ends_so(runs, tmp_path):
    """One HTML page: the cheaper run in a sentence, money, capital, energy, carbon, and every flow that differs."""
    page = tmp_path / "page.html"
    assert call("compare", runs[0], runs[1], "--out", page).exit_code == 0
    html = page.read_text(encoding="utf-8")
    for text in (
        "“large” costs",
        "against “small”",
        "Money to run",
        "Carbon",
        "battery.charge [MW]",
        "large less small",
    ):
        assert text in html, text
    later = tmp_path / "later.html"
    assert call("compare", runs[0], runs[2], "--out", later).exit_code == 0
    assert "later plans other hours than small" in later.read_text(encoding="utf-8").split('class="answer"')[0]


def test_other_days_are_said_before_the_figures(runs):
    """Another day: sums are not of the same hours; and a run against itself differs nowhere."""
    page = page_of(compare_runs([runs[0], runs[2]]), None)
    assert "later plans other hours than small: 24 steps of 1 h from 2025-03-02" in page.partition("| key figure")[0]
    assert "No flow differs in any hour." in page_of(compare_runs([runs[0], runs[0]]), None)


def test_a_run_that_was_changed_is_not_compared(runs, tmp_path):
    """One figure of the hours: the check names the file."""
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(runs[1], copy)
    text = (copy / "hours.csv").read_text(encoding="utf-8")
    (copy / "hours.csv").write_text(text.replace("2025-03-01 05:00", "2025-03-01 06:00"), encoding="utf-8")
    asked = call("compare", runs[0], copy)
    assert (asked.exit_code, "hours.csv: was changed" in asked.output) == (3, True)
