"""One night from end to end: forecast → members → state → plan → check → publish. Whatever fails, the next best is taken."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from filelock import FileLock, Timeout

from optimizer.inputs.assemble import assemble_inputs
from optimizer.nightly.expected import expected_results, load_states
from optimizer.nightly.folder import FORECAST, STATES, DrawPage, fill_folder, planned_work
from optimizer.nightly.forecast_chain import Sky, Wanted, choose_sky, load_forecast
from optimizer.nightly.hours import Night, night_of
from optimizer.nightly.identity import digest, digest_of_dataset, digest_of_files, digest_of_program, plan_id
from optimizer.nightly.ladder import LEVEL_NAMES, Chosen, choose
from optimizer.nightly.members import Members, members_of
from optimizer.nightly.metrics import METRICS, write_metrics
from optimizer.nightly.problem import Cards, Problem
from optimizer.nightly.publish import last_before, plans_folder, point_latest, publish, published, tidy_up
from optimizer.nightly.record import RunRecord
from optimizer.nightly.settings import NightSettings
from optimizer.nightly.solving import Solver, children
from optimizer.nightly.state import Opening, opening_of
from optimizer.nightly.year_ahead import taught_by_file
from optimizer.plan.bill import broken_promises
from optimizer.quantities.versions import versions
from optimizer.report.night_index import write_index
from optimizer.report.night_page import write_night_page
from optimizer.scenario.single_site import Scenario

LOCK = ".lock"
FALLBACK = 10


class BusyError(Exception):
    """Another run holds the lock of the plans folder."""


@dataclass(frozen=True)
class Sources:
    """Where a night's inputs come from; what is None is not to be had, and the next best is taken."""

    forecast: Callable[[], xr.Dataset] | None = None
    """Delivers raw weather or raises."""
    state: Path | None = None
    """Telemetry, a JSON file."""
    notes: tuple[str, ...] = ()
    """What was already wrong before the night began (a broken scenario, no job table); each makes the night a fallback."""


@dataclass(frozen=True)
class Published:
    """Where the plan lies, its record, and whether it is new."""

    folder: Path
    record: RunRecord
    is_new: bool


def plan_night(
    scenario: Scenario,
    plans: Path,
    now: pd.Timestamp,
    *,
    sources: Sources | None = None,
    settings: NightSettings | None = None,
    solver: Solver | None = None,
    draw_page: DrawPage = write_night_page,
) -> Published:
    """Plan the coming day and publish it into `plans`.

    now: UTC without zone. solver: default two children with the deadlines of the settings. draw_page: makes the night's page.
    Raises BusyError where another run holds the lock, OSError where nothing can be published (the last plan stands).
    """
    sources, settings = sources or Sources(), settings or NightSettings()
    plans = plans_folder(plans)
    lock = FileLock(plans / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(f"{plans}: another run holds the lock {LOCK}; wait for it to end") from None
    try:
        solver = solver or children(settings.solve_seconds, settings.rule_seconds)
        done = _planned(scenario, plans, now, sources, settings, solver, draw_page)
        tidy_up(plans, settings.keep_days)
        write_metrics(plans / METRICS, done.record)
        write_index(plans, [record.model_dump() | {"folder": folder.name} for folder, record in published(plans)])
        return done
    finally:
        lock.release()


def _planned(
    scenario: Scenario,
    plans: Path,
    now: pd.Timestamp,
    sources: Sources,
    settings: NightSettings,
    solver: Solver,
    draw_page: DrawPage,
) -> Published:
    clock = _Clock()
    night = night_of(scenario, now, settings.seen_days)
    last = last_before(plans, night.start)
    notes: list[str] = list(sources.notes)
    sky = _sky(scenario, night, settings, sources, last[0] if last else None)
    assets = scenario.assets()
    states = _last_states(last[0] if last else None, notes)
    opening = opening_of(assets, night, settings, sources.state, states)
    if settings.end_values is not None:
        scenario, night, opening = taught_by_file(settings.end_values, scenario, night, opening, notes)
    parts = _hashes(scenario, night, settings, sky, opening, last[1].plan_id if last else None)
    name = f"{night.day}-{plan_id(parts)}"
    for folder, record in published(plans):
        if folder.name == name:
            point_latest(plans, name)
            return Published(folder, record, is_new=False)
    clock.lap("inputs")
    members = members_of(sky, night.calendar, settings)
    yesterday = planned_work(last[0], assets, night.calendar) if last else {}
    problem = problem_of(scenario, night, settings, members, opening, yesterday)
    clock.lap("members")
    chosen = choose(problem, solver(problem))
    clock.lap("solve")
    record = _record(scenario, night, sky, opening, chosen, parts, last[0].name if last else None, notes)

    def fill(part: Path) -> None:
        told = record.model_copy(update={"seconds": clock.laps | {"write": clock.running()}})
        fill_folder(part, scenario, problem, chosen, sky, told, draw_page)

    folder = publish(plans, name, fill)
    written = record.model_copy(update={"seconds": clock.laps})
    return Published(folder, written, is_new=True)


class _Clock:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, phase: str) -> None:
        """A phase ends."""
        self.laps[phase] = self.running()
        self._last = time.monotonic()

    def running(self) -> float:
        """Seconds since the last phase ended."""
        return round(time.monotonic() - self._last, 2)


