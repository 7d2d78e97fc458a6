"""Local clock times → UTC, also in the hours that clocks skip or show twice when summer time begins or ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

YEARS = (1700, 2250)
"""First and last year of a time: nanoseconds in 64 bits reach from 1677 to 2262."""
SKIPPED = "is skipped by the clock (summer time begins): taken as the time it jumps to"
DOUBLED = "is shown twice by the clock (summer time ends): taken as the first of the two; write it with Z for UTC"


def zone(name: str) -> tzinfo | None:
    """A time zone from an IANA name or a fixed offset such as `UTC+08:00`. Raises ValueError if there is none such."""
    try:
        return pd.Timestamp("2025-01-01").tz_localize(name).tz
    except Exception as error:
        raise ValueError(f"'{name}' is not a time zone; give an IANA name such as Asia/Shanghai") from error


def to_utc(local: pd.DatetimeIndex, timezone: str) -> tuple[pd.DatetimeIndex, NDArray[np.bool_], NDArray[np.bool_]]:
    """Local stamps without zone → UTC without zone; which of them the clock skips, and which it shows twice.

    A skipped time is the moment the clock jumps, a doubled one the first of the two.
    """
    place = zone(timezone)
    first = local.tz_localize(place, ambiguous=np.ones(len(local), bool), nonexistent="shift_forward")
    last = local.tz_localize(place, ambiguous=np.zeros(len(local), bool), nonexistent="shift_forward")
    doubled = np.asarray(first != last)
    skipped = np.asarray(first.tz_localize(None) != local)
    return first.tz_convert("UTC").tz_localize(None), skipped, doubled


def second_pass(local: pd.DatetimeIndex, timezone: str) -> pd.TimedeltaIndex:
    """Time from the first to the second showing of local stamps that the clock shows twice (mostly an hour); 0 of all others."""
    place = zone(timezone)
    first, last = (
        local.tz_localize(place, ambiguous=np.full(len(local), summer), nonexistent="shift_forward")
        for summer in (True, False)
    )
    return pd.TimedeltaIndex(last - first)


def midnight_utc(date: str | pd.Timestamp, timezone: str) -> pd.Timestamp:
    """UTC stamp, without zone, at which the local day begins; where the clock skips midnight, the first moment after."""
    day = pd.Timestamp(date).normalize()
    return to_utc(pd.DatetimeIndex([day]), timezone)[0][0]


def moments(texts: Sequence[str], timezone: str) -> tuple[pd.DatetimeIndex, NDArray[np.bool_], NDArray[np.bool_]]:
    """Times as written (ISO 8601; those without a zone are local) → UTC without zone; skipped; doubled.

    Raises ValueError naming the first that is no time.
    """
    with_zone = np.array([_has_zone(text) for text in texts], dtype=bool)
    utc = np.empty(len(texts), dtype="datetime64[ns]")
    skipped, doubled = np.zeros(len(texts), bool), np.zeros(len(texts), bool)
    written = np.array(texts, dtype=object)
    if with_zone.any():
        utc[with_zone] = _parsed(written[with_zone], utc=True).tz_localize(None).to_numpy()
    if not with_zone.all():
        local, *marks = to_utc(_parsed(written[~with_zone], utc=False), timezone)
        utc[~with_zone], skipped[~with_zone], doubled[~with_zone] = local.as_unit("ns").to_numpy(), *marks
    return pd.DatetimeIndex(utc), skipped, doubled


def _has_zone(text: str) -> bool:
    rest = text.strip()[10:]
    return rest.endswith(("Z", "UTC")) or "+" in rest or "-" in rest


def _parsed(texts: NDArray[np.object_], *, utc: bool) -> pd.DatetimeIndex:
    cleaned = [text.strip().replace("UTC", "Z").replace(" Z", "Z") for text in texts]
    stamps = pd.to_datetime(pd.Series(cleaned), format="ISO8601", errors="coerce", utc=utc)
    unusable = stamps.isna() | ~stamps.dt.year.between(*YEARS)
    if unusable.any():
        wrong = texts[int(np.argmax(unusable))]
        raise ValueError(f"'{wrong}' is not a time; write 2025-03-01 08:00, or 2025-03-01T00:00Z for UTC")
    return pd.DatetimeIndex(stamps)
