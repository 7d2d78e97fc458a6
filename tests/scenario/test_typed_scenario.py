"""The scenario as mypy and an editor see it: names complete, types are told, misspellings are found before a run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from optimizer.scenario.file import ScenarioError, load_site
from optimizer.scenario.renamed_keys import FORMAT
from optimizer.scenario.single_site import Scenario, technologies_of
from optimizer.technologies import key_of

SNIPPET = """
from optimizer import load_scenario, load_site
from optimizer.scenario.hubs import Hubs

scenario = load_site("scenarios/qaidam.yaml")
reveal_type(scenario.storage["haixi_share"].energy_mwh)
reveal_type(scenario.cluster["ascend"].cards)
reveal_type(scenario.storage["haixi_share"].charge_efficiency)
either = load_scenario("scenarios/hubs.yaml")
reveal_type(either.horizon.days)
if isinstance(either, Hubs):
    reveal_type(either.sites["xining"].solar["field"].peak_power_mw)
scenario.storage["haixi_share"].enrgy_mwh
"""
REVEALED = ["float | Size", "int", "float", "float", "float | Size"]


@pytest.fixture(scope="module")
def said(project: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What strict mypy says of the snippet."""
    file = tmp_path_factory.mktemp("typed") / "snippet.py"
    file.write_text(SNIPPET, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", "--no-error-summary", str(file)]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=280).stdout


def test_settings_of_an_asset_have_their_types(said: str) -> None:
    """`scenario.storage["haixi_share"].energy_mwh` is a number or a size to be found, not Any."""
    revealed = re.findall(r'Revealed type is "(.*)"', said)
    assert [re.sub(r"\b(builtins|[\w.]*(?:base|capacity))\.", "", kind) for kind in revealed] == REVEALED, said


def test_a_misspelled_setting_is_found_without_a_run(said: str) -> None:
    """The one error of the snippet, with the right name."""
    errors = [line for line in said.splitlines() if ": error: " in line]
    assert len(errors) == 1, said
    assert 'has no attribute "enrgy_mwh"; maybe "energy_mwh"?' in errors[0]


def test_the_key_of_a_technology_follows_from_its_class() -> None:
    """Messages and tables name the key by the class alone."""
    technologies = technologies_of(Scenario)
    assert len(technologies) >= 16
    assert {key: key_of(technology) for key, technology in technologies.items()} == {key: key for key in technologies}


def test_one_site_is_asked_for_by_name(project: Path) -> None:
    """A program that needs one site is told so where a file has several, and what to do."""
    with pytest.raises(ScenarioError, match=r"hubs.yaml  sites: has several sites.*give one of them"):
        load_site(project / "scenarios" / "hubs.yaml")


def test_the_scenario_has_the_format_of_today() -> None:
    """A format raised in one place only would refuse every file."""
    assert Scenario.model_fields["format"].default == FORMAT
