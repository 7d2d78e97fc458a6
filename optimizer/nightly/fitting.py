"""States the last plan expected, fitted to what the assets can be tonight: clamped, or left out with a note.

Between two nights a battery is halved, a deadline shortened, the step made finer. A number with limits is clamped into
them. What has none (a profile by step, a ramp's last power) belongs to the settings it was made with: it is kept where
these are the same but for prices and files, else left out, and the asset opens by its own rule.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.files.processes import one_line
from optimizer.language.speech import noted
from optimizer.technologies.base import State, Technology

Key = tuple[str, str]
WITHOUT_WEIGHT = ("price", "cost", "value", "tariff", "file", "table", "beyond_end")
"""Parts of settings' names that change no state."""
NAMES_OF_FILES = ("file", "prices")
"""Settings that differ between a scenario and the copy a plan kept of it."""
MOST_CHANGES = 6
MOST_SHOWN = 40
"""Characters of a value that a note shows."""
NEW, GONE, OTHER, CHANGED, NONE = (
    noted("{asset} is new"), noted("{asset} is gone"), noted("{place} is another"), "{place}: {before} -> {now}", "null",
)  # fmt: skip
"""How a change of the settings is put."""


@dataclass(frozen=True)
class LastSettings:
    """Settings of the last plan: step length and assets."""

    step_h: float | None
    """Its step; none: as tonight's."""
    settings: Mapping[Key, object]
    """Settings of its assets as plain data; an asset that is missing was another."""

    @staticmethod
    def like(assets: Mapping[Key, Technology]) -> LastSettings:
        """Settings of tonight's own assets, as if the last plan had had them."""
        return LastSettings(None, {key: technology.model_dump(mode="json") for key, technology in assets.items()})


def fitted(
    states: Mapping[Key, State], assets: Mapping[Key, Technology], last: LastSettings, step_h: float, notes: list[str]
) -> dict[Key, State]:
    """States that can open tonight's plan, by asset."""
    same_step = last.step_h in (None, step_h)
    fitted_states: dict[Key, State] = {}
    for key, state in states.items():
        if key not in assets:
            continue  # it is no longer there
        technology, kept = assets[key], {}
        same = _without_prices(last.settings.get(key)) == _without_prices(technology.model_dump(mode="json"))
        for quantity, value in state.items():
            fit = _fit(value, technology.state_limits().get(quantity), same=same, same_step=same_step)
            if fit is None:
                notes.append(f"state: {key[1]} > {quantity}: what the last plan expected does not fit it; left out")
                continue
            kept[quantity] = fit
            # 1e-6: HiGHS' tolerance lets a store end a hair beyond its limit
            if isinstance(fit, float) and abs(fit - float(value)) > 1e-6 * max(abs(fit), 1.0):
                notes.append(f"state: {key[1]} > {quantity}: expected {float(value):g}, taken as {fit:g}, its limit")
        if kept:
            fitted_states[key] = kept
    return fitted_states


def changes_since(name: str, last: LastSettings, assets: Mapping[Key, Technology]) -> list[str]:
    """A sentence on the settings of assets that are no longer what they were in the last plan, `name`; none where all are."""
    before = {asset: _leaves(settings) for (_, asset), settings in last.settings.items()}
    now = {asset: _leaves(technology.model_dump(mode="json")) for (_, asset), technology in assets.items()}
    changes = [NEW.format(asset=asset) for asset in now if asset not in before]
    changes += [GONE.format(asset=asset) for asset in before if asset not in now]
    for asset in now.keys() & before.keys():
        was, settings = before[asset], now[asset]
        changes += [
            _changed(" > ".join((asset, *route)), was.get(route), settings.get(route))
            for route in {**was, **settings}
            if was.get(route) != settings.get(route)
        ]
    if not changes or not last.settings:
        return []
    more = f" and {len(changes) - MOST_CHANGES} more" if len(changes) > MOST_CHANGES else ""
    return [f"scenario: changed since {name}: {'; '.join(sorted(changes)[:MOST_CHANGES])}{more}"]


def _leaves(settings: object, route: tuple[str, ...] = ()) -> dict[tuple[str, ...], object]:
    """Values of nested settings by their way, without names of files."""
    if not isinstance(settings, Mapping):
        return {route: settings}
    return {
        way: value
        for name, inner in settings.items()
        if name not in NAMES_OF_FILES
        for way, value in _leaves(inner, (*route, str(name))).items()
    }


def _changed(place: str, before: object, now: object) -> str:
    """A value that is another now; of long ones and of lists only that they are."""
    values = [NONE if value is None else one_line(str(value)) for value in (before, now)]
    if isinstance(before, list) or isinstance(now, list) or max(map(len, values)) > MOST_SHOWN:
        return OTHER.format(place=place)
    return CHANGED.format(place=place, before=values[0], now=values[1])


def without_profiles(states: Mapping[Key, State]) -> dict[Key, State]:
    """States of assets reduced to plain numbers, profiles left out."""
    plain = {key: {name: value for name, value in state.items() if is_number(value)} for key, state in states.items()}
    return {key: state for key, state in plain.items() if state}


def _fit(value: object, limits: tuple[float, float] | None, *, same: bool, same_step: bool) -> object:
    """State value clamped into its limits; None where it cannot be used."""
    if limits is not None:
        number = as_number(value)
        return None if math.isnan(number) else min(max(number, limits[0]), limits[1])
    if not same or not _sound(value):
        return None
    return value if same_step or is_number(value) else None


def _sound(value: object) -> bool:
    """Whether every number in nested plain data is finite."""
    if isinstance(value, dict):
        return all(_sound(item) for item in value.values())
    if isinstance(value, list | tuple):
        return all(_sound(item) for item in value)
    return isinstance(value, str | bool) or value is None or is_number(value)


def _without_prices(settings: object) -> object:
    """Settings without prices and files."""
    if isinstance(settings, dict):
        return {
            name: _without_prices(setting)
            for name, setting in settings.items()
            if not any(part in str(name) for part in WITHOUT_WEIGHT)
        }
    return [_without_prices(setting) for setting in settings] if isinstance(settings, list) else settings


def is_number(value: object) -> bool:
    """Whether a value is a finite number, and no truth value."""
    return not math.isnan(as_number(value))


def as_number(value: object) -> float:
    """Value as a number; NaN where it is none, or too large for one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        number = float(value)
    except OverflowError:
        return math.nan
    return number if math.isfinite(number) else math.nan
