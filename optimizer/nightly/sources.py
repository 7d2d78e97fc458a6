"""Sources of tonight's scenario and inputs, and their fallbacks."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import xarray as xr

from optimizer.files.processes import in_child, one_line, problems_of, readable
from optimizer.nightly.attempt import Sources
from optimizer.nightly.folder import MOST_BYTES
from optimizer.nightly.forecast_chain import forecast_file
from optimizer.nightly.publish import published
from optimizer.quantities.documents import DocumentError, read_document
from optimizer.scenario.file import load_site, merged
from optimizer.scenario.kept_files import SCENARIO, site_with_table, with_kept_files
from optimizer.scenario.single_site import Scenario
from weather import sources as weather_files
from weather.sources.fetch import fetch

Loaded = TypeVar("Loaded")
PROVIDER = "open-meteo-forecast"
FETCH_TIMEOUT_S = 20.0
"""A service that has not answered by then does not answer tonight."""
READ_SECONDS = 60.0
"""Longest that reading the scenario, or its job table, may take."""
MOST_SCENARIO_BYTES = 20_000_000
EARLIER = 3
"""Plans of earlier nights whose scenario is looked at."""


def scenario_for_tonight(
    path: Path, plans: Path, jobs: Path | None = None, overrides: Mapping[str, object] | None = None
) -> tuple[Scenario, Sources]:
    """Scenario of a file, with tonight's job table; where it cannot be used the last plan's, and notes why.

    `overrides` set values by path; with one that does not fit, none of them is taken, and that is noted: there is always a plan.
    Everything is read in a process of its own first, so that what hangs or crashes there is done without.
    Raises DocumentError where there is no earlier plan either.
    """
    values = dict(overrides or {})
    try:
        scenario = _proved(lambda: load_site(readable(path, MOST_SCENARIO_BYTES) if path.exists() else path, values))
    except Exception as error:
        problems = problems_of(error)
        if values:
            scenario, begun = scenario_for_tonight(path, plans, jobs)
            unfit = tuple(f"scenario: {one_line(problem)}; no value of --set was taken" for problem in problems)
            return scenario, replace(begun, notes=(*unfit, *begun.notes))
        with suppress(Exception):  # whatever it is, what the last plan kept is the next best
            scenario, notes = _proved(partial(_with_tables_that_can_be_read, path, jobs))
            return scenario, Sources(notes=tuple(f"work: {one_line(note)}" for note in notes))
        for last, _ in list(reversed(published(plans)))[:EARLIER]:
            with suppress(Exception):  # and then the scenario of an earlier night
                scenario, notes = _proved(partial(_with_files_kept_by, last, path, jobs))
                return scenario, Sources(notes=tuple(one_line(note) for note in notes))
        for name, earlier in earlier_scenarios(plans):
            return earlier, Sources(notes=(f"scenario: {path} cannot be used, that of {name} was taken", *problems))
        raise DocumentError(problems) from error
    return (scenario, Sources()) if jobs is None else _with_jobs(path, scenario, jobs, values)


def _with_tables_that_can_be_read(path: Path, jobs: Path | None) -> tuple[Scenario, list[str]]:
    """Scenario of a file with tonight's job table in place of its own, or without the work of one that cannot be read."""
    table = None if jobs is None else readable(jobs, MOST_BYTES)
    return site_with_table(merged(read_document(readable(path, MOST_SCENARIO_BYTES))), path.parent, table)


def _with_files_kept_by(last: Path, path: Path, jobs: Path | None) -> tuple[Scenario, list[str]]:
    """Scenario of a file with what a plan kept of the files it names, where these cannot be read; its tables as above."""
    data, kept = with_kept_files(merged(read_document(readable(path, MOST_SCENARIO_BYTES))), path.parent, last)
    table = None if jobs is None else readable(jobs, MOST_BYTES)
    scenario, left_out = site_with_table(data, path.parent, table)
    return scenario, [*(f"scenario: {note}" for note in kept), *(f"work: {note}" for note in left_out)]


