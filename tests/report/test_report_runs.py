"""Runs of small sites, written and drawn anew from their file: jobs, several futures, no servers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from optimizer.commands.run_summary import headline
from optimizer.plan.optimize import optimize
from optimizer.plan.outcome import Outcome
from optimizer.runs.folder import rewrite_report, write_run
from optimizer.scenario.file import scenario_from

SITE = {"name": "small", "latitude": 36.42, "longitude": 94.9, "elevation_m": 2808, "timezone": "Asia/Shanghai"}
BARE: dict[str, Any] = {
    "name": "bare", "site": SITE, "horizon": {"start": "2025-06-02", "days": 0.5},
    "grid": {"tie": {"tariff": "qinghai", "import_limit_mw": 5}}, "load": {"hall": {"power_mw": 1}},
}  # fmt: skip
WITH_JOBS = BARE | {
    "name": "jobs in two futures",
    "members": {"calm": 0.25, "windy": 0.75},
    "jobs": {"research": {"kw_per_card": 1.0, "jobs": [
        {"id": "long", "arrival": "2025-06-02T01:00", "deadline": "2025-06-02T11:00", "hours": 3, "cards": 8},
        {"id": "short", "arrival": "2025-06-02T02:00", "deadline": "2025-06-02T10:00", "hours": 1, "cards": 4},
    ]}},
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """Two jobs on machines of their own, twelve hours, two futures."""
    outcome = optimize(scenario_from(WITH_JOBS), workers=1)
    return write_run(tmp_path_factory.mktemp("runs") / "jobs", outcome), outcome


def test_jobs_are_written_with_their_times(run: tuple[Path, Outcome]) -> None:
    """Both run once, three hours and one, after they came and before they are due; the long one begins in the valley of
    the tariff (9 h local, 1 h UTC), which is why it waits."""
    times = ["arrival_utc", "start_utc", "end_utc", "deadline_utc"]
    table = pd.read_csv(run[0] / "jobs.csv", parse_dates=times).set_index("job")
    assert sorted(table.index) == ["long", "short"]
    assert ((table["end_utc"] - table["start_utc"]) / pd.Timedelta(hours=1)).to_dict() == {"long": 3.0, "short": 1.0}
    assert (table["start_utc"] >= table["arrival_utc"]).all()
    assert (table["end_utc"] <= table["deadline_utc"]).all()
    assert not table["late"].any()


def test_the_report_shows_the_jobs_and_is_written_anew_from_the_file(run: tuple[Path, Outcome]) -> None:
    """The same page twice, first from the outcome, then from results.nc alone: futures keep their weights in its bill."""
    folder, _ = run
    first = (folder / "report.html").read_text(encoding="utf-8")
    assert "Jobs: when each runs" in first
    assert "Which source fed which use" in first
    (folder / "report.html").unlink()
    assert rewrite_report(folder).read_text(encoding="utf-8") == first


def test_a_site_without_servers_has_no_pue_to_tell(run: tuple[Path, Outcome]) -> None:
    """The last lines of `qaidam run` name carbon and leave PUE out; formatting None would end a good run in a traceback."""
    summary = run[1].summary
    assert summary["pue"] is None
    said = headline(summary, run[0])
    assert "t CO2" in said
    assert "PUE" not in said
