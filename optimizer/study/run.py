"""Run of one study task: plan, check, measure, keep. The only place where a study meets the planning."""

from __future__ import annotations

import json
import resource
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from optimizer.accounts.carbon import account_of
from optimizer.files.processes import ChildError
from optimizer.inputs.assemble import InputError, inputs_by_asset
from optimizer.plan.arrival import ladder_below
from optimizer.plan.ladder import PLANNED, Ladder, Rung
from optimizer.plan.optimize import (
    calendar_for,
    compiled_assets,
    effort_for,
    inputs_for,
    nothing_more,
    plan_assets,
)
from optimizer.plan.outcome import Plan
from optimizer.plan.results import ResultError, violations
from optimizer.plan.results_file import save_results
from optimizer.plan.summary import summarize
from optimizer.quantities.columns import rows_of, total
from optimizer.quantities.documents import DocumentError
from optimizer.quantities.series import SeriesError
from optimizer.scenario.file import scenario_from
from optimizer.solve.highs import SolverError
from optimizer.study.digest import parts_of, run_id
from optimizer.study.kept_files import with_study_files
from optimizer.study.measures import limit_row, linear_green_share
from optimizer.study.metrics import figures
from optimizer.study.near_optimal import ranges
from optimizer.study.shapes import Limited, Manifest, Question, Task
from optimizer.study.store import keep_failure, keep_run
from optimizer.technologies.tallies import Tally
from weather.canonical import WeatherError

AGAINST_BASELINE = ("baseline", "baseline_cost", "saving", "shifted_card_hours", "ladder")
"""Keys of a summary that mean nothing without the site that plans nothing."""


class OtherVersionError(Exception):
    """Version conflict: the requesting machine has another version of what decides an answer; a run kept under that name would be wrong."""


def perform(root: Path, task: Task) -> str:
    """Plan the task and keep the run, or keep the reason why there is none. Returns `done` or the kind of failure.

    Raises OSError where results cannot be written: no fault of the task.
    """
    try:
        manifest, results = planned(task)
    except Exception as error:
        kind, reason = _explained(error, task)
        keep_failure(root, task["id"], kind, reason, task["label"])
        return kind
    kept = results.assign_attrs(scenario=with_study_files(results.attrs["scenario"], root))
    keep_run(root, task["id"], manifest, lambda path: save_results(path, kept))
    return "done"


