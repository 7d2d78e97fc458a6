"""Many nights replayed: what the nightly job would have saved, of all that could be saved by knowing the future.

Every night is planned from a forecast as it would have been at hand, and run hour by hour against the weather that came
(`simulate`). Policies: `stochastic` (members of the forecast), `deterministic` (the forecast alone), `persistence` (the
last day again), `perfect days` (each night knows its two days). Brackets: `hindsight` (the whole span planned at once),
`hindsight by rule` (that plan run by the same rule as the others) and the rungs of the ladder below it (plan/ladder.py): what
a policy captures is counted from the store run by rule, which needs neither a plan nor a forecast.

Wind forecasts are real where an archive of them is given. All others are drawn around the weather that came with the
assumed errors of `weather.forecast.default_errors`: those numbers are about the job, not about a forecaster.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.backtest.outcome import Backtest, Replay
from optimizer.backtest.progress import Progress, Store
from optimizer.backtest.world import Foresight, World
from optimizer.inputs.assemble import assemble_inputs
from optimizer.nightly.attempt import problem_of
from optimizer.nightly.decisions import decided, expected, levels_foreseen, row_shadow_prices
from optimizer.nightly.forecast_chain import ForecastChoice
from optimizer.nightly.hours import Night, night_of
from optimizer.nightly.identity import digest, digest_of_dataset
from optimizer.nightly.members import Members, members_of
from optimizer.nightly.past_weather import past_weather, wind_of_the_year
from optimizer.nightly.problem import Candidate, Problem
from optimizer.nightly.settings import NightSettings
from optimizer.nightly.state import Opening
from optimizer.nightly.two_stage import optimise
from optimizer.nightly.wind_archive import WIND_POWER, WindArchive, with_power
from optimizer.nightly.year_ahead import with_end_values
from optimizer.plan import bill
from optimizer.plan.arrival import ladder_below
from optimizer.plan.end_values import EndValues
from optimizer.plan.ladder import BY_RULE, NO_STORE, UNMOVED
from optimizer.plan.optimize import effort_for, plan_assets
from optimizer.plan.outcome import Plan
from optimizer.quantities.calendar import Calendar
from optimizer.quantities.columns import matching
from optimizer.rulebook.verdicts import ratios_of
from optimizer.scenario.single_site import Scenario
from optimizer.technologies.base import State
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Floats
from weather.calendar import place_on_horizon
from weather.forecast.default_errors import default_error_model
from weather.forecast.fallback import persistence
from weather.forecast.forecast import as_forecast
from weather.forecast.members import members as draw

POLICIES = ("stochastic", "deterministic", "persistence", "perfect days")
EVENING_H = 2
"""Hours before midnight at which a night is planned."""


@dataclass(frozen=True)
class Replayed:
    """Span that is replayed, and what is known of it."""

    scenario: Scenario
    calendar: Calendar
    actual: xr.Dataset
    """Weather that came, with the wind power that came where an archive has it."""
    inputs: xr.Dataset
    settings: NightSettings
    archive: WindArchive | None = None
    end_values: EndValues | None = None

    @staticmethod
    def of(
        scenario: Scenario, start: str, nights: int, settings: NightSettings, archive_file: Path | None = None
    ) -> Replayed:
        """Span of `nights` nights from the local day `start` on; `archive_file`: past wind forecasts. Raises WeatherError, ValueError."""
        site = scenario.site
        calendar = Calendar.at_local_midnight(
            start, nights, scenario.horizon.step_h, site.timezone, frozenset(scenario.holidays)
        )
        past, archive = past_weather(scenario), None
        actual = past.assign_attrs(wind_of_the_year(past, past))
        if archive_file is not None:
            day = pd.Timedelta(days=1)
            first, last = calendar.time[0] - 2 * day, calendar.time[-1] + (settings.seen_days + 1) * day
            archive = WindArchive.read(archive_file, calendar.time[0], calendar.time[-1])
            actual = actual.sel(time=slice(first.floor("h"), last))
            actual = actual.assign({WIND_POWER: ("time", archive.came(pd.DatetimeIndex(actual.indexes["time"])))})
        days = max(round(calendar.count * calendar.step_h / 24), 1)
        weather = place_on_horizon(
            actual, start_local=pd.Timestamp(calendar.local[0]), days=days, step_h=calendar.step_h,
            timezone=calendar.timezone, count=calendar.count,
        )  # fmt: skip
        known = None if settings.end_values is None else EndValues.read(settings.end_values)
        if known is not None:
            scenario = known.followed(scenario, *_edges(calendar))
        inputs = assemble_inputs(scenario.assets(), {site.name: site.place()}, calendar, {site.name: [weather]})
        inputs = with_power(inputs, set(scenario.wind), [weather])
        return Replayed(scenario, calendar, actual, inputs, settings, archive, known)


def _edges(calendar: Calendar) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Local midnights at which a span begins and ends; its yearly ratios are counted between them."""
    return calendar.local[0], calendar.local[-1] + pd.Timedelta(hours=calendar.step_h)


