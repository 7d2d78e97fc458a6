"""A year with free sizes that Qaidam and PyPSA can both say: sun, wind, a store of free energy, a grid tie, a load."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

STORE_POWER_MW = 5.0
EFFICIENCY = 0.95
IMPORT_LIMIT_MW = 12.0
YEARLY_COST = {"sun": 200_000.0, "wind": 420_000.0, "store": 60_000.0}
"""Money per MW (sun, wind) or MWh (store) and year: capex of 3,000 and 4,100 CNY/kW and 700 CNY/kWh over 20 years; assumption."""
MOST = {"sun": 60.0, "wind": 40.0, "store": 80.0}

SCENARIO = """
name: year with free sizes
site: {{name: bench, latitude: 36.42, longitude: 94.9, elevation_m: 2808}}
horizon: {{start: 2025-01-01, days: 365}}
solar:
  sun:
    peak_power_mw: {{max: {most[sun]}, annual_cost: {cost[sun]}}}
    capacity_factor: {{file: {folder}/series.csv, column: sun}}
    cost_per_mwh: 1
wind:
  wind_farm:
    power_mw: {{max: {most[wind]}, annual_cost: {cost[wind]}}}
    capacity_factor: {{file: {folder}/series.csv, column: wind}}
    cost_per_mwh: 2
storage:
  store:
    power_mw: {power}
    energy_mwh: {{max: {most[store]}, annual_cost: {cost[store]}}}
    charge_efficiency: {efficiency}
    discharge_efficiency: {efficiency}
    opening_state_of_charge: 0
    wear_cost_per_mwh: 1
grid:
  tie:
    tariff: {{energy_price_per_mwh: {{file: {folder}/series.csv, column: price}}}}
    import_limit_mw: {limit}
load:
  center:
    power_mw: {{file: {folder}/series.csv, column: load}}
    unserved_price_per_mwh: null
"""


def write_problem(folder: Path) -> Path:
    """Write series.csv and scenario.yaml to a folder; returns the scenario's path. Weather: synthetic Golmud 2025."""
    from weather.solar.field import fixed_tilt_capacity_factor
    from weather.synthetic.year import synthetic_year
    from weather.wind.farm import capacity_factor

    weather = synthetic_year("golmud", 2025)
    hours = np.arange(8760)
    local = hours % 24
    price = np.select(
        [(local >= 9) & (local < 17), (local >= 7) & (local < 9) | (local >= 17) & (local < 23)], [200.0, 500.0], 350.0
    )
    table = pd.DataFrame(
        {
            "sun": np.clip(fixed_tilt_capacity_factor(weather, tilt_deg=36, azimuth_deg=180).values, 0, 1),
            "wind": capacity_factor(weather, hub_mean_m_per_s=5.6, shear_exponent=0.14).values,
            "price": price,
            "load": 6.0 + 1.5 * np.sin(2 * np.pi * (local - 9) / 24),
        }
    )
    table.to_csv(folder / "series.csv", index=False)
    text = SCENARIO.format(
        folder=folder, most=MOST, cost=YEARLY_COST, power=STORE_POWER_MW, efficiency=EFFICIENCY, limit=IMPORT_LIMIT_MW
    )
    path = folder / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def solve_with_qaidam(scenario: Path) -> float:
    """From the scenario file to checked numbers; the cost."""
    from optimizer.plan.optimize import calendar_for, effort_for, inputs_for, plan_assets
    from optimizer.scenario.file import load_scenario

    loaded = load_scenario(scenario)
    inputs = inputs_for(loaded, calendar_for(loaded))
    return plan_assets(loaded.assets(), inputs, effort_for(loaded, workers=1)).cost


def solve_with_pypsa(scenario: Path) -> float:
    """The identical problem in PyPSA with HiGHS, from the series file to numbers; the cost."""
    import pypsa

    series = pd.read_csv(scenario.parent / "series.csv")
    network = pypsa.Network()
    network.set_snapshots(pd.date_range("2025-01-01", periods=len(series), freq="h"))
    network.add("Bus", "electricity")
    network.add("Bus", "inside")
    column = {name: pd.Series(series[name].to_numpy(), index=network.snapshots) for name in series}
    network.add("Load", "center", bus="electricity", p_set=column["load"])
    for name, price in (("sun", 1.0), ("wind", 2.0)):
        network.add(
            "Generator", name, bus="electricity", p_nom_extendable=True, p_nom_max=MOST[name], p_max_pu=column[name],
            capital_cost=YEARLY_COST[name], marginal_cost=price,
        )  # fmt: skip
    network.add("Generator", "import", bus="electricity", p_nom=IMPORT_LIMIT_MW, marginal_cost=column["price"])
    network.add("Link", "charge", bus0="electricity", bus1="inside", p_nom=STORE_POWER_MW, efficiency=EFFICIENCY)
    network.add(
        "Link", "discharge", bus0="inside", bus1="electricity", p_nom=STORE_POWER_MW / EFFICIENCY, efficiency=EFFICIENCY,
        marginal_cost=EFFICIENCY,
    )  # fmt: skip
    network.add(
        "Store",
        "store",
        bus="inside",
        e_nom_extendable=True,
        e_nom_max=MOST["store"],
        capital_cost=YEARLY_COST["store"],
    )
    network.optimize(solver_name="highs", log_to_console=False, threads=1)
    return float(network.objective)
