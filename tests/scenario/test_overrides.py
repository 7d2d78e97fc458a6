"""Values set by path over a scenario file: also keys it leaves to their defaults, and inside the tariffs it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.scenario.file import ScenarioError, load_site

SITE = """\
name: any
site: {latitude: 36, longitude: 95, elevation_m: 2800, timezone: Asia/Shanghai}
grid: {tie: {tariff: mine.yaml, import_limit_mw: 2}}
load: {town: {power_mw: 1}}
"""
TARIFF = "{name: mine, currency: CNY, energy_price_per_mwh: 300, periods: [{band: flat, hours: [[0, 24]], factor: 1}]}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A site with a tariff beside it."""
    (tmp_path / "mine.yaml").write_text(TARIFF)
    (tmp_path / "site.yaml").write_text(SITE)
    return tmp_path / "site.yaml"


def test_a_price_inside_the_tariff_that_is_named(file: Path) -> None:
    """Price and factor of a row are set, the file beside the scenario stays as it is."""
    changes = {"grid.tie.tariff.energy_price_per_mwh": 90, "grid.tie.tariff.periods.0.factor": 2}
    tariff = load_site(file, changes).grid["tie"].tariff
    assert (tariff.energy_price_per_mwh, tariff.periods[0].factor) == (90, 2)
    assert (file.parent / "mine.yaml").read_text() == TARIFF


def test_a_key_below_one_that_the_file_leaves_out(file: Path) -> None:
    """`planning` is not in the file, and its keys have paths all the same."""
    assert load_site(file, {"planning.gap": 0.01}).planning.gap == 0.01


def test_a_path_that_leads_nowhere(file: Path) -> None:
    """Named with what is near."""
    with pytest.raises(ScenarioError, match="'tarif' is not in the scenario; did you mean 'tariff'"):
        load_site(file, {"grid.tie.tarif.energy_price_per_mwh": 90})