def identity_of(span: Replayed) -> str:
    """Hash of what decides the outcome: scenario, hours, what came, settings, the archive, end values."""
    archive = None if span.archive is None else span.archive.forecasts.values.tolist()
    known = (
        None
        if span.end_values is None
        else [span.end_values.stocks, span.end_values.monthly, span.end_values.arrears, span.end_values.ratio_prices]
    )
    return digest(
        [
            span.scenario.model_dump(mode="json"),
            digest_of_dataset(span.inputs),
            span.settings.of_the_plan(),
            archive,
            known,
        ]
    )


def backtest(
    span: Replayed,
    policies: tuple[str, ...] = POLICIES,
    progress: Callable[[str, int, int], None] = lambda *_: None,
    store: Store | None = None,
) -> Backtest:
    """Replay a span. `store`: where to keep what is done, so that it can go on. Raises WeatherError, SolverError, ResultError."""
    store = store or Store(None, "")
    outcome = store.brackets() or _brackets(span)
    store.keep_brackets(outcome)
    for policy in policies:
        outcome.replays[policy] = _replayed(span, policy, progress, store)
    return outcome


def _brackets(span: Replayed) -> Backtest:
    """Reference policies: no plan, perfect foresight of the whole span, and that plan run by the rule of the others."""
    scenario = span.scenario
    assets, effort = scenario.assets(), effort_for(scenario, workers=1, gap=span.settings.gap)
    best = plan_assets(assets, span.inputs, effort)
    costs = {rung.key: rung.cost for rung in ladder_below(best, assets, span.inputs, effort)}
    return Backtest(
        baseline=costs.get(NO_STORE), store_by_rule=costs.get(BY_RULE), store_planned=costs.get(UNMOVED),
        hindsight=best.cost, hindsight_gap=best.certificate.gap,
        hindsight_by_rule=_by_rule(span, best), hindsight_late_card_h=bill.late_card_hours(best.results),
        hindsight_ratios=ratios_of(best.results, assets),
    )  # fmt: skip


def _by_rule(span: Replayed, plan: Plan) -> float:
    """Cost of a plan of the whole span where storage and grid answer hour by hour to its shadow prices."""
    world = World(span.scenario.assets(), span.inputs)
    of_world, values, duals = (world.model, world.compiled), plan.certificate.values, plan.certificate.row_dual
    world.run(
        Foresight(
            decided(*of_world, values), row_shadow_prices(*of_world, duals), levels_foreseen(*of_world, values),
            expected(*of_world, values),
        ),
        span.calendar.count,
    )  # fmt: skip
    return world.cost(world.results())


