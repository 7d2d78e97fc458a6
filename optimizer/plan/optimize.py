"""Optimization of one scenario: inputs → model → matrix → certified plan → checked results → bill → summary.

`optimize` also makes the ladder of plans below it (plan/ladder.py), so that a saving can be stated.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import xarray as xr

from optimizer.accounts.carbon import account_of
from optimizer.inputs.assemble import assemble_inputs
from optimizer.inputs.remarks import remarks_on_data
from optimizer.inputs.weather import NoWeatherError, no_weather, weather_for
from optimizer.plan.arrival import Arrival, rebilled
from optimizer.plan.baseline import as_baseline
from optimizer.plan.certify import Assets as Assets
from optimizer.plan.certify import compiled_assets as compiled_assets
from optimizer.plan.certify import model_of as model_of
from optimizer.plan.certify import nothing_more as nothing_more
from optimizer.plan.certify import plan_assets as plan_assets
from optimizer.plan.costs import remark_on_capital
from optimizer.plan.in_time import Clock, plan_in_time
from optimizer.plan.ladder import PLANNED, Ladder, Rung
from optimizer.plan.outcome import Outcome
from optimizer.plan.outcome import Plan as Plan
from optimizer.plan.summary import summarize
from optimizer.quantities.calendar import Calendar
from optimizer.quantities.documents import DocumentError
from optimizer.scenario.hubs import Hubs
from optimizer.scenario.single_site import Scenario
from optimizer.solve.certified import Effort, Progress
from optimizer.solve.deadline import ending_by


def calendar_for(scenario: Scenario | Hubs, start: str | None = None, days: float | None = None) -> Calendar:
    """Hours of a scenario, or of the requested part of it."""
    horizon = scenario.horizon
    if round((days or horizon.days) * 24 / horizon.step_h) < 1:
        raise DocumentError([f"{days:g} days are less than one step of {horizon.step_h:g} h; plan at least one step"])
    return Calendar.at_local_midnight(
        start or horizon.start,
        days or horizon.days,
        horizon.step_h,
        scenario.site.timezone,
        frozenset(scenario.holidays),
    )


def inputs_for(
    scenario: Scenario | Hubs, calendar: Calendar, weather_file: Path | None = None, weather_site: str | None = None
) -> xr.Dataset:
    """Inputs Dataset of a scenario; a weather file or a synthetic site's name takes the place of its own choice."""
    own = weather_file is None and weather_site is None
    assets, places = scenario.assets(), scenario.places()
    weather_dependent = {site for (site, _), technology in assets.items() if technology.needs_weather()}
    weather_by_site = {}
    for name, (site, choice) in places.items():
        if own and choice.synthetic is None and choice.file is None and name not in weather_dependent:
            weather_by_site[name] = no_weather()
            continue
        weather_by_site[name] = weather_for(
            synthetic=choice.synthetic if own else weather_site,
            file=choice.file if own else weather_file,
            year=choice.year,
            calendar=calendar,
            site=site.place(),
            measured_beam=choice.measured_beam,
            stand_in=own and choice.stand_in,
            needed=name in weather_dependent,
        )
    weights = list(scenario.members.values()) or [1.0]
    members = {name: [site_weather] * len(weights) for name, site_weather in weather_by_site.items()}
    grounds = {name: site.place() for name, (site, _) in places.items()}
    inputs = assemble_inputs(assets, grounds, calendar, members, weights, list(scenario.members))
    inputs.attrs |= {
        "scenario_name": scenario.name,
        "currency": scenario.currency,
        "weather": "; ".join(
            dict.fromkeys(str(site_weather.attrs["source"]) for site_weather in weather_by_site.values())
        ),
        "synthetic": int(any(site_weather.attrs["synthetic"] for site_weather in weather_by_site.values())),
        "repairs": list(
            dict.fromkeys(
                note for site_weather in weather_by_site.values() for note in site_weather.attrs.get("repairs", [])
            )
        ),
        "remarks": remarks_on_data(assets, grounds, calendar, weather_by_site),
    }
    return inputs


