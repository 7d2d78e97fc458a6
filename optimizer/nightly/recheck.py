"""A published plan checked once more, from its files alone."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from optimizer.files.processes import problems_of, readable
from optimizer.nightly.expected import expected_results, load_opening
from optimizer.nightly.folder import JOBS, RESULTS, SCHEDULE, STATES, SUMMARY
from optimizer.nightly.ladder import LEVEL_NAMES
from optimizer.nightly.record import RECORD, read_record
from optimizer.plan import bill
from optimizer.plan.recheck import faults_of_results, figures_that_differ, table_differs
from optimizer.plan.results_file import load_results
from optimizer.plan.schedule import schedule_of, stamped, timetable_of
from optimizer.quantities.spreadsheet import without_formulas
from optimizer.runs.recheck import seal_faults
from optimizer.scenario.file import scenario_from
from optimizer.scenario.kept_files import SCENARIO

BY_RULE_FROM = 3
"""Levels from here on set the work by rule."""


def faults_of_night(folder: Path) -> list[str]:
    """Faults of a plan folder: files that were changed, laws that are broken, figures that do not follow from the results."""
    faults = seal_faults(folder)
    try:
        return faults + faults_of_folder(folder)
    except Exception as error:  # whatever is in the files
        return faults + [f"{folder.name}: cannot be checked: {problem}" for problem in problems_of(error)]


def faults_of_folder(folder: Path) -> list[str]:
    """Faults of a published plan; empty for a sound one. Raises OSError, ValueError where files are missing or broken."""
    record = read_record(folder / RECORD)
    if record is None:
        return [f"{folder.name}: no readable {RECORD}"]
    scenario = scenario_from(json.loads(readable(folder / SCENARIO).read_text(encoding="utf-8")), folder=folder)
    opening = load_opening(folder / STATES)
    rule_based = record.level >= BY_RULE_FROM
    assets = {
        key: asset.opened(opening.get(key, {})).as_baseline() if rule_based and asset.stage == "plan" else asset
        for key, asset in scenario.assets().items()
    }
    results = load_results(folder / RESULTS)
    faults = faults_of_results(results, assets, record.cost, opening)
    if record.level_name != LEVEL_NAMES[record.level] or (record.level and not record.exit_code):
        faults.append(
            f"{RECORD} > level: {record.level} is not '{record.level_name}' with exit code {record.exit_code}"
        )
    expected = expected_results(results)
    baseline = load_results(folder / RESULTS, group="baseline").assign_attrs(expected.attrs)
    summary = json.loads(readable(folder / SUMMARY).read_text(encoding="utf-8"))
    again: dict[str, object] = {
        "cost": record.cost,
        "bound": record.bound,
        "gap": record.gap,
        "baseline_cost": record.baseline_cost,
    }
    again |= {"start": record.start_utc, "steps": int(results.sizes["time"]), "status": record.level_name}
    again |= {**bill.key_figures(expected), "saving": record.baseline_cost - record.cost}
    faults += figures_that_differ(summary, again, SUMMARY)
    if pd.Timestamp(record.start_utc) != results.indexes["time"][0]:
        faults.append(f"{RECORD} > start_utc: is not the first hour of the results")
    faults += figures_that_differ(record.shortfalls, bill.broken_promises(expected), f"{RECORD} > shortfalls")
    jobs = timetable_of(results, assets, opening)
    faults += table_differs(folder / SCHEDULE, schedule_of(expected, baseline, assets, jobs))
    return faults if jobs is None else faults + table_differs(folder / JOBS, without_formulas(stamped(jobs)))
