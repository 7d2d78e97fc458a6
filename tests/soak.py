"""Full nights of the real command under everything at once, and kills at any moment: `python -m tests.soak [NIGHTS] [KILLS]`.

Takes about an hour for 40 nights and 100 kills. Ends with exit code 1 at the first night without a sound plan, `latest` that
leads to a plan that is not whole, a child that outlives its parent, or a working folder left behind.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from optimizer.nightly.publish import is_whole
from optimizer.nightly.recheck import faults_of_folder
from optimizer.nightly.solving import SCRATCH
from tests.nightly.random_nights import (
    BASE,
    LAST,
    changed_scenario,
    end_values_text,
    input_file,
    next_clock,
    spoil,
    telemetry_text,
)

FIRST = pd.Timestamp("2025-06-01T14:00")
PUBLISHED = (0, 10)
CHILD = "optimizer.nightly.child"
SMALL = ("--members", "1", "--deadline", "20")
"""Nights that are killed: what matters is how they end, not how good they are."""


def command(folder: Path, now: pd.Timestamp, *more: str) -> list[str]:
    """The nightly command as cron runs it."""
    words = ["nightly", str(folder / "site.yaml"), "--plans", str(folder / "plans"), "--now", f"{now.isoformat()}Z"]
    return [sys.executable, "-c", "from optimizer.cli import main; main()", *words, *more]


def night(folder: Path, now: pd.Timestamp, dice: random.Random) -> None:
    """A night with whatever the dice put before it. Raises AssertionError."""
    for _ in range(dice.choice((0, 1, 2, 5))):
        spoil((folder / "plans" / "latest").resolve() / dice.choice(LAST), dice)
    cleared(folder / "site.yaml").write_text(json.dumps(changed_scenario(dice)))
    if dice.random() < 0.2:
        spoil(folder / "site.yaml", dice)
    more = []
    for option, path in (
        ("--state", input_file(folder, "telemetry.json", lambda: telemetry_text(now, dice), dice)),
        ("--end-values", input_file(folder, "end_values.json", end_values_text, dice)),
        ("--forecast", input_file(folder, "forecast.csv", lambda: b"time,dry_bulb_c\n", dice)),
    ):
        more += [option, str(path)] if path is not None else []
    done = subprocess.run(
        command(folder, now, "--members", "3", *more, "--json"), capture_output=True, text=True, check=False
    )
    assert done.returncode in PUBLISHED, f"exit {done.returncode}: {done.stderr[-2000:]}"
    record = json.loads(done.stdout)
    assert faults_of_folder(folder / "plans" / f"{record['day']}-{record['plan_id']}") == []


def cleared(path: Path) -> Path:
    """A path at which nothing stands any more: opening a pipe to write would wait for a reader."""
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    path.unlink(missing_ok=True)
    return path


def kill(folder: Path, now: pd.Timestamp, longest_s: float, dice: random.Random) -> None:
    """The real command killed at a random moment of its life: `latest` whole, no child left. Raises AssertionError."""
    cleared(folder / "site.yaml").write_text(json.dumps(BASE))
    started = subprocess.Popen(command(folder, now, *SMALL), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(dice.uniform(0.0, longest_s))
    os.kill(started.pid, dice.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)))
    started.wait()
    time.sleep(1)
    children = subprocess.run(["pgrep", "-f", f"{CHILD}.*{SCRATCH}{started.pid}-"], capture_output=True, check=False)
    assert not children.stdout, f"children outlive their parent: {children.stdout!r}"
    assert is_whole(folder / "plans" / "latest"), "latest leads to a plan that is not whole"
    assert faults_of_folder(folder / "plans" / "latest") == []


def litter(folder: Path) -> list[str]:
    """What is left half-written, or of children."""
    half = [path.name for path in (folder / "plans").glob(".*.qaidam-*")]
    return half + [path.name for path in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*")]


def main(nights: int, kills: int) -> None:
    """Nights, then kills, then one more night that must tidy up."""
    dice = random.Random(2025)
    with tempfile.TemporaryDirectory(prefix="qaidam-soak-") as name:
        folder, now = Path(name), FIRST
        (folder / "site.yaml").write_text(json.dumps(BASE))
        subprocess.run(command(folder, now), check=False)
        for number in range(nights):
            now = next_clock(now, dice)
            night(folder, now, dice)
            print(f"night {number + 1} of {nights}: sound", flush=True)
            now = now if abs(now - FIRST) < pd.Timedelta(days=60) else FIRST
        cleared(folder / "site.yaml").write_text(json.dumps(BASE))
        began = time.monotonic()
        subprocess.run(command(folder, FIRST + pd.Timedelta(days=100), *SMALL), check=False)
        longest_s = 1.1 * (time.monotonic() - began)  # whatever this machine does besides, publishing is hit too
        for number in range(kills):
            kill(folder, FIRST + pd.Timedelta(days=101 + number), longest_s, dice)
            print(f"kill {number + 1} of {kills}: latest is whole", flush=True)
        subprocess.run(command(folder, FIRST + pd.Timedelta(days=400)), check=False)
        assert litter(folder) == [], litter(folder)


if __name__ == "__main__":
    main(*map(int, (sys.argv[1:] + ["40", "100"][len(sys.argv) - 1 :])[:2]))
