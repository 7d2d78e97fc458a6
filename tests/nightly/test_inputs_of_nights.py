"""Inputs that are no inputs: each is done without, in words that name it. What the whole night makes of them, random nights show."""

from __future__ import annotations

import copy
import gzip
import json
from pathlib import Path

import pytest

from optimizer.nightly.hours import night_of
from optimizer.nightly.record import RunRecord
from optimizer.nightly.settings import NightSettings
from optimizer.nightly.sources import scenario_for_tonight
from optimizer.nightly.state import Opening, opening_of
from optimizer.nightly.year_ahead import with_end_values_of_file
from optimizer.scenario.file import site_from
from tests.nightly.nights import EVENING
from tests.nightly.random_nights import BASE

HEAD = "id,arrival,cards,hours,deadline\n"
GOOD = HEAD + "a,2025-06-02 05:00,8,2,2025-06-02 20:00\n"
SITE = {key: value for key, value in copy.deepcopy(BASE).items() if key != "queue"} | {
    "jobs": {"train": {"pools": ["pool"], "table": {"file": "queue.csv"}}}
}
TABLES: dict[str, tuple[bytes, str]] = {
    "a field of 200,000 letters": (f"{GOOD}{'x' * 200_000},2025-06-02 05:00,8,2,\n".encode(), "row 3: has 200,0"),
    "1e300 cards": (f"{HEAD}a,2025-06-02 05:00,1e300,2,\n".encode(), "row 2: cards is 1e+300 cards; at most 10,000,000"),
    "the year 1": (f"{HEAD}a,0001-06-02 05:00,8,2,\n".encode(), "row 2: arrival '0001-06-02 05:00' lies outside"),
    "the year 9999": (f"{HEAD}a,9999-06-02 05:00,8,2,\n".encode(), "row 2: arrival '9999-06-02 05:00' lies outside"),
    "gzip that breaks off": (gzip.compress(GOOD.encode() * 50)[:-20], "is gzip that breaks off"),
}  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A scenario with a job table of its own."""
    (tmp_path / "queue.csv").write_text(GOOD)
    (tmp_path / "site.yaml").write_text(json.dumps(SITE))
    return tmp_path / "site.yaml"


@pytest.mark.parametrize("name", TABLES)
def test_a_bad_table_of_tonight(name: str, site: Path) -> None:
    """The scenario's own table stays, and the row that is wrong is named; a traceback would leave no plan."""
    content, said = TABLES[name]
    table = site.with_name("tonight.csv.gz" if "gzip" in name else "tonight.csv")
    table.write_bytes(content)
    scenario, begun = scenario_for_tonight(site, site.parent / "plans", table)
    assert scenario.jobs["train"].table is not None
    assert scenario.jobs["train"].table.file.name == "queue.csv"
    assert said in begun.notes[0]
    assert begun.notes[0].endswith("the scenario's own table was taken")


def test_a_job_in_the_hour_that_clocks_skip(site: Path) -> None:
    """02:30 of 30 March does not exist in Berlin: the job is taken, and so is its table."""
    berlin = SITE | {"site": SITE["site"] | {"timezone": "Europe/Berlin"}}
    site.write_text(json.dumps(berlin))
    site.with_name("tonight.csv").write_text(HEAD + "x,2025-03-30 02:30,8,2,2025-03-30 20:00\n")
    scenario, begun = scenario_for_tonight(site, site.parent / "plans", site.with_name("tonight.csv"))
    assert (begun.notes, scenario.jobs["train"].table.file.name) == ((), "tonight.csv")


BROKEN = {
    "brackets": ("name: " + "[" * 50_000, "levels deep"),
    "sites of itself": ("name: x\nsites: {a: site.yaml}\n", "site"),
    "no truth": (json.dumps(SITE).replace('"cards": 60', '"cards": !!bool abc'), "not YAML we can read"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_scenario_that_is_none(name: str, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last plan's scenario is taken, and what is wrong with tonight's is said."""
    text, said = BROKEN[name]
    site.write_text(text)
    last = site.parent / "plans" / "2025-06-01-0123456789ab"
    last.mkdir(parents=True)
    (last / "scenario.json").write_text(json.dumps({**SITE, "jobs": {}, "name": "last night's"}))
    record = RunRecord.model_construct(day="2025-06-01")
    monkeypatch.setattr("optimizer.nightly.sources.published", lambda _: [(last, record)])
    scenario, begun = scenario_for_tonight(site, site.parent / "plans")
    assert scenario.name == "last night's"
    assert "site.yaml cannot be used, that of 2025-06-01-0123456789ab was taken" in begun.notes[0]
    assert said in " ".join(begun.notes)


END_VALUES = {
    "1e300": '{"stocks": {"here battery energy_mwh": {"6": [' + ", ".join(["1e300"] * 24) + ']}}, "monthly": {}}',
    "lists": '{"stocks": [], "monthly": []}',
    "a letter": '{"stocks": {"here battery energy_mwh": {"6": ["a"]}}, "monthly": {}}',
}


@pytest.mark.parametrize("name", END_VALUES)
def test_end_values_that_are_none(name: str, tmp_path: Path) -> None:
    """The scenario's own stay."""
    (tmp_path / "values.json").write_text(END_VALUES[name])
    scenario, notes = site_from(BASE), list[str]()
    night = night_of(scenario, EVENING, 2)
    kept, _, _ = with_end_values_of_file(tmp_path / "values.json", scenario, night, Opening({}, {}), notes)
    assert kept.storage["battery"] == scenario.storage["battery"]
    assert "end values:" in notes[0]
    assert "the scenario's own were taken" in notes[0]


def test_a_measurement_of_a_thousand_digits(tmp_path: Path) -> None:
    """Telemetry that Python's reader refuses is told, and the scenario's own start stands."""
    telemetry = tmp_path / "telemetry.json"
    telemetry.write_text(
        '{"time": "2025-06-01T21:50+08:00", "assets": {"battery": {"energy_mwh": 1' + "0" * 5000 + "}}}"
    )
    scenario = site_from(BASE)
    opening = opening_of(scenario.assets(), night_of(scenario, EVENING, 2), NightSettings(), telemetry, None)
    assert ("here", "battery") not in opening.states
    assert "telemetry.json cannot be used" in " ".join(opening.notes) or "not used" in " ".join(opening.notes)


def test_values_set_for_tonight(site: Path) -> None:
    """As a study sets them, also with tonight's table; one that does not fit is named, and the night goes on without it."""
    table = site.with_name("tonight.csv")
    table.write_text(GOOD)
    plans, path = site.parent / "plans", "jobs.train.changes.deadline_factor"
    scenario, begun = scenario_for_tonight(site, plans, table, {path: 0.5})
    assert (scenario.jobs["train"].changes.deadline_factor, begun.notes) == (0.5, ())
    assert scenario.jobs["train"].table.file.name == "tonight.csv"
    scenario, begun = scenario_for_tonight(site, plans, None, {path: -1})
    assert scenario.jobs["train"].changes.deadline_factor == 1
    assert "deadline_factor" in begun.notes[0]
    assert begun.notes[0].endswith("no value of --set was taken")
