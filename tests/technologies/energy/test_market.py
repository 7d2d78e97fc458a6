"""Market desk: hand-computed settlements to the cent; a purchase made before it is known which future comes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sites import Demand, meter_of, refused_without, small

from optimizer.plan.optimize import plan_scenario
from optimizer.quantities.series import SeriesError
from optimizer.scenario.file import scenario_from
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.energy.market import YearlyDuty, duty_short_mwh, mechanism_volume_mwh
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.energy.wind import Wind


def course(values: list[float]) -> dict[str, list[float]]:
    """Values of the first hours of a day."""
    return {"hourly": values + [values[-1]] * (24 - len(values))}


def desk(real_time: list[float], market: dict[str, Any], **tie: Any) -> Grid:
    """A tie of 100 MW at real-time prices."""
    export = {"export_price_per_mwh": tie.pop("export_price", 0.0)}
    tariff = {"energy_price_per_mwh": course(real_time), **export}
    return Grid.model_validate({"tariff": tariff, "import_limit_mw": 100.0, "market": market, **tie})


def cost(grid: Grid, load: list[float]) -> float:
    """Cost of a fixed load, an hour an entry."""
    return small({"tie": grid, "load": Demand(amount=load)}, len(load)).plan().cost


def test_a_contract_settles_the_difference_to_the_real_time_price() -> None:
    """10 MWh an hour at 100, 300, 500 are 9,000; 8 MWh at 280 settle 180, -20, -220 each: 8,520."""
    market = {"contracts": {"year": {"power_mw": 8, "price_per_mwh": 280}}}
    assert cost(desk([100.0, 300.0, 500.0], market), [10.0] * 3) == pytest.approx(8_520.0, abs=0.005)


def test_a_contract_may_settle_elsewhere() -> None:
    """The same against a reference point 10 above the own price: 3 x 8 x 10 less, 8,280."""
    contract = {"power_mw": 8, "price_per_mwh": 280, "reference_price_per_mwh": course([110.0, 310.0, 510.0])}
    assert cost(desk([100.0, 300.0, 500.0], {"contracts": {"year": contract}}), [10.0] * 3) == pytest.approx(8_280.0, abs=0.005)  # fmt: skip


def test_day_ahead_is_bought_where_it_is_cheaper() -> None:
    """10 MWh at 250, of which 9 were bought at 200: 2,500 - 450 = 2,050; dearer than real time none is bought."""
    for price, money in ((200.0, 2_050.0), (260.0, 2_500.0)):
        market = {"day_ahead": {"price_per_mwh": price, "most_mw": 9}}
        assert cost(desk([250.0], market), [10.0]) == pytest.approx(money, abs=0.005)


WEEK_REAL_TIME = [180.0, 220.0, 400.0, 150.0, 90.0, -20.0, 260.0]
"""Means of seven days."""
WEEK_DAY_AHEAD = [200.0, 200.0, 310.0, 160.0, 120.0, 10.0, 240.0]


def test_a_week_of_two_settlements_to_the_cent() -> None:
    """Contract, day-ahead, real time and the charge on too few contracts, on 1 MW-steps of a day.

    Real time: 10 MW x 24 h x (180+220+400+150+90-20+260 = 1,280)             = 307,200
    Contract: 6 MW at 210, 6 x 24 x (7 x 210 - 1,280 = 190)                   =  27,360
    Day-ahead, 3 MW where it is cheaper (days 2, 3, 7): 72 x (-20-90-20)      =  -9,360
    Band: 0.9 x 1,680 - 1,008 = 504 MWh x (210 - 1,280/7 = 27.142857)         =  13,680
    """
    market = {
        "contracts": {"year": {"power_mw": 6, "price_per_mwh": 210}},
        "day_ahead": {"price_per_mwh": 0, "most_mw": 3}, "contract_band": {"least_share": 0.9},
    }  # fmt: skip
    grid = desk([0.0], market)
    prices = np.array(WEEK_REAL_TIME)
    series = {
        ("tie", "import_price_per_mwh"): prices, ("tie", "real_time_price_per_mwh"): prices,
        ("tie", "day_ahead_price_per_mwh"): WEEK_DAY_AHEAD,
        ("tie", "contract_difference_per_h"): 6 * (210 - prices),
    }  # fmt: skip
    site = small({"tie": grid, "load": Demand(amount=[10.0])}, 168, step_h=24.0, series=series)
    plan = site.plan()
    assert plan.cost == pytest.approx(307_200 + 27_360 - 9_360 + 13_680, abs=0.005)
    assert meter_of(plan, "tie", "day_ahead_mw") == pytest.approx([0, 3, 3, 0, 0, 0, 3])


def month(market: dict[str, Any], load: float, price: float = 220.0, **tie: Any) -> float:
    """Cost of January with an even load, in steps of a day."""
    return small({"tie": desk([price], market, **tie), "load": Demand(amount=[load])}, 744, start="2025-01-01", step_h=24.0).plan().cost  # fmt: skip


def test_contracts_short_of_use_are_charged() -> None:
    """10,000 MWh used, 8,000 contracted at 300, spot 220, at least 90 %: 1,000 x 80 = 80,000 on top; 9,000 are enough."""
    for contracted, charge in ((8_000.0, 80_000.0), (9_000.0, 0.0)):
        contract = {"power_mw": contracted / 744, "price_per_mwh": 300}
        market = {"contracts": {"year": contract}}
        banded = {**market, "contract_band": {"least_share": 0.9}}
        assert month(banded, 10_000 / 744) - month(market, 10_000 / 744) == pytest.approx(charge, abs=0.005)


def test_contracts_beyond_use_are_charged() -> None:
    """12,000 MWh contracted at 200 for 10,000, at most 110 %, spot 220: 1,000 x 20; with a price of 5 it is 5,000."""
    contract = {"year": {"power_mw": 12_000 / 744, "price_per_mwh": 200}}
    for price, charge in ((None, 20_000.0), (5.0, 5_000.0)):
        band = {"least_share": 0.9, "most_share": 1.1, "long_price_per_mwh": price}
        added = month({"contracts": contract, "contract_band": band}, 10_000 / 744) - month({"contracts": contract}, 10_000 / 744)  # fmt: skip
        assert added == pytest.approx(charge, abs=0.005)


def test_a_store_keeps_use_within_what_is_contracted() -> None:
    """Own wind spares 2 of 10 MWh that no contract covers: 2 x 50 less is charged, at a price of wind below that."""
    market = {"contract_band": {"least_share": 1.0, "short_price_per_mwh": 50}}
    wind = Wind(power_mw=2.0, capacity_factor=1.0, cost_per_mwh=40.0)
    plan = small({"tie": desk([10.0], market), "load": Demand(amount=[10.0]), "wind": wind}, 1).plan()
    assert plan.cost == pytest.approx(8 * 10 + 8 * 50 + 2 * 40)


def test_yearly_contracts_that_are_not_held_are_priced() -> None:
    """9,000 of last year's 12,000 are 75 %, 80 % are asked: 600 MWh short; 9,600 are enough."""
    duty = YearlyDuty(last_year_mwh=12_000, share=0.8, price_per_mwh=30)
    assert [duty_short_mwh(duty, held, 1.0) for held in (9_000.0, 9_600.0)] == pytest.approx([600.0, 0.0])
    contracts = {"year": {"power_mw": 9_000 / 8_760, "price_per_mwh": 220}}
    market = {"contracts": contracts, "yearly_duty": duty.model_dump()}
    short_in_january = 600 * 744 / 8_760
    assert month(market, 1.0) == pytest.approx(744 * 220 + short_in_january * 30, abs=0.005)


