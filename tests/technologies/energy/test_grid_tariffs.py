"""Tariffs beyond a price by the hour: peaks by period, memory, declared demand, contracts, tiers, net metering.

Every plan's bill is re-reckoned from its flows by the pipeline (double entry), so a slip in the model alone would raise.
"""

from __future__ import annotations

from typing import Any

import pytest
from sites import Demand, small

from optimizer.plan.results import records_of
from optimizer.quantities.demand_charge import DemandCharge, Span
from optimizer.quantities.power_factor import power_factor_multiplier
from optimizer.quantities.series import SeriesError
from optimizer.quantities.tariff import Tariff
from optimizer.technologies.base import Size
from optimizer.technologies.energy.genset import Genset
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.energy.wind import Wind

DAY_IN_JANUARY = 1 / 31
"""Share of its month that a plan of one day covers."""


def grid(**tariff: Any) -> Grid:
    """A tie of 10 MW with a tariff; free energy unless said otherwise."""
    settings = {name: tariff.pop(name) for name in list(tariff) if name in Grid.model_fields}
    return Grid(tariff=Tariff(**{"energy_price_per_mwh": 0.0, **tariff}), **{"import_limit_mw": 10.0, **settings})


def charge(price: float = 3100.0, **terms: Any) -> DemandCharge:
    """A charge of 100 a MW for one day of January."""
    return DemandCharge(name="period", price_per_mw=price, **terms)


def cost(tie: Grid, load: list[float], hours: int = 24, start: str = "2025-01-06") -> float:
    """Cost of serving a fixed load."""
    return small({"tie": tie, "load": Demand(amount=load)}, hours, start=start).plan().cost


def test_a_period_charge_counts_only_its_hours() -> None:
    """9 MW at noon, 4 MW in the evening window 18-22: 4 x 100 a MW are due. Without the window 900."""
    load = [1.0] * 12 + [9.0] + [1.0] * 6 + [4.0] + [1.0] * 4
    assert cost(grid(demand_charges=[charge(when=[Span(hours=[(18, 22)])])]), load) == pytest.approx(400.0)


def test_period_charges_know_weekdays_and_holidays() -> None:
    """Monday to Sunday at 5 MW, weekends at 8: a charge on working days is due on 5 MW, not on 8."""
    load = [5.0] * 120 + [8.0] * 48
    weekdays = charge(31_000.0, when=[Span(days=[0, 1, 2, 3, 4], holidays=False)])
    assert cost(grid(demand_charges=[weekdays]), load, 168) == pytest.approx(5 * 31_000 * 7 / 31)


def test_several_charges_add_up() -> None:
    """All-hours peak 9 at 100 and evening peak 4 at 50: 1,100."""
    load = [1.0] * 12 + [9.0] + [1.0] * 6 + [4.0] + [1.0] * 4
    evening = DemandCharge(name="evening", price_per_mw=1550.0, when=[Span(hours=[(18, 22)])])
    assert cost(grid(demand_charges=[charge(), evening]), load) == pytest.approx(900 + 200)


def test_a_yearly_charge_has_one_peak() -> None:
    """Two months of one day each, 8 and 4 MW: one peak of 8 MW at 2/365 of 36,500. By months it would also bill the 4."""
    tie = grid(demand_charges=[charge(36_500.0, per="year")])
    assert cost(tie, [8.0] * 24 + [4.0] * 24, 48, "2025-01-31") == pytest.approx(8 * 200.0)


def test_a_ratchet_remembers_the_month_before() -> None:
    """31 January at 8 MW, 1 February at 2 MW: half of 8 is billed in February, 4 MW. Forgotten it would be 2."""
    tie = grid(demand_charges=[charge(31_000.0 * 28, ratchet={"share": 0.5})])
    january, february = 31_000 * 28 / 31, 31_000.0
    assert cost(tie, [8.0] * 24 + [2.0] * 24, 48, "2025-01-31") == pytest.approx(8 * january + 4 * february)


