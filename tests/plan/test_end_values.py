"""End values: what a year's plan says stored energy is worth is what it is worth, and a month's peak is paid once."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sites import EXACT, Demand, Small, small, tie

from optimizer.inputs.assemble import part_of
from optimizer.plan.end_values import END_VALUES, EndValues, end_values_of
from optimizer.plan.optimize import plan_assets
from optimizer.plan.outcome import Plan
from optimizer.technologies.energy.storage import Storage

PRICES = np.tile([100.0] * 8 + [600.0] * 8 + [300.0] * 8, 2)
STORE = Storage(
    power_mw=2, energy_mwh=8, charge_efficiency=0.9, discharge_efficiency=0.9, opening_state_of_charge=0.5,
    end_value_per_mwh=150,
)  # fmt: skip


def site(hours: int = 48, start: str = "2025-01-06", demand_price: float = 0.0, load: float = 3.0) -> Small:
    """A store of 8 MWh, a load and a tie with three prices a day."""
    assets = {"tie": tie(demand_price=demand_price), "load": Demand(amount=[load]), "store": STORE}
    prices = np.resize(PRICES, hours)
    return small(assets, hours, start=start, series={("tie", "import_price_per_mwh"): prices})


def document(plan: Plan, small_site: Small) -> EndValues:
    """What a plan teaches, by way of a file's text."""
    named = plan.results.assign_attrs(scenario_name="x")
    text = json.loads(json.dumps(end_values_of(named, plan.shadow_prices, small_site.assets)))
    return EndValues(text["stocks"], text["monthly"])


@pytest.mark.parametrize("energy_mwh", [1.0, 4.0, 7.0])
def test_worth_of_a_stock_is_what_one_more_unit_saves(energy_mwh: float) -> None:
    """0.001 MWh more at the start lowers the cost by its worth, less the 150 a MWh that a stock costs which is drawn; with the
    sign turned it would raise it."""
    small_site = site()
    costs = [
        small_site.plan(opening={("site", "store"): {"energy_mwh": energy_mwh + more}}).cost
        for more in (-1e-3, 0.0, 1e-3)
    ]
    shadow_price = small_site.plan(opening={("site", "store"): {"energy_mwh": energy_mwh}}).shadow_prices[
        "site", "store", "energy_mwh"
    ]
    least, most = sorted(((costs[0] - costs[1]) / 1e-3, (costs[1] - costs[2]) / 1e-3))
    # 0.2: a thousandth of the worth; costs of some ten thousand are solved to 1e-7 relative, over a step of 1e-3 MWh
    assert least - 0.2 <= shadow_price[0] - 150 <= most + 0.2
    assert 100 < shadow_price[0] < 1000


def test_the_document_tells_by_month_and_hour() -> None:
    """24 values for January, dear in the evening before the dear hours end, none for months that were not planned."""
    small_site = site()
    values = document(small_site.plan(), small_site)
    assert set(values.stocks["site store energy_mwh"]) == {"1"}
    by_hour = values.stocks["site store energy_mwh"]["1"]
    assert len(by_hour) == 24
    assert by_hour[8] > by_hour[16] > 0
    assert values.monthly["site tie peak_mw"]["1"] == pytest.approx(5.0)  # load 3 and the store's 2, in a cheap hour


def test_two_days_with_end_values_do_as_the_whole_does() -> None:
    """Four days whose last two are dear; the first two alone, told what energy is worth then, leave the store as the whole does.

    With the store's own end value of 150 they would leave it empty of all that can be sold for more.
    """
    prices = np.concatenate([PRICES, np.full(48, 1000.0)])
    assets = {"tie": tie(), "load": Demand(amount=[3.0]), "store": STORE}
    whole = small(assets, 96, series={("tie", "import_price_per_mwh"): prices})
    plan = whole.plan()
    end_value = plan.shadow_prices["site", "store", "energy_mwh"][48]
    with_end_values = {key: asset.valued({"energy_mwh": end_value}) for key, asset in whole.assets.items()}
    stored = plan.results["stored"].values[47, 0]
    alone = plan_assets(with_end_values, whole.inputs.isel(time=slice(0, 48)), EXACT).results["stored"].values[47, 0]
    blind = plan_assets(whole.assets, whole.inputs.isel(time=slice(0, 48)), EXACT).results["stored"].values[47, 0]
    assert alone == pytest.approx(stored, abs=1e-5)  # stored energy carries the row tolerance of 1e-7 over the steps
    assert blind < stored - 1.0


