"""Job tables that change behind a plan's back: written over every evening, spoiled, gone."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from optimizer.cli import main
from optimizer.files.mark import mark_of
from optimizer.nightly.recheck import faults_of_folder, faults_of_night
from optimizer.runs.recheck import faults_of_run
from tests.nightly.random_nights import BASE
from tests.nightly.test_hard_times import nightly, quickly

TABLE = "id,arrival,cards,hours\na,2025-06-02 03:00,8,3\nb,2025-06-02 05:00,16,2\n"
OTHER = "id,arrival,cards,hours\nz,2025-06-02 01:00,200,1\n"
PIECES = ("storage", "queue", "service", "solar")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site with a job table, its nights by rule."""
    quickly(monkeypatch)
    site = {key: value for key, value in copy.deepcopy(BASE).items() if key not in PIECES}
    site["jobs"] = {"train": {"pools": ["pool"], "table": {"file": "queue.csv"}}}
    (tmp_path / "site.yaml").write_text(json.dumps(site))
    (tmp_path / "queue.csv").write_text(TABLE)
    return tmp_path


def test_a_plan_keeps_the_table_it_was_made_from(folder: Path) -> None:
    """The table is written over, then removed: night and run (of three hours without a job) are as sound as before, and what was planned lies under their
    seal. Read at its old place, other jobs would break the plan's laws, and it would not be exported."""
    assert nightly(folder, 1) == 10
    with pytest.raises(SystemExit):
        main(
            ["run", str(folder / "site.yaml"), "--start", "2025-06-02", "--days", "0.125", "--out", str(folder / "run")]
        )
    night = (folder / "plans" / "latest").resolve()
    (folder / "queue.csv").write_text(OTHER)
    assert faults_of_night(night) == []
    (folder / "queue.csv").unlink()
    assert faults_of_run(folder / "run") == []
    for place in (night, folder / "run"):
        assert (place / "job-table-jobs-train.csv").read_text() == TABLE
        mark = mark_of(place)
        assert mark is not None
        assert "job-table-jobs-train.csv" in mark.files


@pytest.mark.parametrize("content", [None, b"\x00\xff"])
def test_a_table_nobody_can_read_ends_no_night(
    content: bytes | None, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first night already: without the work of that table, with the reason."""
    (folder / "queue.csv").unlink()
    if content is not None:
        (folder / "queue.csv").write_bytes(content)
    assert nightly(folder, 1) == 10
    told = capsys.readouterr().out
    assert "noted: work: jobs > train > table" in told
    assert "none of it is planned" in told
    assert faults_of_folder(folder / "plans" / "latest") == []


def test_tonights_table_stands_for_one_that_is_gone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The scenario's own table is not missed where another is given."""
    (folder / "queue.csv").rename(folder / "tonight.csv")
    words = ["nightly", str(folder / "site.yaml"), "--plans", str(folder / "plans"), "--members", "1",
             "--now", "2025-06-01T22:00+08:00", "--jobs", str(folder / "tonight.csv")]  # fmt: skip
    with pytest.raises(SystemExit):
        main(words)
    assert "noted: work" not in capsys.readouterr().out
    assert (folder / "plans" / "latest" / "job-table-jobs-train.csv").read_text() == TABLE