def data_remarks(scenario: Scenario | Hubs) -> list[str]:
    """Remarks on the data a scenario names, read and laid on its whole horizon.

    Raises WeatherError, InputError and SeriesError for data that cannot be planned with.
    """
    try:
        inputs = inputs_for(scenario, calendar_for(scenario))
    except NoWeatherError:
        return ["weather: the scenario names none; give one with --weather", *remark_on_capital(scenario.assets())]
    warnings = [f"weather: {note}" for note in inputs.attrs["repairs"] if note.startswith("warning")]
    return [*warnings, *inputs.attrs["remarks"], *remark_on_capital(scenario.assets())]


def effort_for(
    scenario: Scenario | Hubs, *, workers: int | None = None, gap: float | None = None, seconds: float | None = None
) -> Effort:
    """Solving effort from the scenario's planning settings."""
    planning, step_h = scenario.planning, scenario.horizon.step_h
    return Effort(
        gap=gap or planning.gap,
        seconds=seconds or planning.seconds,
        window_steps=max(round(planning.window_days * 24 / step_h), 1),
        workers=workers or os.cpu_count() or 1,
        whole_up_to_steps=round(8 * 24 / step_h),
        fuller_stores=planning.fuller_stores,
    )


Planner = Callable[..., Plan]
"""What makes a plan of assets, inputs and effort: `plan_assets`, or one window after another."""


def optimize(
    scenario: Scenario | Hubs,
    *,
    weather_file: Path | None = None,
    weather_site: str | None = None,
    start: str | None = None,
    days: float | None = None,
    workers: int | None = None,
    gap: float | None = None,
    planner: Planner = plan_assets,
    progress: Progress = lambda *_: None,
    told: Callable[[list[str]], object] = lambda _: None,
) -> Outcome:
    """Plan a scenario, and what its saving is stated against: the ladder from a site without store and plan up. Raises WeatherError, InputError, SolverError, ResultError.

    `told` is handed the remarks on the data before anything is planned.
    """
    began = time.monotonic()
    calendar = calendar_for(scenario, start, days)
    inputs = inputs_for(scenario, calendar, weather_file, weather_site)
    told(list(inputs.attrs["remarks"]))
    effort = effort_for(scenario, workers=workers, gap=gap)
    prepared = time.monotonic()
    arrival = Arrival.of(scenario.assets_alone(), inputs, effort)
    lowest = arrival.lowest(_named(progress, "baseline"))
    spent = time.monotonic() - prepared
    baseline = lowest.plan
    plan = plan_in_time(
        lambda left: planner(scenario.assets(), inputs, left, progress=_named(progress, "plan")),
        effort,
        Clock(began, spent),
        None if baseline is None else lambda: _by_arrival(baseline, scenario, inputs, effort),
    )
    planned = time.monotonic()
    with ending_by(began + effort.seconds):
        ladder = Ladder((*arrival.rungs(plan), Rung.of(PLANNED, plan, scenario.assets())))
    seconds = {
        "inputs": prepared - began,
        "plan": planned - prepared - spent,
        "baseline": spent,
        "ladder": time.monotonic() - planned,
        **{f"plan {phase}": spent for phase, spent in plan.certificate.seconds.items()},
    }
    account = account_of(plan.results)
    summary = summarize(scenario, plan, ladder, account, seconds)
    return Outcome(scenario, plan, lowest.plan or plan, summary, account, ladder)


def _by_arrival(baseline: Plan, scenario: Scenario | Hubs, inputs: xr.Dataset, effort: Effort) -> Plan:
    """Baseline as a plan of all assets, also of those between sites, with all that is due for what lies idle."""
    if scenario.assets().keys() != scenario.assets_alone().keys():
        baseline = plan_assets(*as_baseline(scenario.assets(), inputs), effort)
    return rebilled(baseline, scenario.assets())


def plan_scenario(
    scenario: Scenario | Hubs,
    *,
    start: str | None = None,
    days: float | None = None,
    workers: int | None = None,
    gap: float | None = None,
    progress: Progress = lambda *_: None,
) -> Plan:
    """Plan of a scenario alone, without its baseline: for one question asked many times. Raises as `optimize` does."""
    inputs = inputs_for(scenario, calendar_for(scenario, start, days))
    return plan_assets(scenario.assets(), inputs, effort_for(scenario, workers=workers, gap=gap), progress=progress)


def _named(progress: Progress, title: str) -> Callable[[str, int, int], None]:
    return lambda phase, done, of: progress(f"{title}: {phase}", done, of)
