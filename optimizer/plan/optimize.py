"""Optimization of one scenario: inputs → model → matrix → certified plan → checked results → bill → summary.

`optimize` also plans the same hours for a site that plans nothing, so that a saving can be stated.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr
from pyomo.common.gc_manager import PauseGC

from optimizer.accounts.carbon import account_of
from optimizer.inputs.assemble import assemble_inputs, calendar_of, inputs_by_asset
from optimizer.inputs.remarks import remarks_on_data
from optimizer.inputs.weather import NoWeatherError, no_weather, weather_for
from optimizer.plan import bill
from optimizer.plan.baseline import as_baseline, on_arrival
from optimizer.plan.coefficient_ranges import notes_on_ranges
from optimizer.plan.end_values import stock_shadow_prices
from optimizer.plan.fuller_stores import with_fuller_stores
from optimizer.plan.in_time import Clock, plan_in_time
from optimizer.plan.infeasible import NO_PLAN, explained_error
from optimizer.plan.marginal_prices import notes_on_prices
from optimizer.plan.model import Model, build_model
from optimizer.plan.outcome import Outcome, Plan
from optimizer.plan.results import ResultError, checked, results_of
from optimizer.plan.summary import summarize
from optimizer.quantities.calendar import Calendar
from optimizer.quantities.columns import weights_of
from optimizer.quantities.documents import DocumentError
from optimizer.scenario.hubs import Hubs
from optimizer.scenario.single_site import Scenario
from optimizer.solve.certified import Effort, Progress, certified_plan
from optimizer.solve.highs import Compiled, SolverError, compile_model
from optimizer.technologies.base import Inputs, State, Technology

Assets = Mapping[tuple[str, str], Technology]


def calendar_for(scenario: Scenario | Hubs, start: str | None = None, days: float | None = None) -> Calendar:
    """The hours of a scenario, or of the requested part of it."""
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
    """The inputs Dataset of a scenario; a weather file or a synthetic site's name takes the place of its own choice."""
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
        return ["weather: the scenario names none; give one with --weather"]
    warnings = [f"weather: {note}" for note in inputs.attrs["repairs"] if note.startswith("warning")]
    return [*warnings, *inputs.attrs["remarks"]]


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


def model_of(assets: Assets, inputs: xr.Dataset, opening: Mapping[tuple[str, str], State] | None = None) -> Model:
    """The model of some assets on the hours, members and weights of their inputs."""
    views = _with_empty(inputs_by_asset(inputs), assets, inputs)
    for (site, asset), work in on_arrival(assets, inputs).items():
        first = views[site, asset, 0]
        pools = {f"cards_of:{bus}": np.array(cards) for bus, cards in work.offered_cards.items()}
        views[site, asset, 0] = replace(first, values={**first.values, "free_cards": work.free_cards, **pools})
    weights = weights_of(inputs)
    return build_model(assets, views, calendar_of(inputs), weights=weights, opening=opening)


def nothing_more(_: Model) -> None:
    """The model as its assets make it."""


def compiled_assets(
    assets: Assets,
    inputs: xr.Dataset,
    *,
    opening: Mapping[tuple[str, str], State] | None = None,
    amend: Callable[[Model], None] = nothing_more,
) -> tuple[Model, Compiled]:
    """The model of some assets and its matrix; `amend` may add constraints of its own to the model before it is compiled.

    What earlier models left behind goes first. Then garbage is not looked for: among millions of objects, all in use,
    that took half of the time.
    """
    gc.collect()
    with PauseGC():
        model = model_of(assets, inputs, opening)
        amend(model)
        return model, compile_model(model.pyomo)


def plan_assets(
    assets: Assets,
    inputs: xr.Dataset,
    effort: Effort,
    *,
    opening: Mapping[tuple[str, str], State] | None = None,
    progress: Progress = lambda *_: None,
    amend: Callable[[Model], None] = nothing_more,
) -> Plan:
    """The certified, checked and billed plan of some assets.

    Raises DocumentError where a number dwarfs all others, InfeasibleError with the reasons where there can be no plan,
    SolverError where none was found in time, ResultError when the answer
    breaks a law or its bill is not its objective.
    """
    model, compiled = compiled_assets(assets, inputs, opening=opening, amend=amend)
    notes = notes_on_ranges(model, compiled, assets, inputs)
    try:
        certificate = certified_plan(compiled.matrix, effort, progress)
    except SolverError as error:
        raise explained_error(error, model, compiled) from None
    if effort.fuller_stores:
        certificate = replace(certificate, values=with_fuller_stores(model, compiled, certificate))
    results = checked(results_of(model, compiled, certificate.values, certificate.row_dual, inputs), assets, opening)
    table = bill.bill_by_step(results, assets, weights=model.weights, opening=opening)
    _bill_is_objective(bill.total_cost(table), certificate.cost)
    shadow_prices = stock_shadow_prices(model, compiled, certificate.row_dual)
    return Plan(results, certificate, table, shadow_prices, (*notes, *notes_on_prices(results)))