def test_a_ratchet_knows_its_season_and_what_came_before() -> None:
    """Peaks of June to September count: January's 8 MW are not remembered, last summer's 6 MW are: 0.5 x 6 in February."""
    ratchet = {"share": 0.5, "months": [6, 7, 8, 9], "earlier_mw": 6.0}
    tie = grid(demand_charges=[charge(31_000.0 * 28, ratchet=ratchet)])
    january, february = 31_000 * 28 / 31, 31_000.0
    assert cost(tie, [8.0] * 24 + [2.0] * 24, 48, "2025-01-31") == pytest.approx(8 * january + 3 * february)


def test_coincident_peak_is_the_mean_of_the_named_hours() -> None:
    """Import of 6 and 2 MW in the operator's two hours, 9 elsewhere: 4 MW are billed. The highest would be 6 or 9."""
    load = [9.0] * 10 + [6.0, 2.0] + [9.0] * 12
    mask = {"hourly": [0.0] * 10 + [1.0, 1.0] + [0.0] * 12}
    assert cost(grid(demand_charges=[charge(mask=mask, measure="mean")]), load) == pytest.approx(400.0)


def test_a_battery_leaves_the_coincident_hour_alone() -> None:
    """A store moves 2 MWh out of the named hour, free of charge elsewhere: 4 of 6 MW are billed."""
    load = Demand(amount=[1.0] * 10 + [6.0] + [1.0] * 13)
    mask = {"hourly": [0.0] * 10 + [1.0] + [0.0] * 13}
    store = Storage(power_mw=2, energy_mwh=2, charge_efficiency=1, discharge_efficiency=1, opening_state_of_charge=0)
    assets = {"tie": grid(demand_charges=[charge(mask=mask)]), "load": load, "store": store}
    assert small(assets, 24).plan().cost == pytest.approx(400.0)


def test_declared_demand_is_billed_and_excess_twice() -> None:
    """5 MW declared at 100, peak 6: 0.75 MW beyond 105 % count twice, 650. Without the tolerance 700, once 575."""
    tie = grid(demand_price_per_mw_month=3100.0, declared_demand_mw=5.0)
    assert cost(tie, [6.0] + [1.0] * 23) == pytest.approx(100 * (5 + 2 * 0.75))


def test_the_best_declaration_leaves_the_tolerance_unused() -> None:
    """A constant 6.3 MW: declaring 6 is best, since 105 % of it is free of excess: 600. Declaring the peak costs 630."""
    declared = Size(max=10.0, annual_cost=0.0)
    tie = grid(demand_price_per_mw_month=3100.0, declared_demand_mw=declared)
    assert cost(tie, [6.3] * 24) == pytest.approx(600.0)


def test_declared_demand_has_a_floor() -> None:
    """A load of 1 MW must still declare 40 % of a 10 MW tie: 400."""
    declared = Size(max=10.0, annual_cost=0.0)
    tie = grid(demand_price_per_mw_month=3100.0, declared_demand_mw=declared, minimum_demand_share=0.4)
    assert cost(tie, [1.0] * 24) == pytest.approx(400.0)


def test_contracted_capacity_is_found() -> None:
    """Capacity at 100 a MVA-day and a power factor of 0.9: 4.5 MW need 5 MVA, 500. The demand price is not due."""
    size = Size(max=20.0, annual_cost=0.0)
    tie = grid(
        two_part="capacity", contract_mva=size, capacity_price_per_mva_month=3100.0, demand_price_per_mw_month=9e5, power_factor=0.9
    )  # fmt: skip
    plan = small({"tie": tie, "load": Demand(amount=[4.5] + [1.0] * 23)}, 24).plan()
    assert plan.cost == pytest.approx(500.0)
    assert float(plan.results["size"].item()) == pytest.approx(5.0)


