"""What the duals say of an assumption against the cost of a plan made anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from optimizer.cli import main
from optimizer.plan.optimize import plan_scenario
from optimizer.plan.sensitivity import sensitivities
from optimizer.quantities.documents import read_document
from optimizer.scenario.assumptions import assumptions_of
from optimizer.scenario.file import load_scenario

SITE = """\
name: assumed
site: {latitude: 36, longitude: 95, elevation_m: 2800, timezone: Asia/Shanghai}
horizon: {start: 2025-06-02, days: 1}
load:
  halls:
    power_mw: 2.5                # measured
solar:
  field:                         # as drawn; assumption
    peak_power_mw: 3
    capacity_factor: {hourly: [0, 0, 0, 0, 0, 0, 0, 0.2, 0.5, 0.6, 0.7, 0.7, 0.7, 0.7, 0.6, 0.5, 0.2, 0, 0, 0, 0, 0, 0, 0]}
    cost_per_mwh: 10
storage:
  box:
    power_mw: 1                  # assumption
    energy_mwh: 3                # assumption
    charge_efficiency: 0.9       # sheet of the maker, 2025-03
    opening_state_of_charge: 0   # assumption
    wear_cost_per_mwh: 30        # assumption
grid:
  tie:
    import_limit_mw: 4           # assumption
    carbon_price_per_t: 60       # assumption
    carbon_t_per_mwh: 0.5        # assumption
    tariff:
      energy_price_per_mwh: 400  # assumption
      periods:
        - {months: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], band: peak, hours: [[17, 22]], factor: 1.7}
        - {months: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], band: flat, hours: [[0, 17], [22, 24]], factor: 1.0}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(SITE, encoding="utf-8")
    return path


def test_assumptions_are_the_numbers_that_say_so(site: Path) -> None:
    """Those of the line, and those of the line a number hangs under; a measured load and a maker's efficiency are none."""
    found = {each.path: (each.value, each.line) for each in assumptions_of(read_document(site))}
    assert found["solar.field.peak_power_mw"] == (3.0, 9)
    assert found["storage.box.wear_cost_per_mwh"] == (30.0, 18)
    assert found["grid.tie.tariff.energy_price_per_mwh"] == (400.0, 25)
    assert not {"load.halls.power_mw", "storage.box.charge_efficiency", "horizon.days"} & set(found)


@pytest.mark.parametrize(
    "path",
    [
        "solar.field.peak_power_mw", "solar.field.cost_per_mwh", "storage.box.power_mw", "storage.box.energy_mwh",
        "storage.box.wear_cost_per_mwh", "grid.tie.carbon_price_per_t", "grid.tie.carbon_t_per_mwh",
        "grid.tie.tariff.energy_price_per_mwh", "grid.tie.import_limit_mw",
    ],
)  # fmt: skip
def test_the_duals_foresee_what_a_plan_made_anew_costs(site: Path, path: str) -> None:
    """A tenth more by the duals is ten times what a hundredth more costs when planned anew, within the curve of a day's optimum."""
    assumption = next(each for each in assumptions_of(read_document(site)) if each.path == path)
    foreseen = sensitivities(site, [assumption], days=1).by_assumption[0].change
    cost = plan_scenario(load_scenario(site), workers=1, gap=1e-9).cost
    moved = plan_scenario(load_scenario(site, {path: assumption.value * 1.001}), workers=1, gap=1e-9).cost
    assert foreseen == pytest.approx((moved - cost) * 100, rel=0.02, abs=0.02)


def test_the_command_lists_the_weightiest_first(site: Path) -> None:
    """Price before carbon before wear; what is zero is not listed; nothing is written."""
    before = set(site.parent.iterdir())
    shown = CliRunner().invoke(main, ["check", str(site), "--assumptions", "--days", "1"])
    assert shown.exit_code == 0, shown.output
    places = [shown.output.index(name) for name in ("energy_price_per_mwh", "carbon_price_per_t", "wear_cost_per_mwh")]
    assert places == sorted(places)
    assert "opening_state_of_charge" not in shown.output
    assert set(site.parent.iterdir()) == before
