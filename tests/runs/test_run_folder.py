"""A run's folder is whole or not at all: killed, refused and failing writers leave the last good run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from optimizer.files.mark import NotOursError
from optimizer.files.target import usable_target
from optimizer.files.whole import recover, write_whole

WRITER = """
import sys, time
from pathlib import Path
from optimizer.files.whole import write_whole

def fill(part):
    (part / "summary.json").write_text("new")
    (part / "half").write_text("x" * 100)
    print("writing", flush=True)
    time.sleep(60)

write_whole(Path(sys.argv[1]), fill, "run")
"""


def write(folder: Path, text: str) -> None:
    """A run of one file."""
    write_whole(folder, lambda part: (part / "summary.json").write_text(text) and None, "run")


def kill_a_writer(folder: Path) -> None:
    """A process that is killed, without a chance to tidy up, in the middle of writing a run."""
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_a_writer_that_is_killed_leaves_the_last_good_run(tmp_path: Path) -> None:
    """After kill -9 the folder reads "old", whole; the next writer replaces it and sweeps what the dead one left."""
    write(tmp_path / "run", "old")
    kill_a_writer(tmp_path / "run")
    assert (tmp_path / "run" / "summary.json").read_text() == "old"
    assert not (tmp_path / "run" / "half").exists()
    write(tmp_path / "run", "newer")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert (tmp_path / "run" / "summary.json").read_text() == "newer"


def test_a_writer_killed_between_its_two_renames_is_made_good(tmp_path: Path) -> None:
    """The old run has been put aside, the new one is not there yet: it comes back. Without that, no run would be left."""
    write(tmp_path / "run", "old")
    (tmp_path / "run").rename(tmp_path / ".run.qaidam-old")
    recover(tmp_path / "run")
    assert (tmp_path / "run" / "summary.json").read_text() == "old"


def test_a_writer_that_fails_leaves_nothing_half(tmp_path: Path) -> None:
    """A full disk in the middle: the error comes through, the last good run stays, and no other folder."""
    write(tmp_path / "run", "old")

    def fill(part: Path) -> None:
        (part / "summary.json").write_text("new")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "run", fill, "run")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert (tmp_path / "run" / "summary.json").read_text() == "old"


def test_the_parts_of_a_living_writer_are_left_alone(tmp_path: Path) -> None:
    """A folder named after a process that lives (this one's parent) is not swept away by another writer."""
    living = tmp_path / f".run.{os.getppid()}.qaidam-part"
    living.mkdir()
    write(tmp_path / "run", "mine")
    assert living.exists()


def test_a_run_is_read_whole_while_it_is_replaced(tmp_path: Path) -> None:
    """Fifty replacements; a reader that opened the folder's file sees one of the two texts, never none or a mixture."""
    write(tmp_path / "run", "0" * 1000)
    code = (
        "import sys\nfrom pathlib import Path\nfrom optimizer.files.whole import write_whole\n"
        "for n in range(50):\n    write_whole(Path(sys.argv[1]), lambda part: (part / 'summary.json').write_text(str(n % 10) * 1000) and None, 'run')\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "run")])
    seen = set()
    while process.poll() is None:
        try:
            text = (tmp_path / "run" / "summary.json").read_text()
        except FileNotFoundError:
            continue  # between the two renames; the next look finds it
        assert len(text) == 1000
        seen |= set(text)
        assert len(set(text)) == 1
        time.sleep(0.001)
    assert process.returncode == 0
    assert "9" in seen | set((tmp_path / "run" / "summary.json").read_text())


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_may_not_be_written_is_refused_at_once(tmp_path: Path) -> None:
    """Before any planning, with the remedy."""
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(NotOursError, match="may not be written to; give another folder with --out"):
            usable_target(tmp_path / "run", "run")
    finally:
        tmp_path.chmod(0o700)


def test_new_empty_and_earlier_runs_are_usable(tmp_path: Path) -> None:
    """All three give the full path; a relative one too."""
    (tmp_path / "empty").mkdir()
    write(tmp_path / "earlier", "run")
    for name in ("new", "deep/er/new", "empty", "earlier"):
        assert usable_target(tmp_path / name, "run") == tmp_path / name
