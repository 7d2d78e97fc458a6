"""The rule on outages: energy is held for the worst hours, within power, tanks and with sun only if it may count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from sites import Small, center, meter_of, pool, small, tie, without_rows

from optimizer.cli import main
from optimizer.files.whole import write_whole
from optimizer.plan.results_file import save_results
from optimizer.runs.outage import simulate_outages
from optimizer.technologies.base import Size
from optimizer.technologies.compute.service import Service
from optimizer.technologies.energy.genset import Genset
from optimizer.technologies.energy.load import Load
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.rules.resilience import Resilience


def islanded(hours: float = 2.0, steps: int = 6, **settings: Any) -> Small:
    """A load of 1 MW with a store of 4 MW and 10 MWh that would rather sell everything in hour 3 than keep it."""
    rule = {"load_share": 0.5, **settings.pop("rule", {})}
    store = {"power_mw": 4.0, "energy_mwh": 10.0, "opening_state_of_charge": 0.5, "discharge_efficiency": 0.8,
             "charge_efficiency": 1.0, "least_state_of_charge": 0.1, **settings.pop("store", {})}  # fmt: skip
    assets = {
        "tie": tie(export_limit_mw=5.0, export_price=0.0), "load": Load(power_mw=1.0), "store": Storage(**store),
        "rule": Resilience(hours=hours, **rule), **settings,
    }  # fmt: skip
    prices = [100.0] * steps
    sold = [0.0, 0.0, 0.0, 90.0, 0.0, 0.0]
    return small(assets, steps, series={("tie", "import_price_per_mwh"): prices, ("tie", "export_price_per_mwh"): sold})


def least_stored(site: Small) -> float:
    """Least energy in the store at the end of any step."""
    return float(site.plan().results["stored"].values.min())


def test_the_store_keeps_what_the_next_hours_need() -> None:
    """Half of 1 MW for 2 h is 1 MWh at the bus: 1.25 MWh above the 1 MWh that always stays. Without the rule: 1."""
    assert least_stored(islanded()) == pytest.approx(2.25)
    assert least_stored(islanded(rule={"load_share": 0.0})) == pytest.approx(1.0)


def test_power_limits_what_counts() -> None:
    """A store of 0.3 MW can carry 0.3 of the 0.5 MW: 0.2 MW are unprotected in each of 6 h, and it is told and paid for."""
    plan = islanded(store={"power_mw": 0.3}).plan()
    assert plan.results["shortfall"].sum() == pytest.approx(6 * 0.2)
    assert plan.bill_by_step["rule: unprotected load penalty"].sum() == pytest.approx(6 * 0.2 * 20_000)
    by_rate = islanded(store={"power_mw": None, "c_rate_per_h": 0.03}).plan()
    assert by_rate.results["shortfall"].sum() == pytest.approx(6 * 0.2)


def test_a_genset_stands_in_as_long_as_its_tank_lasts() -> None:
    """0.4 MW of genset leave 0.1 MW for the store: 0.2 MWh, 0.25 in the store. A tank for 0.3 MWh leaves 0.7 MWh: 0.875."""
    endless = Genset(power_mw=0.4, efficiency=0.5, fuel_price_per_mwh=1000.0)
    assert least_stored(islanded(unit=endless)) == pytest.approx(1.25)
    tank = endless.model_copy(update={"tank_mwh": 0.6})
    assert least_stored(islanded(unit=tank)) == pytest.approx(1.875)


def test_sun_counts_only_if_asked() -> None:
    """0.3 MW of sun in all hours leave 0.2 MW for 2 h: 0.5 MWh in the store, where it may count; else 1.25."""
    field = Solar(peak_power_mw=0.3, capacity_factor=1.0)
    assert least_stored(islanded(field=field)) == pytest.approx(2.25)
    assert least_stored(islanded(field=field, rule={"count_sun_and_wind": True})) == pytest.approx(1.5)


def test_inference_is_protected_by_its_share() -> None:
    """300 cards of 1 kW at 1.3: half of it is 0.195 MW; for 3 h 0.585 MWh are held, hour by hour of the next demand."""
    rule = Resilience(hours=3, inference_share=0.5)
    store = Storage(
        power_mw=1.0, energy_mwh=2.0, discharge_efficiency=1.0, charge_efficiency=1.0, opening_state_of_charge=1.0
    )
    service = Service(pool="pool", cards=0.0)
    site = small(center(pool=pool(), inference=service, store=store, rule=rule), 4,
                 series={("inference", "demand_cards"): [0.0, 0.0, 300.0, 300.0]})  # fmt: skip
    plan = site.plan()
    assert meter_of(plan, "rule", "protected_mw") == pytest.approx([0.0, 0.0, 0.195, 0.195])
    stored_mwh = plan.results["stored"].values[:, 0]
    # behind the plan come its last hours again: 0.195 MW each, never less
    assert (stored_mwh >= [0.39 - 1e-6, 0.585 - 1e-6, 0.585 - 1e-6, 0.195 - 1e-6]).all()


def test_a_store_can_be_sized_for_outages() -> None:
    """Nothing but the rule asks for a store: 0.5 MW for 2 h at 0.8 and 10 % that stays make 1.25 / 0.9 MWh and 0.5 MW."""
    sized = {name: Size(max=9, annual_cost=8.76e6) for name in ("power_mw", "energy_mwh")}
    plan = islanded(store={**sized, "opening_state_of_charge": 1.0}).plan()
    sizes = dict(zip(plan.results["sized_quantity"].values, plan.results["size"].values, strict=True))
    assert sizes["power_mw"] == pytest.approx(0.5)
    assert sizes["energy_mwh"] == pytest.approx(1.25 / 0.9)


@pytest.mark.parametrize("name", ["protected_load_is_met", "backup_within_power", "backup_lasts_for_its_hours"])
def test_every_row_of_the_rule_matters(name: str) -> None:
    """Without it the plan is cheaper, or breaks a law that is recomputed from plain numbers."""
    site = islanded(store={"power_mw": 0.3} if name == "backup_within_power" else {})
    freed, broken = without_rows(site, name)
    assert freed < site.plan().cost - 1e-3 or broken


def test_the_simulation_agrees_with_the_rule() -> None:
    """Planned for 2 h, every start survives 2 h; without a rule's reserve the emptied store fails at once after hour 3."""
    plan = islanded().plan()
    survived = simulate_outages(plan.results, hours=6).survived_h
    assert survived[1:].min() >= 2.0
    bare = islanded(rule={"load_share": 0.0}).plan()
    emptied = bare.results.assign(metered=plan.results["metered"].copy(deep=True))
    metered = emptied["metered"].values
    metered[:, emptied["meter_quantity"].values == "backup_mwh@store"] = 0.0
    assert simulate_outages(emptied, hours=6).survived_h.max() == 0.0


