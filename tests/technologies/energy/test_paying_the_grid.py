"""Forms of paying the grid: hand-computed cases of a direct connection and of the two-part tariff, each to the cent.

100 MVA at 110 kV in Qinghai: capacity 19.5 yuan/kVA-month, demand 31.2 yuan/kW-month, transmission 0.060 yuan/kWh, average load
rate 0.6485. A plan of January pays whole months; 60 MW all month are 44.64 GWh, so loads are set to the energy of the case.
"""

from __future__ import annotations

from typing import Any

import pytest
from sites import Demand, meter_of, small

from optimizer.quantities.load_rate import average_load_rate
from optimizer.quantities.power_factor import power_factor_multiplier
from optimizer.quantities.tariff import Tariff
from optimizer.technologies.base import Size
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.energy.wind import Wind

HOURS = 744
"""Hours of January, in four-hour steps."""
QINGHAI: dict[str, Any] = {
    "energy_price_per_mwh": 0.0, "transmission_price_per_mwh": 60.0, "capacity_price_per_mva_month": 19_500.0,
    "demand_price_per_mw_month": 31_200.0,
}  # fmt: skip


def tie(tariff: dict[str, Any] | None = None, **settings: Any) -> Grid:
    """A tie of 100 MW in Qinghai."""
    base = {"import_limit_mw": 100.0, "average_load_rate": "qinghai", "tariff": {**QINGHAI, **(tariff or {})}}
    return Grid.model_validate({**base, **settings})


def january(grid: Grid, load_mwh: float, own_mwh: float = 0.0) -> Any:
    """A plan of January with an even load and an even own wind [MWh of the month]."""
    assets: dict[str, Any] = {"tie": grid, "load": Demand(amount=[load_mwh / HOURS])}
    if own_mwh:
        assets["wind"] = Wind(power_mw=own_mwh / HOURS, capacity_factor=1.0, cost_per_mwh=0.0)
    return small(assets, HOURS, start="2025-01-01", step_h=4.0).plan()


@pytest.mark.parametrize(("two_part", "mva", "money"), [
    ("direct_supply", 100.0, 4_790_430.0), ("direct_supply", 60.0, 2_874_258.0),
])  # fmt: skip
def test_near_by_consumption_pays_connected_capacity(two_part: str, mva: float, money: float) -> None:
    """(19.5 + 0.06 x 0.6485 x 730) yuan for each kVA of the month, whatever is used."""
    plan = january(tie(two_part=two_part, contract_mva=mva), 43_800.0, 28_800.0)
    assert plan.cost == pytest.approx(money, abs=0.005)


@pytest.mark.parametrize(("mva", "money"), [(100.0, 4_578_000.0), (60.0, 3_798_000.0)])
def test_a_direct_connection_on_two_parts_pays_transmission_on_self_use_too(mva: float, money: float) -> None:
    """19.5 yuan for each kVA and 0.060 for each of 43.8 GWh, 28.8 of them its own: on the 15 imported it would be 2,850,000."""
    energy = {"energy_price_per_mwh": 100.0}  # so that own energy is used first
    grid = tie(energy, two_part="capacity", contract_mva=mva, direct_connection={"transmission": "energy"})
    plan = january(grid, 43_800.0, 28_800.0)
    assert plan.cost == pytest.approx(money + 100 * 15_000, abs=0.005)
    assert meter_of(plan, "tie", "self_used_mw").sum() * 4 == pytest.approx(28_800.0)


@pytest.mark.parametrize(("load_mwh", "mva", "by_capacity", "money"), [
    (43_800.0, 100.0, False, 4_578_000.0), (43_800.0, 60.0, True, 2_874_258.0), (47_400.0, 100.0, True, 4_790_430.0),
])  # fmt: skip
def test_the_cheaper_way_of_paying_transmission_is_taken(
    load_mwh: float, mva: float, by_capacity: bool, money: float
) -> None:
    """By capacity exactly where use exceeds 0.6485 x 730 h x capacity: 47,340.5 MWh at 100 MVA."""
    grid = tie(two_part="capacity", contract_mva=mva, direct_connection={"transmission": "cheaper"})
    plan = january(grid, load_mwh, 28_800.0)
    assert plan.cost == pytest.approx(money, abs=0.005)
    assert round(meter_of(plan, "tie", "pays_transmission_by_capacity")[0]) == by_capacity


