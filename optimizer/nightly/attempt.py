"""One attempt at a night: forecast → members → state → plan → check → publish, from as much as the rung trusts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.files.mark import mark_of
from optimizer.files.processes import in_child, problems_of, readable
from optimizer.inputs.assemble import assemble_inputs
from optimizer.language.speech import noted
from optimizer.nightly.expected import expected_results
from optimizer.nightly.fitting import without_profiles
from optimizer.nightly.folder import FORECAST, MOST_BYTES, DrawPage, fill_folder, planned_work
from optimizer.nightly.forecast_chain import ForecastChoice, ForecastRequest, choose_forecast, load_forecast
from optimizer.nightly.hours import Night, night_of
from optimizer.nightly.identity import digest, digest_of_dataset, digest_of_files, digest_of_program, plan_id
from optimizer.nightly.ladder import LEVEL_NAMES, OWN_START, Chosen, choose
from optimizer.nightly.last_night import changes_since_last, last_states, made_with
from optimizer.nightly.members import Members, members_of
from optimizer.nightly.problem import Cards, Problem
from optimizer.nightly.publish import is_whole, last_before, move_latest, publish, published
from optimizer.nightly.record import RunRecord
from optimizer.nightly.rule_based import rule_based_plans
from optimizer.nightly.settings import NightSettings
from optimizer.nightly.solving import Solver, SolverPlans, children
from optimizer.nightly.state import Opening, opening_of
from optimizer.nightly.year_ahead import with_arrears_as_they_stand, with_end_values_of_file
from optimizer.plan.bill import broken_promises
from optimizer.quantities.versions import versions
from optimizer.scenario.single_site import Scenario
from optimizer.solve.highs import solve

FALLBACK = 10
LEAST_SECONDS = 5.0
"""For a phase of a night whose time is up: by rule a small site is planned in that."""


class Rung(Enum):
    """Level of trust of a planning attempt in the night's inputs."""

    ALL = noted("all")
    """Forecast, telemetry, the last plan, end values."""
    NUMBERS = noted("numbers")
    """As all, but of the last plan's states only plain numbers, and no end values."""
    NOTHING = noted("nothing")
    """Scenario alone: its own start, a typical day, work by rule."""


@dataclass(frozen=True)
class Sources:
    """Input sources of a night; None: not available, the next best is used."""

    forecast: Callable[[], xr.Dataset] | None = None
    """Delivers raw weather or raises."""
    state: Path | None = None
    """Telemetry, a JSON file."""
    notes: tuple[str, ...] = ()
    """Faults from before the night began (a broken scenario, no job table); each makes the night a fallback."""
    remarks: tuple[str, ...] = ()
    """Remarks for the record that are no faults."""


@dataclass(frozen=True)
class Published:
    """Published plan: its folder, its record, and whether it is new."""

    folder: Path
    record: RunRecord
    is_new: bool


@dataclass(frozen=True)
class Job:
    """Request for one night's plan: plans folder, time, sources, settings, solver and deadline."""

    plans: Path
    now: pd.Timestamp
    sources: Sources
    settings: NightSettings
    solver: Solver | None
    """None: two children within what is left of the night."""
    draw_page: DrawPage
    until: float
    """When the night must be done, as time.monotonic() [s]."""
    chosen_forecasts: dict[tuple[object, ...], ForecastChoice] = field(default_factory=dict)
    """Forecasts already chosen: what hung for a minute is not read again by the next attempt."""

    def left(self, most: float) -> float:
        """Seconds left, at most so many, and never none."""
        return max(min(self.until - time.monotonic(), most), LEAST_SECONDS)


class CannotPublishError(Exception):
    """Disk takes no plan."""

    def __init__(self, cause: OSError):
        self.cause = cause
        super().__init__(str(cause))