def test_the_curve_of_survival_by_hand() -> None:
    """0.5 MW protected; 1.25 MWh held at the bus in hours 0 to 2, then 0.5: starts survive 2 h (1.25 / 0.5) or 1 h.

    Sun of 0.5 MW more than the need in one hour refills 0.4 MWh (0.8 back): a start there survives longer.
    """
    results = islanded().plan().results
    table, quantity = results["metered"].copy(deep=True), results["meter_quantity"].values
    metered = table.values
    metered[:, quantity == "backup_mwh@store"] = np.array([1.25, 1.25, 1.25, 0.5, 0.5, 0.5])[:, None]
    outages = simulate_outages(results.assign(metered=table), hours=3)
    assert outages.survived_h.tolist() == [2, 2, 2, 2, 1, 1]
    assert outages.curve(1.0)["survive_share"].tolist() == [1.0, pytest.approx(4 / 6), 0.0]
    metered[:, quantity == "own_mw"] = np.array([0, 0, 0, 0, 1.0, 0])[:, None]
    sunny = simulate_outages(results.assign(metered=table), hours=3)
    # start 4: sun carries its hour and 0.4 MWh come on top of 0.5: one more hour and 0.4 left, not enough for a third
    assert sunny.survived_h.tolist() == [2, 2, 3, 3, 2, 1]


@pytest.mark.parametrize(("tank_mwh", "survived_h"), [(None, 6.0), (100.0, 6.0), (1.0, 1.0)])
def test_an_engine_lasts_as_long_as_its_tank(tank_mwh: float | None, survived_h: float) -> None:
    """0.6 MW of engine carry the 0.5 MW alone: without a size of the tank for any outage, with fuel for 0.5 MWh one hour."""
    unit = Genset(power_mw=0.6, efficiency=0.5, fuel_price_per_mwh=1000.0, tank_mwh=tank_mwh)
    results = islanded(unit=unit, store={"energy_mwh": 1e-3}).plan().results
    assert simulate_outages(results, hours=6).survived_h.tolist() == [survived_h] * 6


def test_the_command_tells_and_stores_the_curve(tmp_path: Path) -> None:
    """`qaidam outage` on a run: a table with a row a start; on a run without the section, what to add, exit code 2."""
    site = islanded()
    run = write_whole(tmp_path / "run", lambda part: save_results(part / "results.nc", site.plan().results), "run")
    result = CliRunner().invoke(main, ["outage", str(run), "--hours", "3"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith("6 starts; hours survived: least 2")
    assert len(pd.read_csv(run / "outage.csv")) == 6
    assert pd.read_csv(run / "outage_curve.csv")["survive_share"].iloc[1] == 1.0
    bare = small({"tie": tie(), "load": Load(power_mw=1.0)}, 2)
    run = write_whole(tmp_path / "bare", lambda part: save_results(part / "results.nc", bare.plan().results), "run")
    result = CliRunner().invoke(main, ["outage", str(run)])
    assert result.exit_code == 2
    assert "resilience: the scenario has no such section" in result.output