def test_a_contract_too_small_is_an_overload() -> None:
    """3 MVA for 4 MW: one MWh above is the priced promise, 20,000; a hard limit would make the plan impossible."""
    tie = grid(two_part="capacity", contract_mva=3.0)
    assert cost(tie, [4.0] + [1.0] * 23) == pytest.approx(20_000.0)


def test_direct_supply_pays_transmission_by_capacity() -> None:
    """5 MVA x (19.5 + 0.060 x 0.6 x 730) yuan/kVA-month; energy 100 + fee 30 + funds 20 without the 60 of transmission.

    Charged by volume as well, the 24 MWh would cost 1,440 more.
    """
    tie = grid(
        two_part="direct_supply", contract_mva=5.0, average_load_rate=0.6, energy_price_per_mwh=100.0, funds_per_mwh=20.0,
        transmission_price_per_mwh=60.0, system_fee_per_mwh=30.0, capacity_price_per_mva_month=19_500.0,
    )  # fmt: skip
    fee = 5 * (19_500 + 60 * 0.6 * 730) * DAY_IN_JANUARY
    assert cost(tie, [1.0] * 24) == pytest.approx(24 * 150 + fee)


def test_dearer_tiers_fill_last() -> None:
    """24 MWh in a day, 10 of them (310 a month) below the tier: 24 x 100 + 14 x 50."""
    tie = grid(energy_price_per_mwh=100.0, tiers=[{"above_mwh": 310.0, "extra_per_mwh": 50.0}])
    assert cost(tie, [1.0] * 24) == pytest.approx(2400 + 700)


def test_cheaper_tiers_are_reached_only_through_the_dearer() -> None:
    """A rebate of 50 above 10 MWh: 24 x 100 - 14 x 50 = 1,700. Without whole numbers the rebate would go to all: 1,200."""
    tie = grid(energy_price_per_mwh=100.0, tiers=[{"above_mwh": 310.0, "extra_per_mwh": -50.0}])
    assert cost(tie, [1.0] * 24) == pytest.approx(2400 - 700)


def test_net_metering_sets_export_off_and_pays_the_rest() -> None:
    """4 MW of wind for 6 hours against 1 MW of load for 24: 24 - 24 = 0. With 5 MW, 6 MWh are left at 20 each: -120.

    Without netting the 18 bought MWh would cost 1,800 and the 18 sold earn 360.
    """
    hours = {"hourly": [1.0] * 6 + [0.0] * 18}
    tie = grid(energy_price_per_mwh=100.0, export_price_per_mwh=20.0, net_metering=True, export_limit_mw=10.0)
    for power, expected in ((4.0, 0.0), (5.0, -120.0)):
        wind = Wind(power_mw=power, capacity_factor=hours, cost_per_mwh=0.0)
        plan = small({"tie": tie, "wind": wind, "load": Demand(amount=[1.0])}, 24).plan()
        assert plan.cost == pytest.approx(expected, abs=1e-6)  # money of some MWh, each held to 1e-7


def test_net_metering_keeps_prices_apart() -> None:
    """Export in the hours at 100 does not set off import at 300: 18 x 300 - 18 x 20, not 18 x 100."""
    price = {"hourly": [100.0] * 6 + [300.0] * 18}
    tie = grid(energy_price_per_mwh=price, export_price_per_mwh=20.0, net_metering=True, export_limit_mw=10.0)
    wind = Wind(power_mw=4.0, capacity_factor={"hourly": [1.0] * 6 + [0.0] * 18}, cost_per_mwh=0.0)
    plan = small({"tie": tie, "wind": wind, "load": Demand(amount=[1.0])}, 24).plan()
    assert plan.cost == pytest.approx(18 * 300 - 18 * 20)


def test_net_metering_above_the_import_price_is_refused() -> None:
    """A surplus worth more than what it is set off against could be bought and sold without end."""
    tie = grid(energy_price_per_mwh=100.0, export_price_per_mwh=120.0, net_metering=True, export_limit_mw=1.0)
    with pytest.raises(SeriesError, match="export price is above"):
        small({"tie": tie, "load": Demand(amount=[1.0])}, 24)


