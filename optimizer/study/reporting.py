"""Report of a study: the catalogue, a table of all runs, and the page."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from optimizer.files.single import write_into
from optimizer.language.speech import say
from optimizer.plan.bill import bill_by_month, bill_by_step
from optimizer.plan.results_file import load_results
from optimizer.quantities.spreadsheet import without_formulas
from optimizer.report.study_answer import Choice
from optimizer.report.study_names import run_label
from optimizer.report.study_page import StudyTables, write_study_page
from optimizer.scenario.file import scenario_from
from optimizer.study.answers import chosen, front, near_optimal, tornado, verdicts
from optimizer.study.catalogue import rebuild
from optimizer.study.frame import frame_of
from optimizer.study.load import LoadedStudy
from optimizer.study.store import audit, manifest_of, run_folder
from optimizer.study.task import requested_runs


def finish(study: LoadedStudy, root: Path) -> Path | None:
    """Catalogue the runs, write study.csv and report.html; the report's path, or None where no run is done. Raises OSError."""
    rebuild(root)
    runs = frame_of(study, root)
    if runs.empty:
        return None
    plain = runs.drop(columns=["ranges", "limited"])
    write_into(root, "study.csv", lambda path: without_formulas(plain).to_csv(path, index=False))
    name = chosen(runs, study.settings.constraints)
    why = say("the cheapest that keeps every limit") if name else say("the cheapest, for none keeps every limit")
    name = name or str(runs["id"].to_numpy()[int(runs["cost"].to_numpy().argmin())])
    label = str(runs.loc[runs["id"] == name, "label"].iloc[0])
    folder = run_folder(root, name)
    results = load_results(folder / "series.nc")
    assets = scenario_from(results.attrs["scenario"], folder=folder).assets()
    months = bill_by_month(bill_by_step(results, assets), results)
    told = say("{run} ({reason}; {folder})", run=run_label(label), reason=why, folder=folder.relative_to(root))
    baseline = (study.settings.money.baseline if study.settings.money else None) or ""
    tables = study_tables(study, root, runs, told, Choice(name, why, baseline))
    summary = manifest_of(root, name)["summary"]
    write_into(root, "report.html", lambda path: write_study_page(path, tables, results, months, summary))
    return root / "report.html"


def study_tables(study: LoadedStudy, root: Path, runs: pd.DataFrame, told: str, choice: Choice) -> StudyTables:
    """Tables shown on the page of all runs together."""
    settings = study.settings
    cases = list(dict.fromkeys(runs["case"]))
    claims = settings.money.claims if settings.money else []
    base = scenario_from(next(iter(study.bases.values()))[0], folder=study.path.parent)
    return StudyTables(
        name=settings.name,
        description=settings.description,
        currency=base.currency,
        runs=runs,
        metrics=settings.metrics,
        fronts={(pareto.measure, case): front(runs, pareto, case) for pareto in settings.pareto for case in cases},
        tornadoes={
            (metric, case): tornado(runs, metric, case)
            for metric in settings.metrics[:2]
            for case in cases
            if settings.sensitivity and metric in runs
        },
        ranges=near_optimal(runs),
        verdicts=pd.DataFrame([vars(verdict) for verdict in verdicts(claims, runs)]),
        failed=audit(root, (run.id for run in requested_runs(study))).failed,
        chosen=told,
        choice=choice,
    )
