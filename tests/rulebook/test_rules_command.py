"""`qaidam rules` and what a run says of the law: the same verdicts in summary, report and command, found when they are changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from optimizer.cli import main
from tests.recompute_law import differences

DAY = {
    "name": "a day",
    "site": {"name": "place", "latitude": 36, "longitude": 95, "elevation_m": 2800},
    "horizon": {"start": "2025-01-01", "days": 1},
    "wind": {"farm": {"power_mw": 4, "capacity_factor": {"hourly": [1.0] * 12 + [0.0] * 12}, "cost_per_mwh": 0}},
    "load": {"works": {"power_mw": 2}},
    "grid": {"tie": {"tariff": {"energy_price_per_mwh": 100, "export_price_per_mwh": 30}, "import_limit_mw": 20, "export_limit_mw": 10}},
    "green_supply": {"law": {"books": ["direct-connection"], "breach_price_per_mwh": 500}},
}  # fmt: skip
"""48 MWh available, 24 self-used of 48 used; export is held to 20 %, self-use stays at 50 % of 60 %."""


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The day, planned."""
    folder = tmp_path_factory.mktemp("law")
    (folder / "day.yaml").write_text(yaml.safe_dump(DAY), encoding="utf-8")
    done = CliRunner().invoke(main, ["run", str(folder / "day.yaml"), "--out", str(folder / "out"), "--workers", "1"])
    assert "law: NOT lawful, 1 of 4 clauses fail: self use" in done.output, done.output
    return folder / "out"


def test_command_summary_and_report_say_the_same(run_folder: Path) -> None:
    done = CliRunner().invoke(main, ["rules", str(run_folder), "--json"])
    assert done.exit_code == 4
    told = json.loads(done.output)
    assert told["verdicts"] == json.loads((run_folder / "summary.json").read_text(encoding="utf-8"))["law"]
    assert {v["clause"]: v["holds"] for v in told["verdicts"]} == {
        "self_use": False, "own_supply": True, "export": True, "declared_capacity": True,
    }  # fmt: skip
    assert told["metering"]["place"]["self_used_mwh"] == pytest.approx(24.0, abs=1e-5)
    assert told["metering"]["place"]["exported_mwh"] == pytest.approx(9.6, abs=1e-5)
    page = (run_folder / "report.html").read_text(encoding="utf-8")
    assert "发改能源〔2025〕650号" in page
    assert "NOT lawful" in page


def test_words_for_people(run_folder: Path) -> None:
    done = CliRunner().invoke(main, ["rules", str(run_folder)])
    assert "FAILS: self use of 发改能源〔2025〕650号, 2025-05-30 (official)" in done.output
    assert (
        "the plan: 50.00% (at least 60.00%); margin -10.00 points; one more point costs 87,600" in done.output
    )  # 0.48 MWh x 500 x 365
    assert "holds: own supply" in done.output
    assert "margin +15.00 points; one more point costs nothing" in done.output
    assert "no price: each MWh above is paid at the tie's overload price instead" in done.output
    assert "self-use 24.0 of 48.0 used" in done.output


def test_other_books_may_be_asked(run_folder: Path) -> None:
    done = CliRunner().invoke(main, ["rules", str(run_folder), "--book", "hub-node"])
    assert done.exit_code == 4
    assert "green share" in done.output
    unknown = CliRunner().invoke(main, ["rules", str(run_folder), "--book", "hub-nodes"])
    assert unknown.exit_code == 2
    assert "known are" in unknown.output


def test_a_changed_verdict_is_found(run_folder: Path, tmp_path: Path) -> None:
    from optimizer.runs.recheck import content_faults

    summary = json.loads((run_folder / "summary.json").read_text(encoding="utf-8"))
    assert content_faults(run_folder) == []
    summary["law"][0] |= {"value": 0.7, "holds": True}
    for name in ("results.nc", "schedule.csv", "ledger.csv", "green_statement.csv"):
        (tmp_path / name).write_bytes((run_folder / name).read_bytes())
    (tmp_path / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    assert any("law" in fault for fault in content_faults(tmp_path))


def test_the_ratios_come_out_of_the_results_file_alone(run_folder: Path, tmp_path: Path) -> None:
    """Summed anew without the project's code; a share changed by a hundredth is found."""
    assert differences(run_folder) == []
    summary = json.loads((run_folder / "summary.json").read_text(encoding="utf-8"))
    summary["law"][2]["value"] += 0.01
    (tmp_path / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    (tmp_path / "results.nc").write_bytes((run_folder / "results.nc").read_bytes())
    assert len(differences(tmp_path)) == 1
