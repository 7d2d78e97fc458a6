"""Published sizing cases as ordinary scenarios: plain settings and series from the shared data, nothing of their own.

Units: where a case is in kW, a "MW" of the scenario is its kW. Money over a life is brought to the year that is planned.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from optimizer.plan.optimize import calendar_for, effort_for, inputs_for, plan_assets
from optimizer.plan.outcome import Plan
from optimizer.scenario.file import load_scenario

NOWHERE = {"latitude": 0, "longitude": 0, "elevation_m": 0, "timezone": "UTC"}


def read_json(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def planned(data: dict[str, Any], folder: Path) -> Plan:
    """Write the scenario as a YAML file, read it like any other, and plan it."""
    path = folder / "case.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(data, file)
    scenario = load_scenario(path)
    inputs = inputs_for(scenario, calendar_for(scenario))
    return plan_assets(scenario.assets(), inputs, effort_for(scenario, workers=1))


def sizes(plan: Plan) -> dict[str, float]:
    """Found capacities by asset (by asset and quantity for stores)."""
    table = plan.results["size"]
    names = zip(table["sized_asset"].values, table["sized_quantity"].values, table.values, strict=True)
    return {
        f"{asset} {quantity}" if asset == "battery" else str(asset): float(value) for asset, quantity, value in names
    }


def energy(plan: Plan, asset: str, flow: str, last: int | None = None) -> float:
    """What an asset added to its bus over the plan (or its first steps), per hour-long step."""
    table = plan.results["flow"]
    mine = (table["asset"].values == asset) & (table["series_flow"].values == flow)
    return float(table.values[:last, mine].sum())


def column(file: Path, name: str, scale: float = 1.0) -> dict[str, Any]:
    """A series from a column of a file."""
    return {"file": str(file), "column": name, "scale": float(scale)}


def scenario(name: str, start: str, hours: float, **parts: Any) -> dict[str, Any]:
    """The frame every case shares."""
    return {"name": name, "currency": "USD", "site": NOWHERE, "horizon": {"start": start, "days": hours / 24}, **parts}


def served(file: Path, name: str, scale: float = 1.0) -> dict[str, Any]:
    """A load that must be served whole."""
    return {"consumers": {"power_mw": column(file, name, scale), "unserved_price_per_mwh": None}}


def oemof_storage(case: Path) -> dict[str, Any]:
    """400 h of wind, sun and gas with a limit on fuel; the store costs 1e11 a kWh moved. Here in MW: 1e14 a MWh."""
    given, table, mega = read_json(case / "params.json"), case / "storage_investment.csv", 1e-3
    store, gas = given["storage"], given["pp_gas"]
    years = given["hours"] / 8760
    invest = {
        "existing": store["existing_energy"] * mega,
        "max": 1e5,
        "annual_cost": store["ep_costs_per_energy"] / mega / years,
    }
    wind = {"power_mw": given["wind_capacity"] * mega, "capacity_factor": column(table, "wind"), "cost_per_mwh": 0}
    sun = {"peak_power_mw": given["pv_capacity"] * mega, "capacity_factor": column(table, "pv"), "cost_per_mwh": 0}
    battery = {
        "energy_mwh": invest, "c_rate_per_h": store["power_ratio_in"], "opening_state_of_charge": store["initial_level"],
        "charge_efficiency": store["eff_in"], "discharge_efficiency": store["eff_out"],
        "charge_cost_per_mwh": store["flow_cost_in"] / mega, "wear_cost_per_mwh": store["flow_cost_out"] / mega,
    }  # fmt: skip
    engine = {
        "power_mw": 1e4, "efficiency": gas["eff"], "cost_per_mwh": gas["cost_per_el"] / mega,
        "fuel_limit_mwh": given["gas_limit_energy"] * mega,
    }  # fmt: skip
    return scenario(
        "oemof storage investment", "2025-01-01", given["hours"], load=served(table, "demand_el", mega),
        wind={"wind": wind}, solar={"pv": sun}, genset={"gas": engine}, storage={"battery": battery},
    )  # fmt: skip


def pypsa_stochastic(case: Path) -> dict[str, Any]:
    """1 MW flat load; wind, sun, gas and lignite to be sized before it is known which of three gas prices comes."""
    given, table = read_json(case / "params.json"), case / "generators-p_max_pu.csv"
    kinds, futures = given["technologies"], given["scenarios"]

    def size(name: str) -> dict[str, float]:
        return {"max": 10.0, "annual_cost": kinds[name]["annual_fixed_cost_per_mw"]}

    def yields(name: str) -> dict[str, Any]:
        return {**column(table, name), "row_h": given["snapshot_weight_hours"]}

    wind = {"power_mw": size("wind"), "capacity_factor": yields("wind"), "cost_per_mwh": 0.02}
    sun = {"peak_power_mw": size("solar"), "capacity_factor": yields("solar"), "cost_per_mwh": 0.01}
    prices = {"by_member": {name: future["gas_price"] for name, future in futures.items()}}
    gas = {"power_mw": size("gas"), "efficiency": kinds["gas"]["efficiency"], "fuel_price_per_mwh": prices}
    lignite = {"power_mw": size("lignite"), "cost_per_mwh": kinds["lignite"]["marginal_cost"]}
    data = scenario(
        "PyPSA stochastic sizing", "2025-01-01", 8760, members={name: one["probability"] for name, one in futures.items()},
        load={"consumers": {"power_mw": given["load_mw"], "unserved_price_per_mwh": None}},
        wind={"wind": wind}, solar={"solar": sun}, genset={"gas": gas, "lignite": lignite},
    )  # fmt: skip
    data["horizon"]["step_h"] = given["snapshot_weight_hours"]
    return data


def present_worth(years: int, escalation: float, discount: float) -> float:
    """REopt's factor from the first year's money to the life's."""
    return round(sum(((1 + escalation) / (1 + discount)) ** year for year in range(1, years + 1)), 5)


