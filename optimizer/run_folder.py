"""What a run leaves: results.nc, schedule.csv, jobs.csv (where work has names), ledger.csv, green_statement.csv,
end_values.json (for its nights), summary.json, report.html, whole or not at all.

Written to a folder beside the target, flushed to disk, then renamed. A reader sees the last good run or the new one.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xarray as xr

JSON_ATTRIBUTES = ("repairs", "holidays", "weights", "scenario")
"""Attributes that are lists or mappings; netCDF attributes are text and numbers."""


def write_run(folder: str | Path, outcome: Any) -> Path:
    """Write an Outcome to `folder` (an older run there is replaced). Returns the folder. Raises OSError."""
    from optimizer.bill import bill_by_month
    from optimizer.end_values import END_VALUES, end_values_of
    from optimizer.green_statement import monthly_statement
    from optimizer.ledger import append
    from optimizer.report.page import write_report
    from optimizer.schedule import schedule_of, stamped, timetable_of

    plan, baseline = outcome.plan, outcome.baseline
    jobs = timetable_of(plan.results, outcome.scenario.assets())

    def fill(part: Path) -> None:
        results = plan.results.assign_attrs(
            scenario=outcome.scenario.model_dump(mode="json"),
            status=plan.certificate.status, cost=plan.cost, bound=plan.certificate.bound, gap=plan.certificate.gap,
        )  # fmt: skip
        save_results(part / "results.nc", results, baseline.results)
        schedule_of(plan.results, baseline.results).to_csv(part / "schedule.csv", index=False)
        if jobs is not None:
            stamped(jobs).to_csv(part / "jobs.csv", index=False)
        if outcome.provenance is not None:
            outcome.summary["ledger_sha256"] = append(part / "ledger.csv", outcome.provenance)
            monthly_statement(outcome.provenance).to_csv(part / "green_statement.csv")
        for name, table in outcome.tables.items():
            table.to_csv(part / f"{name}.csv", index=False)
        if plan.worth:
            taught = end_values_of(plan.results, plan.worth, outcome.scenario.assets())
            (part / END_VALUES).write_text(json.dumps(taught, indent=1) + "\n", encoding="utf-8")
        (part / "summary.json").write_text(
            json.dumps(outcome.summary, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        months, usual = (bill_by_month(one.bill_by_step, one.results) for one in (plan, baseline))
        write_report(part / "report.html", results, baseline.results, months, usual, outcome.summary, jobs=jobs)

    return write_whole(Path(folder), fill)


def write_whole(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Make a folder by filling another beside it and renaming that. Nothing half-written stays when `fill` fails."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    recover(folder)
    _sweep(folder)
    part, old = _beside(folder, f"{os.getpid()}.part"), _beside(folder, "old")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        fill(part)
        for path in part.rglob("*"):
            sync(path)
        sync(part)
        if folder.exists():
            folder.rename(old)
        part.rename(folder)
        sync(folder.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    return folder


def recover(folder: Path) -> None:
    """Bring back the last good run if a writer was killed between taking the old one away and putting the new one in place."""
    old = _beside(folder, "old")
    if old.exists() and not folder.exists():
        old.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what writers that were killed left half-filled."""
    for part in folder.parent.glob(f".{folder.name}.*.part"):
        writer = part.name.split(".")[-2]
        if not (writer.isdigit() and _lives(int(writer))):
            shutil.rmtree(part, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _beside(folder: Path, ending: str) -> Path:
    return folder.with_name(f".{folder.name}.{ending}")


def sync(path: Path) -> None:
    """Flush a file or folder to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def save_results(path: Path, results: xr.Dataset, baseline: xr.Dataset | None = None) -> None:
    """One netCDF file: the plan at its root, the baseline in the group `baseline`. Raises OSError."""
    _as_file_form(results).to_netcdf(path, engine="h5netcdf", encoding=_packed(results))
    if baseline is not None:
        slim = baseline.drop_vars("input").drop_dims("exogenous", errors="ignore")
        _as_file_form(slim).to_netcdf(path, engine="h5netcdf", group="baseline", mode="a", encoding=_packed(slim))


def load_results(path: Path, group: str | None = None) -> xr.Dataset:
    """A Dataset as `save_results` wrote it. Raises OSError."""
    if not path.is_file():
        raise FileNotFoundError(errno.ENOENT, "no such results file", str(path))
    try:
        with xr.open_dataset(path, engine="h5netcdf", group=group) as file:
            results = file.load()
    except OSError as error:
        raise OSError(errno.EIO, "not a results file, or a broken one", str(path)) from error
    for name in JSON_ATTRIBUTES:
        if isinstance(results.attrs.get(name), str):
            results.attrs[name] = json.loads(results.attrs[name])
    return results


def _as_file_form(results: xr.Dataset) -> xr.Dataset:
    """Structured attributes as JSON text."""
    attributes = {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | tuple) else value
        for name, value in results.attrs.items()
    }
    return results.assign_attrs(attributes)


def _packed(results: xr.Dataset) -> dict[str, dict[str, Any]]:
    """Packing of the two-dimensional variables, one chunk a column: a reader of one series unpacks that series only."""
    packing = {"zlib": True, "complevel": 1, "shuffle": True}
    return {
        str(name): packing | ({"chunksizes": (table.shape[0], 1)} if table.size else {})
        for name, table in results.data_vars.items()
        if table.ndim == 2
    }


def rewrite_report(folder: Path) -> Path:
    """Check the results of a run from its file alone and write its report anew. Raises OSError, ResultError."""
    from optimizer.bill import bill_by_month, bill_by_step
    from optimizer.report.page import write_report
    from optimizer.results import checked
    from optimizer.scenario import scenario_from
    from optimizer.schedule import timetable_of

    recover(folder)
    results = load_results(folder / "results.nc")
    baseline = load_results(folder / "results.nc", group="baseline").assign_attrs(results.attrs)
    baseline = baseline.merge(results[["input"]])
    if "scenario" not in results.attrs:
        raise OSError(errno.EIO, "results without their scenario", str(folder / "results.nc"))
    scenario = scenario_from(results.attrs["scenario"], folder=folder)
    checked(results, scenario.assets())
    months = [bill_by_month(bill_by_step(one, scenario.assets()), one) for one in (results, baseline)]
    summary, jobs = _read_summary(folder / "summary.json"), timetable_of(results, scenario.assets())
    write_report(folder / "report.html", results, baseline, months[0], months[1], summary, jobs=jobs)
    return folder / "report.html"


def _read_summary(path: Path) -> dict[str, Any]:
    try:
        summary: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise OSError(errno.EIO, "not a run's summary, or a broken one", str(path)) from error
    return summary
