"""Publishing: whole or not at all, once for the same inputs, never two at once, old plans removed."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock

from optimizer.files.mark import MARK, NotOursError
from optimizer.nightly.night import LOCK, BusyError, Sources
from optimizer.nightly.publish import last_before, point_latest, publish, published, tidy_up
from optimizer.nightly.recheck import faults_of_folder
from optimizer.nightly.record import RECORD, SCHEMA, RunRecord, read_record, record_schema, write_record
from tests.nightly.nights import DAY, EVENING, good, run_night


def made_up_record(day: str, number: int = 0) -> RunRecord:
    start = pd.Timestamp(day)
    return RunRecord(
        plan_id=f"{number:012x}", scenario="made up", day=day, start_utc=start.isoformat(),
        kept_until_utc=(start + DAY).isoformat(), valid_until_utc=(start + 2 * DAY).isoformat(),
        published_utc=(start - pd.Timedelta(hours=2)).isoformat(), level=0, level_name="optimised", exit_code=0,
        forecast_level="fresh", forecast_issued_utc=start.isoformat(), forecast_source="made up", members=1,
        telemetry_age_h=None, state_sources={}, previous=None, cost=1.0, bound=1.0, gap=0.0, baseline_cost=2.0,
        shortfalls={}, notes=[], inputs={}, seconds={}, versions={},
    )  # fmt: skip


def fill_with(day: str, number: int = 0) -> Callable[[Path], None]:
    def fill(part: Path) -> None:
        for name in ("a", "b", "c"):
            (part / name).write_text(name * 1000)
        write_record(part / RECORD, made_up_record(day, number))

    return fill


def put(plans: Path, day: str, number: int = 0) -> Path:
    return publish(plans, f"{day}-{number:012x}", fill_with(day, number))


CALLS = ("mkdir", "open", "fsync", "rename", "replace", "symlink", "unlink", "rmdir")


def killed_at(moment: int, work: Callable[[], object]) -> bool:
    """Whether a child that does the work is killed at its `moment`-th file operation; False: it came through."""
    child = os.fork()
    if child == 0:
        left = moment

        def counted(real: Callable[..., object]) -> Callable[..., object]:
            def call(*args: object, **options: object) -> object:
                nonlocal left
                left -= 1
                if left <= 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **options)

            return call

        for name in CALLS:
            setattr(os, name, counted(getattr(os, name)))
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("moment", range(1, 40))
def test_kill_9_at_any_moment_leaves_a_whole_plan(moment: int, tmp_path: Path) -> None:
    """At each of the first 39 file operations of publishing: `latest` leads to a whole plan, and the next run goes on.

    A folder filled in place would be found half full at moments 2 to 15.
    """
    put(tmp_path, "2025-06-01")
    killed_at(moment, lambda: put(tmp_path, "2025-06-02", 1))
    latest = (tmp_path / "latest").resolve()
    assert sorted(path.name for path in latest.iterdir()) == [MARK, "a", "b", "c", RECORD]
    assert read_record(latest / RECORD) is not None
    put(tmp_path, "2025-06-02", 1)
    tidy_up(tmp_path, 60)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["2025-06-01-000000000000", "2025-06-02-000000000001", "latest"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_kill_moments_cover_publishing(tmp_path: Path) -> None:
    """Publishing makes between 10 and 80 counted operations, so the moments above fall into it, not after it."""
    assert killed_at(9, lambda: put(tmp_path / "a", "2025-06-01"))
    assert not killed_at(81, lambda: put(tmp_path / "b", "2025-06-01"))


def test_disk_full_leaves_the_last_plan(tmp_path: Path) -> None:
    """No file may grow beyond 20 kB (a limit of the system, as a full disk): an OSError, the last plan and no litter."""
    plans = tmp_path / "plans"
    sources = good(tmp_path)
    first = run_night(plans, sources=sources)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, hard))
    try:
        with pytest.raises(OSError, match=r"File too large|write"):
            run_night(plans, sources=sources, now=EVENING + DAY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (plans / "latest").resolve() == first.folder.resolve()
    assert faults_of_folder(first.folder) == []
    assert not [path for path in plans.iterdir() if path.name.endswith(".part")]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A file stands where the plans folder should be (root may write into read-only folders, so that is no test): refused."""
    (tmp_path / "plans").write_text("in the way")
    with pytest.raises(NotOursError, match="plans"):
        run_night(tmp_path / "plans")


def test_two_at_once(tmp_path: Path) -> None:
    """While one run holds the lock another gives up at once; without the lock it would publish."""
    with FileLock(tmp_path / LOCK), pytest.raises(BusyError, match="another run"):
        run_night(tmp_path)
    assert published(tmp_path) == []


def test_the_same_inputs_publish_once_and_byte_for_byte(tmp_path: Path) -> None:
    """A second run an hour later publishes nothing; in an empty folder the same inputs give the same bytes."""
    sources = good(tmp_path)
    first = run_night(tmp_path / "a", sources=sources)
    again = run_night(tmp_path / "a", sources=sources, now=EVENING + pd.Timedelta(hours=1))
    elsewhere = run_night(tmp_path / "b", sources=sources)
    assert (first.is_new, again.is_new, again.folder) == (True, False, first.folder)
    assert again.record.published_utc == first.record.published_utc
    assert elsewhere.folder.name == first.folder.name
    assert (elsewhere.folder / "schedule.csv").read_bytes() == (first.folder / "schedule.csv").read_bytes()


