"""The machine against the night: full and read-only disks, five jobs at once, no memory, signals. The last plan always stands."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from optimizer.cli import main
from optimizer.nightly import attempt as attempt_module
from optimizer.nightly.night import plan_night
from optimizer.nightly.publish import published
from optimizer.nightly.recheck import faults_of_folder
from optimizer.nightly.solving import SCRATCH, children, sweep_scratch
from tests.files.commands_that_write import snapshot
from tests.nightly.nights import no_page
from tests.nightly.random_nights import BASE
from tests.nightly.test_any_night import rule_based

PATIENCE_S = 60
NOBODY = 65534
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of newer Pythons: a fork beside threads


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the site and the plan of one night, by rule."""
    folder = tmp_path_factory.mktemp("hard")
    (folder / "site.yaml").write_text(json.dumps(BASE))
    with pytest.MonkeyPatch.context() as patch:
        quickly(patch)
        assert nightly(folder, 1) == 10
    return folder


@pytest.fixture
def folder(first: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of it that every user can reach, and nights by rule."""
    quickly(monkeypatch)
    with tempfile.TemporaryDirectory(prefix="hard-times-") as name:
        shutil.copytree(first, Path(name), symlinks=True, dirs_exist_ok=True)
        os.chmod(name, 0o755)
        yield Path(name)


def quickly(patch: pytest.MonkeyPatch) -> None:
    """Plans by rule in this process, without a page: what matters here is how a night ends."""
    patch.setattr(attempt_module, "children", lambda *_: rule_based)
    patch.setitem(plan_night.__kwdefaults__, "draw_page", no_page)


def nightly(folder: Path, day: int) -> int:
    """Exit code of the command on the evening of that day of June."""
    now = f"2025-06-{day:02d}T22:00+08:00"
    words = ["nightly", str(folder / "site.yaml"), "--plans", str(folder / "plans"), "--now", now, "--members", "1"]
    with pytest.raises(SystemExit) as left:
        main(words)
    return int(left.value.code or 0)


def begun(work: Callable[[], int]) -> int:
    """A child of this process that does the work and ends with its exit code; its number."""
    child = os.fork()
    if child:
        return child
    code = 99
    try:
        code = work()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def ended(child: int) -> int:
    """Exit code of a child, below zero the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def assert_stands(folder: Path, plans: int) -> None:
    """`latest` is sound, there are so many plans, and nothing half-written."""
    assert faults_of_folder(folder / "plans" / "latest") == []
    assert len(published(folder / "plans")) == plans
    assert [path.name for path in (folder / "plans").glob(".*.qaidam-*")] == []


def test_five_at_once(folder: Path) -> None:
    """Five jobs that begin in the same moment: one publishes, the others find the lock held or the plan there already."""
    gate, opener = os.pipe()

    def at_the_gate() -> int:
        os.close(opener)
        os.read(gate, 1)
        return nightly(folder, 2)

    jobs = [begun(at_the_gate) for _ in range(5)]
    os.close(opener)
    codes = sorted(ended(job) for job in jobs)
    os.close(gate)
    assert set(codes) <= {10, 75}
    assert 10 in codes
    assert_stands(folder, 2)


@pytest.mark.skipif(os.getuid() != 0, reason="only root mounts a small disk")
def test_a_full_disk(folder: Path) -> None:
    """A disk with no room for another plan: exit code 3, the last plan stands and nothing half-written; with room again
    the same evening is planned."""
    plans = folder / "plans"
    shutil.move(plans, folder / "kept")
    plans.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(plans)], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        shutil.copytree(folder / "kept", plans, symlinks=True, dirs_exist_ok=True)
        with (plans / "filler").open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        assert nightly(folder, 2) == 3
        assert_stands(folder, 1)
        (plans / "filler").unlink()
        assert nightly(folder, 2) == 10
        assert_stands(folder, 2)
    finally:
        subprocess.run(["umount", "-l", str(plans)], check=True)


