"""What a technology of one's own must say of its flows: a role that the accounts know, and energy that goes that way."""

from __future__ import annotations

from typing import Any

import pytest
from sites import small, tie

from optimizer.plan.bill import key_figures
from optimizer.plan.results import ResultError
from optimizer.technologies.base import Contribution, Inputs, State, Technology
from optimizer.technologies.contract import ContractError
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Linear


class Own(Technology):
    """A draw of 2 MW, or what a test makes of it."""

    key: Any = ("electricity", "consumption", Role.LOAD)
    """Key of its flow."""
    mw: float = -2.0
    """Its flow."""
    tallies: dict[str, float] = {}
    """What it tallies."""
    built: list[str] = []
    """Names of its capacities."""

    def capacities(self) -> dict[str, Any]:
        return dict.fromkeys(self.built, 1.0)

    def build(self, block: Any, inputs: Inputs, opening: State) -> Contribution:  # noqa: ARG002
        tallies: Any = {name: Linear.fixed(amount, inputs.count) for name, amount in self.tallies.items()}
        flows: Any = {tuple(self.key): Linear.fixed(self.mw, inputs.count)}  # settings keep a list
        return Contribution(flows=flows, tallies=tallies)

    def bill(self, record: Any, inputs: Inputs, opening: State) -> dict[str, Any]:  # noqa: ARG002
        return {}


REFUSED = {
    "no role": ({"key": ("electricity", "consumption")}, r"site > hall: flow \('electricity', 'consumption'\) has no role"),
    "unknown role": (
        {"key": ("electricity", "consumption", "consumption")},
        r"site > hall: flow 'consumption' on electricity has the unknown role 'consumption'; give one of .*Role\.LOAD",
    ),
    "hidden from the accounts": (
        {"key": ("electricity", "consumption", Role.SERVED_WORK)},
        r"flow 'consumption' on electricity cannot be 'served work'; give one of Role\.GREEN_GENERATION",
    ),
    "another site's bus": (
        {"key": ("far:electricity", "consumption", Role.HEAT)}, r"on far:electricity cannot be 'heat'",
    ),
    "a store without a stock": (
        {"key": ("electricity", "in", Role.CHARGE)}, r"flow 'in' is a charge, but no energy_mwh is stored",
    ),
    "a capacity without its size": (
        {"built": ["power_mw"]}, r"site > hall: capacity 'power_mw' is not in Contribution.sizes, which has none",
    ),
    "unknown tally": ({"tallies": {"co2": 1.0}}, r"site > hall: unknown tally 'co2'; give one of Tally\.EMITTED_T"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_accounts_cannot_read_is_refused(case: str) -> None:
    """Each with asset, flow and what there is to choose from, when the asset is built. All used to be planned and published."""
    settings, message = REFUSED[case]
    with pytest.raises(ContractError, match=message):
        small({"tie": tie(), "hall": Own(**settings)}, 2).model()


def test_a_load_counts_whatever_it_is_called() -> None:
    """2 MW of "consumption" and 1 MW of "draw" for 4 h beside 3 MW of sun: all 12 MWh are the facility's and the green share
    is one. By labels it was 4 of 12 MWh, and 200 %."""
    other = Own(key=("electricity", "draw", Role.LOAD), mw=-1.0)
    sun = Solar(peak_power_mw=3, capacity_factor=1.0)
    figures = key_figures(small({"tie": tie(), "hall": Own(), "other": other, "sun": sun}, 4).plan().results)
    assert figures["facility_mwh"] == pytest.approx(12.0)
    assert figures["green_share"] == pytest.approx(1.0)


@pytest.mark.parametrize(("role", "mw"), [(Role.LOAD, 2.0), (Role.GENERATION, -2.0), (Role.EXPORT, 0.5)])
def test_energy_that_goes_against_its_role_is_not_published(role: Role, mw: float) -> None:
    """A "load" that feeds the bus would lower the facility's energy, a "generation" that draws hide a load."""
    assets = {"tie": tie(export_limit_mw=5.0), "hall": Own(key=("electricity", "turned", role), mw=mw)}
    with pytest.raises(ResultError, match=rf"site > hall > electricity > turned: .* which no {role} may"):
        small(assets, 2).plan()
