"""Ladder, unit costs and shares of shipped sites come out of their results file again, by a script that shares no code with the project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optimizer.plan.optimize import optimize
from optimizer.runs.folder import write_run
from optimizer.scenario.file import load_scenario
from tests.recompute_deadlines import claims_of
from tests.recompute_ladder import differences

SITES = ("qaidam", "kunming-two-asias", "xining-sanjiangyuan")


@pytest.mark.parametrize("site", SITES)
def test_everything_comes_out_again(site: str, tmp_path: Path) -> None:
    """Twelve hours to 1e-6; a saving, a unit cost or a share that is said otherwise is found, and a deadline that binds nothing."""
    outcome = optimize(load_scenario(f"scenarios/{site}.yaml"), start="2025-03-10", days=0.5, workers=1)
    folder = write_run(tmp_path / site, outcome)
    assert differences(folder) == []
    assert [row.false for row in claims_of(folder) if row.false] == []
    if site == SITES[0]:
        schedule = (folder / "schedule.csv").read_text(encoding="utf-8")
        (folder / "schedule.csv").write_text(schedule.replace("runs as it arrives", "deadline binds: said falsely"))
        assert sum(row.false for row in claims_of(folder)) > 0
        summary = json.loads((folder / "summary.json").read_text())
        summary["ladder"]["saved"]["the store"] += 1.0
        summary["costs"]["per_it_kwh"]["total"] *= 1.00001
        summary["own_supply_share"] += 1e-5
        (folder / "summary.json").write_text(json.dumps(summary))
        assert len(differences(folder)) == 3
