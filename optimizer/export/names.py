"""Names of exported objects: the same hour and pool give the same name, so that exporting twice changes nothing."""

from __future__ import annotations

import re

import pandas as pd


def hour_name(pool: str, time_utc: pd.Timestamp, *, between: str = "_") -> str:
    """`qaidam_ascend_20260701T13Z`, or with another sign between the parts. Minutes only where the hour is not full."""
    stamp = time_utc.strftime("%Y%m%dT%HZ" if time_utc.minute == 0 else "%Y%m%dT%H%MZ")
    return between.join(("qaidam", pool, stamp))


def kubernetes_name(*parts: str) -> str:
    """A name Kubernetes accepts: lower case letters, digits and "-"."""
    return re.sub(r"[^a-z0-9-]+", "-", "-".join(parts).lower()).strip("-")
