"""Names of exported objects: the same hour and pool give the same name, so that exporting twice changes nothing."""

from __future__ import annotations

import re

import pandas as pd


def hour_name(pool: str, time_utc: pd.Timestamp, *, between: str = "_") -> str:
    """`qaidam_ascend_20260701T1300Z`, or with another sign between the parts. Always with minutes: names sort by time."""
    return between.join(("qaidam", safe_name(pool), time_utc.strftime("%Y%m%dT%H%MZ")))


def safe_name(name: str) -> str:
    """A name that is one word to a shell, to Slurm and in a comment: letters, digits, `-`, `.` and `_`."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "unnamed"


def kubernetes_name(*parts: str) -> str:
    """A name Kubernetes accepts: lower case letters, digits and "-"."""
    return re.sub(r"[^a-z0-9-]+", "-", "-".join(parts).lower()).strip("-")
