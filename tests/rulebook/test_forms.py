"""Forms of paying the grid side by side, on a January in Qinghai at 110 kV: each form by hand, the break-even, and what a plan pays.

Capacity 19.5 yuan/kVA-month, demand 31.2 yuan/kW-month, transmission 0.060 yuan/kWh, average load rate 0.6485, system fee 0.030
yuan/kWh, funds 21.525 yuan/MWh. The load is even; own wind is even too and used first.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from sites import Demand, Small, small

from optimizer.cli import main
from optimizer.rulebook.forms import CAPACITY, DEMAND, NEAR_BY, NEAR_BY_DEMAND, Forms, forms_of
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.energy.load import Load
from optimizer.technologies.energy.wind import Wind

HOURS = 744
BREAK_EVEN = 0.6485 * 730
"""Use of a month for a MVA from which near-by consumption is the cheaper [MWh]."""
TARIFF: dict[str, Any] = {
    "energy_price_per_mwh": 100.0, "transmission_price_per_mwh": 60.0, "capacity_price_per_mva_month": 19_500.0,
    "demand_price_per_mw_month": 31_200.0, "system_fee_per_mwh": 30.0, "funds_per_mwh": 21.525,
}  # fmt: skip


def january(use_mwh: float, own_mwh: float, mva: float, tariff: dict[str, Any] | None = None, **settings: Any) -> Small:
    """A January of even use, of which own wind gives a part."""
    base = {"import_limit_mw": 100.0, "average_load_rate": "qinghai", "two_part": "capacity", "contract_mva": mva,
            "direct_connection": {"transmission": "energy"}, "tariff": {**TARIFF, **(tariff or {})}}  # fmt: skip
    assets: dict[str, Any] = {
        "tie": Grid.model_validate({**base, **settings}), "load": Demand(amount=[use_mwh / HOURS]),
        "wind": Wind(power_mw=own_mwh / HOURS, capacity_factor=1.0, cost_per_mwh=0.0)}  # fmt: skip
    return small(assets, HOURS, start="2025-01-01", step_h=12.0)


def side_by_side(site: Small) -> Forms:
    """The forms of its one tie."""
    (forms,) = forms_of(site.plan().results, site.assets)
    return forms


@pytest.mark.parametrize(("mva", "by_capacity", "near_by", "cheapest"), [
    (100.0, 4_578_000.0, 4_790_430.0, DEMAND), (60.0, 3_798_000.0, 2_874_258.0, NEAR_BY_DEMAND),
])  # fmt: skip
def test_forms_of_a_month_by_hand(mva: float, by_capacity: float, near_by: float, cheapest: str) -> None:
    """43.8 GWh, 28.8 of them own: 15 GWh are 20.161 MW of import, so demand first is the least first term here."""
    forms = side_by_side(january(43_800.0, 28_800.0, mva))
    demand = 31_200 * 15_000 / HOURS
    assert forms.sums() == pytest.approx({
        DEMAND: demand + 60 * 43_800, CAPACITY: by_capacity, NEAR_BY: near_by, NEAR_BY_DEMAND: demand + 43.8 * 648.5 * mva,
    }, abs=0.01)  # fmt: skip
    assert forms.cheapest() == cheapest
    assert forms.system_fee == pytest.approx(450_000.0, abs=0.01)  # 15 GWh at 0.030 yuan/kWh
    assert forms.funds_on_self_use == pytest.approx(28_800 * 21.525, abs=0.01)


def test_near_by_consumption_with_demand_first() -> None:
    """40 MW of import on 60 MVA: 1,248,000 and 1,704,258."""
    forms = side_by_side(january(41.0 * HOURS, 1.0 * HOURS, 60.0))
    assert forms.sums()[NEAR_BY_DEMAND] == pytest.approx(2_952_258.0, abs=0.01)


def test_funds_of_a_year_of_self_use() -> None:
    """230 GWh at 21.525 yuan/MWh: 4,950,750."""
    assert side_by_side(january(230_000.0, 230_000.0, 100.0)).funds_on_self_use == pytest.approx(4_950_750.0, abs=0.01)


@pytest.mark.parametrize("mva", [20.0, 100.0])
@pytest.mark.parametrize("above_mwh", [-1.0, 1.0])
def test_near_by_consumption_is_the_cheaper_exactly_above_the_break_even(mva: float, above_mwh: float) -> None:
    """A MWh above load rate x 730 h x capacity makes it the cheaper of the two capacity forms by 60 yuan, a MWh below the dearer;
    47,340.5 MWh at 100 MVA."""
    forms = side_by_side(january(BREAK_EVEN * mva + above_mwh, 5_000.0, mva))
    assert forms.break_even_mwh[0] == pytest.approx(473.405 * mva)
    sums = forms.sums()
    assert sums[CAPACITY] - sums[NEAR_BY] == pytest.approx(60 * above_mwh, abs=0.01)


@pytest.mark.parametrize(("form", "settings"), [
    (CAPACITY, {}), (NEAR_BY, {"two_part": "direct_supply", "direct_connection": None}),
    (DEMAND, {"two_part": "demand", "contract_mva": None}),
    (NEAR_BY_DEMAND, {"two_part": "demand", "direct_connection": {"transmission": "capacity"}}),
])  # fmt: skip
def test_what_is_told_is_what_a_plan_in_that_form_pays(form: str, settings: dict[str, Any]) -> None:
    """Energy, system fee and funds on the import come on top: 151.525 for each of 15 GWh. The model reckons by itself."""
    site = january(43_800.0, 28_800.0, 100.0, {"use_discount": {}}, **settings)
    plan = site.plan()
    (forms,) = forms_of(plan.results, site.assets)
    assert plan.cost - 151.525 * 15_000 == pytest.approx(forms.sums()[form], abs=0.01)


def test_power_above_the_declared_capacity_is_never_bought() -> None:
    """40 MW are declared and 43 needed: 3 MWh stay unserved, though buying them for 100 would be the cheaper."""
    grid = Grid.model_validate(
        {"import_limit_mw": 40.0, "overload_price_per_mwh": None, "tariff": {"energy_price_per_mwh": 100}}
    )
    plan = small({"tie": grid, "town": Load(power_mw=43.0, unserved_price_per_mwh=500.0)}, 1).plan()
    assert plan.cost == pytest.approx(40 * 100 + 3 * 500)


def test_the_command_tells_the_forms(tmp_path: Path) -> None:
    """Two months with their own bills, the cheapest marked, and what decides; the same numbers for machines."""
    scenario = {
        "name": "forms",
        "site": {"name": "place", "latitude": 36, "longitude": 95, "elevation_m": 2800, "timezone": "Asia/Shanghai"},
        "horizon": {"start": "2025-01-31", "days": 2, "step_h": 6},
        "wind": {"farm": {"power_mw": 2, "capacity_factor": 1.0, "cost_per_mwh": 0}},
        "load": {"works": {"power_mw": 4}},
        "grid": {"tie": {"tariff": TARIFF, "import_limit_mw": 4, "two_part": "direct_supply", "average_load_rate": 0.6485}},
    }  # fmt: skip
    (tmp_path / "forms.yaml").write_text(yaml.safe_dump(scenario), encoding="utf-8")
    out = str(tmp_path / "out")
    assert (
        CliRunner().invoke(main, ["run", str(tmp_path / "forms.yaml"), "--out", out, "--workers", "1"]).exit_code == 0
    )
    told = CliRunner().invoke(main, ["rules", out, "--forms"])
    assert told.exit_code == 0, told.output
    near_by = 4 * (19_500 + 43.8 * 648.5)
    assert f"near-by consumption: {near_by * (1 / 31 + 1 / 28):,.2f} (2025-01 {near_by / 31:,.2f}" in told.output
    assert told.output.count("<- cheapest") == 1
    (tie,) = json.loads(CliRunner().invoke(main, ["rules", out, "--forms", "--json"]).output)
    assert tie["cheapest"] in told.output
    assert [month["self_used_mwh"] for month in tie["months"]] == pytest.approx([48.0, 48.0], abs=1e-4)