def test_connection_is_charged_by_the_month() -> None:
    """3,100 a month is 100 a day."""
    assert cost(grid(fixed_price_per_month=3100.0), [1.0] * 24) == pytest.approx(100.0)


@pytest.mark.parametrize(("factor", "multiplier"), [
    (1.0, 0.9925), (0.95, 0.9925), (0.92, 0.997), (0.90, 1.0), (0.89, 1.005), (0.70, 1.10), (0.65, 1.15), (0.64, 1.17),
])  # fmt: skip
def test_power_factor_table(factor: float, multiplier: float) -> None:
    """The steps of 水电财字〔1983〕215号: -0.15 % a hundredth up to 0.95, +0.5, +1 and +2 % below 0.90, 0.70 and 0.65."""
    assert power_factor_multiplier(factor) == pytest.approx(multiplier, abs=1e-12)


def test_power_factor_does_not_touch_funds() -> None:
    """At 0.70 energy and demand rise by 10 %, funds of 20 do not: 24 x (110 + 20) + 110. On all it would be 48 more."""
    tie = grid(energy_price_per_mwh=100.0, funds_per_mwh=20.0, demand_price_per_mw_month=3100.0, power_factor=0.70)
    assert cost(tie, [1.0] * 24) == pytest.approx(24 * 130 + 110)


def test_exchange_ramps() -> None:
    """A step from 1 to 6 MW at 2 MW/h: the genset gives the 3 and 1 MW the grid may not yet; 4 MWh at 500."""
    load, spare = Demand(amount=[1.0] * 3 + [6.0] * 21), Genset(power_mw=5, cost_per_mwh=500.0)
    plan = small({"tie": grid(ramp_mw_per_h=2.0), "load": load, "spare": spare}, 24).plan()
    assert plan.cost == pytest.approx(500 * (3 + 1))


def test_every_hour_belongs_to_one_tier() -> None:
    """Tiers in the wrong order would give energy below the tier a negative width."""
    with pytest.raises(ValueError, match="rise"):
        grid(tiers=[{"above_mwh": 100.0, "extra_per_mwh": 1.0}, {"above_mwh": 50.0, "extra_per_mwh": 2.0}])


@pytest.mark.parametrize("settings", [
    {"contract_mva": 5.0}, {"two_part": "capacity", "declared_demand_mw": 5.0},
    {"power_factor": 1.2},
])  # fmt: skip
def test_settings_that_do_not_go_together_are_refused(settings: dict[str, Any]) -> None:
    """A contract nobody pays for, a declaration beside a contract, a power factor above 1."""
    with pytest.raises(ValueError, match=r"two_part|choose|less than or equal to 1"):
        grid(**settings)


def test_a_ratchet_on_a_yearly_charge_is_refused() -> None:
    """A yearly peak has no months to remember."""
    with pytest.raises(ValueError, match="ratchet"):
        charge(per="year", ratchet={"share": 0.5})


def test_peaks_so_far_are_paid_already_for_every_charge() -> None:
    """6 MW were taken this month in the evening: 4 MW more cost nothing there; the state after tells both peaks."""
    tie = grid(demand_price_per_mw_month=310.0, demand_charges=[charge(when=[Span(hours=[(18, 22)])])])
    site = small({"tie": tie, "load": Demand(amount=[1.0] * 12 + [9.0] + [1.0] * 6 + [4.0] + [1.0] * 4)}, 24)
    plan = site.plan(opening={("site", "tie"): {"peak_mw_period": 6.0}})
    assert plan.cost == pytest.approx(9 * 10 + 6 * 100)
    state = tie.state_after(records_of(plan.results)["site", "tie", 0], 23)
    assert state == pytest.approx({"peak_mw": 9.0, "peak_mw_period": 4.0})
    assert set(state) == set(tie.monthly_state) == set(tie.state_limits())
