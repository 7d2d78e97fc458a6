"""iCalendar: the hours in which a pool runs below half of its cards, for people. Times in UTC. Source: RFC 5545."""

from __future__ import annotations

import pandas as pd

from optimizer.export.caps import Caps
from optimizer.export.names import hour_name

LOW = 0.5
"""Share of the pool below which an hour is worth an entry."""
LINE_OCTETS = 75


def calendar_text(caps: Caps) -> str:
    """iCalendar text with an event for each unbroken stretch of low hours of a pool."""
    stamp = f"{caps.table['time_utc'].min():%Y%m%dT%H%M%SZ}"  # not the clock: the same plan gives the same file
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Qaidam//plan//EN", f"X-WR-CALNAME:Plan {_text(caps.plan)}"]
    for pool in caps.pools:
        for start, end, cards, whole in stretches(caps.of(pool)):
            lines += [
                "BEGIN:VEVENT",
                f"UID:{hour_name(pool, start)}@qaidam",
                f"DTSTAMP:{stamp}",
                f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
                f"DTEND:{end:%Y%m%dT%H%M%SZ}",
                f"SUMMARY:{_text(pool)}: at most {cards} of {whole} cards",
                "TRANSP:TRANSPARENT",
                "END:VEVENT",
            ]
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def stretches(rows: pd.DataFrame) -> list[tuple[pd.Timestamp, pd.Timestamp, int, int]]:
    """(start, end, most cards, cards of the pool) of each unbroken stretch of low hours."""
    low = rows["cards"] < LOW * rows["pool_cards"]
    number = (low != low.shift()).cumsum()
    return [
        (part["time_utc"].iloc[0], part["end_utc"].iloc[-1], int(part["cards"].max()), int(part["pool_cards"].iloc[0]))
        for _, part in rows[low].groupby(number[low])
    ]


def _text(value: str) -> str:
    """A text as RFC 5545 has it (3.3.11): no line of its own, no second value."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "".join(sign if sign.isprintable() else " " for sign in escaped)


def _folded(line: str) -> list[str]:
    """A line in pieces of 75 octets, the following ones indented by a space."""
    octets = line.encode()
    if len(octets) <= LINE_OCTETS:
        return [line]
    pieces = [octets[:LINE_OCTETS]]
    pieces += [
        b" " + octets[start : start + LINE_OCTETS - 1] for start in range(LINE_OCTETS, len(octets), LINE_OCTETS - 1)
    ]
    return [piece.decode(errors="ignore") for piece in pieces]
