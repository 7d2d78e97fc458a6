"""Published optima of other people's models, reached by ordinary scenario files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from energy_cases import (
    energy,
    life_factor,
    oemof_storage,
    planned,
    pypsa_stochastic,
    read_json,
    reopt_january_export,
    reopt_ladwp,
    sizes,
)

SharedFile = Callable[[str], Path]


def test_oemof_storage_investment(shared_file: SharedFile, tmp_path: Path) -> None:
    """oemof-solph: a store of 2,040,000 kWh at 4.2317e17 in spite of flow costs of 1e11; tolerance theirs, 1e-6.

    Power and energy are reckoned in MW, money a MWh is then 1e14. Excess is what wind and sun give and nobody takes.
    """
    case = shared_file("data/cases/oemof_storage_investment")
    expected = read_json(case / "expected.json")
    plan = planned(oemof_storage(case), tmp_path)
    assert plan.cost == pytest.approx(expected["objective"], rel=1e-6)
    existing = read_json(case / "params.json")["storage"]["existing_energy"]
    assert sizes(plan)["battery energy_mwh"] * 1e3 - existing == pytest.approx(expected["storage_invest"], rel=1e-6)
    sums = {
        "demand": -energy(plan, "consumers", "use"),
        "storage_in": -energy(plan, "battery", "charge"),
        "storage_out": energy(plan, "battery", "discharge"),
        "pp_gas_el": energy(plan, "gas", "generation"),
    }
    assert {name: total * 1e3 for name, total in sums.items()} == pytest.approx(
        {name: expected[name] for name in sums}, rel=1e-6
    )
    used = (energy(plan, "wind", "output") + energy(plan, "pv", "output")) * 1e3
    assert expected["wind"] + expected["pv"] - used == pytest.approx(expected["excess"], rel=1e-6)


def test_pypsa_stochastic_sizing(shared_file: SharedFile, tmp_path: Path) -> None:
    """PyPSA: sizes fixed before the gas price is known, 968,918.158; one size a future would be far cheaper.

    Sizes 1.5054, 1.1362, 0.9051 and 0.0879 MW; the same in all members.
    """
    case = shared_file("data/cases/pypsa_stochastic_sizing")
    expected = read_json(case / "expected.json")
    plan = planned(pypsa_stochastic(case), tmp_path)
    assert plan.cost == pytest.approx(expected["objective"], rel=1e-6)
    assert sizes(plan) == pytest.approx(expected["p_nom_opt_mw"], abs=1e-5)  # flat optimum; upstream asks two decimals


@pytest.mark.parametrize("name", ["reopt_api_ladwp_a2_storage_only", "reopt_api_ladwp_a2_pv_storage"])
def test_reopt_ladwp(name: str, shared_file: SharedFile, tmp_path: Path) -> None:
    """REopt API: life-cycle cost 669,038 with a battery worth 771 $, 584,149 with sun; money 1e-5, sizes 1e-3 (theirs).

    A demand charge read over the wrong hours, or kept over months, moves the bill by far more.
    """
    case = shared_file(f"data/cases/{name}")
    expected, given = read_json(case / "expected.json"), read_json(case / "params.json")
    plan = planned(reopt_ladwp(case, tmp_path), tmp_path)
    items = plan.bill_by_step.sum()
    readiness = items["battery: keeping energy"]
    assert (plan.cost - readiness) * life_factor(given["financial"]) == pytest.approx(expected["lcc"], rel=1e-5)
    found = sizes(plan)
    assert found["battery power_mw"] == pytest.approx(expected["storage_kw"], rel=1e-3)
    assert found["battery energy_mwh"] == pytest.approx(expected["storage_kwh"], rel=1e-3)
    assert found.get("pv", 0.0) == pytest.approx(expected["pv_kw"], rel=1e-3)
    assert items["tie: energy"] == pytest.approx(expected["year_one_energy_cost"], rel=1e-5)
    demand = sum(money for item, money in items.items() if item.startswith("tie: demand charge"))
    assert demand == pytest.approx(expected["year_one_demand_cost"], rel=1e-5)
    assert energy(plan, "tie", "import") == pytest.approx(expected["grid_kwh"], rel=1e-4)  # follows the flat sizes


def test_reopt_ladwp_without_investment(shared_file: SharedFile, tmp_path: Path) -> None:
    """Business as usual costs 669,809: energy 51,045.12 and demand 18,520.50 in the first year."""
    case = shared_file("data/cases/reopt_api_ladwp_a2_storage_only")
    expected, given = read_json(case / "expected.json"), read_json(case / "params.json")
    data = reopt_ladwp(case, tmp_path)
    del data["storage"]
    plan = planned(data, tmp_path)
    assert plan.cost * life_factor(given["financial"]) == pytest.approx(expected["lcc_bau"], rel=1e-5)
    assert plan.bill_by_step.sum()["tie: energy"] == pytest.approx(expected["year_one_energy_cost_bau"], rel=1e-6)


def test_reopt_january_export(shared_file: SharedFile, tmp_path: Path) -> None:
    """REopt.jl: 70.3084 kW at 430,747; in January all is sold and the load is bought, so no sun reaches the load."""
    case = shared_file("data/cases/reopt_jl_january_export_pv")
    expected, given = read_json(case / "expected.json"), read_json(case / "params.json")
    plan = planned(reopt_january_export(case), tmp_path)
    assert plan.cost * life_factor(given["financial"]) == pytest.approx(expected["lcc"], rel=expected["lcc_rtol"])
    assert sizes(plan)["pv"] == pytest.approx(expected["pv_kw"], abs=expected["pv_kw_atol"])
    january = 31 * 24
    kept = energy(plan, "pv", "output", january) + energy(plan, "pv", "export", january)
    assert kept == pytest.approx(expected["january_pv_to_load_kwh"], abs=1e-4)  # 744 hours each held to 1e-7
