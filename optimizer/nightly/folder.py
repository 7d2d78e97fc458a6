"""Contents of a plan folder, for people, for machines, and for tomorrow's job."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.files.processes import problems_of, readable
from optimizer.nightly.expected import expected_results, expected_states, save_states
from optimizer.nightly.forecast_chain import ForecastChoice, save_forecast
from optimizer.nightly.ladder import OF_MEMBERS, Chosen, assets_of
from optimizer.nightly.problem import STORE_BY_RULE, STORE_PLANNED, Candidate, Cards, Key, Problem
from optimizer.nightly.record import RECORD, RunRecord, write_record
from optimizer.plan import bill
from optimizer.plan.ladder import BY_RULE, NO_STORE, PLANNED, UNMOVED, Ladder, Rung
from optimizer.plan.results_file import save_results
from optimizer.plan.schedule import schedule_of, stamped, timetable_of
from optimizer.quantities.calendar import Calendar
from optimizer.quantities.columns import matching, rows_of
from optimizer.quantities.spreadsheet import without_formulas
from optimizer.scenario.kept_files import SCENARIO, with_files_kept
from optimizer.scenario.single_site import Scenario
from optimizer.solve.highs import Floats
from optimizer.technologies.base import Technology
from optimizer.technologies.flows import Role

RESULTS, SCHEDULE, SUMMARY, PAGE = "results.nc", "schedule.csv", "summary.json", "night.html"
STATES, FORECAST, WORK = "states.json", "forecast.nc", "work.json"
JOBS = "jobs.csv"
MOST_BYTES = 200_000_000
"""Largest file of an earlier night that is read."""


DrawPage = Callable[..., None]
"""Makes the page of a night, with the arguments of `report.night_page.write_night_page`."""


def fill_folder(
    part: Path,
    scenario: Scenario,
    problem: Problem,
    chosen: Chosen,
    forecast_choice: ForecastChoice,
    record: RunRecord,
    draw_page: DrawPage,
) -> None:
    """Write all files of a plan folder; the record last. Raises OSError. A page that cannot be drawn keeps no plan from being published."""
    plan, baseline = chosen.plan, chosen.baseline
    expected = expected_results(plan.results)
    baseline_case = expected_results(baseline.results)
    assets = assets_of(problem, chosen.plan)
    jobs = timetable_of(plan.results, assets, problem.opening)
    schedule = schedule_of(expected, baseline_case, assets, jobs)
    schedule.to_csv(part / SCHEDULE, index=False)
    if jobs is not None:
        without_formulas(stamped(jobs)).to_csv(part / JOBS, index=False)
    save_results(part / RESULTS, plan.results, baseline_case)
    summary = summary_of(scenario, chosen, expected, baseline_case, record)
    _write_json(part / SUMMARY, summary)
    save_states(part / STATES, expected_states(plan.results, problem.assets, problem.opening), problem.opening)
    save_forecast(part / FORECAST, forecast_choice)
    last = part.parent / record.previous if record.previous else None
    _write_json(part / SCENARIO, with_files_kept(scenario.model_dump(mode="json"), part, last))
    _write_json(part / WORK, _work(expected))
    before = None if last is None else _schedule(last)
    bills = _bills(problem, plan, baseline)
    try:
        draw_page(
            part / PAGE, plan.results, expected, baseline_case, bills, summary, record.model_dump(), before, problem.center, jobs
        )  # fmt: skip
    except Exception as error:
        if isinstance(error, OSError):
            raise
        record = record.model_copy(
            update={"notes": [*record.notes, f"page: cannot be drawn ({problems_of(error)[0]})"]}
        )
    write_record(part / RECORD, record)


def _schedule(folder: Path) -> pd.DataFrame | None:
    """Schedule of an earlier plan, or None where it cannot be read."""
    try:
        return pd.read_csv(readable(folder / SCHEDULE, MOST_BYTES))
    except (OSError, ValueError):
        return None


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _bills(problem: Problem, plan: Candidate, baseline: Candidate) -> list[pd.DataFrame]:
    """Money by month of the plan and of the baseline."""
    bills = []
    for candidate in (plan, baseline):
        results = candidate.results
        weights = [float(weight) for weight in results.attrs["weights"]]
        table = bill.bill_by_step(results, assets_of(problem, candidate), weights=weights, opening=problem.opening)
        bills.append(bill.bill_by_month(table, results))
    return bills


def summary_of(
    scenario: Scenario, chosen: Chosen, expected: xr.Dataset, baseline_case: xr.Dataset, record: RunRecord
) -> dict[str, Any]:
    """Key figures of a night with the names of summary.json, of the members' mean; NaN becomes None."""
    plan, baseline = chosen.plan, chosen.baseline
    summary = {
        "scenario": scenario.name, "weather": expected.attrs["weather"], "synthetic": bool(expected.attrs["synthetic"]),
        "repairs": [], "start": record.start_utc, "steps": int(expected.sizes["time"]), "status": record.level_name,
        "currency": scenario.currency, "cost": plan.cost, "bound": record.bound, "gap": record.gap,
        "baseline_cost": baseline.cost, "saving": baseline.cost - plan.cost, **ladder_of(chosen), "members": record.members, **bill.key_figures(expected),
        "shifted_card_hours": bill.shifted_card_hours(expected, baseline_case),
        "late_card_hours": bill.late_card_hours(expected), "shortfalls": record.shortfalls,
        "baseline": bill.key_figures(baseline_case) | {"shortfalls": bill.broken_promises(baseline_case)},
        "seconds": record.seconds, "versions": record.versions,
    }  # fmt: skip
    return {key: _without_nan(value) for key, value in summary.items()}