@pytest.mark.parametrize("whose", ["root's", "own"])
def test_plans_that_may_not_be_written(whose: str, folder: Path) -> None:
    """As an ordinary user, in a folder of root's or one of theirs that is read-only: exit code 2 or 3, and not a byte changes."""
    plans, user = folder / "plans", os.getuid() or NOBODY
    if whose == "own" and os.getuid() == 0:
        for path in (plans, *plans.rglob("*")):
            os.chown(path, user, user, follow_symlinks=False)
    elif whose == "root's" and os.getuid() != 0:
        pytest.skip("only root has folders of root's")
    for path in (*plans.rglob("*"), plans):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o555)
    before = snapshot(folder)

    def as_ordinary_user() -> int:
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        return nightly(folder, 2)  # what it imports was imported by the first night

    code = ended(begun(as_ordinary_user))
    for path in (plans, *plans.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    assert code in (2, 3)
    after = snapshot(folder)
    assert {name: facts[::2] for name, facts in after.items()} == {name: facts[::2] for name, facts in before.items()}
    assert_stands(folder, 1)


@pytest.mark.parametrize("more_mb", [20])
def test_too_little_memory(more_mb: int, folder: Path) -> None:
    """So much more address space than is in use already (`ulimit -v`): a plan, or an exit code and the last plan."""

    def with_little() -> int:
        in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (in_use + more_mb * 1_000_000,) * 2)
        return nightly(folder, 2)

    code = ended(begun(with_little))
    assert code in (10, 3, 5)
    assert_stands(folder, 2 if (folder / "plans" / "latest").resolve().name.startswith("2025-06-03") else 1)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_signals_end_the_night_and_its_children(
    number: signal.Signals, code: int, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While two solving children are at work: the documented exit code, the children gone, the last plan whole, and no
    working folder after the next start. A child that looked at its parent after its imports would live on."""
    sleeper = tmp_path / "sleeper"
    sleeper.write_text("#!/bin/sh\nexec sleep 1000\n")
    sleeper.chmod(0o755)

    def night() -> int:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are born deaf to it
        monkeypatch.setattr(attempt_module, "children", children)
        monkeypatch.setattr(sys, "executable", str(sleeper))
        return nightly(folder, 2)

    job = begun(night)
    solving = within_patience(lambda: [pid for pid in children_of(job) if command_of(pid).startswith("sleep")], 2)
    os.kill(job, number)
    assert ended(job) == code
    within_patience(lambda: [] if any(command_of(pid) for pid in solving) else [0], 1)
    sweep_scratch()
    assert list(Path(tempfile.gettempdir()).glob(f"{SCRATCH}{job}-*")) == []
    assert_stands(folder, 1)


def within_patience(look: Callable[[], list[int]], count: int) -> list[int]:
    """What is seen as soon as it is so many."""
    until = time.monotonic() + PATIENCE_S
    while len(seen := look()) != count:
        assert time.monotonic() < until, seen
        time.sleep(0.02)
    return seen


def children_of(process: int) -> list[int]:
    """Numbers of a process's children."""
    try:
        return [int(number) for number in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def command_of(process: int) -> str:
    """Command line of a process that runs, else nothing."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def test_the_last_plan_s_second_day(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No attempt gives a plan: the day after the last plan's first is its second, exit code 10 and the reason; the day
    after that nothing covers, exit code 5."""

    def nothing(*_: object) -> None:
        raise RuntimeError("this program is broken")

    monkeypatch.setattr("optimizer.nightly.night.attempt", nothing)
    before = (folder / "plans" / "latest").resolve()
    assert nightly(folder, 2) == 10
    told = capsys.readouterr().out
    assert "2025-06-03: level 6, the last plan's second day" in told
    assert "this program is broken" in told
    assert "qaidam_plan_level 6" in (folder / "plans" / "qaidam.prom").read_text()
    assert nightly(folder, 3) == 5
    assert (folder / "plans" / "latest").resolve() == before
    assert_stands(folder, 1)


def test_a_first_night_in_steps_that_weather_has_none_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Steps of two hours, and no earlier plan to fall back on: planned in steps of one hour, and that is noted."""
    quickly(monkeypatch)
    (tmp_path / "site.yaml").write_text(json.dumps(BASE | {"horizon": BASE["horizon"] | {"step_h": 2}}))
    assert nightly(tmp_path, 1) == 10
    assert "scenario: no plan in steps of 2 h; planned in steps of 1 h" in capsys.readouterr().out
    assert faults_of_folder((tmp_path / "plans" / "latest").resolve()) == []
