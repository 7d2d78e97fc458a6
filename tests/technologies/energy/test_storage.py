"""Storage: what a battery and a lease cost and give, on sites small enough to reckon by hand."""

from __future__ import annotations

import numpy as np
import pytest
from pytest import approx  # noqa: PT013  (reads as a sentence)
from sites import Demand, small, tie

from optimizer.plan.schedule import remarks_on_plan
from optimizer.technologies.base import Size
from optimizer.technologies.energy.lease import Lease
from optimizer.technologies.energy.storage import Storage


def operate(store: Storage, prices: list[float], load_mw: list[float], **settings: object):  # type: ignore[no-untyped-def]
    """A tie, a load and a store, an hour a price; planned to the end."""
    assets = {"tie": tie(import_limit_mw=200.0, **settings), "load": Demand(amount=load_mw), "store": store}
    return small(assets, len(prices), series={("tie", "import_price_per_mwh"): prices}).plan()


def test_charge_losses_are_paid_for() -> None:
    """90 MWh in the dear hour cost 100 MWh bought in the cheap one: 10.0. Lossless would cost 9, no battery 90."""
    store = Storage(
        power_mw=100, energy_mwh=100, charge_efficiency=0.9, discharge_efficiency=1, opening_state_of_charge=0
    )
    assert operate(store, [0.1, 1.0], [0, 90]).cost == approx(10.0)


def test_discharge_losses_are_paid_for() -> None:
    """81 MWh out of 0.9 × 0.9 also cost 100 MWh: 10.0. A loss forgotten on the way out would cost 9."""
    store = Storage(
        power_mw=100, energy_mwh=100, charge_efficiency=0.9, discharge_efficiency=0.9, opening_state_of_charge=0
    )
    assert operate(store, [0.1, 1.0], [0, 81]).cost == approx(10.0)


def test_standby_loss_counts_every_hour() -> None:
    """After two hours at 10 %, 100 MWh are 81; the rest of the 90 is bought at 1.0. One hour's loss only would cost 10.0."""
    store = Storage(
        power_mw=100,
        energy_mwh=100,
        charge_efficiency=1,
        discharge_efficiency=1,
        standby_loss_per_h=0.1,
        opening_state_of_charge=0,
    )
    plan = operate(store, [0.1, 100.0, 1.0], [0, 0, 90])
    assert plan.cost == approx(100 * 0.1 + 9.0)


def test_wear_decides_whether_a_spread_is_worth_it() -> None:
    """A spread of 0.9 money is taken at a wear of 0.8 and left at 1.0. Wear on charging as well would leave both."""
    stores = [Storage(power_mw=10, energy_mwh=10, charge_efficiency=1, discharge_efficiency=1, opening_state_of_charge=0,
                     wear_cost_per_mwh=wear) for wear in (0.8, 1.0)]  # fmt: skip
    costs = [operate(store, [0.1, 1.0], [0, 10]).cost for store in stores]
    assert costs == [approx(10 * (0.1 + 0.8)), approx(10 * 1.0)]


def test_what_is_left_is_worth_its_price() -> None:
    """10 MWh bought for 0.1 and left for 0.5 earn 4.0; forced emptiness would cost 0, an equality at the end would hide it."""
    store = Storage(
        power_mw=10,
        energy_mwh=10,
        charge_efficiency=1,
        discharge_efficiency=1,
        opening_state_of_charge=0,
        end_value_per_mwh=0.5,
    )
    assert operate(store, [0.1], [0]).cost == approx(10 * 0.1 - 10 * 0.5)


@pytest.mark.parametrize(("load_mwh", "cost"), [(0.0, 0.0), (4.0, 4 * 0.5), (7.0, 5 * 0.5 + 2 * 1.0)])
def test_what_is_drawn_from_the_opening_stock_costs_its_value(load_mwh: float, cost: float) -> None:
    """5 MWh inside worth 0.5 each, power at 1.0: drawn energy costs 0.5, what stays inside earns nothing. A stock that counts at the
    end alone would earn 2.5 for lying there; free of charge, 4 MWh would cost 0."""
    store = Storage(
        power_mw=10, energy_mwh=10, charge_efficiency=1, discharge_efficiency=1, opening_state_of_charge=0.5, end_value_per_mwh=0.5
    )  # fmt: skip
    assert operate(store, [1.0], [load_mwh]).cost == approx(cost)


def test_an_opening_stock_to_be_built_is_paid_for() -> None:
    """A store free of charge up to 10 MWh opens half full: its 5 MWh cost 0.5 each as those of a given one do, not nothing."""
    store = Storage(
        power_mw=10, energy_mwh=Size(max=10, annual_cost=0.0), charge_efficiency=1, discharge_efficiency=1,
        opening_state_of_charge=0.5, end_value_per_mwh=0.5,
    )  # fmt: skip
    assert operate(store, [1.0], [5.0]).cost == approx(2.5)


