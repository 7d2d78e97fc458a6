"""Where tonight's scenario and inputs come from, and what takes their place when they cannot be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import xarray as xr

from optimizer.nightly.folder import SCENARIO
from optimizer.nightly.forecast_chain import forecast_file
from optimizer.nightly.night import Sources
from optimizer.nightly.publish import published
from optimizer.quantities.documents import DocumentError
from optimizer.quantities.job_table import WorkloadError, read_rows
from optimizer.scenario.file import load_site, site_from
from optimizer.scenario.single_site import Scenario
from weather import sources as weather_files
from weather.sources.fetch import fetch

PROVIDER = "open-meteo-forecast"
FETCH_TIMEOUT_S = 20.0
"""A service that has not answered by then does not answer tonight."""


def scenario_for_tonight(path: Path, plans: Path, jobs: Path | None = None) -> tuple[Scenario, tuple[str, ...]]:
    """The scenario of a file, with tonight's job table; where it cannot be used the last plan's, and notes why.

    Raises DocumentError where there is no earlier plan either.
    """
    try:
        return _with_jobs(path, jobs)
    except DocumentError as error:
        for folder, _ in reversed(published(plans)):
            last = _scenario_of(folder)
            if last is not None:
                notes = (f"scenario: {path} cannot be used, that of {folder.name} was taken", *error.problems)
                return last, notes
        raise


def _with_jobs(path: Path, jobs: Path | None) -> tuple[Scenario, tuple[str, ...]]:
    """The scenario with a job table in place of its own; a table that cannot be used is noted, and its own stays."""
    scenario = load_site(path)
    if jobs is None:
        return scenario, ()
    for kind, named in scenario.by_technology().items():
        for asset, technology in named.items():
            table = getattr(technology, "table", None)
            if table is not None:
                return _tried_jobs(path, scenario, f"{kind}.{asset}.table.file", jobs, table.form)
    return scenario, (f"work: the scenario has no jobs that {jobs.name} could be for; typical days were taken",)


def _tried_jobs(path: Path, scenario: Scenario, place: str, jobs: Path, form: Any) -> tuple[Scenario, tuple[str, ...]]:
    try:
        read_rows(str(jobs.resolve()), form)
        return load_site(path, {place: str(jobs.resolve())}), ()
    except (DocumentError, WorkloadError) as error:
        return scenario, tuple(f"work: {problem}; the scenario's own table was taken" for problem in error.problems)


def _scenario_of(folder: Path) -> Scenario | None:
    try:
        return site_from(json.loads((folder / SCENARIO).read_text(encoding="utf-8")), folder=folder)
    except (OSError, ValueError, DocumentError):
        return None


def sources_of(
    scenario: Scenario,
    plans: Path,
    forecast: Path | None,
    fetched: bool,
    state: Path | None,
    notes: tuple[str, ...] = (),
) -> Sources:
    """A night's sources: a forecast file, else a fetched one where asked for; telemetry."""
    site = scenario.site

    def from_service() -> xr.Dataset:
        cache = plans / ".forecasts"
        found = fetch(
            PROVIDER,
            latitude=site.latitude,
            longitude=site.longitude,
            cache_dir=cache,
            attempts=2,
            timeout_s=FETCH_TIMEOUT_S,
        )
        return weather_files.read(found)

    if forecast is not None:
        return Sources(lambda: forecast_file(forecast), state, notes)
    return Sources(from_service if fetched else None, state, notes)
