"""Hub wind of every shipped site against its region's range: mean, Weibull shape, calms, hour of the maximum, full-load hours."""

from __future__ import annotations

import pytest

from optimizer.scenario.file import load_scenario
from optimizer.scenario.hubs import Hubs
from tests.hub_wind import SCENARIOS, farm_of, shipped_farms


@pytest.mark.parametrize(("file", "farm"), shipped_farms())
def test_hub_wind_lies_in_the_region_s_range(file: str, farm: str) -> None:
    """Each figure of the year's hub wind lies between the region's ends; sampling of a year is 0.02 of calms, 0.05 of k."""
    assert farm_of(file, farm).outside_its_bands() == []


def test_every_site_of_the_hubs_is_a_shipped_one() -> None:
    """hubs.yaml brings no wind of its own: its farms are those that stand above, and none is left out."""
    hubs, known = load_scenario(SCENARIOS / "hubs.yaml"), {asset for _, asset in shipped_farms()}
    assert isinstance(hubs, Hubs)
    farms = {name for site in hubs.sites.values() for name in site.wind}
    assert farms
    assert farms <= known