def _proved(load: Callable[[], Loaded]) -> Loaded:
    """Scenario of a loader, once it has loaded in a process of its own. Raises ChildError, or as the loader does."""
    in_child(lambda: load() is None, READ_SECONDS)
    return load()


def earlier_scenarios(plans: Path) -> Iterator[tuple[str, Scenario]]:
    """Scenarios of earlier plans that can still be read, the newest plan's first, each with its folder's name."""
    for folder, _ in list(reversed(published(plans)))[:EARLIER]:
        try:
            yield folder.name, _proved(partial(_scenario_of, folder))
        except Exception:
            continue  # a broken earlier scenario is not reported again


def _scenario_of(folder: Path) -> Scenario:
    data = json.loads(readable(folder / SCENARIO, MOST_BYTES).read_text(encoding="utf-8"))
    return site_with_table(data, folder, None)[0]


def _with_jobs(path: Path, scenario: Scenario, jobs: Path, overrides: Mapping[str, object]) -> tuple[Scenario, Sources]:
    """Scenario with a job table in place of its own; a table that cannot be used is noted, and its own stays.

    A table that lists nothing is no fault: then there is nothing to do, and nothing is planned.
    """
    for kind, named in scenario.by_technology().items():
        for asset, technology in named.items():
            table = getattr(technology, "table", None)
            if table is None:
                continue
            try:
                if in_child(lambda: lists_nothing(readable(jobs, MOST_BYTES)), READ_SECONDS):
                    rest = {name: other for name, other in named.items() if name != asset}
                    remark = f"work: {jobs.name} lists no job: none of {asset} is planned"
                    return scenario.model_copy(update={kind: rest}), Sources(remarks=(remark,))
                place = {**overrides, f"{kind}.{asset}.table.file": str(jobs.resolve())}
                return _proved(lambda place=place: load_site(path, place)), Sources()  # type: ignore[misc]
            except Exception as error:
                problems = [one_line(problem) for problem in problems_of(error)]
                return scenario, Sources(
                    notes=tuple(f"work: {problem}; the scenario's own table was taken" for problem in problems)
                )
    note = f"work: the scenario has no jobs that {jobs.name} could be for; typical days were taken"
    return scenario, Sources(notes=(note,))


def lists_nothing(path: Path) -> bool:
    """Whether a job table is one without a job: a heading alone, comments alone, or a list of no items."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            text = file.read(10_000).decode("utf-8", errors="replace").strip()
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return False  # the table's own reader says what is wrong with it
    if text.startswith("{"):
        try:
            document = json.loads(text)
        except ValueError:
            return False
        return bool(document.get("items") == [])
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith((";", "#"))]
    heading = len(lines) == 1 and any(sign in lines[0] for sign in ",|\t;")
    return (heading and not any(sign.isdigit() for sign in lines[0])) or (not lines and bool(text))


def sources_of(
    scenario: Scenario,
    plans: Path,
    forecast: Path | None,
    fetched: bool,
    state: Path | None,
    begun: Sources | None = None,
) -> Sources:
    """A night's sources: a forecast file, else a fetched one where requested; telemetry; what was noted so far."""
    site, begun = scenario.site, begun or Sources()

    def from_service() -> xr.Dataset:
        forecast_path = fetch(
            PROVIDER,
            latitude=site.latitude,
            longitude=site.longitude,
            cache_dir=plans / ".forecasts",
            attempts=2,
            timeout_s=FETCH_TIMEOUT_S,
        )
        return weather_files.read(forecast_path)

    source = from_service if fetched else None
    if forecast is not None:
        source = partial(_from_file, forecast)
    return Sources(source, state, begun.notes, begun.remarks)


def _from_file(path: Path) -> xr.Dataset:
    return forecast_file(readable(path, MOST_BYTES))
