"""Deadlines: ten settings of the time limit on a year, a night of 50 members and a table of 50 gangs; what overruns, and what returns a plan.

The limit of a run is `planning.seconds` from reading the weather to the checked plan, baseline included; that of a night
is `solve_seconds` of its settings, for the solving. Starting Python and its packages is apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.benchmarks import job_tables, night

SETTINGS_S = (5, 8, 12, 18, 25, 35, 50, 70, 95, 120)
CASES = ("year", "gangs", "night")
ALLOWED_SHARE, ALLOWED_S = 0.10, 5.0
"""Overrun that is allowed: the larger of the two."""
GANGS, SEED = "50 gangs, loose", 0
Measured = Callable[..., dict[str, Any]]
ROW = tuple[str, str, str]


def plan_one(case: str, seconds: float) -> dict[str, Any]:
    """One case under one limit: time taken of what the limit is for, gap (none where no bound was found in time)."""
    if case == "night":
        found = night.plan_one(str(night.DAYS[0].date()), night.SEEDS[0], night.MEMBERS, night.JOBS, seconds)
        return {"taken_s": found["solve_s"], "gap": found["gap"], "how": f"level {found['level']}"}
    return _run(case, seconds)


def _run(case: str, seconds: float) -> dict[str, Any]:
    from optimizer.plan.optimize import optimize
    from optimizer.scenario.file import load_scenario, scenario_from

    if case == "gangs":
        scenario = job_tables.center(job_tables.FAMILIES[GANGS], SEED)
    else:
        scenario = load_scenario("scenarios/qaidam.yaml")
    data = scenario.model_dump(mode="json", exclude_unset=True)
    data["planning"] = data.get("planning", {}) | {"seconds": seconds, "gap": job_tables.GAP}
    scenario = scenario_from(data)
    days = scenario.horizon.days if case == "gangs" else 365.0
    began = time.monotonic()
    plan = optimize(scenario, days=days, workers=1).plan
    taken_s, certificate = time.monotonic() - began, plan.certificate
    how = "as it arrives" if certificate.bound == -float("inf") else certificate.status
    return {"taken_s": taken_s, "gap": certificate.gap if certificate.bound > -float("inf") else None, "how": how}


def rows(timed: Measured, cases: Sequence[str] = CASES, settings_s: Sequence[float] = SETTINGS_S) -> list[ROW]:
    """A line for every case, and one for every setting that overran or has no plan."""
    table: list[ROW] = []
    for case in cases:
        found = [(limit, timed("deadline", case, str(limit))) for limit in settings_s]
        done = [(limit, one) for limit, one in found if "failed" not in one]
        late = [(limit, one) for limit, one in done if overrun_s(limit, one["taken_s"]) > 0]
        gaps = ", ".join(
            f"{limit:g} s: {'no bound' if one['gap'] is None else format(one['gap'], '.2%')}" for limit, one in done
        )
        kept = f"{len(done)} of {len(found)} plans, {len(done) - len(late)} in time"
        table.append(("deadlines", f"{case}, plans and how many in time; gaps", f"{kept}; {gaps}"))
        table += [
            ("deadlines", f"{case}, {limit:g} s", f"took {one['taken_s']:.1f} s ({one['how']})") for limit, one in late
        ]
        table += [("deadlines", f"{case}, {limit:g} s", one["failed"]) for limit, one in found if "failed" in one]
    return table


def overrun_s(limit_s: float, taken_s: float) -> float:
    """Seconds beyond the limit and what is allowed over it; 0 or less: in time."""
    return taken_s - limit_s - max(ALLOWED_SHARE * limit_s, ALLOWED_S)
