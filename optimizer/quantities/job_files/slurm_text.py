"""Slurm notation of lengths, times, job numbers and generic resources."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from optimizer.quantities.job_files.rows import RowError, parsed_time, shown

NOTHING = frozenset({"", "unknown", "none", "n/a", "invalid", "partition_limit"})
"""What stands where a value is not known."""
MOST_TASKS = 100_000


def length_s(text: str) -> float | None:
    """Seconds of `[DD-]HH:MM:SS`, `MM:SS`, `MM:SS.mmm` or a plain number of seconds; None where it is not known."""
    text = text.strip()
    if text.lower() in NOTHING or text.upper() == "UNLIMITED":
        return None
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    match = re.fullmatch(r"(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)", text)
    if match is None:
        raise RowError(f"'{shown(text)}' is not a length of time; Slurm writes 1-02:03:04")
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return 86_400 * days + 3600 * hours + 60 * minutes + seconds


def limit_s(raw_minutes: str, text: str) -> float | None:
    """Seconds of a time limit from TimelimitRaw (minutes) or Timelimit; None: unlimited, or not known."""
    if re.fullmatch(r"\d+", raw_minutes.strip()):
        return 60.0 * float(raw_minutes)
    return length_s(text)


def slurm_time(text: str) -> str | None:
    """ISO text of a time as Slurm writes it (2025-01-31T08:00:00, or seconds since 1970 UTC); None: not known."""
    text = text.strip()
    if text.lower() in NOTHING:
        return None
    if re.fullmatch(r"\d{9,10}", text):
        return datetime.fromtimestamp(int(text), UTC).isoformat()
    if parsed_time(text) is None:
        raise RowError(f"'{shown(text)}' is not a time; run sacct without SLURM_TIME_FORMAT, or with %s")
    return text


def cards_of(resources: str, accelerators: Sequence[str]) -> float:
    """Cards in a list of trackable resources (`cpu=8,gres/gpu=8,gres/gpu:a100=8`); of a kind the plain entry counts."""
    plain: dict[str, float] = {}
    typed: dict[str, float] = {}
    names = _bare(accelerators)
    for kind, model, amount in re.findall(r"gres/([^:=,]+)(?::([^=,]*))?=([^,]*)", resources):
        if kind.lower() in names:
            if not re.fullmatch(r"\d+", amount):
                raise RowError(f"gres/{shown(kind)}={shown(amount)} is no whole number; run sacct with --noconvert")
            where = typed if model else plain
            where[kind] = where.get(kind, 0.0) + float(amount)
    return sum((typed | plain).values())


def cards_of_gres(resources: str, nodes: str, accelerators: Sequence[str]) -> float:
    """Cards in the older form `gpu:a100:4` (for each node), times the number of nodes."""
    each = 0.0
    for kind, amount in re.findall(r"(?:gres[:/])?([A-Za-z_]\w*)(?::[A-Za-z][\w.-]*)?(?::(\d+))?(?=[,(]|$)", resources):
        if kind.lower() in _bare(accelerators):
            each += float(amount or 1)
    return each * (float(nodes) if re.fullmatch(r"\d+", nodes.strip()) else 1.0)


def other_resources(resources: str, accelerators: Sequence[str]) -> list[str]:
    """Generic resources of a list that are no cards to us."""
    kinds = re.findall(r"gres/([^:=,]+)(?::[^=,]*)?=[1-9]", resources)
    return sorted({kind for kind in kinds if kind.lower() not in _bare(accelerators)})


def _bare(accelerators: Sequence[str]) -> frozenset[str]:
    """Names of cards in small letters, also where they were given as `gres/NAME`."""
    return frozenset(name.strip().lower().removeprefix("gres/") for name in accelerators)


def tasks_of(job: str) -> list[str]:
    """Names of the jobs a waiting array stands for: `24_[5-7,9]` → 24_5, 24_6, 24_7, 24_9; any other job is itself."""
    match = re.fullmatch(r"(.+)_\[([^\]%]*)(?:%\d+)?\]", job)
    if match is None:
        return [job]
    names: list[str] = []
    for part in match[2].split(","):
        span = re.fullmatch(r"(\d+)(?:-(\d+)(?::(\d+))?)?", part.strip())
        if span is None:
            raise RowError(f"'{shown(job)}' is no list of array tasks, or was cut off; run sacct with --array")
        first, last, step = int(span[1]), int(span[2] or span[1]), int(span[3] or 1)
        if (last - first) // max(step, 1) + len(names) > MOST_TASKS:
            raise RowError(f"'{shown(job)}' stands for more than {MOST_TASKS:,} tasks")
        names += [f"{match[1]}_{task}" for task in range(first, last + 1, max(step, 1))]
    return names
