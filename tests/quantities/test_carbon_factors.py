"""Emission factors by a region's name."""

from __future__ import annotations

import pytest

from optimizer.quantities.carbon import grid_factor_t_per_mwh
from optimizer.technologies.energy.grid import Grid


@pytest.mark.parametrize(
    ("name", "factor"), [("qinghai", 0.1796), ("qinghai 2022", 0.1567), ("yunnan 2023", 0.1333), ("china 2021", 0.5568)]
)
def test_the_newest_year_unless_one_is_named(name: str, factor: float) -> None:
    """Qinghai alone means 2023; the first row of the table would give 2022."""
    assert grid_factor_t_per_mwh(name) == factor


def test_a_tie_takes_a_name_a_number_or_a_course() -> None:
    """All three forms; a name becomes its number at once, so that nothing later reads the table."""
    tariff = {"energy_price_per_mwh": 1.0}
    assert Grid(tariff=tariff, import_limit_mw=1, carbon_t_per_mwh="gansu").carbon_t_per_mwh == 0.4471
    assert Grid(tariff=tariff, import_limit_mw=1, carbon_t_per_mwh=0.5).carbon_t_per_mwh == 0.5
    monthly = Grid(tariff=tariff, import_limit_mw=1, carbon_t_per_mwh={"monthly": [0.1] * 12})
    assert not isinstance(monthly.carbon_t_per_mwh, float)


@pytest.mark.parametrize("name", ["tibet", "qinghai 1999"])
def test_an_unknown_region_is_answered_with_the_known(name: str) -> None:
    """A region or year that is not in the table."""
    with pytest.raises(ValueError, match=r"known are .*qinghai 2023"):
        grid_factor_t_per_mwh(name)