def _with_empty(
    views: Mapping[tuple[str, str, int], Inputs], assets: Assets, inputs: xr.Dataset
) -> dict[tuple[str, str, int], Inputs]:
    """Views for every asset and member, also for assets that need no series."""
    calendar = calendar_of(inputs)
    members = range(len(weights_of(inputs)))
    return {
        (site, asset, member): views.get((site, asset, member), Inputs(asset, calendar, range(calendar.count), {}))
        for site, asset in assets
        for member in members
    }


def _bill_is_objective(billed: float, objective: float) -> None:
    """Double entry: the bill from plain numbers must be the solver's objective."""
    # 1e-6 relative: HiGHS' feasibility of 1e-7 on some hundred thousand rows, priced
    if abs(billed - objective) > 1e-6 * max(abs(objective), 1.0):
        raise ResultError([f"the bill is {billed:.6f}, the objective {objective:.6f}; they must be equal"])


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
) -> Outcome:
    """Plan a scenario and its do-nothing baseline. Raises WeatherError, InputError, SolverError, ResultError."""
    began = time.monotonic()
    calendar = calendar_for(scenario, start, days)
    inputs = inputs_for(scenario, calendar, weather_file, weather_site)
    effort = effort_for(scenario, workers=workers, gap=gap)
    prepared = time.monotonic()
    baseline, impossible = _baseline(scenario, inputs, effort, progress)
    spent = time.monotonic() - prepared
    plan = plan_in_time(
        lambda left: planner(scenario.assets(), inputs, left, progress=_named(progress, "plan")),
        effort,
        Clock(began, spent),
        None if baseline is None else lambda: _by_arrival(baseline, scenario, inputs, effort),
    )
    seconds = {
        "inputs": prepared - began,
        "plan": time.monotonic() - prepared - spent,
        "baseline": spent,
        **{f"plan {phase}": spent for phase, spent in plan.certificate.seconds.items()},
    }
    account = account_of(plan.results)
    summary = summarize(scenario, plan, baseline or plan, account, seconds)
    if baseline is None:
        summary |= dict.fromkeys(("baseline_cost", "saving", "shifted_card_hours"))
        summary["notes"] = [*summary["notes"], impossible]
    return Outcome(scenario, plan, baseline or plan, summary, account)


def _baseline(
    scenario: Scenario | Hubs, inputs: xr.Dataset, effort: Effort, progress: Progress
) -> tuple[Plan | None, str]:
    """The do-nothing baseline; where the site cannot run without a plan, none and the reason."""
    baseline, baseline_inputs = as_baseline(scenario.assets_alone(), inputs)
    try:
        return plan_assets(baseline, baseline_inputs, effort, progress=_named(progress, "baseline")), ""
    except SolverError as error:
        return None, "baseline: not possible: " + str(error).removeprefix(NO_PLAN)


def _by_arrival(baseline: Plan, scenario: Scenario | Hubs, inputs: xr.Dataset, effort: Effort) -> Plan:
    """The baseline as a plan of all assets, also of those between sites."""
    if scenario.assets().keys() == scenario.assets_alone().keys():
        return baseline
    baseline_case, baseline_inputs = as_baseline(scenario.assets(), inputs)
    return plan_assets(baseline_case, baseline_inputs, effort)


def plan_scenario(
    scenario: Scenario | Hubs,
    *,
    start: str | None = None,
    days: float | None = None,
    workers: int | None = None,
    gap: float | None = None,
    progress: Progress = lambda *_: None,
) -> Plan:
    """The plan of a scenario alone, without its baseline: for one question asked many times. Raises as `optimize` does."""
    inputs = inputs_for(scenario, calendar_for(scenario, start, days))
    return plan_assets(scenario.assets(), inputs, effort_for(scenario, workers=workers, gap=gap), progress=progress)


def _named(progress: Progress, title: str) -> Callable[[str, int, int], None]:
    return lambda phase, done, of: progress(f"{title}: {phase}", done, of)