def ladder_of(chosen: Chosen) -> dict[str, Any]:
    """Ladder of a night: expected running cost of each rung for the same members; empty where the plan answers the forecast alone."""
    if chosen.plan.origin not in OF_MEMBERS or chosen.baseline.origin != "baseline":
        return {}
    names = {STORE_BY_RULE: BY_RULE, STORE_PLANNED: UNMOVED}
    rungs = [Rung(NO_STORE, None, cost=chosen.baseline.cost)]
    rungs += [Rung(names[candidate.origin], None, cost=candidate.cost) for candidate in chosen.rungs]
    return {"ladder": Ladder([*rungs, Rung(PLANNED, None, cost=chosen.plan.cost)]).summary()}


def _without_nan(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_nan(inner) for key, inner in value.items()}
    return None if isinstance(value, float) and np.isnan(value) else value


def _work(expected: xr.Dataset) -> dict[str, object]:
    """Accelerator cards of each movable work by hour: what tomorrow's job shifts if it finds nothing better."""
    work = matching(expected["flow"], role=Role.MOVABLE_WORK)
    named = zip(rows_of(work, "site", "asset"), work.values.T, strict=True)
    return {
        "time_utc": [stamp.isoformat() for stamp in expected.indexes["time"]],
        "cards": {f"{site} {asset}": (-values).tolist() for (site, asset), values in named},
    }


def planned_work(folder: Path, assets: Mapping[Key, Technology], calendar: Calendar) -> Cards:
    """Cards an earlier plan would run in these hours; infinite (as many as there is work) where it knows nothing.

    Empty where it cannot be read, or knows none of these hours.
    """
    try:
        document = json.loads(readable(folder / WORK, MOST_BYTES).read_text(encoding="utf-8"))
        time = pd.DatetimeIndex(document["time_utc"])
        place = time.get_indexer(calendar.time)
        if (place < 0).all():
            return {}
        cards = {
            tuple(name.split(" ")): np.append(_cards(values, len(time)), np.inf)[place]
            for name, values in document["cards"].items()
        }
    except Exception:  # whatever is in the file: the rule-based plan stands
        return {}
    return {(site, asset): cards[site, asset] for site, asset in assets if (site, asset) in cards}


def _cards(values: object, count: int) -> Floats:
    """Cards of each step as numbers. Raises ValueError where they are none."""
    cards = np.asarray(values, dtype=float)
    if cards.shape != (count,) or not np.isfinite(cards).all() or (cards < 0).any():
        raise ValueError("not a number of cards for each step")
    return cards