@pytest.mark.parametrize(("mechanism", "mean", "money"), [(195.4, 162.0, -2_672_000.0), (162.0, 195.4, 2_672_000.0)])
def test_the_mechanism_price_is_paid_or_paid_back(mechanism: float, mean: float, money: float) -> None:
    """80 % of 100 GWh at 195.4 against a mean of 162.0 yuan/MWh: 2,672,000, or that much back where the market is above."""
    market = {"mechanism": {"share": 0.8, "price_per_mwh": mechanism, "mean_price_per_mwh": mean}}
    grid = desk([500.0], market, export_price=200.0, export_limit_mw=200.0)
    wind = Wind(power_mw=100_000 / 744, capacity_factor=1.0, cost_per_mwh=0.0)
    plan = small({"tie": grid, "wind": wind}, 744, start="2025-01-01", step_h=24.0).plan()
    assert plan.cost == pytest.approx(-200 * 100_000 + money, abs=0.005)


def test_how_much_of_a_plant_is_in_the_mechanism() -> None:
    """100 MW in Qinghai: sun 1,222 h and 0.49 % own use, wind 1,509 h and 0.65 %, 40 % of it."""
    assert mechanism_volume_mwh(100.0, hours=1_222, auxiliary_share=0.0049) == pytest.approx(48_640, abs=1)
    assert mechanism_volume_mwh(100.0, hours=1_509, auxiliary_share=0.0065) == pytest.approx(59_968, abs=1)


def capped(mean: float, **market: Any) -> Any:
    """100 GWh exported in January, 80 % of them in the mechanism at 195.4, but 48,640 MWh a year at most."""
    volume = mechanism_volume_mwh(100.0, hours=1_222, auxiliary_share=0.0049)
    mechanism = {
        "share": 0.8,
        "price_per_mwh": 195.4,
        "mean_price_per_mwh": mean,
        "most_mwh_per_year": volume,
        **market,
    }
    grid = desk([500.0], {"mechanism": mechanism}, export_price=200.0, export_limit_mw=200.0)
    wind = Wind(power_mw=100_000 / 744, capacity_factor=1.0, cost_per_mwh=0.0)
    return small({"tie": grid, "wind": wind}, 744, start="2025-01-01", step_h=24.0)


