"""`qaidam new`: what it writes is sound for any sensible answers, says what it assumes, and never goes over a file."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.cli import main
from optimizer.language.speech import spoken
from optimizer.plan.optimize import data_remarks, optimize
from optimizer.quantities.documents import read_document
from optimizer.scenario.assumptions import assumptions_of
from optimizer.scenario.file import load_site
from optimizer.scenario.starter import Answers, most_alike_climate, write_starter

ZONES = ("Asia/Shanghai", "America/Denver", "Europe/Dublin", "America/Santiago", "Asia/Kolkata", "UTC")
SITES = st.builds(
    Answers,
    name=st.sampled_from(["Hall: 1", "机房", 'a "quoted" #name', "null"]),
    latitude=st.floats(-60, 60).map(lambda x: round(x, 2)),
    longitude=st.floats(-180, 180).map(lambda x: round(x, 1)),
    elevation_m=st.floats(-50, 4500).map(round),
    timezone=st.sampled_from(ZONES),
    cards=st.sampled_from([1, 7, 100, 2048, 9999]),
    solar_mw=st.sampled_from([0.0, 2.5]),
    wind_mw=st.sampled_from([0.0, 4.0]),
    storage_mw=st.sampled_from([0.0, 1.5]),
    storage_mwh=st.sampled_from([0.0, 6.0]),
    tariff=st.sampled_from(["flat", "time-of-use"]),
    currency=st.sampled_from(["CNY", "USD", "JPY", "CHF"]),
    energy_price_per_mwh=st.sampled_from([0.1, 70.0, 15000.0]),
    grid_limit_mw=st.sampled_from([0.01, 3.0, 40.0]),
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(SITES)
def test_any_answers_make_a_sound_scenario(answers):
    """Read, checked with all its data on the whole week; no job is lost and no remark speaks of one that is."""
    with tempfile.TemporaryDirectory() as folder:
        write_starter(Path(folder), answers)
        scenario = load_site(Path(folder) / "scenario.yaml")
        assert (scenario.name, scenario.currency) == (answers.name, answers.currency)
        assert [remark for remark in data_remarks(scenario) if "job" in remark or "hours of" in remark] == []


def test_in_chinese_it_differs_in_its_comments_alone(tmp_path):
    """The same data, as many assumptions that `check` ranks, and no comment left in English."""
    written = {}
    for chosen in ("en", "zh"):
        with spoken(chosen):
            write_starter(tmp_path / chosen, Answers(wind_mw=1))
        documents = [read_document(tmp_path / chosen / name) for name in ("scenario.yaml", "tariff.yaml")]
        written[chosen] = ([document.data for document in documents], len(assumptions_of(documents[0])))
    assert written["zh"] == written["en"]
    comments = re.findall("#(.*)", (tmp_path / "zh" / "scenario.yaml").read_text(encoding="utf-8"))
    assert [comment for comment in comments if not re.search("[\u4e00-\u9fff]", comment)] == []


@pytest.mark.parametrize("grid_limit_mw", [0.2, 3.0])
def test_a_day_of_it_is_planned(tmp_path, grid_limit_mw):
    """Also where the grid carries less than the cards could draw; within a percent of its bound, the file's default."""
    write_starter(tmp_path, Answers(latitude=-33.4, longitude=-70.6, elevation_m=520, timezone="America/Santiago",
                                    currency="USD", energy_price_per_mwh=70, wind_mw=1, cards=512, grid_limit_mw=grid_limit_mw))  # fmt: skip
    outcome = optimize(load_site(tmp_path / "scenario.yaml"), days=1, workers=1)
    assert outcome.plan.certificate.gap <= 0.01
    assert outcome.summary["synthetic"]


def test_the_command_writes_four_files_and_never_over_one(tmp_path):
    """A second time it names the file that is there, and leaves what it finds; nothing is written beside it either."""
    arguments = ["new", str(tmp_path / "mine"), "--yes", "--it-mw", "2", "--currency", "usd"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    names = ["README.md", "jobs.csv", "scenario.yaml", "tariff.yaml"]
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == names
    for name in names[:3]:
        (tmp_path / "mine" / name).unlink()
    (tmp_path / "mine" / "tariff.yaml").write_text("mine", encoding="utf-8")
    again = CliRunner().invoke(main, arguments)
    assert (again.exit_code, "tariff.yaml: exists already" in again.output) == (2, True)
    assert [path.read_text(encoding="utf-8") for path in (tmp_path / "mine").iterdir()] == ["mine"]


def test_questions_are_asked_once_each(tmp_path):
    """Answers typed at the prompts stand in the file; an unusable one is asked again; a small grid is said."""
    typed = "39.23\n-106.32\n3026\nAmerica/Denver\n4\n5\n0\n2\n8\nflat\nUSD\n61.5\nmuch\n2\n"
    asked = CliRunner().invoke(main, ["new", str(tmp_path / "leadville")], input=typed)
    assert asked.exit_code == 0, asked.output
    assert (
        "about 5.18 MW" in asked.output
    )  # 5,696 cards of 0.7 kW (whole blocks of 64) and three tenths for cooling and losses
    scenario = load_site(tmp_path / "leadville" / "scenario.yaml")
    assert (scenario.site.timezone, scenario.currency, "farm" in dict(scenario.wind)) == (
        "America/Denver",
        "USD",
        False,
    )
    assert "energy_price_per_mwh: 61.5" in (tmp_path / "leadville" / "tariff.yaml").read_text(encoding="utf-8")


def test_paths_are_printed_as_they_are_typed(tmp_path, monkeypatch):
    """From the working folder on, also in the line to type next."""
    monkeypatch.chdir(tmp_path)
    lines = CliRunner().invoke(main, ["new", "mine", "--yes"]).output.splitlines()
    assert lines[0] == "mine/scenario.yaml"
    assert lines[-1] == "Next: qaidam run mine/scenario.yaml --out mine/out"


def test_an_end_of_the_input_is_told(tmp_path):
    """After two answers nothing more is typed: what that means and how to go on, in place of click's "Aborted!"."""
    asked = CliRunner().invoke(main, ["new", str(tmp_path / "mine")], input="39.23\n-106.32\n")
    assert (asked.exit_code, "nothing was written" in asked.stderr, "Aborted" in asked.output) == (130, True, False)
    assert list(tmp_path.iterdir()) == []


def test_the_climate_that_stands_in_is_the_most_alike():
    """Shanghai's own place gives Shanghai; the height of Tibet gives a plateau, also south of the equator."""
    assert most_alike_climate(31.2, 5) == "shanghai"
    assert most_alike_climate(-36.4, 2808) == "golmud"
