"""Slurm: a licence of kilowatts (or cards) per pool, and for each hour a reservation that withholds what the plan does not give.

`slurm.conf` names the licence (`Licenses=qaidam_ascend_kw:3900`); jobs ask for theirs (`-L qaidam_ascend_kw:7`). A
reservation with `flags=license_only` keeps its licences from jobs while it runs, and ends by itself: after the last
hour of the plan nothing is withheld. Whether a running job is held to a tighter hour is not tested: see the manual of
your version. Source: Slurm's documentation of reservations and of its REST interface (v0.0.45).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from optimizer.export.caps import Caps
from optimizer.export.names import hour_name, safe_name

REST_VERSION = "v0.0.45"


@dataclass(frozen=True)
class Reservation:
    """Licences withheld for one hour."""

    name: str
    start: pd.Timestamp
    minutes: int
    licence: str
    withheld_kw: int


def licence_of(pool: str) -> str:
    """Name of a pool's licence."""
    return f"qaidam_{safe_name(pool)}_kw"


def pool_kw(caps: Caps, pool: str) -> int:
    """Kilowatts of the whole pool at full load: the same in every plan, for slurm.conf."""
    rows = caps.of(pool)
    return math.ceil(float(rows["pool_cards"].max() * rows["kw_per_card"].max()))


def reservations(caps: Caps) -> Iterator[Reservation]:
    """Slurm reservations for each hour and pool in which the plan gives less than the whole pool."""
    for pool in caps.pools:
        whole = pool_kw(caps, pool)
        for row in caps.of(pool).to_dict("records"):
            withheld = whole - math.ceil(float(row["cards"]) * float(row["kw_per_card"]))
            minutes = round((row["end_utc"] - row["time_utc"]) / pd.Timedelta(minutes=1))
            if withheld > 0:
                yield Reservation(
                    hour_name(pool, row["time_utc"]), row["time_utc"], minutes, licence_of(pool), withheld
                )


def script(caps: Caps) -> str:
    """Shell commands; run twice they update what they made."""
    lines = [
        "#!/bin/sh",
        f"# Plan {safe_name(caps.plan)}. Expires {caps.expires:%Y-%m-%dT%H:%MZ}; without a new plan nothing is withheld.",
    ]
    lines += [f"# slurm.conf: Licenses={licence_of(pool)}:{pool_kw(caps, pool)}" for pool in caps.pools]
    lines += ["set -eu", "export TZ=UTC SLURM_TIME_FORMAT=standard"]
    for reservation in reservations(caps):
        what = f"starttime={reservation.start:%Y-%m-%dT%H:%M:%S} duration={reservation.minutes} licenses={reservation.licence}:{reservation.withheld_kw}"
        lines.append(
            f"scontrol update reservationname={reservation.name} {what} 2>/dev/null || "
            f"scontrol create reservationname={reservation.name} {what} user=root flags=license_only"
        )
    return "\n".join(lines) + "\n"


def rest_document(caps: Caps) -> str:
    """Slurm reservations as one JSON document for POST /slurm/v0.0.45/reservations/."""
    documents = [
        {
            "name": reservation.name,
            "start_time": {"set": True, "infinite": False, "number": int(reservation.start.timestamp())},
            "duration": {"set": True, "infinite": False, "number": reservation.minutes},
            "licenses": [f"{reservation.licence}:{reservation.withheld_kw}"],
            "users": ["root"],
            "flags": ["LICENSE_ONLY"],
        }
        for reservation in reservations(caps)
    ]
    return json.dumps({"reservations": documents}, indent=1) + "\n"