def attempt(job: Job, scenario: Scenario, rung: Rung, notes: list[str]) -> Published:
    """Plan and publish. Raises whatever goes wrong; CannotPublishError where no other attempt would fare better."""
    clock, settings = _Clock(), job.settings
    night = night_of(scenario, job.now, settings.seen_days)
    last = last_before(job.plans, night.start) if rung is not Rung.NOTHING else None
    notes = [*job.sources.notes, *notes]
    forecast_choice = _forecast_choice(scenario, night, job, last[0] if last else None, rung)
    opening = _opening(scenario, night, job, last[0] if last else None, rung, notes)
    if settings.end_values is not None and rung is Rung.ALL:
        scenario, night, opening = with_end_values_of_file(settings.end_values, scenario, night, opening, notes)
    elif settings.end_values is not None:
        scenario = with_arrears_as_they_stand(scenario, opening)
    parts = _hashes(scenario, night, settings, forecast_choice, opening, last[1].plan_id if last else None)
    parts |= {} if rung is Rung.ALL else {"trusted": digest(rung.value)}
    for folder, record in published(job.plans):
        if folder.name == f"{night.day}-{plan_id(parts)}" and is_whole(folder):
            move_latest(job.plans, folder.name, job.now)
            return Published(folder, record, is_new=False)
    while _is_taken(job.plans / f"{night.day}-{plan_id(parts)}"):
        parts["beside"] = digest(parts)
    clock.lap("inputs")
    members = members_of(forecast_choice, night.calendar, _fewer(settings, rung))
    yesterday = planned_work(last[0], scenario.assets(), night.calendar) if last and rung is Rung.ALL else {}
    problem = problem_of(scenario, night, settings, members, opening, yesterday)
    clock.lap("members")
    chosen = _chosen(job, problem, rung)
    clock.lap("solve")
    record = _record(scenario, night, forecast_choice, opening, chosen, parts, last[0].name if last else None, notes)
    remarks = [*job.sources.remarks, *changes_since_last(last[0] if last else None, scenario.assets())]
    record = record.model_copy(update={"notes": [*record.notes, *remarks]})

    def fill(part: Path) -> None:
        timed_record = record.model_copy(update={"seconds": clock.laps | {"write": clock.running()}})
        fill_folder(part, scenario, problem, chosen, forecast_choice, timed_record, job.draw_page)

    try:
        folder = publish(job.plans, f"{night.day}-{plan_id(parts)}", fill, job.now)
    except OSError as error:
        raise CannotPublishError(error) from error
    return Published(folder, record.model_copy(update={"seconds": clock.laps}), is_new=True)


def _chosen(job: Job, problem: Problem, rung: Rung) -> Chosen:
    if rung is Rung.NOTHING:
        seconds = job.left(job.settings.rule_seconds)
        try:
            solver_plans = SolverPlans([], in_child(lambda: list(rule_based_plans(problem, solve)), seconds))
        except Exception as error:
            solver_plans = SolverPlans([], [], [f"solver: by rule: {problem}" for problem in problems_of(error)])
        return replace(choose(problem, solver_plans, job.left(seconds)), level=OWN_START)
    seconds = job.left(job.settings.whole_seconds / 2)
    solver = job.solver or children(min(job.settings.solve_seconds, seconds), min(job.settings.rule_seconds, seconds))
    return choose(problem, solver(problem), job.left(job.settings.rule_seconds))


def _fewer(settings: NightSettings, rung: Rung) -> NightSettings:
    return settings.model_copy(update={"members": 1}) if rung is Rung.NOTHING else settings


def _is_taken(folder: Path) -> bool:
    """Whether something that is not ours stands where the plan would go."""
    return (folder.exists() or folder.is_symlink()) and (folder.is_symlink() or mark_of(folder) is None)


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


def _forecast_choice(scenario: Scenario, night: Night, job: Job, last: Path | None, rung: Rung) -> ForecastChoice:
    """Chosen forecast, from the hour before the plan's start to its end."""
    start, settings = night.start.floor("h"), job.settings
    hours = float(np.ceil((night.valid_until - start) / pd.Timedelta(hours=1)))
    request = ForecastRequest(
        night.now, start, hours, settings.oldest_forecast_h, settings.oldest_tail_h, job.left(settings.read_seconds)
    )
    tail = None if last is None else lambda: load_forecast(readable(last / FORECAST, MOST_BYTES))
    fresh = job.sources.forecast if rung is not Rung.NOTHING else None
    request_key = (start, hours, last, fresh is None, repr(scenario.site), repr(scenario.weather))
    if request_key not in job.chosen_forecasts:
        job.chosen_forecasts[request_key] = choose_forecast(scenario, request, fresh=fresh, tail=tail)
    return job.chosen_forecasts[request_key]


def _opening(scenario: Scenario, night: Night, job: Job, last: Path | None, rung: Rung, notes: list[str]) -> Opening:
    """Opening states as far as the attempt trusts them."""
    if rung is Rung.NOTHING:
        return Opening({}, {"all": "scenario"})
    states, before = last_states(last, notes), made_with(last, notes)
    opening = opening_of(scenario.assets(), night, job.settings, job.sources.state, states, before)
    return opening if rung is Rung.ALL else replace(opening, states=without_profiles(opening.states))


