"""`make bench [PART=...]`: each part in a process of its own; a table of ratios, and bench.json beside it in out/bench/."""

from __future__ import annotations

import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.benchmarks import (
    deadlines,
    growth,
    job_tables,
    many_tasks,
    night,
    pypsa_round_trip,
    sites_growth,
    year_problem,
)

OUT = Path("out/bench")
ROW = tuple[str, str, str]


def timed(part: str, *arguments: str) -> dict[str, Any]:
    """Run `python -m tests.benchmarks --child PART ARGS` and give what it printed, with its wall time and peak memory."""
    began = time.perf_counter()
    child = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--child", part, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if child.returncode:
        return {"failed": (child.stderr.strip().splitlines() or ["no word"])[-1]}
    found: dict[str, Any] = json.loads(child.stdout.strip().splitlines()[-1])
    return found | {"process_s": time.perf_counter() - began}


def year_lp() -> list[ROW]:
    """A year with free sizes against PyPSA: equal objectives, and the ratio of wall times."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = str(year_problem.write_problem(Path(folder)))
        ours, theirs = timed("qaidam-lp", scenario), timed("pypsa-lp", scenario)
    if "failed" in ours or "failed" in theirs:
        return [("year-lp", "not compared", str(ours.get("failed") or theirs.get("failed")))]
    difference = abs(ours["cost"] / theirs["cost"] - 1)
    return [
        ("year-lp", "objective, relative difference to PyPSA", f"{difference:.1e}"),
        ("year-lp", "wall time / PyPSA's, imports apart", f"{ours['wall_s'] / theirs['wall_s']:.2f}"),
        ("year-lp", "wall time Qaidam, PyPSA [s]", f"{ours['wall_s']:.1f}, {theirs['wall_s']:.1f}"),
        ("year-lp", "peak memory Qaidam, PyPSA [GB]", f"{ours['memory_gb']:.2f}, {theirs['memory_gb']:.2f}"),
    ]


def year_milp() -> list[ROW]:
    """The certified year, and what one monolithic solve reaches in ten times its time."""
    ours = timed("certified", "365", "0.002")
    if "failed" in ours:
        return [("year-milp", "failed", ours["failed"])]
    rows = [
        ("year-milp", "certified gap", f"{ours['gap']:.3%}"),
        ("year-milp", "wall time of the proof [s]", f"{ours['wall_s']:.0f}"),
        ("year-milp", "peak memory [GB]", f"{ours['memory_gb']:.2f}"),
        *(
            ("year-milp", f"share of {name}", f"{spent / ours['wall_s']:.0%}")
            for name, spent in ours["seconds"].items()
        ),
    ]
    whole = timed("monolithic", "365", "0.002", str(10 * ours["wall_s"]))
    reached = whole.get("failed") or f"{whole['gap']:.2%} after {whole['wall_s'] / ours['wall_s']:.1f} times the time"
    return [*rows, ("year-milp", "one monolithic solve reaches", reached)]


def rounding() -> list[ROW]:
    """How near rounding cuts bring the relaxed year to the true one."""
    found = timed("rounded", "365")
    if "failed" in found:
        return [("rounding", "failed", found["failed"])]
    return [
        ("rounding", "rounding cuts of a year", f"{found['rows']:,}"),
        ("rounding", "they lift the relaxed optimum by", f"{found['with'] / found['without'] - 1:.3%}"),
        ("rounding", "the plan rounded up is above it by", f"{found['plan'] / found['with'] - 1:.3%}"),
    ]


def handing_out() -> list[ROW]:
    """A hundred thousand runs that take no time, read and handed out by the study's engine; the client holds Dask's scheduler too."""
    found = timed("many-tasks", "100000")
    if "failed" in found:
        return [("many-tasks", "failed", found["failed"])]
    return [
        ("many-tasks", "runs handed out, answered", f"{found['tasks']}, {found['done']}"),
        ("many-tasks", "peak memory of client and scheduler [GB]", f"{found['memory_gb']:.2f}"),
        (
            "many-tasks",
            "wall time a run to read it, and for its way there and back [ms]",
            f"{1000 * found['read_seconds'] / found['tasks']:.1f}, {1000 * found['hand_out_seconds'] / found['tasks']:.1f}",
        ),
    ]


def child(part: str, *arguments: str) -> dict[str, Any]:
    """One measurement; imports are done before the clock starts."""
    import optimizer.plan.optimize  # noqa: F401

    if part == "pypsa-lp":
        import pypsa  # noqa: F401
    began, before_s = time.perf_counter(), time.process_time()
    found = MEASURES[part](*arguments)
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_s = sum(one.ru_utime + one.ru_stime for one in usage) - before_s
    memory = max(one.ru_maxrss for one in usage)
    return found | {"wall_s": time.perf_counter() - began, "cpu_s": cpu_s, "memory_gb": memory / 1e6}


def certified(days: float, gap: float) -> dict[str, Any]:
    """The shipped center, certified."""
    from optimizer.plan.optimize import calendar_for, effort_for, inputs_for, plan_assets
    from optimizer.scenario.file import load_scenario

    scenario = load_scenario("scenarios/qaidam.yaml")
    inputs = inputs_for(scenario, calendar_for(scenario, days=days))
    certificate = plan_assets(scenario.assets(), inputs, effort_for(scenario, gap=gap)).certificate
    return {
        "gap": certificate.gap,
        "cost": certificate.cost,
        "bound": certificate.bound,
        "seconds": certificate.seconds,
    }


def monolithic(days: float, gap: float, seconds: float) -> dict[str, Any]:
    """The same problem as one solve with a time limit."""
    from optimizer.plan.optimize import calendar_for, compiled_assets, inputs_for
    from optimizer.scenario.file import load_scenario
    from optimizer.solve.highs import Limits, solve

    scenario = load_scenario("scenarios/qaidam.yaml")
    inputs = inputs_for(scenario, calendar_for(scenario, days=days))
    _, compiled = compiled_assets(scenario.assets(), inputs)
    answer = solve(compiled.matrix, Limits(gap=gap, seconds=seconds))
    return {"gap": answer.gap if answer.status != "bound" else float("inf"), "cost": answer.cost, "bound": answer.bound}


def rounded(days: float) -> dict[str, Any]:
    """What rounding cuts do for the relaxed optimum, and what the plan rounded up from it costs."""
    import numpy as np

    from optimizer.plan.optimize import calendar_for, compiled_assets, inputs_for
    from optimizer.scenario.file import load_scenario
    from optimizer.solve.certified import rounded_up
    from optimizer.solve.highs import solve
    from optimizer.solve.rounding_cuts import with_rounding_cuts

    scenario = load_scenario("scenarios/qaidam.yaml")
    inputs = inputs_for(scenario, calendar_for(scenario, days=days))
    matrix = compiled_assets(scenario.assets(), inputs)[1].matrix
    tight = with_rounding_cuts(matrix)
    relaxed = solve(tight.relaxed())
    plan = rounded_up(tight, relaxed.values)
    return {
        "rows": tight.implied_rows,
        "without": solve(matrix.relaxed()).cost,
        "with": relaxed.cost,
        "plan": plan.cost if plan else np.inf,
    }


MEASURES: dict[str, Callable[..., dict[str, Any]]] = {
    "qaidam-lp": lambda scenario: {"cost": year_problem.solve_with_qaidam(Path(scenario))},
    "pypsa-lp": lambda scenario: {"cost": year_problem.solve_with_pypsa(Path(scenario))},
    "certified": lambda days, gap: certified(float(days), float(gap)),
    "monolithic": lambda days, gap, seconds: monolithic(float(days), float(gap), float(seconds)),
    "rounded": lambda days: rounded(float(days)),
    "jobs": lambda count, gap: growth.plan_jobs(int(count), float(gap)),
    "job-table": lambda family, seed, method: job_tables.plan_one(family, int(seed), method),
    "deadline": lambda case, seconds: deadlines.plan_one(case, float(seconds)),
    "pypsa-trip": pypsa_round_trip.trip,
    "night": lambda day, seed, members, jobs: night.plan_one(day, int(seed), int(members), int(jobs)),
    "many-tasks": lambda count: many_tasks.hand_out(int(count)),
}
"""What a child measures, by name; its arguments come as text."""
PARTS: dict[str, Callable[[], list[ROW]]] = {
    "year-lp": year_lp,
    "pypsa": lambda: pypsa_round_trip.rows(timed),
    "year-milp": year_milp,
    "rounding": rounding,
    "growth": lambda: growth.over_hours(timed),
    "growth-jobs": lambda: growth.over_jobs(timed),
    "night": lambda: night.rows(timed),
    "sites-growth": sites_growth.rows,
}
WHEN_NAMED: dict[str, Callable[[], list[ROW]]] = {
    "many-tasks": handing_out,
    "jobs": lambda: job_tables.rows(timed),
    "deadlines": lambda: deadlines.rows(timed),
}
"""Parts that take more than half an hour."""


def main(arguments: list[str]) -> None:
    """Run the parts named (default: all but the longest), print and store the table."""
    if arguments[:1] == ["--child"]:
        print(json.dumps(child(*arguments[1:])))
        return
    known = PARTS | WHEN_NAMED
    if unknown := set(arguments) - set(known):
        sys.exit(f"no part {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    rows = [row for name in arguments or PARTS for row in known[name]()]
    table = Table("part", "what", "measured", title=f"{platform.machine()}, Python {platform.python_version()}")
    for row in rows:
        table.add_row(*map(escape, row))
    Console().print(table)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "bench.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