def test_a_smaller_capacity_makes_the_fee_the_cheaper() -> None:
    """15 GWh of import need 20.2 MVA, found at 47.9045 yuan each; paying by energy would cost 2.6 million more."""
    size = Size(max=100.0, annual_cost=0.0)
    grid = tie(two_part="capacity", contract_mva=size, direct_connection={"transmission": "cheaper"})
    plan = january(grid, 43_800.0, 28_800.0)
    assert plan.cost == pytest.approx(15_000 / HOURS * 47_904.3, abs=0.005)


@pytest.mark.parametrize(("load_mwh", "form", "first"), [(50_000.0, 1.0, 1_950_000.0), (23_000.0, 0.0, 31_200 * 23_000 / HOURS)])  # fmt: skip
def test_the_cheaper_first_term_is_taken(load_mwh: float, form: float, first: float) -> None:
    """Capacity at 1.95 million or 31,200 for each MW of the highest import; transmission on the import comes on top."""
    plan = january(tie(two_part="cheaper", contract_mva=100.0), load_mwh)
    assert plan.cost == pytest.approx(first + 60 * load_mwh, abs=0.005)
    assert round(meter_of(plan, "tie", "pays_contracted_capacity")[0]) == form


def test_near_by_consumption_may_pay_demand_first() -> None:
    """40,000 kW at 31.2 and 60,000 kVA x 0.06 x 0.6485 x 730: 1,248,000 + 1,704,258."""
    grid = tie(two_part="demand", contract_mva=60.0, direct_connection={"transmission": "capacity"})
    assert january(grid, 40.0 * HOURS).cost == pytest.approx(2_952_258.0, abs=0.005)


def test_a_direct_connection_does_not_export_while_the_spot_market_stands_still() -> None:
    """30 of 50 MW of wind have no use: nothing is sold at 80, though the tie could take it."""
    grid = tie({"export_price_per_mwh": 80.0}, two_part="direct_supply", export_limit_mw=100.0,
               direct_connection={"spot_runs_continuously": False})  # fmt: skip
    plan = january(grid, 20 * HOURS, 50 * HOURS)
    assert meter_of(plan, "tie", "self_used_mw").sum() * 4 == pytest.approx(20 * HOURS)
    sold = january(grid.model_copy(update={"direct_connection": None}), 20 * HOURS, 50 * HOURS)
    assert plan.cost - sold.cost == pytest.approx(80.0 * 30 * HOURS)


