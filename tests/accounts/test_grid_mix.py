"""Contracted green power, the grid's own mix, certificates and the three carbons of bought energy, by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sites import Demand, Small, small, tie, without_rows

from optimizer.accounts.carbon import account_of
from optimizer.plan.outcome import Plan
from optimizer.quantities.series import SeriesError
from optimizer.technologies.base import Technology
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.rules.green_supply import GreenSupply

FACTORS = {"carbon_t_per_mwh": 0.2, "residual_t_per_mwh": 0.6, "marginal_t_per_mwh": 0.8}


def bought(load: list[float], contracted: list[float], **more: Any) -> Plan:
    """A load that lives on the tie alone, some of it contracted."""
    grid = tie(100.0, green_power={"power_mw": 1.0, "premium_per_mwh": 5.0}, **more)
    series = {("tie", "green_power_mw"): contracted}
    return small({"tie": grid, "hall": Demand(amount=load)}, len(load), series=series).plan()


def shares(plan: Plan) -> Mapping[str, float]:
    return account_of(plan.results).total()


def test_each_hour_is_covered_by_its_own_contract() -> None:
    """2 MWh an hour with 3 and 1 MWh contracted: 2 + 1 of 4 are green power, the third MWh of the first hour is not carried over.

    Half of the grid's energy is clean: of the one MWh left over, .5. The premium is due on all four contracted.
    """
    plan = bought([2.0, 2.0], [3.0, 1.0], clean_share=0.5, **FACTORS)
    figures = shares(plan)
    expected = {
        "use_mwh": 4.0, "own_mwh": 0.0, "contract_mwh": 3.0, "grid_clean_mwh": 0.5, "grid_mwh": 0.5, "contract_share": 0.75,
        "green_share": 0.75, "cfe_hourly_share": 0.875, "own_supply_share": 0.0, "grid_clean_share": 0.125,
        "carbon_location_t": 0.8, "carbon_market_t": 0.6, "carbon_marginal_t": 3.2,
    }  # fmt: skip
    assert {name: figures[name] for name in expected} == pytest.approx(expected, abs=1e-9)
    assert plan.bill_by_step.sum()["tie: green power premium"] == pytest.approx(4 * 5.0)
    assert plan.cost == pytest.approx(4 * 100.0 + 4 * 5.0)


def test_without_residual_factor_market_carbon_takes_the_location_based_one() -> None:
    """1 MWh beside the contract at 0.2."""
    figures = shares(bought([2.0, 2.0], [3.0, 1.0], carbon_t_per_mwh=0.2))
    assert (figures["carbon_market_t"], figures["carbon_marginal_t"]) == pytest.approx((0.2, 0.0))


def test_a_store_hands_on_what_the_contract_gave() -> None:
    """1 MWh of contracted power stored in the first hour serves the second, in which nothing is contracted."""
    box = Storage(power_mw=1, energy_mwh=1, charge_efficiency=1, discharge_efficiency=1, opening_state_of_charge=0.0)
    assets: dict[str, Technology] = {
        "tie": tie(green_power={"power_mw": 1.0, "premium_per_mwh": 0.0}),
        "hall": Demand(amount=[0.0, 1.0]),
        "box": box,
    }
    series = {("tie", "green_power_mw"): [1.0, 0.0], ("tie", "import_price_per_mwh"): [10.0, 100.0]}
    figures = shares(small(assets, 2, series=series).plan())
    assert figures["contract_mwh"] == pytest.approx(1.0)
    assert figures["cfe_hourly_share"] == pytest.approx(1.0)


def promising(grid: Grid, rules: GreenSupply, contracted: list[float]) -> Small:
    """A load of 1 MW whose green share is promised."""
    assets: dict[str, Technology] = {"tie": grid, "hall": Demand(amount=[1.0]), "rules": rules}
    return small(assets, len(contracted), series={("tie", "green_power_mw"): contracted})


def test_contracted_power_that_is_not_bought_is_not_counted() -> None:
    """3 MW contracted beside a load of 1 MW: only 1 MWh an hour fills the promise. Without the row the checks complain."""
    rules = GreenSupply.model_validate({"green_share": {"share": 1.0}, "certificates": {"price_per_mwh": 8.0}})
    site = promising(tie(100.0, green_power={"power_mw": 1.0, "premium_per_mwh": 0.0}), rules, [3.0, 0.0])
    assert site.plan().cost == pytest.approx(200.0 + 8.0)
    freed, broken = without_rows(site, "green_power_within_import")
    assert freed == pytest.approx(200.0)
    assert any("counts green power that is not bought" in line for line in broken)


def test_contract_and_certificates_fill_a_promised_share() -> None:
    """80 % promised of 4 MWh: 2 contracted in their hours, 1.2 certificates at 8; market-based .8 MWh of the rest stays."""
    rules = GreenSupply.model_validate({"green_share": {"share": 0.8}, "certificates": {"price_per_mwh": 8.0}})
    grid = tie(100.0, green_power={"power_mw": 1.0, "premium_per_mwh": 0.0}, **FACTORS)
    plan = promising(grid, rules, [1.0, 1.0, 0.0, 0.0]).plan()
    figures = shares(plan)
    assert figures["certificates_bought_mwh"] == pytest.approx(1.2)
    assert figures["certificate_share"] == pytest.approx(0.3)
    assert figures["carbon_market_t"] == pytest.approx(0.8 * 0.6)
    assert plan.cost == pytest.approx(400.0 + 1.2 * 8.0)


@pytest.mark.parametrize("share", [-0.1, 1.2, 94.23])
def test_a_clean_share_is_a_share(share: float) -> None:
    """94.23 is a percentage: refused by its key and value."""
    with pytest.raises(SeriesError, match="clean_share"):
        small({"tie": tie(clean_share=share)}, 2)


def test_a_tie_without_mix_has_no_clean_origin() -> None:
    """A plain tie: all is the grid's, nothing is green or carbon-free."""
    figures = shares(small({"tie": Grid.model_validate({**tie().model_dump(), "carbon_t_per_mwh": 0.5}), "hall": Demand(amount=[1.0])}, 2).plan())  # fmt: skip
    assert (figures["grid_mwh"], figures["cfe_hourly_share"], figures["carbon_market_t"]) == pytest.approx((2.0, 0.0, 1.0))  # fmt: skip