def test_a_stock_that_ends_as_it_opens_costs_nothing() -> None:
    """Bought at 0.1, used at 1.0, and as much inside as before: 0.5 MWh of value changes no cent."""
    costs = [
        operate(Storage(power_mw=5, energy_mwh=10, charge_efficiency=1, discharge_efficiency=1, opening_state_of_charge=0.5,
                        final_state_of_charge="opening", end_value_per_mwh=value), [0.1, 1.0], [0.0, 5.0]).cost
        for value in (0.0, 0.05)
    ]  # fmt: skip
    assert costs == [approx(0.5), approx(0.5)]


def test_a_stock_used_up_for_nothing_is_told() -> None:
    """Without a value the 5 MWh it opens with cost nothing, which a reader of a price by the kWh must know; with one they do."""
    for value, told in ((0.0, ["store: 5 MWh that it opened with are used up and cost nothing"]), (0.5, [])):
        store = Storage(power_mw=10, energy_mwh=10, opening_state_of_charge=0.5, end_value_per_mwh=value)
        assets = {"tie": tie(import_limit_mw=200.0), "load": Demand(amount=[9.0]), "store": store}
        site = small(assets, 1)
        remarks = remarks_on_plan(site.plan().results, site.assets)
        assert [remark.partition(",")[0] for remark in remarks] == told


def test_a_lease_costs_its_share_of_the_year_and_its_fee() -> None:
    """48 of 8,760 hours of (2 MW × 8,760 + 4 MWh × 17,520) a year, and 3 a MWh taken out of it."""
    lease = Lease(price_per_mw_year=8760, price_per_mwh_year=17520, fee_per_mwh=3)
    store = Storage(
        power_mw=2,
        energy_mwh=4,
        charge_efficiency=1,
        discharge_efficiency=1,
        opening_state_of_charge=1,
        lease=lease,
        behind_the_meter=True,
    )
    plan = operate(store, [10.0] * 48, [0.0] * 47 + [2.0])
    assert plan.cost == approx((2 * 8760 + 4 * 17520) * 48 / 8760 + 2 * 3)


def test_a_size_is_found_where_its_cost_meets_its_worth() -> None:
    """A store of E MWh saves 0.9 E a day and costs 0.5 E: as much as the load asks for, 7 MWh, is built, 10 could be."""
    energy = Size(max=10, annual_cost=0.5 * 365)
    store = Storage(
        power_mw=10, energy_mwh=energy, charge_efficiency=1, discharge_efficiency=1, opening_state_of_charge=0
    )
    plan = operate(store, [0.1] * 23 + [1.0], [0.0] * 23 + [7.0])
    assert plan.cost == approx(7 * 0.1 + 7 * 0.5)
    size = plan.results["size"].values[plan.results["sized_quantity"].values == "energy_mwh"]
    assert size == approx([7.0], abs=1e-5)  # rows are held to 1e-7, relative to a size of ten


def test_power_is_never_burned_where_the_grid_pays_for_taking_it() -> None:
    """At −100 a MWh a store of 10 MWh is filled once: 1,000 earned. Charging and discharging at once would earn more."""
    store = Storage(
        power_mw=10, energy_mwh=10, charge_efficiency=0.5, discharge_efficiency=0.5, opening_state_of_charge=0
    )
    plan = operate(store, [-100.0] * 4, [0.0] * 4)
    flow = plan.results["flow"]
    charge, discharge = (flow.values[:, flow["series_flow"].values == name][:, 0] for name in ("charge", "discharge"))
    assert np.minimum(-charge, discharge).max() < 1e-4  # a binary may be 1e-6 off, times 10 MW, with room


def test_idle_stores_do_nothing() -> None:
    """`as_baseline` leaves the opening energy inside although the dear hour would pay for it."""
    store = Storage(power_mw=10, energy_mwh=10, opening_state_of_charge=1).as_baseline()
    plan = operate(store, [0.1, 1.0], [0, 5])
    assert plan.cost == approx(5.0)
    assert plan.results["stored"].values[:, 0] == approx([10.0, 10.0])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"charge": 3.0}, "energy does not follow"),
        ({"stored": 11.0}, "outside its limits"),
        ({"discharge": 12.0}, "discharges above"),
    ],
)
def test_the_check_sees_what_is_wrong(settings: dict[str, float], words: str) -> None:
    """Each number of a sound plan changed by hand is found, without the solver."""
    from optimizer.plan.results import violations

    store = Storage(power_mw=10, energy_mwh=10, charge_efficiency=1, discharge_efficiency=1, opening_state_of_charge=0)
    assets = {"tie": tie(import_limit_mw=200.0), "load": Demand(amount=[0, 5]), "store": store}
    site = small(assets, 2, series={("tie", "import_price_per_mwh"): [0.1, 1.0]})
    results = site.plan().results
    for name, value in settings.items():
        if name == "stored":
            results["stored"].values[0, 0] = value
        else:
            results["flow"].values[0, np.flatnonzero(results["series_flow"].values == name)[0]] = value
    assert any(words in violation for violation in violations(results, site.assets))
