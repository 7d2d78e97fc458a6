"""Money over the years against a case worked by hand, properties, and REopt's life-cycle costs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.accounts.finance import (
    Investment,
    Terms,
    cash_flow,
    compared,
    internal_rate_of_return,
    levelised_cost,
    net_present_value,
    payback_years,
)

TERMS = Terms(years=4, discount_rate=0.10)


def test_worked_by_hand() -> None:
    """1,000 spent, 400 saved in each of four years at 10 %.

    By hand: 400/1.1 + 400/1.21 + 400/1.331 + 400/1.4641 = 363.636 + 330.579 + 300.526 + 273.205 = 1267.946, NPV 267.946.
    Owed after two years 200, so paid back after 2.5; discounted 305.785 owed after two, 5.259 after three: 3 + 5.259/273.205 =
    3.01925. IRR: annuity factor 2.5 at 21.862 %. Paying at the START of years would give NPV 394.7.
    """
    flows = np.array([-1000.0, 400.0, 400.0, 400.0, 400.0])
    assert net_present_value(flows, 0.10) == pytest.approx(267.946, abs=5e-4)  # hand figures have three decimals
    assert internal_rate_of_return(flows) == pytest.approx(0.21862, abs=1e-5)
    assert payback_years(flows) == pytest.approx(2.5)
    assert payback_years(flows, 0.10) == pytest.approx(3.01925, abs=1e-5)


def test_against_a_baseline() -> None:
    """A plant of 1,000 with 10 a year of upkeep halves a bill of 820: 400 a year are saved, as worked by hand above."""
    plant = cash_flow([Investment(1000.0, operation_per_year=10.0)], TERMS, running_cost=410.0)
    baseline = cash_flow([], TERMS, running_cost=820.0)
    comparison = compared(plant, baseline, TERMS)
    assert comparison.net_present_value == pytest.approx(267.946, abs=5e-4)
    assert comparison.payback_years == pytest.approx(2.5)
    assert comparison.discounted_payback_years == pytest.approx(3.01925, abs=1e-5)
    assert comparison.internal_rate_of_return == pytest.approx(0.21862, abs=1e-5)


def test_levelised_cost_pays_exactly() -> None:
    """At the levelised cost as revenue the project is worth nothing; forgetting the degradation would leave a rest."""
    terms = Terms(years=10, discount_rate=0.07, degradation=0.02)
    investments = [Investment(5000.0, operation_per_year=50.0)]
    cost = levelised_cost(cash_flow(investments, terms, running_cost=100.0), 1000.0, terms)
    flows = cash_flow(investments, terms, running_cost=100.0, revenue=1000.0 * cost)
    assert net_present_value(flows, 0.07) == pytest.approx(0.0, abs=1e-8)  # rounding of sums of thousands


def test_levelised_cost_by_hand() -> None:
    """1,210 at the start and two years of 1 unit at 10 %: 1210 / (1/1.1 + 1/1.21) = 1210 / 1.735537 = 697.19."""
    terms = Terms(years=2, discount_rate=0.10)
    assert levelised_cost(cash_flow([Investment(1210.0)], terms, running_cost=0.0), 1.0, terms) == pytest.approx(
        697.19, abs=0.005
    )


def test_replacement_and_salvage() -> None:
    """Life 4 in 10 years: bought in years 0, 4, 8; at the end half of the third one is unused. No salvage would say 0."""
    investment = Investment.renewed(100.0, life_years=4, years=10, operation_share=0.02)
    assert investment.replacements == {4: 100.0, 8: 100.0}
    assert investment.salvage == pytest.approx(50.0)
    assert investment.operation_per_year == pytest.approx(2.0)


def test_life_that_fits_leaves_nothing() -> None:
    """Life 5 in 10 years: one replacement in year 5, none in year 10, no salvage."""
    investment = Investment.renewed(100.0, life_years=5, years=10)
    assert investment.replacements == {5: 100.0}
    assert investment.salvage == pytest.approx(0.0)


def test_never_paid_back() -> None:
    """Money that never comes back has no payback and no rate of return, rather than a number that looks like one."""
    assert payback_years(np.array([-10.0, 1.0, 1.0])) == math.inf
    assert math.isnan(internal_rate_of_return(np.array([-10.0, -1.0])))
    assert payback_years(np.array([0.0, 1.0])) == 0.0


def test_a_late_expense_moves_the_payback() -> None:
    """Paid back after one year, owing again in year 2: what counts is when it is paid back for good (3, not 1)."""
    assert payback_years(np.array([-10.0, 10.0, -5.0, 5.0])) == pytest.approx(3.0)


def test_taxes_by_hand() -> None:
    """Tax 20 %, 100 written off evenly over two years, cost 50 a year: −100; −40 + 10; −40 + 10. Untaxed: −50."""
    terms = Terms(years=2, discount_rate=0.1, tax_rate=0.2)
    flows = cash_flow([Investment(100.0, depreciation=(0.5, 0.5))], terms, running_cost=50.0)
    assert flows == pytest.approx([-100.0, -30.0, -30.0])


def test_projects_of_other_lengths_are_refused() -> None:
    """Comparing 3 years with 2 is a mistake, told as such."""
    with pytest.raises(ValueError, match="same years"):
        compared(np.zeros(4), np.zeros(3), TERMS)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(saved=st.lists(st.floats(0, 1000), min_size=3, max_size=12), rate=st.floats(0.001, 0.2))
def test_discounted_payback_is_never_sooner(saved: list[float], rate: float) -> None:
    """Discounting can only delay the payback of savings."""
    flows = np.array([-500.0, *saved])
    assert payback_years(flows, rate) >= payback_years(flows) - 1e-9  # rounding


CASES = ("reopt_api_ladwp_a2_pv_storage", "reopt_api_ladwp_a2_storage_only")


@pytest.mark.parametrize("case", CASES)
def test_life_cycle_cost_of_reopt(shared_file: Callable[[str], Path], case: str) -> None:
    """Their sizes and first-year bills give their life-cycle cost, with tax credit, bonus write-off and replacement.

    REopt rounds its factors to 5 and 4 digits: 1e-5. Leaving out the tax would give more than 800,000 for the first.
    """
    folder = f"data/cases/{case}"
    params = json.loads(shared_file(f"{folder}/params.json").read_text())
    reopt = json.loads(shared_file(f"{folder}/expected.json").read_text())
    money = params["financial"]
    terms = Terms(
        years=money["years"],
        discount_rate=money["discount"],
        tax_rate=money["tax"],
        cost_growth=money["elec_escalation"],
        operation_growth=money["om_escalation"],
    )
    bill = reopt["year_one_energy_cost"] + reopt["year_one_demand_cost"] + reopt["year_one_fixed_cost"]
    bought = [*_sun(params, reopt), *_battery(params["storage"], reopt)]
    life_cycle_cost = -net_present_value(cash_flow(bought, terms, running_cost=bill), terms.discount_rate)
    assert life_cycle_cost == pytest.approx(reopt["lcc"], rel=1e-5)


def _sun(params: dict[str, Any], reopt: dict[str, Any]) -> list[Investment]:
    return [
        Investment(
            cost=tech["capex_per_kw"] * reopt["pv_kw"],
            operation_per_year=tech["om_per_kw"] * reopt["pv_kw"],
            tax_credit=tech["itc"],
            depreciation=tech["macrs"],
            bonus=tech["bonus"],
            credit_reduction=tech["itc_reduction"],
        )
        for tech in params["techs"]
    ]


def _battery(storage: dict[str, Any], reopt: dict[str, Any]) -> list[Investment]:
    return [
        Investment(
            cost=storage[f"capex_per_{unit}"] * reopt[f"storage_{unit}"],
            replacements={storage[f"replace_year_{unit}"]: storage[f"replace_per_{unit}"] * reopt[f"storage_{unit}"]},
            tax_credit=storage["itc"],
            depreciation=storage["macrs"],
            bonus=storage["bonus"],
            credit_reduction=storage["itc_reduction"],
        )
        for unit in ("kw", "kwh")
    ]