def planned(task: Task) -> tuple[Manifest, xr.Dataset]:
    """Manifest and the results of a task. Raises what planning raises."""
    began = time.perf_counter()
    scenario = scenario_from(task["scenario"], folder=Path(task["folder"]))
    parts = parts_of(scenario.model_dump(mode="json"), task["question"], task["with_baseline"])
    if run_id(parts) != task["id"]:
        raise OtherVersionError(
            f"this worker would name the run {run_id(parts)}: its source, packages or weather files are not those of whoever "
            "requested it; install the same lock and source on all machines"
        )
    inputs = inputs_for(scenario, calendar_for(scenario))
    assets, effort, question = scenario.assets(), effort_for(scenario, workers=1), task["question"]
    amend = limit_row(question, inputs_by_asset(inputs)) if question["kind"] == "limit" else nothing_more
    plan = plan_assets(assets, inputs, effort, amend=amend)
    below = ladder_below(plan, scenario.assets_alone(), inputs, effort) if task["with_baseline"] else []
    ladder = Ladder((*below, Rung.of(PLANNED, plan, assets)))
    summary = summarize(scenario, plan, ladder, account_of(plan.results), {})
    figures_of_run = {
        key: value for key, value in summary.items() if task["with_baseline"] or key not in AGAINST_BASELINE
    }
    manifest: Manifest = {
        "id": task["id"], "question": question, "with_baseline": task["with_baseline"], "label": task["label"], "part": task["part"],
        "case": task["case"], "weather": task["weather"], "factors": task["factors"], "scenario": task["scenario"],
        "folder": task["folder"], "parts": parts, "summary": figures_of_run, "metrics": _metrics(plan, figures_of_run),
        "verified": not violations(plan.results, assets), "seconds": 0.0, "peak_memory_gb": 0.0,
    }  # fmt: skip
    if question["kind"] == "limit":
        manifest["limited"] = _limited(plan.results, question, figures_of_run)
    if question["kind"] == "near_optimal":
        manifest["ranges"] = list(ranges(*compiled_assets(assets, inputs), plan.cost, question["slacks"]))
    manifest["seconds"] = round(time.perf_counter() - began, 2)
    manifest["peak_memory_gb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 3)  # Linux: kB
    manifest["summary"]["seconds"] = plan.certificate.seconds
    results = plan.results.assign_attrs(
        scenario=scenario.model_dump(mode="json"),
        status=plan.certificate.status,
        cost=plan.cost,
        bound=plan.certificate.bound,
    )
    return manifest, results


def _metrics(plan: Plan, summary: Mapping[str, Any]) -> dict[str, float]:
    """Plain numbers: the summary's, capacities and the items of the bill."""
    metrics = figures({key: value for key, value in summary.items() if key != "steps"})
    sizes = plan.results["size"]
    names = list(rows_of(sizes, "site", "asset", "quantity"))
    several = len({site for site, _, _ in names}) > 1
    for (site, asset, quantity), value in zip(names, sizes.values, strict=True):
        metrics[f"size.{site}/{asset}.{quantity}" if several else f"size.{asset}.{quantity}"] = float(value)
    for item, money in plan.bill_by_step.sum().items():
        metrics[f"bill.{item}"] = float(money)
    metrics["wet_days"] = float(wet_days(plan.results))
    metrics["hours"] = float(summary["steps"]) * float(plan.results.attrs["step_h"])
    return metrics


def wet_days(results: xr.Dataset) -> int:
    """Local days on which cooling evaporates: in some hour at least a tenth of the water of the hour that takes most."""
    water = total(results["metered"], quantity=Tally.WATER_M3_PER_H, member=0)
    if not water.size or water.max() <= 0:
        return 0
    local = pd.DatetimeIndex(results["time"].values).tz_localize("UTC").tz_convert(results.attrs["timezone"])
    return len(set(local[water >= 0.1 * water.max()].date))


def _limited(results: xr.Dataset, question: Question, summary: Mapping[str, Any]) -> Limited:
    """Limited measure, recomputed from the results alone. Raises ResultError where the limit is broken."""
    name, step_h = question["measure"], float(results.attrs["step_h"])
    if name == "late_card_h_h":
        value = float(total(results["shortfall"], quantity="late_card_h").sum()) * step_h
    elif name == "waiting_card_h_h":
        value = float(total(results["stored"], quantity="backlog_card_h").sum()) * step_h
    elif name == "green_share":
        value = linear_green_share(results)
    else:
        value = float(summary[name])
    is_most = "at_most" in question
    level = question["at_most"] if is_most else question["at_least"]
    # 1e-6 relative: HiGHS holds the scaled row to 1e-7
    over = (value - level if is_most else level - value) / max(abs(level), 1.0)
    if over > 1e-6:
        raise ResultError([f"{name} is {value:.9g}, requested was {'at most' if is_most else 'at least'} {level:g}"])
    limited: Limited = {"measure": name, "value": value}
    limited["at_most" if is_most else "at_least"] = level
    return limited


def _explained(error: Exception, task: Task) -> tuple[str, str]:
    """Kind and reason of a failure, for people."""
    if isinstance(error, SolverError):
        if task["question"]["kind"] == "limit" and "nfeasible" in str(error):
            requested_limit = json.dumps({key: value for key, value in task["question"].items() if key != "kind"})
            return "solver", f"no plan can keep {requested_limit}: {error}"
        return "solver", str(error)
    if isinstance(error, ResultError):
        return "result", "; ".join(error.violations)
    if isinstance(error, DocumentError):
        return "scenario", "; ".join(error.problems)
    if isinstance(error, OtherVersionError):
        return "version", str(error)
    if isinstance(error, MemoryError | ChildError):
        return "memory", "out of memory; give workers more, or fewer of them a machine"
    if isinstance(error, OSError):
        return "disk", str(error)
    if isinstance(error, WeatherError | InputError | SeriesError):
        return "data", "; ".join(getattr(error, "problems", [str(error)]))
    return "bug", "".join(traceback.format_exception(error))
