"""A run checked once more from its folder alone: every file's digest, the laws, and everything it says of its results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from optimizer.accounts.carbon import account_of
from optimizer.accounts.green_statement import monthly_statement
from optimizer.accounts.ledger import hour_lines
from optimizer.accounts.ledger import verify as ledger_faults
from optimizer.files.mark import changed_since, mark_of
from optimizer.files.processes import problems_of, readable
from optimizer.plan import bill
from optimizer.plan.costs import costs_of, fixed_costs, unit_costs
from optimizer.plan.ladder import PLANNED, assets_of, saved, steps_in
from optimizer.plan.readable_tables import hours_table, jobs_table
from optimizer.plan.recheck import Assets, faults_of_results, figures_that_differ, is_near, table_differs
from optimizer.plan.results_file import BASELINE, load_results
from optimizer.plan.schedule import schedule_of, stamped, timetable_of
from optimizer.plan.waits import wait_figures
from optimizer.quantities.spreadsheet import without_formulas
from optimizer.rulebook.verdicts import verdicts_of
from optimizer.scenario.file import scenario_from

NO_MARK = "has no .qaidam.json, so nothing says what it held (an older version, or not ours); run again to have one"
SCHEDULE, HOURS, JOBS, LEDGER, STATEMENT, SUMMARY = (
    "schedule.csv", "hours.csv", "jobs.csv", "ledger.csv", "green_statement.csv", "summary.json",
)  # fmt: skip


def seal_faults(folder: Path) -> list[str]:
    """Seal faults of a run's folder: files changed since it was written, or no mark."""
    mark = mark_of(folder)
    return [f"{folder.name}: {NO_MARK}"] if mark is None else changed_since(folder, mark)


def faults_of_run(folder: Path) -> list[str]:
    """Faults of a run's folder: what was changed, breaks a law, or does not follow from its results."""
    faults = seal_faults(folder)
    try:
        return faults + content_faults(folder)
    except Exception as error:  # whatever is in the files
        return faults + [f"{folder.name}: cannot be checked: {problem}" for problem in problems_of(error)]


def content_faults(folder: Path) -> list[str]:
    """Faults of a run's content, whatever its digests say. Raises what reading its files raises."""
    results = load_results(folder / "results.nc")
    baseline = load_results(folder / "results.nc", group="baseline").assign_attrs(results.attrs)
    baseline = baseline.merge(results[["input"]])
    scenario = scenario_from(results.attrs["scenario"], folder=folder)
    assets, cost = scenario.assets(), float(results.attrs["cost"])
    summary = json.loads(readable(folder / SUMMARY).read_text(encoding="utf-8"))
    faults = faults_of_results(results, assets, cost)
    again = {"cost": cost, **bill.key_figures(results), "late_card_hours": bill.late_card_hours(results)}
    if summary["baseline_cost"] is not None:
        again["shifted_card_hours"] = bill.shifted_card_hours(results, baseline)
    again["steps"] = int(results.sizes["time"])
    jobs = timetable_of(results, assets)
    again |= {**wait_figures(results, jobs), "bound": float(results.attrs["bound"]), "gap": float(results.attrs["gap"])}
    faults += figures_that_differ(summary, again, SUMMARY)
    faults += proof_faults(summary) + ladder_faults(folder, results, summary) + cost_faults(results, assets, summary)
    shortfalls = bill.broken_promises(results)
    if set(shortfalls) != set(summary["shortfalls"]):
        faults.append(f"{SUMMARY} > shortfalls: not the promises that the results break")
    faults += figures_that_differ(summary["shortfalls"], shortfalls, f"{SUMMARY} > shortfalls")
    faults += table_differs(folder / SCHEDULE, schedule_of(results, baseline, assets, jobs))
    faults += readable_table_faults(folder, results, assets, jobs)
    return faults + law_faults(results, assets, summary) + _account_faults(folder, results, summary)


def readable_table_faults(folder: Path, results: xr.Dataset, assets: Assets, jobs: pd.DataFrame | None) -> list[str]:
    """Faults of hours.csv and jobs.csv; a run of an earlier version has no hours, and jobs without the site's clock."""
    hours, faults = folder / HOURS, []
    if hours.exists():
        faults += table_differs(hours, without_formulas(hours_table(results)))
    if jobs is not None:
        made = jobs_table(results, assets, jobs) if hours.exists() else stamped(jobs)
        faults += table_differs(folder / JOBS, without_formulas(made))
    return faults


def law_faults(results: xr.Dataset, assets: Assets, summary: dict[str, Any]) -> list[str]:
    """Faults of the verdicts by rule books: others than the results give."""
    again, told = [verdict.as_dict() for verdict in verdicts_of(results, assets)], summary.get("law", [])
    if len(again) != len(told):
        return [f"{SUMMARY} > law: not the clauses of the scenario's rule books"]
    faults = []
    for number, (own, said) in enumerate(zip(again, told, strict=True)):
        numbers = {name: value for name, value in own.items() if isinstance(value, float)}
        words = {name: value for name, value in own.items() if name not in numbers}
        faults += figures_that_differ(said, numbers, f"{SUMMARY} > law > {own['clause']}")
        if any(said.get(name) != value for name, value in words.items()):
            faults.append(f"{SUMMARY} > law > {number}: says otherwise than the results: {own['clause']}")
    return faults