def _replayed(span: Replayed, policy: str, progress: Callable[[str, int, int], None], store: Store) -> Replay:
    """Replay of one policy over the whole span."""
    world = World(span.scenario.assets(), span.inputs)
    done = store.of(policy, len(world.values))
    if done.steps:
        world.go_on(done.values, done.steps)
    while world.done < span.calendar.count:
        began = time.process_time()
        now = span.calendar.time[world.done] - pd.Timedelta(hours=EVENING_H)
        night = night_of(span.scenario, now, span.settings.seen_days)
        plan = _planned(span, policy, night, world.states() if world.done else {})
        work = _work(plan)
        churn = done.churn_card_h + _changed(done.work, work, night)
        steps = min(night.kept_steps, span.calendar.count - world.done)
        world.run(Foresight(plan.decisions, plan.shadow_prices, plan.levels, plan.expected), steps)
        done = Progress(world.done, world.values, churn, done.seconds + time.process_time() - began, work)
        store.keep(policy, done)
        progress(policy, world.done, span.calendar.count)
    came = world.results()
    ratios = ratios_of(came, world.assets)
    return Replay(world.cost(came), bill.late_card_hours(came), done.churn_card_h, done.seconds, ratios)


def _planned(span: Replayed, policy: str, night: Night, states: dict[tuple[str, str], State]) -> Candidate:
    """Best plan of one night."""
    scenario, opening = span.scenario, Opening(states, {})
    if span.end_values is not None:
        since, _ = _edges(span.calendar)
        scenario, night, opening = with_end_values(span.end_values, scenario, night, opening, since)
    settings = span.settings if policy == "stochastic" else span.settings.model_copy(update={"members": 1})
    errors = span.archive.errors if span.archive else None
    members = members_of(_forecast_of_policy(span, policy, night), night.calendar, settings, errors)
    problem = _with_wind(problem_of(scenario, night, settings, members, opening, {}), set(scenario.wind), members)
    candidates: list[Candidate] = []
    optimise(problem, candidates.append)
    return min(reversed(candidates), key=lambda candidate: candidate.cost)  # the last of two alike carries its bound


def _with_wind(problem: Problem, farms: set[str], members: Members) -> Problem:
    """Problem with the forecast wind power of each member's weather, where the weather holds any."""
    inputs, few = (with_power(table, farms, members.weather_by_member) for table in (problem.inputs, problem.few))
    return replace(problem, inputs=inputs, few=few, center=with_power(problem.center, farms, [members.center]))


def _forecast_of_policy(span: Replayed, policy: str, night: Night) -> ForecastChoice:
    """Forecast available to a policy on the evening of planning."""
    start, actual = night.start.floor("h"), span.actual
    hours = float(np.ceil((night.valid_until - start) / pd.Timedelta(hours=1)))
    issued = span.archive.issued(night.now) if span.archive else night.now
    came = as_forecast(actual.sel(time=slice(start, start + pd.Timedelta(hours=hours - 1))), issued)
    if policy == "perfect days":
        return ForecastChoice(came, "fresh", [], None)
    if policy == "persistence":
        last = actual.sel(time=slice(start - pd.Timedelta(hours=26), start - pd.Timedelta(hours=3)))
        repeated = persistence(last, start=start, hours=hours).assign_attrs(actual.attrs)
        return ForecastChoice(as_forecast(repeated.drop_vars("lead_h"), night.now), "fresh", [], None)
    seed = 10_000 + int(night.start.strftime("%Y%m%d"))
    drawn = draw(came.drop_vars(WIND_POWER, errors="ignore"), default_error_model(), 1, seed)
    forecast = drawn.isel(member=0).drop_vars("member").assign_attrs(came.attrs)
    if span.archive is not None:
        power = span.archive.forecast(night.now, pd.DatetimeIndex(forecast.indexes["time"]))
        forecast = forecast.assign({WIND_POWER: ("time", power)})
    return ForecastChoice(forecast, "fresh", [], None)


def _work(plan: Candidate) -> Floats:
    """Accelerator cards of each movable work, shape (steps, works)."""
    return -matching(plan.results["flow"], role=Role.MOVABLE_WORK).values


def _changed(before: Floats | None, work: Floats, night: Night) -> float:
    """Card-hours by which a plan differs from the second day of the one before."""
    if before is None:
        return 0.0
    kept = len(work) - night.kept_steps
    return float(np.abs(before[-kept:] - work[:kept]).sum()) * night.calendar.step_h / 2
