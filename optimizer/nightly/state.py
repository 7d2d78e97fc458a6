"""The state a night opens with: measured, else what the last plan expected, else the scenario's own; marked where stale.

Telemetry is a JSON file:

    {"time": "2026-06-01T22:00+08:00",
     "assets": {"own_battery": {"energy_mwh": 1.2}, "model_training": {"backlog_card_h": 5000}}}

It is measured some hours before the plan starts; what the last plan expects to happen until then is added to it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from optimizer.files.processes import problems_of, readable
from optimizer.language.speech import noted
from optimizer.nightly.expected import state_at
from optimizer.nightly.fitting import LastSettings, as_number, fitted
from optimizer.nightly.hours import Night, as_utc
from optimizer.nightly.settings import NightSettings
from optimizer.quantities.calendar import local_time
from optimizer.technologies.base import State, Technology

Key = tuple[str, str]
MOST_BYTES = 20_000_000
MEASURED, STALE, EXPECTED, YEARS_PLAN, SCENARIO = (
    noted("measured"), noted("measured, stale"), noted("expected by the last plan"), noted("the year's plan"), noted("scenario"),
)  # fmt: skip
NEW = {"month": noted("a new month"), "year": noted("a new year")}
SOURCES = (MEASURED, STALE, EXPECTED, YEARS_PLAN, SCENARIO, *NEW.values())
"""Where an opening state can be taken from, as the record has it."""
FUTURE_SLACK_H = 0.25
"""How far ahead of our clock a measurement may be."""


@dataclass(frozen=True)
class Opening:
    """Opening state of every asset that has one, and where each was taken from."""

    states: dict[Key, State]
    sources: dict[str, str]
    """"asset quantity" → one of SOURCES."""
    notes: list[str] = field(default_factory=list)
    age_h: float | None = None
    """Age of the telemetry at the job's clock; None: there is none."""


@dataclass(frozen=True)
class Telemetry:
    """Measured quantities that passed: by asset, then quantity."""

    time: pd.Timestamp
    values: dict[str, dict[str, float]]
    stale: bool


def opening_of(
    assets: Mapping[Key, Technology],
    night: Night,
    settings: NightSettings,
    file: Path | None,
    last_states: pd.DataFrame | None,
    last: LastSettings | None = None,
) -> Opening:
    """Opening states. Never raises for bad telemetry: what is wrong with it is noted and the next source taken.

    last: what the plan that expects `last_states` was made with; none: with these assets.
    """
    notes: list[str] = []
    telemetry, known, step_h = (
        _read(assets, night, settings, file, notes),
        last or LastSettings.like(assets),
        night.calendar.step_h,
    )
    expected = fitted(_expected(last_states, night.start, notes), assets, known, step_h, notes)
    before = fitted(_expected(last_states, telemetry.time, []), assets, known, step_h, []) if telemetry else {}
    states: dict[Key, State] = {}
    sources: dict[str, str] = {}
    for (site, asset), technology in assets.items():
        state: State = dict(expected.get((site, asset), {}))
        sources |= {f"{asset} {quantity}": EXPECTED for quantity in state}
        measured = telemetry.values.get(asset, {}) if telemetry else {}
        if measured:  # what cannot be measured comes from the last plan, and belongs to what that expected
            state = {quantity: value for quantity, value in state.items() if quantity in technology.state_limits()}
        for quantity, value in measured.items():
            moved = _moved(value, quantity, before.get((site, asset), {}), expected.get((site, asset), {}))
            low, high = technology.state_limits()[quantity]
            state[quantity] = min(max(moved, low), high)
            sources[f"{asset} {quantity}"] = STALE if telemetry and telemetry.stale else MEASURED
        for quantity in (technology.monthly_state | technology.yearly_state) & state.keys():
            if telemetry is None or quantity not in telemetry.values.get(asset, {}):
                since = last_states.index[0] if last_states is not None else night.now
            else:
                since = telemetry.time
            period = "month" if quantity in technology.monthly_state else "year"
            if _period(since, night, period) != _period(night.start, night, period):
                del state[quantity]
                sources[f"{asset} {quantity}"] = NEW[period]
        if state:
            states[site, asset] = technology.opening_state() | state
    return Opening(states, sources or {"all": SCENARIO}, notes, _age_h(telemetry, night))