def declared(d_mw: float, peak_mw: float) -> Any:
    """A January of 18 MW with one step of a higher peak."""
    grid = tie({"transmission_price_per_mwh": 0.0, "minimum_demand_share": 0.4}, declared_demand_mw=d_mw, connected_mva=100.0)  # fmt: skip
    load = Demand(amount=[peak_mw] + [18.0] * (HOURS // 4 - 1))
    return small({"tie": grid, "load": load}, HOURS, start="2025-01-01", step_h=4.0).plan()


@pytest.mark.parametrize(("declared_mw", "money"), [(60.0, 1_872_000.0), (56.0, 1_946_880.0)])
def test_excess_over_the_declared_demand_counts_twice(declared_mw: float, money: float) -> None:
    """A peak of 62 MW: within 105 % of 60, and 3.2 MW beyond 105 % of 56, so 62.4 MW at 31,200."""
    assert declared(declared_mw, 62.0).cost == pytest.approx(money, abs=0.005)


def test_no_less_is_declared_than_the_least_share_of_the_transformers() -> None:
    """0.4 x 100 MVA at 31,200 though 30 are declared and 18 used: 1,248,000."""
    assert declared(30.0, 18.0).cost == pytest.approx(1_248_000.0, abs=0.005)


@pytest.mark.parametrize(("use_mwh", "money"), [(28_000.0, 1_740_960.0), (25_990.0, 1_934_400.0)])
def test_high_use_lowers_the_demand_price(use_mwh: float, money: float) -> None:
    """62 MW at 31,200; 280 kWh/kVA leave 10 % off, 259.9 do not. One step carries the peak, the others the rest."""
    grid = tie({"transmission_price_per_mwh": 0.0, "use_discount": {}}, connected_mva=100.0)
    rest_mw = (use_mwh - 4 * 62.0) / (HOURS - 4)
    load = Demand(amount=[62.0] + [rest_mw] * (HOURS // 4 - 1))
    plan = small({"tie": grid, "load": load}, HOURS, start="2025-01-01", step_h=4.0).plan()
    assert plan.cost == pytest.approx(money, abs=0.005)


@pytest.mark.parametrize(("factor", "standard", "change"), [
    (0.85, 0.90, 0.025), (0.96, 0.90, -0.0075), (0.945, 0.90, -0.0075), (0.60, 0.90, 0.25), (0.59, 0.90, 0.27),
    (0.95, 0.85, -0.011), (0.94, 0.85, -0.011), (0.93, 0.85, -0.0095), (0.91, 0.85, -0.0065), (0.90, 0.85, -0.005),
    (0.88, 0.85, -0.003), (0.85, 0.85, 0.0), (0.845, 0.85, 0.0), (0.80, 0.85, 0.025), (0.65, 0.85, 0.10),
    (0.64, 0.85, 0.11), (0.60, 0.85, 0.15), (0.59, 0.85, 0.17), (0.655, 0.85, 0.095),
])  # fmt: skip
def test_both_tables_of_the_power_factor(factor: float, standard: float, change: float) -> None:
    """Rows of 水电财字〔1983〕215号, read to the hundredth half up: 0.945 is 0.95, where Python's rounding gives 0.94."""
    assert power_factor_multiplier(factor, standard) == pytest.approx(1 + change, abs=1e-12)


def test_the_standard_follows_the_contract() -> None:
    """4,350,000 yuan of fees at a factor of 0.90 and the standard 0.85: 4,328,250; another standard does not exist."""
    grid = tie({"transmission_price_per_mwh": 0.0, "energy_price_per_mwh": 96.0}, two_part="capacity", contract_mva=100.0,
               power_factor=0.9, power_factor_standard=0.85)  # fmt: skip
    assert january(grid, 25_000.0).cost == pytest.approx(4_328_250.0, abs=0.005)
    with pytest.raises(ValueError, match=r"0\.90 and 0\.85"):
        tie(power_factor_standard=0.8)


def test_line_loss_as_the_tables_of_grid_companies_have_it() -> None:
    """236 x 0.029 / 0.971 = 7.0484 yuan/MWh; as a share of the price 6.844."""
    price = {"energy_price_per_mwh": 236.0, "transmission_price_per_mwh": 0.0, "demand_price_per_mw_month": 0.0}
    bills = [january(tie({**price, "line_loss": 0.029, "line_loss_grossed_up": up}), 10_000.0).cost for up in (True, False)]  # fmt: skip
    assert bills == pytest.approx([2_430_484.0, 2_428_440.0], abs=1.0)  # loss known to four digits


def test_known_load_rates_and_one_that_is_not() -> None:
    """Rates as published; a region without one is named with those that have one."""
    assert [average_load_rate(name) for name in ("qinghai", "ningxia", "xinjiang")] == [0.6485, 0.6638, 0.4843]
    with pytest.raises(ValueError, match=r"'henan'.*qinghai"):
        average_load_rate("henan")


def test_forms_that_exclude_one_another_are_refused() -> None:
    """Transmission by capacity is what direct_supply means."""
    with pytest.raises(ValueError, match="by capacity"):
        tie(two_part="direct_supply", direct_connection={"transmission": "energy"})


def test_the_tariff_alone_keeps_its_form() -> None:
    """The same numbers as a tariff without a tie: the defaults give no discount and no gross-up."""
    assert Tariff(**QINGHAI).use_discount is None
