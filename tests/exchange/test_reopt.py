"""REopt inputs: the same quantities in a scenario that plans, what they cost, and nothing dropped in silence."""

from __future__ import annotations

import copy
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from optimizer.cli import main
from optimizer.exchange.from_reopt import scenario_of_reopt
from optimizer.plan.billed_plan import Plan
from optimizer.plan.optimize import plan_scenario
from optimizer.quantities.documents import DocumentError
from optimizer.scenario.file import load_scenario
from tests.exchange.urdb_rates import LADWP

HOUR = np.arange(8760) % 24
SUN = np.clip(np.sin((HOUR - 6) / 12 * np.pi), 0, None).round(6)
LOADS = (400.0 + 100.0 * (HOUR >= 12)).tolist()
INPUT: dict[str, Any] = {
    "Site": {"latitude": 39.2, "longitude": -106.3},
    "ElectricLoad": {"loads_kw": LOADS, "year": 2023, "loads_kw_is_net": False},
    "ElectricTariff": {"blended_annual_energy_rate": 0.12, "blended_annual_demand_rate": 9.0, "wholesale_rate": 0.03},
    "ElectricUtility": {"emissions_factor_series_lb_CO2_per_kwh": 1.0},
    "Financial": {"offtaker_discount_rate_fraction": 0.05, "analysis_years": 20},
    "PV": {
        "max_kw": 900, "installed_cost_per_kw": 1000, "om_cost_per_kw": 15, "production_factor_series": SUN.tolist(),
        "tilt": 30,
    },
    "Wind": {
        "min_kw": 100, "max_kw": 100, "installed_cost_per_kw": 2000, "om_cost_per_kw": 40,
        "production_factor_series": [0.25] * 8760,
    },
    "ElectricStorage": {
        "max_kw": 200, "max_kwh": 800, "installed_cost_per_kw": 500, "installed_cost_per_kwh": 300,
        "replace_cost_per_kw": 0, "replace_cost_per_kwh": 110, "battery_replacement_year": 10,
        "internal_efficiency_fraction": 0.9801, "soc_min_fraction": 0.1, "soc_init_fraction": 0.6,
    },
    "Generator": {
        "existing_kw": 50, "max_kw": 0, "only_runs_during_grid_outage": False, "om_cost_per_kw": 10,
        "fuel_slope_gal_per_kwh": 0.07, "fuel_cost_per_gallon": 3.0, "om_cost_per_kwh": 0.01,
    },
}  # fmt: skip
"""A site with one of each, figures made up."""


def changed(**sections: dict[str, Any]) -> dict[str, Any]:
    """The input with other fields; None takes one away."""
    data = copy.deepcopy(INPUT)
    for name, fields in sections.items():
        data[name] = {**data.get(name, {}), **fields}
    return data


def read(data: object, folder: Path) -> tuple[dict[str, Any], pd.DataFrame, str]:
    """Scenario, courses and notes."""
    path = folder / "site.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    files, notes = scenario_of_reopt(path, timezone="America/Denver")
    scenario = YAML(typ="safe").load(files["scenario.yaml"])
    return scenario, pd.read_csv(io.StringIO(files["series.csv"])), "\n".join(notes)


def refused(data: object, folder: Path) -> str:
    """What is said of an input that is refused."""
    with pytest.raises(DocumentError) as error:
        read(data, folder)
    return str(error.value)