def test_a_foreseen_peak_is_free_and_more_is_paid_for_the_month() -> None:
    """Two days of January, 5 MW foreseen: the store charges up to 5 MW and no more, since a MW above costs the whole month.

    Priced by the two days' share (2/31) it would go to 5.06 MW to fill the store in the cheap hours.
    """
    month = site(744, "2025-01-01", demand_price=31_000.0, load=4.5)
    opening = {("site", "tie"): {"peak_mw": 5.0}}
    days = part_of(month.inputs, 0, 48)
    plan = plan_assets(month.assets, days, EXACT, opening=opening)
    alone = plan_assets(month.assets, month.inputs.isel(time=slice(0, 48)), EXACT, opening=opening)
    taken = [_peak(result) for result in (plan, alone)]
    assert taken[0] == pytest.approx(5.0, abs=1e-6)
    assert taken[1] > 5.05
    # the peak foreseen costs two days' share of it: 5 MW × 31,000 × 2/31
    charge = plan.bill_by_step.filter(like="demand charge").to_numpy().sum()
    assert charge == pytest.approx(5.0 * 31_000 * 2 / 31)


def _peak(plan: Plan) -> float:
    flow = plan.results["flow"]
    return float(flow.values[:, flow.coords["series_flow"].values == "import"].max())


def test_nights_of_a_month_pay_its_peak_once() -> None:
    """Shares of all nights add up to the month's charge: a part counted twice would show as more than 100 %."""
    month = site(744, "2025-01-01", demand_price=31_000.0)
    opening = {("site", "tie"): {"peak_mw": 9.0}}
    charges = []
    for first in range(0, 744, 248):
        plan = plan_assets(month.assets, part_of(month.inputs, first, first + 248), EXACT, opening=opening)
        charges.append(plan.bill_by_step.filter(like="demand charge").to_numpy().sum())
    assert sum(charges) == pytest.approx(9.0 * 31_000)


def test_a_night_takes_values_and_peaks_of_its_month() -> None:
    """April's worth at midnight and its peak; a peak already above stays; other months and assets keep their own."""
    from tests.nightly.nights import small_site

    values = EndValues(
        {"small battery energy_mwh": {"4": [float(hour) for hour in range(24)]}}, {"small tie peak_mw": {"4": 1.2}}
    )
    scenario = small_site()
    with_end_values = values.applied(scenario, pd.Timestamp("2025-04-03 07:00"))
    assert with_end_values.storage["battery"].end_value_per_mwh == 7.0
    assert values.applied(scenario, pd.Timestamp("2025-05-03")).storage["battery"].end_value_per_mwh == 250
    assets = scenario.assets()
    assert values.allowed({}, assets, 4)["small", "tie"]["peak_mw"] == 1.2
    assert values.allowed({("small", "tie"): {"peak_mw": 1.5}}, assets, 4)["small", "tie"]["peak_mw"] == 1.5
    assert values.allowed({}, assets, 5) == {}


def test_what_is_no_end_values_is_told(tmp_path: Path) -> None:
    """A file of something else names what is missing and the remedy."""
    path = tmp_path / END_VALUES
    path.write_text("{}")
    with pytest.raises(ValueError, match=r"has no 'stocks'.*qaidam run"):
        EndValues.read(path)


def test_arrears_between_two_midnights() -> None:
    """By days 1, 2, 5 at their ends: from New Year all of it, from 2 January 4 more by the 3rd's end; over New Year's Eve the year
    left behind counts whole; 29 February is read as the day before, and days the plan does not cover tell nothing."""
    name = "site law self_use"
    values = EndValues({}, {}, {name: {"01-01": 1.0, "01-02": 2.0, "01-03": 5.0, "02-28": 6.0, "12-31": -2.0}})
    ends = {
        ("2025-01-01", "2025-01-02"): 1.0, ("2025-01-02", "2025-01-04"): 4.0, ("2025-12-31", "2026-01-02"): -2.0 - 6.0 + 1.0,
        ("2028-01-01", "2028-03-01"): 6.0,
    }  # fmt: skip
    for (since, end), behind in ends.items():
        assert values.behind(name, pd.Timestamp(since), pd.Timestamp(end)) == pytest.approx(behind), (since, end)
    assert (
        EndValues({}, {}, {name: {"06-01": 1.0}}).behind(name, pd.Timestamp("2025-01-01"), pd.Timestamp("2025-08-02"))
        is None
    )