def net_capital(
    basis: float, asset: dict[str, Any], financial: dict[str, float], replacement: float = 0.0, year: int = 0
) -> float:
    """REopt's capital cost after tax, depreciation, tax credit and one replacement."""
    tax, discount = financial["tax"], financial["discount"]
    depreciable = basis * (1 - asset["itc_reduction"] * asset["itc"])
    bonus = depreciable * asset["bonus"]
    cost = basis + replacement * (1 - tax) / (1 + discount) ** year
    for number, share in enumerate(asset["macrs"], start=1):
        shield = tax * share * (depreciable - bonus) + (tax * bonus + basis * asset["itc"] if number == 1 else 0.0)
        cost -= shield / (1 + discount) ** number
    return round(cost, 4)


def life_factor(financial: dict[str, float]) -> float:
    """Life-cycle money after tax of a unit of the planned year's energy bill."""
    worth = present_worth(int(financial["years"]), financial["elec_escalation"], financial["discount"])
    return (1 - financial["tax"]) * worth


def reopt_ladwp(case: Path, folder: Path) -> dict[str, Any]:
    """Sun and battery against a time-of-use tariff with four demand charges by period and month, 2020 without 29 February."""
    given, table = read_json(case / "params.json"), pd.read_csv(case / "timeseries.csv")
    financial, store, life = given["financial"], given["storage"], life_factor(given["financial"])
    charges = _demand_charges(given, table, folder / "series.csv")
    tariff = {
        "energy_price_per_mwh": column(folder / "series.csv", "energy_rate_usd_per_kwh"), "demand_charges": charges,
        "fixed_price_per_month": given["fixed_charge_per_year"] / 12,
    }  # fmt: skip
    prices = {
        unit: net_capital(
            store[f"capex_per_{unit}"], store, financial, store[f"replace_per_{unit}"], store[f"replace_year_{unit}"]
        )
        for unit in ("kw", "kwh")
    }
    battery = {
        "power_mw": {"max": 1000, "annual_cost": prices["kw"] / life}, "one_converter": True,
        "energy_mwh": {"max": 1000, "annual_cost": prices["kwh"] / life},
        "charge_efficiency": store["charge_eff"], "discharge_efficiency": store["discharge_eff"],
        "least_state_of_charge": store["soc_min"], "opening_state_of_charge": store["soc_init"],
        "keep_cost_per_mwh_h": -1 / 8760 / life,  # REopt's reward of 1 $ a kWh of mean charge; no part of the cost
    }  # fmt: skip
    data = scenario(
        case.name, "2019-01-01", 8760, load=served(folder / "series.csv", "load_kw"),
        grid={"tie": {"import_limit_mw": 1000, "tariff": tariff}}, storage={"battery": battery},
    )  # fmt: skip
    for tech in given["techs"]:
        yearly = net_capital(tech["capex_per_kw"], tech, financial) / life + tech["om_per_kw"] * _operation(financial)
        source = column(folder / "series.csv", tech["series"])
        data["solar"] = {
            "pv": {"peak_power_mw": {"max": 1000, "annual_cost": yearly}, "capacity_factor": source, "cost_per_mwh": 0}
        }
    return data


def _operation(financial: dict[str, float]) -> float:
    """Life-cycle worth of a unit of operation over that of a unit of energy."""
    years, discount = int(financial["years"]), financial["discount"]
    worth = (present_worth(years, financial[f"{kind}_escalation"], discount) for kind in ("om", "elec"))
    return next(worth) / next(worth)


def _demand_charges(given: dict[str, Any], table: pd.DataFrame, file: Path) -> list[dict[str, Any]]:
    """The case lists a charge for every month and period; here one a period, billed by the month, with a mask of hours."""
    charges: dict[str, dict[str, Any]] = {}
    for charge in given["demand_charges"]:
        period = charge["name"].split("_")[2] if charge["name"].startswith("tou") else "all_hours"
        if period not in charges:
            table[period] = 0
            charges[period] = {"name": period, "price_per_mw": charge["rate"], "mask": column(file, period)}
        table.loc[charge["steps"], period] = 1
    table.to_csv(file, index=False)
    return list(charges.values())


def reopt_january_export(case: Path) -> dict[str, Any]:
    """Sun whose own meter earns 0.25 in January against a retail price of 0.15."""
    given, table = read_json(case / "params.json"), case / "timeseries.csv"
    tech, derived, life = given["technology"], given["derived"], life_factor(given["financial"])
    yearly = net_capital(tech["capex_per_kw"], tech, given["financial"]) / life + tech["om_per_kw"] * _operation(
        given["financial"]
    )
    pv = {
        "peak_power_mw": {"max": tech["max_kw"], "annual_cost": yearly}, "cost_per_mwh": 0,
        "capacity_factor": column(table, "pv_production_factor_year1", derived["levelization_factor"]),
        "direct_sale_price_per_mwh": column(table, "export_rate_usd_per_kwh"),
    }  # fmt: skip
    tariff = {"energy_price_per_mwh": column(table, "energy_rate_usd_per_kwh")}
    return scenario(
        "REopt January export", "2017-01-01", 8760, load=served(table, "load_kw"),
        grid={"tie": {"import_limit_mw": 1000, "tariff": tariff}}, solar={"pv": pv},
    )  # fmt: skip
