"""The dictionary page is what the code makes today, and names every key and column that a run is written with."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from optimizer.commands.dictionary import written
from optimizer.plan.optimize import optimize
from optimizer.plan.results_file import load_results
from optimizer.plan.schedule import COLUMNS
from optimizer.plan.written_names import JOBS, SCHEDULE, SUMMARY, VARIABLES
from optimizer.runs.folder import write_run
from optimizer.scenario.file import load_site

SITE = Path(__file__).parents[2] / "scenarios" / "examples" / "leadville.yaml"


def test_the_page_is_of_today(project: Path) -> None:
    """After a change of a key: `qaidam schema`."""
    page = (project / "optimizer/guides/dictionary.md").read_text(encoding="utf-8")
    assert written(page) == page


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day with sun, a battery, service and jobs."""
    return write_run(tmp_path_factory.mktemp("dictionary") / "run", optimize(load_site(SITE), days=1, workers=1))


def test_every_name_of_a_run_is_told(run: Path) -> None:
    """Summary, tables and variables; a name without a meaning would be a riddle, one that is gone a lie."""
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    assert set(summary) - set(SUMMARY) == set()
    assert set(SUMMARY) - set(summary) == set()
    assert list(pd.read_csv(run / "schedule.csv").columns) == list(COLUMNS) == list(SCHEDULE)
    assert set(pd.read_csv(run / "jobs.csv").columns) == set(JOBS)
    assert set(load_results(run / "results.nc").data_vars) <= set(VARIABLES)
