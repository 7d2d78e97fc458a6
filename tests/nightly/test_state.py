"""Opening states: measured, expected or the scenario's; absurd values are refused by name."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from optimizer.nightly.hours import night_of
from optimizer.nightly.settings import NightSettings
from optimizer.nightly.state import Opening, opening_of
from tests.nightly.nights import EVENING, small_site

STATES = {
    "sound": ({"battery": {"energy_mwh": 0.2}}, "2025-06-01T22:00+08:00", "measured", 0.2),
    "ten hours old": ({"battery": {"energy_mwh": 0.2}}, "2025-06-01T12:00+08:00", "measured, stale", 0.2),
    "two days old": ({"battery": {"energy_mwh": 0.2}}, "2025-05-30T22:00+08:00", None, None),
    "of tomorrow": ({"battery": {"energy_mwh": 0.2}}, "2025-06-02T22:00+08:00", None, None),
    "negative energy": ({"battery": {"energy_mwh": -5}}, "2025-06-01T22:00+08:00", None, None),
    "a thousand times too much": ({"battery": {"energy_mwh": 1000}}, "2025-06-01T22:00+08:00", None, None),
    "a little above full": ({"battery": {"energy_mwh": 1.01}}, "2025-06-01T22:00+08:00", "measured", 1.0),
    "not a number": ({"battery": {"energy_mwh": float("nan")}}, "2025-06-01T22:00+08:00", None, None),
    "text": ({"battery": {"energy_mwh": "full"}}, "2025-06-01T22:00+08:00", None, None),
    "unknown asset": ({"flywheel": {"energy_mwh": 0.2}}, "2025-06-01T22:00+08:00", None, None),
    "unknown quantity": ({"battery": {"charge": 0.2}}, "2025-06-01T22:00+08:00", None, None),
    "no mapping": ([1, 2], "2025-06-01T22:00+08:00", None, None),
    "no time": ({"battery": {"energy_mwh": 0.2}}, "soon", None, None),
}


def opened(
    tmp_path: Path, assets: object, time: str, expected: pd.DataFrame | None = None, now: pd.Timestamp = EVENING
) -> Opening:
    path = tmp_path / "telemetry.json"
    path.write_text(json.dumps({"time": time, "assets": assets}), encoding="utf-8")
    scenario = small_site()
    return opening_of(scenario.assets(), night_of(scenario, now, 2), NightSettings(), path, expected)


@pytest.mark.parametrize("name", STATES)
def test_bad_telemetry_is_refused_by_name(name: str, tmp_path: Path) -> None:
    """What opens the plan, and whether it is marked; an absurd value taken over would show as `measured`."""
    assets, time, source, value = STATES[name]
    opening = opened(tmp_path, assets, time)
    assert opening.sources.get("battery energy_mwh") == source
    if value is None:
        assert any("not used" in note or "cannot be used" in note for note in opening.notes)
        assert opening.states == {}
    else:
        assert opening.states["small", "battery"]["energy_mwh"] == value


def expected_states(**columns: list[float]) -> pd.DataFrame:
    """What last night's plan expects at the end of the hours from 20:00 to 02:00 local time."""
    index = pd.date_range("2025-06-01T12:00", periods=7, freq="h")
    return pd.DataFrame({name.replace("__", " "): values for name, values in columns.items()}, index=index)


def test_a_measurement_is_brought_to_the_start_of_the_plan(tmp_path: Path) -> None:
    """Measured 0.30 at 22:00; the last plan expects to charge 0.25 until midnight: 0.55. Without that it would be 0.30."""
    expected = expected_states(small__battery__energy_mwh=[0.5, 0.5, 0.5, 0.6, 0.75, 0.9, 1.0])
    opening = opened(tmp_path, {"battery": {"energy_mwh": 0.3}}, "2025-06-01T14:00Z", expected)
    assert opening.states["small", "battery"]["energy_mwh"] == pytest.approx(0.55, abs=1e-12)  # one sum of doubles


def test_without_telemetry_the_last_plan_is_believed() -> None:
    """0.75 expected at midnight (16:00 UTC); the scenario's own start would be 0.5."""
    expected = expected_states(small__battery__energy_mwh=[0.5, 0.5, 0.5, 0.6, 0.75, 0.9, 1.0])
    scenario = small_site()
    opening = opening_of(scenario.assets(), night_of(scenario, EVENING, 2), NightSettings(), None, expected)
    assert opening.states == {("small", "battery"): {"energy_mwh": 0.75}}
    assert opening.sources == {"battery energy_mwh": "expected by the last plan"}


def test_a_month_s_peak_ends_with_its_month() -> None:
    """On the evening of 31 May the peak of May is forgotten for 1 June; within a month it is kept. Kept, June would pay for May."""
    scenario = small_site()
    kept: dict[str, object] = {}
    for now in ("2025-05-31T14:00", "2025-06-01T14:00"):
        night = night_of(scenario, pd.Timestamp(now), 2)
        index = pd.date_range(night.start - pd.Timedelta(hours=3), periods=6, freq="h")
        expected = pd.DataFrame({"small tie peak_mw": [1.5] * 6}, index=index)
        kept[now] = opening_of(scenario.assets(), night, NightSettings(), None, expected).states.get(("small", "tie"))
    assert kept == {"2025-05-31T14:00": None, "2025-06-01T14:00": {"peak_mw": 1.5}}


def test_a_battery_below_its_least_opens_there_and_says_so(tmp_path: Path) -> None:
    """0.3 MWh measured in a store of 2 MWh that is planned down to a fifth: opens at 0.4, told. Dropped, it would open
    half full, with 0.6 MWh that are not there."""
    scenario = small_site(storage={"battery": {"power_mw": 1, "energy_mwh": 2, "least_state_of_charge": 0.2}})
    path = tmp_path / "telemetry.json"
    path.write_text('{"time": "2025-06-01T22:00+08:00", "assets": {"battery": {"energy_mwh": 0.3}}}')
    opening = opening_of(scenario.assets(), night_of(scenario, EVENING, 2), NightSettings(), path, None)
    assert opening.states["small", "battery"]["energy_mwh"] == pytest.approx(0.4, abs=1e-12)
    assert "state: battery > energy_mwh: measured 0.3, below 0.4: opens at 0.4" in opening.notes
