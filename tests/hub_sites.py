"""Sites as hubs see them, for tests and benchmarks: no weather, a few lines each, planned by the core as it is."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo
import xarray as xr
from pydantic import Field

from optimizer.inputs.assemble import assemble_inputs
from optimizer.quantities.calendar import Calendar
from optimizer.quantities.series import DailyCourse
from optimizer.scenario.hubs import Hubs
from optimizer.scenario.single_site import Misfit, Scenario
from optimizer.scenario.site import SiteSettings
from optimizer.technologies.base import Contribution, Technology
from optimizer.technologies.compute.link import Lane, Link
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.compute.service import Service
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Linear
from tests.sites import Drain, pool, tie


class Stand(Scenario):
    """A site as hubs see it: a tie at some price, an ideal power feed, one pool, a queue, a service."""

    price: float | DailyCourse
    """Price of a MWh from the tie."""

    def problems(self) -> list[Misfit]:
        """None: its assets are no settings."""
        return []

    def assets(self) -> dict[tuple[str, str], Technology]:
        return {
            ("site", "tie"): tie(self.price),
            ("site", "feed"): Feed(),
            ("site", "pool"): pool(640, 64, idle_kw_per_card=0.0, off_kw_per_card=0.0),
            ("site", "air"): Drain(bus="air_heat"),
            ("site", "jobs"): Queue(pool="pool", arrival_cards=100.0, deadline_h=1, unfinished_price_per_card_h=50),
            ("site", "requests"): Service(pool="pool", cards=50.0),
        }


def stand(price: float | DailyCourse) -> Stand:
    """A stand whose tie has that price."""
    return Stand(name="stand", site=SiteSettings(latitude=36, longitude=95, elevation_m=2000), price=price)


class Feed(Link):
    """Electricity becomes IT power without loss; built as the tests need no losses."""

    lanes: list[Lane] = Field(default=[Lane(work="none", pool="none")])

    def build(self, block: Any, inputs: Any, opening: Any) -> Any:  # noqa: ARG002
        block.fed = pyo.Var(inputs.steps, domain=pyo.NonNegativeReals)
        fed = Linear.of(block.fed.values())
        return Contribution(flows={("electricity", "draw", Role.SUPPLY): -fed, ("it", "feed", Role.FEED): fed})

    def bill(self, record: Any, inputs: Any, opening: Any) -> dict[str, Any]:  # noqa: ARG002
        return {}

    def check(self, record: Any, inputs: Any, opening: Any) -> list[str]:  # noqa: ARG002
        return []


def inputs_of(scenario: Hubs, hours: int) -> xr.Dataset:
    """Inputs of a scenario of stands, which need no weather."""
    calendar = Calendar.at_local_midnight("2025-01-06", hours / 24, 1.0, "Asia/Shanghai")
    grounds = {name: entry.site.place() for name, entry in scenario.sites.items()}
    return assemble_inputs(scenario.assets(), grounds, calendar, {name: [xr.Dataset()] for name in grounds})
