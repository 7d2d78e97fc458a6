"""The one account of carbon, green share and certificates: figures by hand, and summary == statement == ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from sites import EXACT, PLACE, small, tie

from optimizer.accounts.carbon import account_of
from optimizer.accounts.green_statement import monthly_statement
from optimizer.inputs.assemble import assemble_inputs
from optimizer.plan.bill import SHARES, key_figures
from optimizer.plan.optimize import optimize, plan_assets
from optimizer.quantities.calendar import Calendar
from optimizer.runs.folder import write_run
from optimizer.scenario.file import scenario_from
from optimizer.technologies.base import Technology
from optimizer.technologies.energy.genset import Genset
from optimizer.technologies.energy.load import Load
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.rules.green_supply import GreenSupply

SAME = 1e-9
"""Sums of a day's doubles of some MWh."""
SHARED = (*SHARES[:-1], "carbon_location_t", "carbon_market_t", "carbon_marginal_t")
"""Figures that summary and statement call the same."""


def told(results: xr.Dataset) -> dict[str, float]:
    """Summary and statement of a plan, which must agree; as one."""
    account = account_of(results)
    summary, statement = key_figures(results), monthly_statement(account)
    total = statement.loc["total"]
    for name in SHARED:
        assert summary[name] == pytest.approx(total[name], abs=SAME, nan_ok=True), name
    assert summary["certificates_mwh"] == pytest.approx(total["certificates_bought_mwh"], abs=SAME)
    sums = statement.drop(index="total").filter(regex="_mwh$|_t$").sum()
    np.testing.assert_allclose(
        total[sums.index].astype(float), sums.astype(float), atol=1e-6
    )  # figures below 1e-9 are 0
    shares = statement.filter(regex="_share$").to_numpy(dtype=float)
    assert ((shares >= 0) & (shares <= 1) | np.isnan(shares)).all()
    figures = statement.to_numpy(dtype=float)
    assert not ((figures != 0) & (np.abs(figures) < 1e-9)).any()
    return {**total.to_dict(), **summary}


def of(assets: Mapping[str, Technology], hours: float = 24, **more: Any) -> dict[str, float]:
    return told(small(assets, hours, **more).plan().results)


def test_bought_certificates_are_one_figure() -> None:
    """80 % of 48 MWh is promised and nothing own there is: 38.4 certificates cover 80 % of the grid's 24 t.

    The statement used to say 24 t and no certificate, the summary 4.8 t.
    """
    rules = GreenSupply.model_validate({"green_share": {"share": 0.8}, "certificates": {"price_per_mwh": 5.0}})
    figures = of({"tie": tie(carbon_t_per_mwh=0.5), "hall": Load(power_mw=2.0), "rules": rules})
    expected = {"certificates_mwh": 38.4, "carbon_location_t": 24.0, "carbon_market_t": 4.8, "green_share": 0.0}
    assert {name: figures[name] for name in expected} == pytest.approx(expected, abs=1e-6)


def test_an_engines_fuel_is_in_every_account() -> None:
    """24 MWh from 48 MWh of fuel at 0.2 t are 9.6 t, beside 24 MWh of grid at 0.5: 21.6 t, also market-based without
    certificates; fuel_mwh says where the energy came from. The statement used to leave the engine out."""
    engine = Genset(power_mw=1, efficiency=0.5, fuel_price_per_mwh=10.0, carbon_t_per_mwh_fuel=0.2)
    figures = of({"tie": tie(carbon_t_per_mwh=0.5), "hall": Load(power_mw=2.0), "engine": engine})
    expected = {
        "genset_mwh": 24.0,
        "fuel_mwh": 24.0,
        "grid_mwh": 24.0,
        "carbon_location_t": 21.6,
        "carbon_market_t": 21.6,
    }
    assert {name: figures[name] for name in expected} == pytest.approx(expected, abs=1e-6)


def test_selling_an_engines_power_takes_no_green_away() -> None:
    """0.5 MW of sun and 5 MW of engine feed 1 MW of load and 4.5 MW of export: each takes the mix, so that 1/11 of the load
    is green. Export taken off the sun alone made −400 %."""
    engine = Genset(power_mw=5, efficiency=0.5, fuel_price_per_mwh=100.0)
    sun = Solar(peak_power_mw=1, capacity_factor=0.5)
    grid = tie(400.0, export_price=300.0, export_limit_mw=5.0)
    figures = of({"tie": grid, "halls": Load(power_mw=1.0), "sun": sun, "engine": engine})
    expected = {"green_share": 1 / 11, "self_use_share": 2 / 11, "export_mwh": 108.0, "genset_mwh": 120.0}
    assert {name: figures[name] for name in expected} == pytest.approx(expected, abs=1e-6)


