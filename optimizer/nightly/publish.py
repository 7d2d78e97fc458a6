"""Publishing: a plan folder by day and id, whole or not at all; `latest` switched in one step; old ones removed.

Written aside, flushed to disk, renamed. Killed at any moment, out of space or read-only: the last plan stands.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from optimizer.files.mark import changed_since, mark_of
from optimizer.files.target import claim
from optimizer.files.whole import PART, remove_own, sweep, sync, write_whole
from optimizer.nightly.record import RECORD, RunRecord, read_record

LATEST = "latest"
FARTHEST = pd.Timedelta(days=2)
"""A night plans for today or tomorrow."""
OWN = (LATEST, "index.html", "qaidam.prom")
"""Files of a plans folder that are made anew every night."""
FOLDER = re.compile(r"^\d{4}-\d{2}-\d{2}-[0-9a-f]{12}$")
NIGHT, NIGHTS = "night", "nights"
"""Kinds of a plan's folder and of the folder of all plans, as their marks say."""


def plans_folder(plans: Path) -> Path:
    """Real folder of all plans, made and marked where it is not yet. Raises NotOursError, OSError."""
    return claim(plans, NIGHTS, OWN, lambda folder: bool(published(folder)))


def publish(plans: Path, name: str, fill: Callable[[Path], None], now: pd.Timestamp | None = None) -> Path:
    """Make the plan folder `name` and point `latest` at it. Raises OSError; then the last plan still stands."""
    folder = write_whole(plans / name, fill, NIGHT)
    move_latest(plans, name, now)
    return folder


def move_latest(plans: Path, name: str, now: pd.Timestamp | None = None) -> None:
    """Point `latest` at a plan, unless it leads to one of a later day: a clock that was set back moves nothing.

    A plan that begins more than two days from `now` is believed once only: if a night after it was planned for an earlier
    day as this one is, it was that plan's clock that ran ahead. Raises OSError.
    """
    records = {folder.name: record for folder, record in published(plans)}
    standing = records.get((plans / LATEST).resolve().name)
    tonight = records.get(name)
    whole = standing is not None and is_whole(plans / LATEST)
    if not whole or standing is None or tonight is None or standing.day <= tonight.day:
        point_latest(plans, name)
        return
    since = _written(plans, standing)
    others = {other.day for other in records.values() if other.day < standing.day and _written(plans, other) > since}
    ahead = now is not None and pd.Timestamp(standing.start_utc) > now + FARTHEST
    if ahead and len(others) > 1:
        point_latest(plans, name)


def is_whole(folder: Path) -> bool:
    """Whether every file of a plan's folder is as it was written."""
    mark = mark_of(folder)
    return mark is not None and not changed_since(folder, mark)


def _written(plans: Path, record: RunRecord) -> int:
    return (plans / f"{record.day}-{record.plan_id}" / RECORD).stat().st_mtime_ns


def point_latest(plans: Path, name: str) -> None:
    """Switch `latest` in one step. Raises OSError."""
    aside = plans / f".{LATEST}.{os.getpid()}.{PART}"
    aside.unlink(missing_ok=True)
    aside.symlink_to(name)
    os.replace(aside, plans / LATEST)
    sync(plans)


def published(plans: Path) -> list[tuple[Path, RunRecord]]:
    """Published plans that are whole, oldest first; folders without a readable record are left out."""
    if not plans.is_dir():
        return []
    plan_records = []
    for folder in plans.iterdir():
        if FOLDER.match(folder.name):
            record = read_record(folder / RECORD)
            if record is not None:
                plan_records.append((folder, record))
    return sorted(plan_records, key=lambda pair: (pair[1].start_utc, pair[1].published_utc))


def last_before(plans: Path, start: pd.Timestamp) -> tuple[Path, RunRecord] | None:
    """Last plan that starts before `start` (UTC): tonight's own, of an earlier attempt, is not last night's."""
    earlier = [pair for pair in published(plans) if pd.Timestamp(pair[1].start_utc) < start]
    return earlier[-1] if earlier else None


def tidy_up(plans: Path, kept: int) -> list[str]:
    """Remove all plans but those of the last `kept` days planned, and what killed jobs left; never the latest. Names removed.

    Days are counted by their order, not by a clock: one that ran years ahead for a night removes nothing. Only what a
    mark lists is removed. Must be called with the lock held. What cannot be removed stays.
    """
    latest = (plans / LATEST).resolve()
    known = published(plans)
    days = sorted({record.day for _, record in known})[-kept:]
    old = [folder for folder, record in known if record.day not in days and folder.resolve() != latest]
    for folder in old:
        remove_own(folder)
    swept = sweep(plans, alone=True)
    return sorted([*swept, *(folder.name for folder in old if not folder.exists())])
