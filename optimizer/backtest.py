"""Many nights replayed: what the nightly job would have saved, of all that could be saved by knowing the future.

Every night is planned from a forecast as it would have been at hand, and run hour by hour against the weather that came
(`simulate`). Policies: `stochastic` (members of the forecast), `deterministic` (the forecast alone), `persistence` (the
last day again), `perfect days` (each night knows its two days). Brackets: `hindsight` (the whole span planned at once)
and `usual` (no plan).

Forecasts are drawn around the weather that came with the assumed errors of `weather.default_errors`, unless real ones
are at hand: the numbers are about the job, not about a forecaster.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from optimizer import bill
from optimizer.inputs.assemble import assemble_inputs
from optimizer.inputs.calendar import Calendar
from optimizer.nightly.forecast_chain import Sky
from optimizer.nightly.hours import Night, night_of
from optimizer.nightly.members import members_of
from optimizer.nightly.night import problem_of
from optimizer.nightly.past_weather import past_weather, whole_mean_wind_m_per_s
from optimizer.nightly.problem import Candidate
from optimizer.nightly.settings import NightSettings
from optimizer.nightly.state import Opening
from optimizer.nightly.two_stage import optimise
from optimizer.planning import effort_for, plan_assets
from optimizer.simulate import Foresight, World
from optimizer.usual import as_usual
from weather.calendar import place_on_horizon
from weather.default_errors import default_error_model
from weather.fallback import persistence
from weather.forecast import as_forecast
from weather.members import members as draw

POLICIES = ("stochastic", "deterministic", "persistence", "perfect days")
Progress = Callable[[str, int, int], None]


@dataclass
class Replay:
    """What one policy came to over the whole span."""

    cost: float
    late_card_h: float
    churn_card_h: float
    """Card-hours that the next night planned otherwise than the night before had."""
    seconds: float


@dataclass(frozen=True)
class Backtest:
    """All policies between their brackets, in the scenario's currency."""

    usual: float
    hindsight: float
    hindsight_gap: float
    replays: dict[str, Replay] = field(default_factory=dict)

    def share(self, policy: str) -> float:
        """Share of the saving by hindsight that a policy captures."""
        return (self.usual - self.replays[policy].cost) / max(self.usual - self.hindsight, 1e-9)


def backtest(
    scenario: Any,
    start: str,
    nights: int,
    settings: NightSettings,
    policies: tuple[str, ...] = POLICIES,
    progress: Progress = lambda *_: None,
) -> Backtest:
    """Replay `nights` nights from the local day `start` on. Raises WeatherError, SolverError, ResultError."""
    site = scenario.site
    calendar = Calendar.at_local_midnight(
        start, nights, scenario.horizon.step_h, site.timezone, frozenset(scenario.holidays)
    )
    past = past_weather(scenario)
    actual = past.assign_attrs(whole_mean_wind_m_per_s=whole_mean_wind_m_per_s(past, past))
    inputs = _inputs(scenario, calendar, actual)
    assets, effort = scenario.assets(), effort_for(scenario, workers=1, gap=settings.gap)
    usual, usual_inputs = as_usual(assets, inputs)
    best = plan_assets(assets, inputs, effort)
    outcome = Backtest(plan_assets(usual, usual_inputs, effort).cost, best.cost, best.certificate.gap)
    for policy in policies:
        outcome.replays[policy] = _replayed(scenario, calendar, actual, inputs, policy, settings, progress)
    return outcome


def _inputs(scenario: Any, calendar: Calendar, actual: xr.Dataset) -> xr.Dataset:
    site, days = scenario.site, round(calendar.count * calendar.step_h / 24)
    sky = place_on_horizon(
        actual,
        start_local=pd.Timestamp(calendar.local[0]),
        days=days,
        step_h=calendar.step_h,
        timezone=calendar.timezone,
    )
    return assemble_inputs(scenario.assets(), {site.name: site.place()}, calendar, {site.name: [sky]})