def test_a_store_that_trades_has_no_green_share() -> None:
    """A battery that buys at −50 and sells at 60 without any own source: 0 %, where its export used to make −12 %."""
    price = [-50.0] * 8 + [60.0] * 16
    bat = Storage(power_mw=2, energy_mwh=4, charge_efficiency=0.9, discharge_efficiency=0.9, opening_state_of_charge=0)
    grid = tie(60.0, export_price=60.0, export_limit_mw=3.0, import_limit_mw=3.0)
    series = {("tie", "import_price_per_mwh"): price, ("tie", "export_price_per_mwh"): price}
    figures = of({"tie": grid, "hall": Load(power_mw=1.0), "bat": bat}, series=series)
    assert figures["export_mwh"] > 1.0
    assert (figures["green_share"], figures["own_mwh"]) == (0.0, 0.0)
    assert figures["grid_mwh"] == pytest.approx(figures["use_mwh"])


def test_what_lay_in_a_store_is_an_origin_of_its_own() -> None:
    """1 MWh from the store's opening, then 1 MWh of sun: half is green, and the statement says where the other half came from.
    Green over what was drawn used to make 100 %."""
    box = Storage(power_mw=1, energy_mwh=2, charge_efficiency=1, discharge_efficiency=1, opening_state_of_charge=0.5)
    figures = of(
        {"hall": Load(power_mw=1.0), "sun": Solar(peak_power_mw=1, capacity_factor=0.0), "box": box}, 2,
        series={("sun", "capacity_factor"): [0.0, 1.0]},
    )  # fmt: skip
    expected = {"green_share": 0.5, "opening_mwh": 1.0, "own_mwh": 1.0, "use_mwh": 2.0, "carbon_location_t": 0.0}
    assert {name: figures[name] for name in expected} == pytest.approx(expected, abs=1e-6)


def test_a_share_of_nothing_is_not_told() -> None:
    """Sun that is all sold and a load of zero: there is no green share, neither 0 nor 100 %."""
    sun = Solar(peak_power_mw=1, capacity_factor=1.0)
    figures = of({"tie": tie(export_price=100.0, export_limit_mw=5.0), "hall": Load(power_mw=0.0), "sun": sun}, 4)
    assert figures["use_mwh"] == 0.0
    assert np.isnan([figures[name] for name in ("green_share", "cfe_hourly_share")]).all()
    assert figures["certificates_transferred_mwh"] == pytest.approx(4.0)


def test_members_are_told_by_their_expected_values() -> None:
    """A quarter without sun, three quarters with 1 MW of it for 1 MW of load: 6 of 24 MWh bought are expected, 3 t, 75 % green.
    Member 0 alone would say 24 MWh, 12 t and 0 %."""
    named: dict[tuple[str, str], Technology] = {
        ("site", "tie"): tie(carbon_t_per_mwh=0.5),
        ("site", "hall"): Load(power_mw=1.0),
        ("site", "sun"): Solar(peak_power_mw=1, capacity_factor=1.0),
    }
    calendar = Calendar.at_local_midnight("2025-01-06", 1, 1.0, PLACE.timezone)
    inputs = assemble_inputs(named, {"site": PLACE}, calendar, {"site": [xr.Dataset()] * 2}, (0.25, 0.75))
    dark = (inputs["exogenous_quantity"] == "capacity_factor") & (inputs["exogenous_member"] == 0)
    inputs["input"] = inputs["input"].where(~dark, 0.0)
    figures = told(plan_assets(named, inputs, EXACT).results)
    expected = {"import_mwh": 6.0, "grid_mwh": 6.0, "solar_mwh": 18.0, "carbon_location_t": 3.0, "green_share": 0.75}
    assert {name: figures[name] for name in expected} == pytest.approx(expected, abs=1e-6)