@pytest.mark.parametrize(("mean", "most", "money"), [
    (162.0, 48_640.0, -48_640 / 12 * 33.4), (228.8, 48_640.0, 48_640 / 12 * 33.4),  # the volume binds, paid and paid back
    (162.0, 1.2e6, -2_672_000.0), (228.8, 1.2e6, 2_672_000.0),  # 100,000 a month: the share binds
])  # fmt: skip
def test_the_mechanism_pays_no_more_than_its_volume(mean: float, most: float, money: float) -> None:
    """A twelfth of 48,640 MWh at 33.4 yuan is 135,381; no month that pays back leaves the mechanism."""
    plan = capped(mean, most_mwh_per_year=most).plan()
    assert plan.cost == pytest.approx(-200 * 100_000 + money, abs=0.5)


@pytest.mark.parametrize(("row", "mean", "most"), [
    ("mechanism_energy_is_exported", 162.0, 1.2e6), ("all_that_is_exported_pays_back", 228.8, 1.2e6),
    ("the_whole_volume_pays_back", 228.8, 48_640.0),
])  # fmt: skip
def test_a_row_of_the_mechanism_is_missed(row: str, mean: float, most: float) -> None:
    """Without it the plan says it is paid for other energy than the bill from its flows."""
    assert refused_without(capped(mean, most_mwh_per_year=most), row)


def test_prices_beyond_the_market_are_refused() -> None:
    """Prices in yuan/kWh, or above the cap, are seen with their step."""
    for prices, words in (([0.3, 0.4], r"is 0\.3 in step 0"), ([400.0, 1_600.0], "is 1600 in step 1")):
        with pytest.raises(SeriesError, match=words):
            cost(desk(prices, {"price_limits_per_mwh": [40, 1000]}), [1.0, 1.0])


def two_futures(day_ahead: float) -> Any:
    """10 MW for a day; real time is 100 or 500, evenly likely; up to 10 MW may be bought a day ahead."""
    by_member = {"by_member": {"calm": 100.0, "tight": 500.0}}
    market = {"day_ahead": {"price_per_mwh": day_ahead, "most_mw": 10}}
    data = {
        "name": "desk", "currency": "CNY",
        "site": {"latitude": 36, "longitude": 95, "elevation_m": 2800, "timezone": "Asia/Shanghai"},
        "horizon": {"start": "2025-01-01", "days": 1, "step_h": 6}, "members": {"calm": 0.5, "tight": 0.5},
        "load": {"halls": {"power_mw": 10}},
        "grid": {"tie": {"import_limit_mw": 20, "market": market, "tariff": {"energy_price_per_mwh": by_member}}},
    }  # fmt: skip
    return plan_scenario(scenario_from(data, folder=Path()), workers=1)


@pytest.mark.parametrize(("day_ahead", "bought", "money"), [(290.0, 10.0, 69_600.0), (310.0, 0.0, 72_000.0)])
def test_day_ahead_is_decided_before_the_future_is_known(day_ahead: float, bought: float, money: float) -> None:
    """The mean of real time is 300: below it all is bought, above it nothing, in both futures alike.

    Decided after the future is known, 10 MW would be bought in the tight one alone: 240 x (100 + 290) / 2 = 46,800.
    """
    plan = two_futures(day_ahead)
    metered = plan.results["metered"]
    power = metered.values[:, metered["meter_quantity"].values == "day_ahead_mw"]
    assert power == pytest.approx(np.full((4, 2), bought), abs=1e-6)
    assert plan.cost == pytest.approx(money, abs=0.005)


def test_a_store_and_the_desk_are_one_optimum() -> None:
    """A lossless store moves 2 MWh from 500 to 100 in real time; the contract's settlement does not change that."""
    box = Storage(power_mw=2, energy_mwh=2, charge_efficiency=1, discharge_efficiency=1, opening_state_of_charge=0)
    grid = desk([100.0, 500.0], {"contracts": {"year": {"power_mw": 4, "price_per_mwh": 300}}})
    plan = small({"tie": grid, "load": Demand(amount=[4.0]), "box": box}, 2).plan()
    assert plan.cost == pytest.approx(6 * 100 + 2 * 500 + 4 * (200 - 200))


@pytest.mark.parametrize(("row", "contracted"), [("contracts_short_of_use", 1.0), ("contracts_beyond_use", 9.0)])
def test_a_row_of_the_band_is_missed(row: str, contracted: float) -> None:
    """Without it the charge is not what the bill says."""
    band = {"least_share": 0.9, "most_share": 1.1, "short_price_per_mwh": 50, "long_price_per_mwh": 50}
    market = {"contracts": {"year": {"power_mw": contracted, "price_per_mwh": 10}}, "contract_band": band}
    assert refused_without(small({"tie": desk([10.0], market), "load": Demand(amount=[4.0])}, 2), row)


def test_a_band_without_contracts_needs_a_price() -> None:
    """There is no contract price to reckon with."""
    with pytest.raises(ValueError, match="short_price_per_mwh"):
        desk([10.0], {"contract_band": {}})
