"""Files with something wrong in them, of every form: data or one of the project's own errors, never another exception."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.job_table import JobTable
from tests.planned_nonsense import reason_of
from tests.soak_readers import failures
from tests.soak_scenarios import outcomes


def test_mutated_files_end_in_words(tmp_path: Path) -> None:
    """Three mutations of each of sixteen forms; `python -m tests.soak_readers` runs thousands."""
    assert list(failures(48, 7, tmp_path)) == []


def test_fifty_thousand_jobs_are_read_once(tmp_path: Path) -> None:
    """All of them, with their account; the second plan takes what the first one read."""
    path = tmp_path / "jobs.csv"
    rows = (
        f"j{k},2025-{1 + k % 12:02d}-{1 + k % 28:02d} {k % 24:02d}:00,{1 + k % 64},{1 + k % 9}" for k in range(50_000)
    )
    path.write_text("id,arrival,cards,hours\n" + "\n".join(rows) + "\n", encoding="utf-8")
    calendar = Calendar.at_local_midnight("2025-01-01", 365, 1.0, "Asia/Shanghai")
    table = JobTable(file=str(path))
    assert len(table.jobs(calendar)) == 50_000
    assert table.jobs(calendar)[0] is table.jobs(calendar)[0]
    assert table.account(calendar) == []


def test_mutated_scenarios_and_studies_end_in_words(tmp_path: Path) -> None:
    """Twenty-five mutations; `python -m tests.soak_scenarios` runs thousands and plans what is accepted."""
    ends = list(outcomes(25, 4, tmp_path))
    assert [(done, end) for _, done, end in ends if end not in ("accepted", "refused")] == []
    accepted = [(kind, *done.popitem()) for kind, done, end in ends if end == "accepted" and len(done) == 1]
    assert [mutation for mutation in accepted if reason_of(*mutation) is None] == []


@pytest.mark.parametrize("value", [True, -1, "x", {"min": 1, "max": 0}, [[1]]])
def test_nonsense_without_a_reason_is_no_planned_one(value: object) -> None:
    """No reason covers everything: the soak fails by a value that nobody has said anything about."""
    assert reason_of("scenario", "storage.battery.energy_mwh", value) is None
    assert reason_of("scenario", "storage.battery.energy_mwh", 1e4) is not None