MW = st.floats(0, 3).map(lambda power: round(power, 2))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    load=st.lists(MW, min_size=6, max_size=6), sun=st.lists(st.floats(0, 1), min_size=6, max_size=6), engine=MW, sold=MW,
    opening=st.floats(0, 1), promised=st.floats(0, 1), contracted=MW,
)  # fmt: skip
def test_any_small_site_has_one_account(
    load: list[float], sun: list[float], engine: float, sold: float, opening: float, promised: float,
    contracted: float,
) -> None:  # fmt: skip
    """Statement and summary agree, shares lie within 0..1, uses close over their origins, and the tonnes are those of the
    energy bought and the fuel burnt, reckoned here from the flows."""
    rules = GreenSupply.model_validate({"green_share": {"share": promised}, "certificates": {"price_per_mwh": 5.0}})
    contract = {"power_mw": contracted, "premium_per_mwh": 7.0}
    assets: dict[str, Technology] = {
        "tie": tie(
            300.0, carbon_t_per_mwh=0.5, export_price=200.0, export_limit_mw=sold, clean_share=0.4, green_power=contract
        ),
        "hall": Load(power_mw=0.0),
        "sun": Solar(peak_power_mw=2, capacity_factor=0.0),
        "box": Storage(power_mw=1, energy_mwh=2, opening_state_of_charge=opening),
        "engine": Genset(power_mw=engine, efficiency=0.5, fuel_price_per_mwh=60.0, carbon_t_per_mwh_fuel=0.2),
        "rules": rules,
    }
    site = small(assets, 6, series={("hall", "demand_mw"): load, ("sun", "capacity_factor"): sun})
    results = site.plan().results
    figures = told(results)
    flow = results["flow"]
    of_role = {role: abs(float(flow.values[:, flow["role"].values == role].sum())) for role in set(flow["role"].values)}
    bought, burnt = of_role["import"] + of_role["overload"], of_role["generation"] / 0.5
    assert figures["carbon_location_t"] == pytest.approx(0.5 * bought + 0.2 * burnt, abs=1e-6)
    assert figures["carbon_market_t"] <= figures["carbon_location_t"] + SAME
    assert figures["carbon_market_t"] >= 0.2 * burnt - 1e-6
    parts = [figures[f"{origin}_mwh"] for origin in ("own", "contract", "grid_clean", "grid", "fuel", "opening")]
    assert sum(parts) == pytest.approx(figures["use_mwh"], abs=1e-6)


CASE: dict[str, Any] = {
    "name": "written", "site": {"latitude": 36, "longitude": 95, "elevation_m": 0, "timezone": "Asia/Shanghai"},
    "horizon": {"start": "2025-05-31", "days": 2}, "load": {"halls": {"power_mw": 1}},
    "solar": {"sun": {"peak_power_mw": 2, "capacity_factor": {"hourly": [0.0] * 8 + [0.7] * 8 + [0.0] * 8}}},
    "storage": {"box": {"power_mw": 1, "energy_mwh": 2}},
    "genset": {"engine": {"power_mw": 0.2, "fuel_price_per_mwh": 10, "carbon_t_per_mwh_fuel": 0.27}},
    "grid": {"tie": {"import_limit_mw": 5, "tariff": {"energy_price_per_mwh": 400}, "carbon_t_per_mwh": 0.5}},
    "green_supply": {"rules": {"green_share": {"share": 0.9}, "certificates": {"price_per_mwh": 5}}},
}  # fmt: skip


def test_the_files_of_a_run_agree(tmp_path: Path) -> None:
    """summary.json, green_statement.csv and ledger.csv of one run: the same tonnes, shares and certificates, and the ledger's
    lines add up to the statement's green energy. The baseline has its figures too."""
    folder = write_run(tmp_path / "out", optimize(scenario_from(CASE, folder=tmp_path), workers=1))
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    statement = pd.read_csv(folder / "green_statement.csv", index_col="month")
    assert list(statement.index) == ["2025-05", "2025-06", "total"]
    total = statement.loc["total"]
    assert {name: summary[name] for name in SHARED} == pytest.approx({name: total[name] for name in SHARED}, abs=SAME)
    assert summary["certificates_mwh"] == pytest.approx(total["certificates_bought_mwh"], abs=SAME)
    assert summary["certificates_mwh"] > 1.0
    assert summary["genset_mwh"] > 1.0
    ledger = pd.read_csv(folder / "ledger.csv", names=["time", "site", "origin", "use", "mwh"], skiprows=1)
    lines = ledger[ledger["time"] != "seal"]
    # 1e-6: hundreds of lines of twelve digits, those below 1e-9 MWh left out
    assert lines.loc[lines["origin"] == "sun", "mwh"].sum() == pytest.approx(
        total["certificates_retired_mwh"], abs=1e-6
    )
    assert lines["mwh"].sum() == pytest.approx(total["use_mwh"], abs=1e-6)
    assert summary["baseline"]["carbon_location_t"] > summary["carbon_location_t"]
