"""Tables of a run read from its folder: hours, jobs, money, energy, verdicts of the rules, schedule."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import xarray as xr

from optimizer.files.processes import readable
from optimizer.plan.bill import bill_by_month, bill_by_step, key_figures
from optimizer.plan.readable_tables import hours_table, jobs_table
from optimizer.plan.results_file import load_results
from optimizer.plan.schedule import timetable_of
from optimizer.rulebook.verdicts import verdicts_of
from optimizer.scenario.file import scenario_from
from optimizer.scenario.hubs import Hubs
from optimizer.scenario.single_site import Scenario


def opened(folder: Path) -> tuple[xr.Dataset, Scenario | Hubs]:
    """Results of a run and the scenario they were planned for. Raises OSError, ScenarioError."""
    results = load_results(folder / "results.nc")
    return results, scenario_from(results.attrs["scenario"], folder=folder)


def table_of_run(folder: Path, what: str) -> pd.DataFrame | None:
    """One table of a run; None where it has nothing of the kind. Raises OSError, ValueError for a table there is not."""
    if what == "schedule":
        return pd.read_csv(readable(folder / "schedule.csv"))
    results, scenario = opened(folder)
    assets = scenario.assets()
    if what == "hours":
        return hours_table(results)
    if what == "jobs":
        jobs = timetable_of(results, assets)
        return None if jobs is None else jobs_table(results, assets, jobs)
    if what == "money":
        months = bill_by_month(bill_by_step(results, assets), results)
        return months.assign(total=months.sum(axis=1)).rename_axis("month").reset_index()
    if what == "energy":
        return pd.DataFrame(key_figures(results).items(), columns=["figure", "value"])
    if what == "rules":
        verdicts = [verdict.as_dict() for verdict in verdicts_of(results, assets)]
        return pd.DataFrame(verdicts) if verdicts else None
    raise ValueError(f"no table '{what}'")


def summary_of_run(folder: Path) -> dict[str, object]:
    """Summary of a run as it was written. Raises OSError, ValueError."""
    summary: dict[str, object] = json.loads(readable(folder / "summary.json").read_text(encoding="utf-8"))
    return summary