def test_quantities_in_our_units(tmp_path):
    """Costs of a year by the formula of an annuity, losses of both ways, prices and factors a MWh; all figures by hand."""
    scenario, table, _ = read(INPUT, tmp_path)
    annuity = 0.05 * 1.05**20 / (1.05**20 - 1)
    sun, battery = scenario["solar"]["pv"]["peak_power_mw"], scenario["storage"]["electricstorage"]
    assert sun["max"] == pytest.approx(0.9)
    assert sun["annual_cost"] == pytest.approx(1000 * (1000 * annuity + 15))
    assert battery["power_mw"]["annual_cost"] == pytest.approx(1000 * 500 * annuity)
    assert battery["energy_mwh"]["annual_cost"] == pytest.approx(1000 * (300 + 110 / 1.05**10) * annuity)
    assert battery["charge_efficiency"] == pytest.approx(0.96 * 0.99)
    assert (battery["least_state_of_charge"], battery["opening_state_of_charge"]) == (0.1, 0.6)
    tie = scenario["grid"]["utility"]
    assert tie["tariff"]["energy_price_per_mwh"] == pytest.approx(120)
    assert tie["tariff"]["demand_price_per_mw_month"] == pytest.approx(9000)
    assert tie["tariff"]["export_price_per_mwh"] == pytest.approx(30)
    assert tie["carbon_t_per_mwh"] == pytest.approx(0.45359237)
    assert scenario["genset"]["generator"]["cost_per_mwh"] == pytest.approx(1000 * (0.07 * 3 + 0.01))
    assert table["load"].sum() == pytest.approx(sum(LOADS) / 1000)
    assert table["time_utc"].iloc[0] == "2023-01-01T07:00Z"  # midnight in Denver


