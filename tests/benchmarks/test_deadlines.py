"""The benchmark of deadlines: what is late, failed or without a bound is told and does not end it."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.deadlines import overrun_s, rows


def test_late_and_failed_settings_have_rows_of_their_own() -> None:
    """Of 10, 20 and 100 s the first takes 15.5 s (late), the second fails, the third is within a tenth; its gap is told."""

    def measured(_part: str, _case: str, limit: str) -> dict[str, Any]:
        return {
            "10": {"taken_s": 15.5, "gap": None, "how": "as it arrives"},
            "20": {"failed": "killed"},
            "100": {"taken_s": 109.0, "gap": 0.004, "how": "optimal"},
        }[limit]

    told = rows(measured, ["gangs"], [10, 20, 100])
    assert told == [
        (
            "deadlines",
            "gangs, plans and how many in time; gaps",
            "2 of 3 plans, 1 in time; 10 s: no bound, 100 s: 0.40%",
        ),
        ("deadlines", "gangs, 10 s", "took 15.5 s (as it arrives)"),
        ("deadlines", "gangs, 20 s", "killed"),
    ]


def test_five_seconds_or_a_tenth_are_allowed() -> None:
    """10 s may take 15, 120 s may take 132."""
    assert [overrun_s(10, 15) > 0, overrun_s(10, 15.1) > 0] == [False, True]
    assert [overrun_s(120, 132) > 0, overrun_s(120, 132.1) > 0] == [False, True]