def _sky(scenario: Scenario, night: Night, settings: NightSettings, sources: Sources, last: Path | None) -> Sky:
    """The chosen forecast, from the hour before the plan's start to its end."""
    start = night.start.floor("h")
    hours = float(np.ceil((night.valid_until - start) / pd.Timedelta(hours=1)))
    wanted = Wanted(night.now, start, hours, settings.oldest_forecast_h, settings.oldest_tail_h)
    tail = None if last is None else lambda: load_forecast(last / FORECAST)
    return choose_sky(scenario, wanted, fresh=sources.forecast, tail=tail)


def _last_states(last: Path | None, notes: list[str]) -> pd.DataFrame | None:
    if last is None:
        return None
    try:
        return load_states(last / STATES)
    except (OSError, ValueError, KeyError, TypeError) as error:
        notes.append(f"state: {last.name}/{STATES} cannot be read ({error})")
        return None


def _hashes(
    scenario: Scenario, night: Night, settings: NightSettings, sky: Sky, opening: Opening, last_id: str | None
) -> dict[str, str]:
    """Hashes of everything that decides the plan."""
    states = sorted((f"{site} {asset}", state) for (site, asset), state in opening.states.items())
    window = sky.forecast.sel(time=slice(night.start.floor("h"), night.valid_until))
    return {
        "scenario": digest(scenario.model_dump(mode="json")),
        "files": digest_of_files(scenario.model_dump(mode="json")),
        "day": digest([night.day, night.start.isoformat(), night.calendar.part_of is not None]),
        "settings": digest(settings.of_the_plan()),
        "forecast": digest([digest_of_dataset(window), sky.level, sky.issued.isoformat()]),
        "state": digest(states),
        "previous": digest(last_id),
        "program": digest_of_program(),
        "solver": digest(versions(("pyomo", "highspy"))),
    }


def problem_of(
    scenario: Scenario, night: Night, settings: NightSettings, members: Members, opening: Opening, yesterday: Cards
) -> Problem:
    """The problem of a night: inputs of all members, of the forecast alone, opening states and last night's work."""
    assets, site = scenario.assets(), scenario.site.name
    told = {
        "scenario_name": scenario.name,
        "currency": scenario.currency,
        "synthetic": int(members.center.attrs["synthetic"]),
    }
    told |= {"weather": str(members.center.attrs["source"]), "repairs": []}
    if night.calendar.part_of is not None:
        told |= {"whole_start": str(night.calendar.part_of.start), "whole_count": night.calendar.part_of.count}

    def assembled(skies: list[xr.Dataset], weights: list[float]) -> xr.Dataset:
        inputs = assemble_inputs(assets, {site: scenario.site.place()}, night.calendar, {site: skies}, weights)
        return inputs.assign_attrs(inputs.attrs | told)

    center = assembled([members.center], [1.0])
    inputs = center if len(members.skies) == 1 else assembled(members.skies, members.weights)
    count = len(members.few_weights)
    few = inputs if count == len(members.skies) else assembled(members.skies[:count], members.few_weights)
    seconds, minds = 0.85 * settings.solve_seconds, settings.preferences()
    return Problem(assets, inputs, center, few, opening.states, yesterday, settings.gap, seconds, minds)


def _record(
    scenario: Scenario, night: Night, sky: Sky, opening: Opening, chosen: Chosen,
    parts: Mapping[str, str], previous: str | None, notes: list[str],
) -> RunRecord:  # fmt: skip
    plan = chosen.plan
    known = bool(np.isfinite(plan.bound))
    degraded = chosen.level > 0 or sky.level != "fresh" or bool(notes)
    return RunRecord(
        plan_id=plan_id(parts), scenario=scenario.name, day=night.day,
        start_utc=night.start.isoformat(), kept_until_utc=night.kept_until.isoformat(),
        valid_until_utc=night.valid_until.isoformat(), published_utc=night.now.isoformat(),
        level=chosen.level, level_name=LEVEL_NAMES[chosen.level], exit_code=FALLBACK if degraded else 0,
        forecast_level=sky.level, forecast_issued_utc=sky.issued.isoformat(), forecast_source=str(sky.forecast.attrs["source"]),
        solver_trusted=chosen.trusted, members=len(plan.results.attrs["weights"]), telemetry_age_h=opening.age_h, state_sources=opening.sources,
        previous=previous, cost=plan.cost, bound=plan.bound if known else None, gap=plan.gap if known else None,
        iterations=plan.iterations, baseline_cost=chosen.baseline.cost, shortfalls=broken_promises(expected_results(plan.results)),
        notes=[*notes, *sky.notes, *opening.notes, *chosen.notes], inputs=dict(parts), seconds={},
        versions=versions(("qaidam", "pyomo", "highspy")),
    )  # fmt: skip