def test_the_folder_plans(tmp_path):
    """The command writes scenario, courses and notes; a day of it is planned with everything in it."""
    (tmp_path / "site.json").write_text(json.dumps(INPUT), encoding="utf-8")
    out = tmp_path / "out"
    done = CliRunner().invoke(main, ["import", str(tmp_path / "site.json"), "--from", "reopt", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert {"scenario.yaml", "series.csv", "notes.txt"} <= {path.name for path in out.iterdir()}
    assert one_day(out).cost > 0


def one_day(folder: Path) -> Plan:
    """Plan of the first day of a year's scenario."""
    text = (folder / "scenario.yaml").read_text(encoding="utf-8")
    (folder / "day.yaml").write_text(text.replace("days: 365", "days: 1"), encoding="utf-8")
    return plan_scenario(load_scenario(folder / "day.yaml"), workers=1)


def test_a_day_costs_what_is_reckoned_by_hand(tmp_path):
    """Load at the price, less what a fixed sun field yields, and a day's share of that field's year (1e-6: the solver's)."""
    data = {name: INPUT[name] for name in ("Site", "ElectricLoad", "Financial", "PV")}
    data |= {"ElectricTariff": {"blended_annual_energy_rate": 0.12}, "PV": INPUT["PV"] | {"min_kw": 200, "max_kw": 200}}
    (tmp_path / "site.json").write_text(json.dumps(data), encoding="utf-8")
    for name, text in scenario_of_reopt(tmp_path / "site.json")[0].items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    energy_kwh = sum(LOADS[:24]) - 200 * SUN[:24].sum()
    a_year = 1000 * 0.05 * 1.05**20 / (1.05**20 - 1) + 15
    assert one_day(tmp_path).cost == pytest.approx(0.12 * energy_kwh + 200 * a_year / 365, rel=1e-6)


def test_rates_by_month_by_hour_and_from_the_database(tmp_path):
    """Each way of pricing energy gives the price of an hour that REopt would take."""
    by_month = changed(ElectricTariff={
        "blended_annual_energy_rate": None, "blended_annual_demand_rate": None,
        "monthly_energy_rates": [0.1] * 6 + [0.2] * 6, "monthly_demand_rates": [8] * 11 + [10],
    })  # fmt: skip
    tariff = read(by_month, tmp_path)[0]["grid"]["utility"]["tariff"]
    assert [row["factor"] * tariff["energy_price_per_mwh"] for row in tariff["periods"][5:7]] == pytest.approx(
        [100, 200]
    )
    assert tariff["demand_price_per_mw_month"]["monthly"][-1] == pytest.approx(10_000)
    prices = np.where(HOUR < 8, 0.05, 0.15)
    by_hour = changed(ElectricTariff={"blended_annual_energy_rate": None, "tou_energy_rates_per_kwh": prices.tolist()})
    scenario, table, _ = read(by_hour, tmp_path)
    assert scenario["grid"]["utility"]["tariff"]["energy_price_per_mwh"]["column"] == "import price"
    assert table["import price"].to_numpy() == pytest.approx(prices * 1000)
    rate = changed(ElectricTariff={
        "blended_annual_energy_rate": None, "blended_annual_demand_rate": None, "urdb_response": LADWP,
    })  # fmt: skip
    scenario, _, notes = read(rate, tmp_path)
    assert scenario["grid"]["utility"]["tariff"]["fixed_price_per_month"] == 75
    assert "urdb_response: dgrules: left out" in notes


def test_a_plant_that_stands_is_added_to_a_net_load(tmp_path):
    """Existing sun costs its operation alone, and what it yields is added to the load it was subtracted from."""
    data = changed(PV={"existing_kw": 200, "max_kw": 0}, ElectricLoad={"loads_kw_is_net": None})
    scenario, table, _ = read(data, tmp_path)
    assert scenario["solar"]["pv"]["peak_power_mw"] == pytest.approx(0.2)
    assert scenario["solar"]["pv"]["owner_cost"] == {"sunk": True, "om_per_kw_year": 15}
    assert table["load"].to_numpy() == pytest.approx(np.array(LOADS) / 1000 + 0.2 * SUN)


def test_nothing_is_dropped_in_silence(tmp_path):
    """Every field and section that is not read stands in the notes by its name."""
    data = changed(PV={"federal_itc_fraction": 0.3}, CHP={"max_kw": 5}, Site={"land_acres": 3}, Generator={"novel": 1})
    notes = read(data, tmp_path)[2]
    for name in ("PV > federal_itc_fraction", "PV > tilt", "CHP", "Site > land_acres", "Generator > novel"):
        assert f"{name}: left out" in notes
    idle = read(changed(Generator={"only_runs_during_grid_outage": True}), tmp_path)
    assert "Generator: left out, for it only runs in outages" in idle[2]
    assert "genset" not in idle[0]


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"ElectricLoad": {"loads_kw": None, "doe_reference_name": "Hospital"}}, "ElectricLoad > loads_kw: is missing"),
        ({"ElectricLoad": {"loads_kw": [1.0] * 8784}}, "ElectricLoad > loads_kw: has 8784 numbers; give 8760"),
        ({"ElectricLoad": {"loads_kw": [1.0] * 8759 + [-2.0]}}, "is -2 in step 8760; give 0 or more"),
        ({"ElectricTariff": {"blended_annual_energy_rate": None, "urdb_label": "5ed6"}}, "has no price of energy"),
        ({"ElectricTariff": {"blended_annual_energy_rate": "much"}}, "is much; give a number 0 or more"),
        ({"PV": {"production_factor_series": None}}, "PV > production_factor_series: is missing"),
        ({"PV": {"installed_cost_per_kw": None}}, "PV > installed_cost_per_kw: is missing"),
        ({"Wind": {"min_kw": 300}}, "Wind > min_kw: is 300, above max_kw 100; lower it"),
        ({"ElectricStorage": {"soc_min_fraction": 2}}, "ElectricStorage > soc_min_fraction: is 2; give a number of 0 to 1"),
        ({"ElectricStorage": {"can_grid_charge": False}}, "can_grid_charge: is False, which is not read; set it to true"),
        ({"ElectricUtility": {"outage_start_time_step": 9}}, "ElectricUtility > outage_start_time_step: is 9"),
        ({"SpaceHeatingLoad": {"annual_mmbtu": 9}}, "SpaceHeatingLoad: is a load other than electricity"),
        ({"Financial": {"offtaker_discount_rate_fraction": None}}, "offtaker_discount_rate_fraction: is missing"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_refused(tmp_path, sections, said):
    """With the file, the path, the value, the rule and what to do."""
    message = refused(changed(**sections), tmp_path)
    assert said in message
    assert "site.json" in message


def test_other_files_are_refused(tmp_path):
    """Inputs of the first version, a list, no JSON."""
    for text in ('{"Scenario": {"Site": {}}}', "[1]", "{"):
        (tmp_path / "site.json").write_text(text, encoding="utf-8")
        with pytest.raises(DocumentError, match=r"site\.json"):
            scenario_of_reopt(tmp_path / "site.json")