def _hashes(
    scenario: Scenario,
    night: Night,
    settings: NightSettings,
    forecast_choice: ForecastChoice,
    opening: Opening,
    last_id: str | None,
) -> dict[str, str]:
    """Hashes of everything that decides the plan."""
    states = sorted((f"{site} {asset}", state) for (site, asset), state in opening.states.items())
    window = forecast_choice.forecast.sel(time=slice(night.start.floor("h"), night.valid_until))
    return {
        "scenario": digest(scenario.model_dump(mode="json")),
        "files": digest_of_files(scenario.model_dump(mode="json")),
        "day": digest([night.day, night.start.isoformat(), night.calendar.part_of is not None]),
        "settings": digest(settings.of_the_plan()),
        "forecast": digest([digest_of_dataset(window), forecast_choice.level, forecast_choice.issued.isoformat()]),
        "state": digest(states),
        "previous": digest(last_id),
        "program": digest_of_program(),
        "solver": digest(versions(("pyomo", "highspy"))),
    }


def problem_of(
    scenario: Scenario, night: Night, settings: NightSettings, members: Members, opening: Opening, yesterday: Cards
) -> Problem:
    """Problem of a night: inputs of all members (of the weather, times futures of the scenario), of the forecast in the likeliest
    future alone, opening states and last night's work."""
    assets, site = scenario.assets(), scenario.site.name
    attributes = {
        "scenario_name": scenario.name,
        "currency": scenario.currency,
        "synthetic": int(members.center.attrs["synthetic"]),
    }
    attributes |= {"weather": str(members.center.attrs["source"]), "repairs": []}
    if night.calendar.part_of is not None:
        attributes |= {"whole_start": str(night.calendar.part_of.start), "whole_count": night.calendar.part_of.count}

    def assembled(weather_by_member: list[xr.Dataset], weights: list[float], futures: dict[str, float]) -> xr.Dataset:
        weather = [each for each in weather_by_member for _ in futures]
        shares = [weight * share for weight in weights for share in futures.values()]
        names = list(futures) * len(weights) if scenario.members else []
        inputs = assemble_inputs(assets, {site: scenario.site.place()}, night.calendar, {site: weather}, shares, names)
        return inputs.assign_attrs(inputs.attrs | attributes)

    futures = dict(scenario.members) or {"": 1.0}
    center = assembled([members.center], [1.0], {max(futures, key=lambda name: futures[name]): 1.0})
    alone = len(members.weather_by_member) * len(futures) == 1
    inputs = center if alone else assembled(members.weather_by_member, members.weights, futures)
    count = len(members.few_weights)
    few = (
        inputs
        if count == len(members.weather_by_member)
        else assembled(members.weather_by_member[:count], members.few_weights, futures)
    )
    seconds, preferences = 0.85 * settings.solve_seconds, settings.preferences()
    return Problem(assets, inputs, center, few, opening.states, yesterday, settings.gap, seconds, preferences)


def _record(
    scenario: Scenario, night: Night, forecast_choice: ForecastChoice, opening: Opening, chosen: Chosen,
    parts: Mapping[str, str], previous: str | None, notes: list[str],
) -> RunRecord:  # fmt: skip
    plan = chosen.plan
    known = bool(np.isfinite(plan.bound))
    degraded = chosen.level > 0 or forecast_choice.level != "fresh" or bool(notes)
    return RunRecord(
        plan_id=plan_id(parts), scenario=scenario.name, day=night.day,
        start_utc=night.start.isoformat(), kept_until_utc=night.kept_until.isoformat(),
        valid_until_utc=night.valid_until.isoformat(), published_utc=night.now.isoformat(),
        level=chosen.level, level_name=LEVEL_NAMES[chosen.level], exit_code=FALLBACK if degraded else 0,
        forecast_level=forecast_choice.level, forecast_issued_utc=forecast_choice.issued.isoformat(), forecast_source=str(forecast_choice.forecast.attrs["source"]),
        solver_trusted=chosen.trusted, members=len(plan.results.attrs["weights"]), telemetry_age_h=opening.age_h, state_sources=opening.sources,
        previous=previous, currency=scenario.currency, cost=plan.cost, bound=plan.bound if known else None, gap=plan.gap if known else None,
        iterations=plan.iterations, baseline_cost=chosen.baseline.cost, shortfalls=broken_promises(expected_results(plan.results)),
        notes=[*notes, *forecast_choice.notes, *opening.notes, *chosen.notes], inputs=dict(parts), seconds={},
        versions=versions(("qaidam", "pyomo", "highspy")),
    )  # fmt: skip
