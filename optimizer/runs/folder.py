"""Run folder: results.nc, schedule.csv, hours.csv, jobs.csv (where work has names), ledger.csv, green_statement.csv,
end_values.json (for its nights), summary.json, report.html, whole or not at all.
"""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

from optimizer.accounts.green_statement import monthly_statement
from optimizer.accounts.ledger import append
from optimizer.files.processes import readable
from optimizer.files.single import write_into
from optimizer.files.whole import recover, write_whole
from optimizer.plan.bill import bill_by_month, bill_by_step
from optimizer.plan.end_values import END_VALUES, end_values_of
from optimizer.plan.ladder import NO_STORE, assets_of
from optimizer.plan.outcome import Outcome
from optimizer.plan.readable_tables import hours_table, jobs_table
from optimizer.plan.results import ResultError, checked
from optimizer.plan.results_file import load_results, save_results
from optimizer.plan.schedule import schedule_of, timetable_of
from optimizer.quantities.spreadsheet import without_formulas
from optimizer.report.page import write_report
from optimizer.runs.recheck import faults_of_run
from optimizer.scenario.file import scenario_from
from optimizer.scenario.kept_files import with_files_kept

REPORT = "report.html"
RUN = "run"
"""Kind of the folder, as its mark says."""


def write_run(folder: str | Path, outcome: Outcome) -> Path:
    """Write an Outcome to `folder` (an older run there is replaced). Returns the folder. Raises OSError."""
    plan, baseline = outcome.plan, outcome.baseline
    jobs = timetable_of(plan.results, outcome.scenario.assets())

    def fill(part: Path) -> None:
        results = plan.results.assign_attrs(
            scenario=with_files_kept(outcome.scenario.model_dump(mode="json"), part),
            status=plan.certificate.status, cost=plan.cost, bound=plan.certificate.bound, gap=plan.certificate.gap,
            ladder=outcome.ladder.steps(),
        )  # fmt: skip
        save_results(part / "results.nc", results, baseline.results, outcome.ladder.results())
        schedule = schedule_of(plan.results, baseline.results, outcome.scenario.assets(), jobs)
        schedule.to_csv(part / "schedule.csv", index=False)
        without_formulas(hours_table(plan.results)).to_csv(part / "hours.csv", index=False)
        if jobs is not None:
            made = jobs_table(plan.results, outcome.scenario.assets(), jobs)
            without_formulas(made).to_csv(part / "jobs.csv", index=False)
        if outcome.account is not None:
            outcome.summary["ledger_sha256"] = append(part / "ledger.csv", outcome.account.provenance)
            monthly_statement(outcome.account).to_csv(part / "green_statement.csv")
        for name, table in outcome.tables.items():
            without_formulas(table).to_csv(part / f"{name}.csv", index=False)
        if plan.shadow_prices:
            values = end_values_of(plan.results, plan.shadow_prices, outcome.scenario.assets())
            (part / END_VALUES).write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
        (part / "summary.json").write_text(
            json.dumps(outcome.summary, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        months, baseline_case = (bill_by_month(case.bill_by_step, case.results) for case in (plan, baseline))
        write_report(part / REPORT, results, baseline.results, months, baseline_case, outcome.summary, jobs=jobs)

    return write_whole(Path(folder), fill, RUN)


def rewrite_report(folder: Path) -> Path:
    """Check the results of a run from its file alone and write its report anew. Raises OSError, ResultError."""
    recover(folder)
    results = load_results(folder / "results.nc")
    baseline = load_results(folder / "results.nc", group="baseline").assign_attrs(results.attrs)
    baseline = baseline.merge(results[["input"]])
    if "scenario" not in results.attrs:
        raise OSError(errno.EIO, "results without their scenario", str(folder / "results.nc"))
    scenario = scenario_from(results.attrs["scenario"], folder=folder)
    checked(results, scenario.assets())
    wrong = [fault for fault in faults_of_run(folder) if not fault.startswith(REPORT)]
    if wrong:
        raise ResultError(wrong)
    idle = assets_of(NO_STORE, scenario.assets_alone())
    months = [
        bill_by_month(bill_by_step(case_results, assets), case_results)
        for case_results, assets in ((results, scenario.assets()), (baseline, idle))
    ]
    summary, jobs = _read_summary(folder / "summary.json"), timetable_of(results, scenario.assets())

    def draw(path: Path) -> None:
        write_report(path, results, baseline, months[0], months[1], summary, jobs=jobs)

    write_into(folder, REPORT, draw)
    return folder / REPORT


def _read_summary(path: Path) -> dict[str, Any]:
    try:
        summary: dict[str, Any] = json.loads(readable(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise OSError(errno.EIO, "not a run's summary, or a broken one", str(path)) from error
    return summary
