"""Nights that know the year's plan: end values and peaks are taken, hold for the published plan, and are never a must."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optimizer.nightly.expected import load_opening
from optimizer.nightly.folder import STATES
from optimizer.nightly.night import Sources
from optimizer.nightly.recheck import faults_of_folder
from tests.nightly.nights import DAY, EVENING, QUICK, good, run_night, small_site

TAUGHT = {
    "scenario": "small night",
    "stocks": {"small battery energy_mwh": {"6": [90.0] * 24}},
    "monthly": {"small tie peak_mw": {"6": 1.1}},
}


def test_a_night_takes_what_the_year_teaches(tmp_path: Path) -> None:
    """90 a MWh and 1.1 MW in the published plan, which is sound with them; the scenario's own 250 would be left otherwise."""
    path = tmp_path / "end_values.json"
    path.write_text(json.dumps(TAUGHT))
    settings = QUICK.model_copy(update={"end_values": path})
    done = run_night(tmp_path / "plans", sources=good(tmp_path), settings=settings)
    scenario = json.loads((done.folder / "scenario.json").read_text())
    assert scenario["storage"]["battery"]["end_value_per_mwh"] == 90.0
    assert done.record.state_sources["tie peak_mw"] == "the year's plan"
    assert (done.record.level, faults_of_folder(done.folder)) == (0, [])
    untaught = run_night(tmp_path / "other", sources=good(tmp_path))
    assert untaught.folder.name != done.folder.name


@pytest.mark.parametrize("text", [None, "{ half", "{}"])
def test_a_night_without_them_goes_on(text: str | None, tmp_path: Path) -> None:
    """Missing, broken or of something else: noted, exit code 10, and the scenario's own values hold."""
    path = tmp_path / "end_values.json"
    if text is not None:
        path.write_text(text)
    done = run_night(tmp_path / "plans", sources=good(tmp_path), settings=QUICK.model_copy(update={"end_values": path}))
    assert done.record.exit_code == 10
    assert any(note.startswith("end values:") for note in done.record.notes)
    assert json.loads((done.folder / "scenario.json").read_text())["storage"]["battery"]["end_value_per_mwh"] == 250


def test_a_night_follows_the_arrears_of_the_year(tmp_path: Path) -> None:
    """Self-use stands 3 MWh behind on New Year's count when the night begins, may be 4 + 2 (kept at the year's end) behind when it
    ends, and to fall further behind costs twice what leave is worth. The published plan is sound, and hands on what it expects."""
    path = tmp_path / "end_values.json"
    by_day = {"06-01": 3.0, "06-02": 3.5, "06-03": 4.0, "12-31": -2.0}
    ratio = "small law self_use"
    path.write_text(json.dumps(TAUGHT | {"arrears": {ratio: by_day}, "ratio_prices": {ratio: 30.0}}))
    site = small_site(green_supply={"law": {"books": ["direct-connection"]}}, solar={"field": {"peak_power_mw": 1.5}})
    settings = QUICK.model_copy(update={"end_values": path})
    done = run_night(tmp_path / "plans", scenario=site, sources=good(tmp_path), settings=settings)
    law = json.loads((done.folder / "scenario.json").read_text())["green_supply"]["law"]
    assert (law["behind_at_end_mwh"], law["catch_up_prices"]) == ({"self_use": 6.0}, {"self_use": 60.0})
    assert done.record.state_sources["law self_use"] == "the year's plan"
    assert load_opening(done.folder / STATES)["small", "law"]["self_use"] == 3.0
    assert (done.record.level, faults_of_folder(done.folder)) == (0, [])
    following = run_night(tmp_path / "plans", scenario=site, now=EVENING + DAY, sources=Sources(), settings=settings)
    assert following.record.state_sources["law self_use"] == "expected by the last plan"
