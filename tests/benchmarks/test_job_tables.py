"""The benchmark of job tables: instances are seeded, a missing figure is told and does not end it."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.job_tables import CARDS, FAMILIES, SEEDS, rows, table


def test_tables_are_seeded_and_within_their_family() -> None:
    """The same seed gives the same table; cards and lengths are those of the family, another seed gives another table."""
    for family in FAMILIES.values():
        jobs = table(family, 3)
        assert jobs == table(family, 3) != table(family, 4)
        assert len(jobs) == family.jobs
        low, high = family.shares
        assert all(round(CARDS * low) <= row["cards"] <= round(CARDS * high) for row in jobs)
        assert {row["hours"] for row in jobs} <= set(family.lengths_h)


def test_what_failed_or_found_no_plan_is_told_in_its_row() -> None:
    """Of ten instances the first fails, the second has no plan: median and worst are of the other eight, both are counted."""

    def measured(_part: str, _name: str, seed: str, _method: str) -> dict[str, Any]:
        if seed == "0":
            return {"failed": "out of memory"}
        figures = {"gap": 0.01 * int(seed), "gap_of_moving": 0.02, "plan_s": 1.0, "plan_cpu_s": 2.0}
        return {"gap": None} if seed == "1" else figures

    told = rows(measured, ("ours",))
    assert len(told) == len(FAMILIES)
    assert len(SEEDS) == 10
    assert told[0][2] == "5.50% / 9.00%, 2.00% / 2.00%, 1 / 1, 2 / 2; 2 without a plan (out of memory)"
    nothing = rows(lambda *_: {"failed": "killed"}, ("ours",))
    assert nothing[0][2] == "10 without a plan (killed)"
