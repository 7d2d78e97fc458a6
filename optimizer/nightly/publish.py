"""Publishing: a plan folder by day and id, whole or not at all; `latest` switched in one step; old ones removed.

Written aside, flushed to disk, renamed. Killed at any moment, out of space or read-only: the last plan stands.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from optimizer.files.whole import sync, write_whole
from optimizer.nightly.record import RECORD, RunRecord, read_record

LATEST = "latest"
FOLDER = re.compile(r"^\d{4}-\d{2}-\d{2}-[0-9a-f]{12}$")
PART = re.compile(r"^\.(\d{4}-\d{2}-\d{2}-[0-9a-f]{12}\..*|latest\..*)$")


def publish(plans: Path, name: str, fill: Callable[[Path], None]) -> Path:
    """Make the plan folder `name` and point `latest` at it. Raises OSError; then the last plan still stands."""
    folder = write_whole(plans / name, fill)
    point_latest(plans, name)
    return folder


def point_latest(plans: Path, name: str) -> None:
    """Switch `latest` in one step. Raises OSError."""
    aside = plans / f".{LATEST}.{os.getpid()}"
    aside.unlink(missing_ok=True)
    aside.symlink_to(name)
    os.replace(aside, plans / LATEST)
    sync(plans)


def published(plans: Path) -> list[tuple[Path, RunRecord]]:
    """All whole plans, oldest first; folders without a readable record are left out."""
    if not plans.is_dir():
        return []
    found = []
    for folder in plans.iterdir():
        if FOLDER.match(folder.name):
            record = read_record(folder / RECORD)
            if record is not None:
                found.append((folder, record))
    return sorted(found, key=lambda pair: (pair[1].start_utc, pair[1].published_utc))


def last_before(plans: Path, start: pd.Timestamp) -> tuple[Path, RunRecord] | None:
    """The last plan that starts before `start` (UTC): tonight's own, of an earlier attempt, is not last night's."""
    earlier = [pair for pair in published(plans) if pd.Timestamp(pair[1].start_utc) < start]
    return earlier[-1] if earlier else None


def tidy_up(plans: Path, now: pd.Timestamp, keep_days: int) -> list[str]:
    """Remove plans of nights longer ago than `keep_days` and what killed jobs left; never the latest. Names removed.

    Must be called with the lock held. What cannot be removed stays.
    """
    latest = (plans / LATEST).resolve()
    oldest = now - pd.Timedelta(days=keep_days)
    removed = [
        folder
        for folder, record in published(plans)
        if pd.Timestamp(record.start_utc) < oldest and folder.resolve() != latest
    ]
    removed += [path for path in plans.iterdir() if PART.match(path.name)]
    for path in removed:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return sorted(path.name for path in removed)