def _age_h(telemetry: Telemetry | None, night: Night) -> float | None:
    return None if telemetry is None else float((night.now - telemetry.time) / pd.Timedelta(hours=1))


def _period(time: pd.Timestamp, night: Night, period: str) -> str:
    """Local month or year of a time."""
    form = "%Y-%m" if period == "month" else "%Y"
    return str(local_time(pd.DatetimeIndex([time]), night.calendar.timezone)[0].strftime(form))


def _expected(states: pd.DataFrame | None, time: pd.Timestamp, notes: list[str]) -> dict[Key, State]:
    if states is None:
        notes.append("state: no earlier plan tells what to expect")
        return {}
    try:
        return state_at(states, time)
    except Exception as error:  # whatever is in the last night's file
        notes.extend(f"state: {problem}" for problem in problems_of(error))
        return {}


def _moved(measured: float, quantity: str, then: State, at_start: State) -> float:
    """Measurement brought to the plan's start by what the last plan expects to happen in between."""
    if quantity in then and quantity in at_start:
        return measured + float(at_start[quantity]) - float(then[quantity])
    return measured


def _read(
    assets: Mapping[Key, Technology], night: Night, settings: NightSettings, file: Path | None, notes: list[str]
) -> Telemetry | None:
    """Telemetry that can be used, or None and notes."""
    if file is None:
        notes.append("state: no telemetry given")
        return None
    try:
        document = json.loads(readable(file, MOST_BYTES).read_text(encoding="utf-8"))
        time, measured_by_asset = (
            as_utc(document["time"]),
            {str(name): value for name, value in dict(document["assets"]).items()},
        )
    except Exception as error:  # whatever is in the file
        notes.append(f"state: {file.name} cannot be used ({problems_of(error)[0]})")
        return None
    age_h = float((night.now - time) / pd.Timedelta(hours=1))
    if age_h < -FUTURE_SLACK_H or age_h > 4 * settings.oldest_telemetry_h:
        notes.append(f"state: {file.name} is {age_h:.1f} h old by our clock; not used")
        return None
    stale = age_h > settings.oldest_telemetry_h
    if stale:
        notes.append(f"state: {file.name} is {age_h:.1f} h old: stale")
    by_name = {asset: technology for (_, asset), technology in assets.items()}
    values = {asset: _sound(asset, measured_by_asset[asset], by_name.get(asset), notes) for asset in measured_by_asset}
    return Telemetry(time, {asset: quantities for asset, quantities in values.items() if quantities}, stale)


def _sound(asset: str, measured: object, technology: Technology | None, notes: list[str]) -> dict[str, float]:
    """Measured quantities of one asset within its limits; the others noted."""
    if technology is None or not isinstance(measured, dict):
        notes.append(f"state: {asset}: no such asset; not used")
        return {}
    limits, accepted = technology.state_limits(), {}
    for quantity, value in measured.items():
        number = as_number(value)
        low, high = limits.get(quantity, (math.nan, math.nan))
        slack = 0.02 * (high - low)  # meters read a little beyond their ends
        least = min(low, 0.0)  # a store may hold less than the least it is planned to
        if quantity not in limits:
            notes.append(
                f"state: {asset} > {quantity}: not a quantity of it (known: {', '.join(limits) or 'none'}); not used"
            )
        elif not least - slack <= number <= high + slack:
            what = f"{number:g}" if math.isfinite(number) else "the value is no number, or"
            notes.append(f"state: {asset} > {quantity}: {what} lies outside {low:g}..{high:g}; not used")
        else:
            accepted[quantity] = min(max(number, low), high)
            if number < low - slack:
                notes.append(f"state: {asset} > {quantity}: measured {number:g}, below {low:g}: opens at {low:g}")
    return accepted