def _replayed(
    scenario: Any,
    calendar: Calendar,
    actual: xr.Dataset,
    inputs: xr.Dataset,
    policy: str,
    settings: NightSettings,
    progress: Progress,
) -> Replay:
    """One policy over the whole span."""
    began, world = time.perf_counter(), World(scenario.assets(), inputs)
    churn, before = 0.0, None
    own = settings if policy == "stochastic" else settings.model_copy(update={"members": 1})
    while world.done < calendar.count:
        now = calendar.time[world.done] - pd.Timedelta(hours=2)
        night = night_of(scenario, now, settings.seen_days)
        opening = Opening(world.states() if world.done else {}, {})
        plan = _planned(scenario, night, own, _sky(policy, actual, night), opening)
        churn += _changed(before, plan, night)
        before = plan
        steps = min(night.kept_steps, calendar.count - world.done)
        world.run(Foresight(plan.decisions, plan.worth, plan.levels), steps)
        progress(policy, world.done, calendar.count)
    came = world.results()
    return Replay(world.cost(came), bill.late_card_hours(came), churn, time.perf_counter() - began)


def _planned(scenario: Any, night: Night, settings: NightSettings, sky: Sky, opening: Opening) -> Candidate:
    """The best plan of one night."""
    problem = problem_of(scenario, night, settings, members_of(sky, night.calendar, settings), opening, {})
    found: list[Candidate] = []
    optimise(problem, found.append)
    return min(found, key=lambda candidate: candidate.cost)


def _sky(policy: str, actual: xr.Dataset, night: Night) -> Sky:
    """The forecast that policy has at hand on that evening."""
    start, hours = (
        night.start.floor("h"),
        float(np.ceil((night.valid_until - night.start.floor("h")) / pd.Timedelta(hours=1))),
    )
    window = actual.sel(time=slice(start, start + pd.Timedelta(hours=hours - 1)))
    came = as_forecast(window, night.now)
    if policy == "perfect days":
        forecast = came
    elif policy == "persistence":
        last = actual.sel(time=slice(start - pd.Timedelta(hours=26), start - pd.Timedelta(hours=3)))
        forecast = persistence(last, start=start, hours=hours).assign_attrs(actual.attrs)
        forecast = as_forecast(forecast.drop_vars("lead_h"), night.now)
    else:
        seed = 10_000 + int(night.start.strftime("%Y%m%d"))
        drawn = draw(came, default_error_model(), 1, seed).isel(member=0).drop_vars("member")
        forecast = drawn.assign_attrs(came.attrs)
    return Sky(forecast, "fresh", [], None)


def _changed(before: Candidate | None, plan: Candidate, night: Night) -> float:
    """Card-hours by which a plan differs from the second day of the one before."""
    if before is None:
        return 0.0
    total = 0.0
    for old, new in zip(*(_work(candidate) for candidate in (before, plan)), strict=True):
        kept = len(new) - night.kept_steps
        total += float(np.abs(old[-kept:] - new[:kept]).sum()) * night.calendar.step_h / 2
    return total


def _work(candidate: Candidate) -> list[Any]:
    flow = candidate.results["flow"]
    return [-flow.values[:, number] for number in np.flatnonzero(flow.coords["series_flow"].values == "run")]


def told(outcome: Backtest, currency: str) -> str:
    """The outcome as a table in text."""
    lines = [
        f"without a plan {outcome.usual:,.0f} {currency}, with hindsight {outcome.hindsight:,.0f} (gap {outcome.hindsight_gap:.2%})",
        f"{'policy':<16}{'cost':>14}{'captured':>10}{'late card-h':>13}{'churn card-h':>14}{'seconds':>9}",
    ]
    lines += [
        f"{name:<16}{one.cost:>14,.0f}{outcome.share(name):>10.1%}{one.late_card_h:>13,.1f}{one.churn_card_h:>14,.0f}{one.seconds:>9.0f}"
        for name, one in outcome.replays.items()
    ]
    return "\n".join(lines)


def summary(outcome: Backtest) -> Mapping[str, Any]:
    """The same as plain data."""
    from dataclasses import asdict

    return {
        "usual": outcome.usual, "hindsight": outcome.hindsight, "hindsight_gap": outcome.hindsight_gap,
        "replays": {name: asdict(one) | {"captured": outcome.share(name)} for name, one in outcome.replays.items()},
    }  # fmt: skip
