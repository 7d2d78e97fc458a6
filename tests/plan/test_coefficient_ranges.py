"""Numbers that dwarf the rest are told by their key: noted where dangerous, refused where absurd."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from sites import EXACT, Demand, small, tie

from optimizer.cli import main
from optimizer.plan.optimize import plan_assets
from optimizer.quantities.documents import DocumentError
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.storage import Storage

SOUND = Path(__file__).parents[1] / "cases" / "sound.yaml"


def priced(wear: float) -> tuple[dict[tuple[str, str], object], object]:
    """A site whose costs are 50 to 100, and 20,000 for overload, but for what its store says of wear."""
    store = Storage(power_mw=1.0, energy_mwh=2.0, wear_cost_per_mwh=wear)
    fields = {
        f"field_{number}": Solar(peak_power_mw=0.1, capacity_factor=0.5, cost_per_mwh=50.0) for number in range(3)
    }
    site = small({"tie": tie(100.0), "load": Demand(amount=[1.0]), "store": store, **fields}, 3)
    return site.assets, site.inputs


def test_sound_costs_are_not_noted() -> None:
    """A penalty of 20,000 beside a price of 100 is usual."""
    assert plan_assets(*priced(500.0), EXACT).notes == ()


def test_a_cost_that_dwarfs_the_rest_is_noted_with_its_key() -> None:
    """1e11 beside 100: a billion times the median, noted once, by section, asset and key."""
    (note,) = plan_assets(*priced(1e11), EXACT).notes
    assert note.startswith("storage > store > wear_cost_per_mwh = 1e+11 dwarfs the rest: ")


def test_an_absurd_cost_is_refused() -> None:
    """1e15 leaves a cost of 100 three digits: no plan is made of it."""
    with pytest.raises(DocumentError, match=r"storage > store > wear_cost_per_mwh = 1e\+15 dwarfs the rest"):
        plan_assets(*priced(1e15), EXACT)


def test_an_entry_that_the_solver_drops_is_noted() -> None:
    """An efficiency of 1e-10 is below what HiGHS keeps in a row: the store would seem to be filled by nothing."""
    store = Storage(power_mw=1.0, energy_mwh=2.0, charge_efficiency=1e-10)
    site = small({"tie": tie(100.0), "load": Demand(amount=[1.0]), "store": store}, 3)
    assert any("charge_efficiency = 1e-10 is lost beside the rest" in note for note in site.plan().notes)


def test_the_command_line_refuses_an_absurd_number(tmp_path: Path) -> None:
    """Exit code 2, one line with the key, no folder left behind."""
    out = tmp_path / "run"
    wear = "storage.battery.wear_cost_per_mwh=1e20"
    result = CliRunner().invoke(main, ["run", str(SOUND), "--set", wear, "--out", str(out)])
    assert result.exit_code == 2, result.output
    assert "storage > battery > wear_cost_per_mwh = 1e+20 dwarfs the rest" in result.output
    assert not out.exists()
