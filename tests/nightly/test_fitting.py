"""Scenarios that changed since last night: what the last plan expected is clamped to what the assets can be, or left out by name."""

from __future__ import annotations

import copy
import json

import pytest

from optimizer.nightly.fitting import LastSettings, changes_since, fitted
from optimizer.scenario.file import set_by_path, site_from
from optimizer.technologies.base import State
from tests.nightly.random_nights import BASE

BATTERY, TRAINING, POOL = ("here", "battery"), ("here", "training"), ("here", "pool")
EXPECTED: dict[tuple[str, str], State] = {
    BATTERY: {"energy_mwh": 0.4},
    TRAINING: {"in_time_card_h": [1.0] * 11, "backlog_card_h": 3.0},
    POOL: {"blocks_on": 3.0, "recent_starts": [1.0], "recent_stops": [0.0]},
}
CHANGED: dict[str, tuple[str, object, dict[str, float], list[str]]] = {
    "the same": ("name", "any night", {"energy_mwh": 0.4, "blocks_on": 3}, []),
    "half the battery": ("storage.battery.energy_mwh", 0.2, {"energy_mwh": 0.2}, ["battery > energy_mwh: expected 0.4, taken as 0.2"]),
    "a shorter deadline": ("queue.training.deadline_h", 6, {"energy_mwh": 0.4}, ["training > in_time_card_h"]),
    "a longer deadline": ("queue.training.deadline_h", 48, {"energy_mwh": 0.4}, ["training > in_time_card_h"]),
    "half the step": ("horizon.step_h", 0.5, {"energy_mwh": 0.4}, ["training > in_time_card_h", "pool > recent_starts"]),
    "a block of cards": ("cluster.pool.cards", 64, {"blocks_on": 1}, ["pool > blocks_on: expected 3, taken as 1", "pool > recent_stops"]),
    "a larger battery": ("storage.battery.energy_mwh", 4.0, {"energy_mwh": 0.4}, []),
    "another price": ("queue.training.unfinished_price_per_card_h", 9.0, {"blocks_on": 3}, []),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGED)
def test_what_was_expected_fits_tonight_s_assets(name: str) -> None:
    """Numbers within their limits, profiles of the same settings alone; what was left out is said. Taken as it was, a
    profile of twelve hours on a queue of six ended the night in a traceback."""
    path, value, kept, said = CHANGED[name]
    data = copy.deepcopy(BASE)
    set_by_path(data, path, value)
    before, tonight, notes = site_from(BASE), site_from(data), list[str]()
    settings = {key: json.loads(asset.model_dump_json()) for key, asset in before.assets().items()}
    last = LastSettings(before.horizon.step_h, settings)
    states = fitted(EXPECTED, tonight.assets(), last, tonight.horizon.step_h, notes)
    found = {quantity: number for state in states.values() for quantity, number in state.items()}
    assert {quantity: found[quantity] for quantity in kept} == kept
    for part in said:
        assert any(part in note for note in notes), notes
    assert bool(notes) == bool(said)


def test_what_changed_since_last_night_is_told() -> None:
    """Settings by their way with both values, assets that came and went; nothing where all is the same. IT power that shrank
    to 10 kW left a night of no work without a word on why."""
    data = copy.deepcopy(BASE)
    before = site_from(data)
    last = LastSettings(1.0, {key: json.loads(asset.model_dump_json()) for key, asset in before.assets().items()})
    assert changes_since("last", last, before.assets()) == []
    data["power_train"]["supply"]["design_it_mw"] = 0.01
    data["storage"]["other"] = data["storage"].pop("battery")
    (told,) = changes_since("last", last, site_from(data).assets())
    assert told == "scenario: changed since last: battery is gone; other is new; supply > design_it_mw: 0.5 -> 0.01"
    assert (
        changes_since("last", LastSettings(None, {}), before.assets()) == []
    )  # an unreadable scenario is noted elsewhere
