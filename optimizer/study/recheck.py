"""A study's runs checked once more from their files: digests, name, laws, bill and figures."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pandas as pd

from optimizer.files.mark import changed_since, mark_of
from optimizer.files.processes import problems_of, readable
from optimizer.plan import bill
from optimizer.plan.recheck import faults_of_results, figures_that_differ, is_near
from optimizer.plan.results_file import load_results
from optimizer.scenario.file import scenario_from
from optimizer.study.digest import run_id
from optimizer.study.kept_files import changed_files
from optimizer.study.shapes import Manifest
from optimizer.study.store import MANIFEST, SERIES, checked_manifest

TABLE = "study.csv"
"""The table of all runs."""


def is_study_run(folder: Path) -> bool:
    """Whether a folder is one run of a study."""
    return (folder / MANIFEST).is_file() and folder.parent.parent.name == "runs"


def faults_of_study_run(folder: Path) -> list[str]:
    """Faults of a run of a study: what was changed, breaks a law, or does not follow from its series."""
    try:
        return _faults(folder, checked_manifest(folder))
    except Exception as error:  # whatever is in the files
        return [f"{folder.name}: {problem}" for problem in problems_of(error)]


def _faults(folder: Path, manifest: Manifest) -> list[str]:
    results, faults = load_results(folder / SERIES), []
    if run_id(manifest["parts"]) != folder.name:
        faults.append(f"{MANIFEST} > parts: are not those of a run named {folder.name}")
    scenario, summary, metrics = results.attrs["scenario"], manifest["summary"], manifest["metrics"]
    faults += changed_files(scenario, folder)
    assets = scenario_from(scenario, folder=folder).assets()
    faults += faults_of_results(results, assets, float(summary["cost"]))
    again = {"cost": float(results.attrs["cost"]), "bound": float(results.attrs["bound"]), **bill.key_figures(results)}
    again |= {"late_card_hours": bill.late_card_hours(results), "steps": int(results.sizes["time"])}
    faults += figures_that_differ(summary, again, f"{MANIFEST} > summary")
    again |= {f"bill.{item}": float(money) for item, money in bill.bill_by_step(results, assets).sum().items()}
    again["hours"] = again.pop("steps") * float(results.attrs["step_h"])
    faults += figures_that_differ(metrics, again, f"{MANIFEST} > metrics")
    cost, gap = float(summary["cost"]), float(summary["gap"])
    if not is_near(max(cost - float(summary["bound"]), 0.0) / max(abs(cost), 1e-9), gap):
        faults.append(f"{MANIFEST} > summary > gap: does not follow from cost and bound")
    return faults


def faults_of_study(root: Path) -> list[str]:
    """Faults of a whole study: changed files, every run checked anew, and a table that does not follow from the runs."""
    mark = mark_of(root)
    faults = [] if mark is None else changed_since(root, mark)
    known: dict[str, Manifest] = {}
    for path in sorted((root / "runs").glob("??/*")):
        if path.name.startswith("."):
            continue
        faults += [f"{path.relative_to(root)}: {fault}" for fault in faults_of_study_run(path)]
        with suppress(OSError, ValueError, KeyError, TypeError):  # already among the faults
            known[path.name] = checked_manifest(path)
    try:
        return faults + _table_faults(root, known)
    except Exception as error:  # whatever is in the file
        return faults + [f"{TABLE}: {problem}" for problem in problems_of(error)]


def _table_faults(root: Path, known: Mapping[str, Manifest]) -> list[str]:
    """Rows of the table of runs that no run stands behind, and figures that are not its run's."""
    if not (root / TABLE).exists():
        return [f"{TABLE}: is missing, with {len(known)} runs done"] if known else []
    faults = []
    rows = pd.read_csv(readable(root / TABLE)).to_dict(orient="records")
    for number, row in enumerate(rows, start=2):
        manifest = known.get(str(row["id"]))
        if manifest is None:
            faults.append(f"{TABLE}:{number}  id: there is no sound run {str(row['id'])[:40]}")
            continue
        figures = {str(name): value for name, value in row.items() if pd.notna(value)}
        faults += figures_that_differ(figures, manifest["metrics"], f"{TABLE}:{number}")
    return faults