def ladder_faults(folder: Path, results: xr.Dataset, summary: dict[str, Any]) -> list[str]:
    """Faults of the rungs below the plan: laws, bills, and the savings said to come from them."""
    assets = scenario_from(results.attrs["scenario"], folder=folder).assets_alone()
    steps, faults = steps_in({"ladder": {"rungs": results.attrs.get("ladder", [])}}), []
    for number, step in enumerate(steps):
        if step["cost"] is not None and step["rung"] != PLANNED:
            group = BASELINE if number == 0 else step["rung"]
            rung = load_results(folder / "results.nc", group=group).assign_attrs(results.attrs)
            its_assets = assets_of(step["rung"], assets)
            wrong = faults_of_results(rung.merge(results[["input"]]), its_assets, step["cost"])
            faults += [f"{step['name']}: {fault}" for fault in wrong]
            if not is_near(sum(fixed_costs(rung, its_assets).values()), step["capital"]):
                faults.append(f"{step['name']}: its capital is not what its plants cost")
    if steps != steps_in(summary):
        faults.append(f"{SUMMARY} > ladder: not the rungs of the results")
    faults += figures_that_differ(
        summary.get("ladder", {}).get("saved", {}), saved(steps), f"{SUMMARY} > ladder > saved"
    )
    return faults + figures_that_differ(summary, {"baseline_cost": steps[0]["cost"]} if steps else {}, SUMMARY)


def cost_faults(results: xr.Dataset, assets: Assets, summary: dict[str, Any]) -> list[str]:
    """Faults of running cost, capital and what a kilowatt-hour and a card-hour cost."""
    costs, where = costs_of(bill.bill_by_step(results, assets), results, assets), f"{SUMMARY} > costs"
    reported = summary.get("costs", {})
    again = {"running": costs.running, "capital": costs.capital, "total": costs.total}
    faults = figures_that_differ(reported, again, where)
    for name, parts in unit_costs(costs, bill.key_figures(results)).items():
        faults += figures_that_differ(reported.get(name, {}), parts, f"{where} > {name}")
    return faults


def proof_faults(summary: dict[str, Any]) -> list[str]:
    """Optimality-gap and saving faults: a gap that does not follow from cost and bound, a saving not from the two costs."""
    cost, bound, told = float(summary["cost"]), summary["bound"], summary["gap"]
    faults = []
    if bound is None or told is None:
        faults += [] if bound is told else [f"{SUMMARY} > gap: is told without a bound, or the bound without a gap"]
    else:
        gap = max(cost - bound, 0.0) / max(abs(cost), 1e-9)
        # 1e-4 of the gap's own range: a certificate rounds its windows' bounds
        if abs(gap - told) > 1e-4 or bound > cost + 1e-6 * max(abs(cost), 1.0):
            faults.append(f"{SUMMARY} > gap: says {told:.6f}, cost and bound give {gap:.6f}")
    steps = steps_in(summary)
    lowest, plan = (steps[0]["total"], steps[-1]["total"]) if steps else (None, None)
    saving = None if lowest is None or plan is None else lowest - plan
    if not is_near(saving, summary["saving"]):
        faults.append(f"{SUMMARY} > saving: says {summary['saving']}, the two costs give {saving}")
    return faults


def _account_faults(folder: Path, results: xr.Dataset, summary: dict[str, Any]) -> list[str]:
    """Faults of ledger and statement against the results."""
    if not (folder / LEDGER).exists():
        return [f"{LEDGER}: is missing"] if "ledger_sha256" in summary else []
    faults = ledger_faults(folder / LEDGER)
    account = account_of(results)
    expected_lines = [line for _, lines in hour_lines(account.provenance) for line in lines]
    written_lines = [
        line for line in readable(folder / LEDGER).read_text(encoding="utf-8").splitlines()[1:] if line[:5] != "seal,"
    ]
    rows = [line.rsplit(",", 1) for line in written_lines]
    is_same = len(rows) == len(expected_lines) and all(
        len(row) == 2 and row[0] == line.rsplit(",", 1)[0] and is_near(_number(row[1]), _number(line.rsplit(",", 1)[1]))
        for row, line in zip(rows, expected_lines, strict=True)
    )
    if not is_same:
        faults.append(f"{LEDGER}: is not the ledger that comes out of the results")
    statement = monthly_statement(account)
    written_statement = pd.read_csv(readable(folder / STATEMENT), index_col=0)
    total = written_statement.loc["total", "carbon_location_t"] if "total" in written_statement.index else None
    if not is_near(_number(total), _number(statement.loc["total", "carbon_location_t"])):
        faults.append(f"{STATEMENT} > total: its carbon is not that of the results")
    return faults + table_differs(folder / STATEMENT, statement, index=True)


def _number(text: Any) -> object:
    try:
        return float(text)
    except (TypeError, ValueError):
        return text