def test_an_edited_scenario_is_another_plan(tmp_path: Path) -> None:
    """Half the battery: another id, and `latest` follows; the id of the day alone would publish nothing."""
    from tests.nightly.nights import small_site

    sources = good(tmp_path)
    first = run_night(tmp_path / "plans", sources=sources)
    scenario = small_site(storage={"battery": {"power_mw": 0.3, "energy_mwh": 0.5}})
    second = run_night(tmp_path / "plans", sources=sources, scenario=scenario)
    assert second.is_new
    assert second.folder != first.folder
    assert (tmp_path / "plans" / "latest").resolve() == second.folder.resolve()
    assert second.record.previous is None  # tonight's first attempt is not last night's plan


def broken_file(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text("{ half")


def without_file(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


YESTERDAYS = {
    "sound": (lambda _: None, "tail", "expected by the last plan"),
    "no forecast": (without_file("forecast.nc"), "climatology", "expected by the last plan"),
    "broken forecast": (broken_file("forecast.nc"), "climatology", "expected by the last plan"),
    "no states": (without_file("states.json"), "tail", None),
    "broken states": (broken_file("states.json"), "tail", None),
    "no work": (without_file("work.json"), "tail", "expected by the last plan"),
    "no schedule": (without_file("schedule.csv"), "tail", "expected by the last plan"),
    "broken record": (broken_file(RECORD), "climatology", None),
}


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plans folder with one good night."""
    folder = tmp_path_factory.mktemp("nights")
    run_night(folder / "plans", sources=good(folder))
    return folder / "plans"


@pytest.mark.parametrize("name", YESTERDAYS)
def test_a_broken_yesterday_is_done_without(name: str, tmp_path: Path, first_night: Path) -> None:
    """What of yesterday can still be read is used: forecast level, opening state; always a sound plan, exit code 10."""
    damage, level, source = YESTERDAYS[name]
    shutil.copytree(first_night, tmp_path / "plans", symlinks=True)
    damage((tmp_path / "plans" / "latest").resolve())
    done = run_night(tmp_path / "plans", now=EVENING + DAY)
    assert (done.record.forecast_level, done.record.exit_code) == (level, 10)
    assert done.record.state_sources.get("battery energy_mwh") == source
    assert faults_of_folder(done.folder) == []


def test_a_missed_night_uses_the_night_before(tmp_path: Path, first_night: Path) -> None:
    """No job ran last night: the plan of two nights ago still tells the state at its end, 48 h after its start."""
    shutil.copytree(first_night, tmp_path / "plans", symlinks=True)
    done = run_night(tmp_path / "plans", now=EVENING + 2 * DAY)
    assert done.record.state_sources["battery energy_mwh"] == "expected by the last plan"
    assert faults_of_folder(done.folder) == []


def test_notes_of_the_start_make_a_night_a_fallback(tmp_path: Path) -> None:
    """A broken scenario or job table was noted before: exit code 10 although forecast and plan are good."""
    sources = Sources(good(tmp_path).forecast, None, ("work: no table",))
    assert run_night(tmp_path / "plans", sources=sources).record.exit_code == 10


def test_old_plans_go_and_the_latest_stays(tmp_path: Path) -> None:
    """Two days kept: of four plans of three days the oldest goes, by the order of days; `latest` is spared, and of a folder
    into which somebody put a file of theirs that file stays."""
    folders = [
        put(tmp_path, day, number)
        for number, day in enumerate(("2025-06-01", "2025-06-02", "2025-06-03", "2025-06-03"))
    ]
    (tmp_path / ".2025-01-01-000000000000.77.qaidam-part").mkdir()
    assert tidy_up(tmp_path, 2) == [".2025-01-01-000000000000.77.qaidam-part", folders[0].name]
    (folders[1] / "notes.txt").write_text("mine")
    assert tidy_up(tmp_path, 1) == []
    assert [path.name for path in folders[1].iterdir()] == ["notes.txt"]
    assert (tmp_path / "latest").resolve() == folders[3].resolve()
    point_latest(tmp_path, folders[2].name)
    put(tmp_path, "2025-06-04", 9)
    point_latest(tmp_path, folders[2].name)
    tidy_up(tmp_path, 1)
    assert folders[2].exists()


def test_a_clock_ten_years_ahead_for_a_night_removes_nothing(tmp_path: Path) -> None:
    """Plans of three nights, then one of 2035: all four are there. By that night's clock all others were 60 days old."""
    for day in ("2025-06-01", "2025-06-02", "2025-06-03", "2035-06-04"):
        put(tmp_path, day)
    assert tidy_up(tmp_path, 60) == []
    assert len(published(tmp_path)) == 4


def test_last_night_is_the_last_start_before_this_one(tmp_path: Path) -> None:
    """Of three nights the second is last night's for the third, also when the third was already published."""
    for day in ("2025-06-01", "2025-06-02", "2025-06-03"):
        put(tmp_path, day)
    last_night = last_before(tmp_path, pd.Timestamp("2025-06-03"))
    assert last_night is not None
    assert last_night[1].day == "2025-06-02"


def test_the_shipped_schema_is_the_record_s() -> None:
    """A field added without a new schema file shows here."""
    assert SCHEMA.read_text(encoding="utf-8") == record_schema()
    assert json.loads(record_schema())["additionalProperties"] is False
