"""Many sites in one scenario, and the work that may move between them.

Every site is a whole scenario of its own. A class of work says how far it may go: `local` work is in no class and never
moves; other classes name the round trip they bear and the data a moved card-hour costs. With links closed each site is
what it is alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field, model_validator

from optimizer.scenario.common import ScenarioBase
from optimizer.scenario.complaints import MisfitError
from optimizer.scenario.parties import Party
from optimizer.scenario.single_site import Misfit, Scenario
from optimizer.scenario.site import Name, SiteSettings, WeatherChoice
from optimizer.technologies.base import Settings, Technology
from optimizer.technologies.compute.link import Lane, Link


class Line(Settings):
    """A line between two sites, both ways."""

    between: tuple[str, str]
    """Two sites."""
    round_trip_ms: float = Field(gt=0)
    """There and back [ms]."""
    bandwidth_gbit_per_s: float = Field(gt=0)
    """Room, each way."""
    energy_kwh_per_gb: float = Field(default=0.06, ge=0)
    """Electricity for a GB moved."""
    price_per_gb: float = Field(default=0.0, ge=0)
    """Money for a GB moved."""


class MoveClass(Settings):
    """Work of one latency class."""

    work: dict[str, list[str]]
    """By site: its services and queues of this class."""
    most_round_trip_ms: float | None = Field(default=None, gt=0)
    """Longest round trip it bears; none: any."""
    data_gb_per_card_h: float = Field(default=0.0, ge=0)
    """Data that a card-hour run elsewhere moves."""


class Hubs(ScenarioBase):
    """A scenario of many sites with links between their compute pools."""

    links: dict[str, Line] = {}
    """Lines by name; none: every site by itself."""
    classes: dict[str, MoveClass] = {}
    """Work that may move, by latency class; all other work is local."""
    hosts: dict[str, str] = {}
    """By site: the cluster that runs the work of others."""
    sites: dict[Name, Scenario] = Field(min_length=1)
    """Sites, each a whole scenario."""

    @property
    def site(self) -> SiteSettings:
        """First site, whose clock all share."""
        return next(iter(self.sites.values())).site

    @property
    def members(self) -> dict[str, float]:
        """Members of a hubs scenario: one certain future."""
        return {}

    @property
    def parties(self) -> dict[str, Party]:
        """Parties of a hubs scenario: one owner."""
        return {}

    def places(self) -> dict[str, tuple[SiteSettings, WeatherChoice]]:
        """Sites of the hubs: where it is and which weather it has."""
        return {name: (scenario.site, scenario.weather) for name, scenario in self.sites.items()}

    def assets_alone(self) -> dict[tuple[str, str], Technology]:
        """Assets by (site, asset), without links."""
        return {
            (name, asset): technology
            for name, scenario in self.sites.items()
            for (_, asset), technology in scenario.assets().items()
        }

    def assets(self) -> dict[tuple[str, str], Technology]:
        """Assets by (site, asset): work that may move on a bus of its own, and the links."""
        assets = self.assets_alone()
        for site, work, _ in self._movable():
            assets[site, work] = assets[site, work].model_copy(update={"pool": work})
        for site in self.sites:
            home = [Lane(work=work, pool=self._pool(site, work)) for place, work, _ in self._movable() if place == site]
            if home:
                assets[site, f"{site}_at_home"] = Link(lanes=home)
        for line in self.links.values():
            for origin, destination in (line.between, line.between[::-1]):
                lanes = self._lanes(origin, destination, line)
                if lanes:
                    assets[origin, f"{origin}_to_{destination}"] = Link(
                        to=destination,
                        lanes=lanes,
                        bandwidth_gbit_per_s=line.bandwidth_gbit_per_s,
                        energy_kwh_per_gb=line.energy_kwh_per_gb,
                        price_per_gb=line.price_per_gb,
                    )
        return assets

    @property
    def joined(self) -> bool:
        """Whether a link lets work of one site run at another."""
        ways = ((*line.between, line) for line in self.links.values())
        return any(self._lanes(a, b, line) or self._lanes(b, a, line) for a, b, line in ways)

    def _movable(self) -> Iterator[tuple[str, str, MoveClass]]:
        for group in self.classes.values():
            for site, names in group.work.items():
                for work in names:
                    yield site, work, group

    def _pool(self, site: str, work: str) -> str:
        return str(
            next(getattr(technology, "pool", "") for (_, asset), technology in self._assets_of(site) if asset == work)
        )

    def _lanes(self, origin: str, destination: str, line: Line) -> list[Lane]:
        """Work that may go from one site to the other over a line."""
        if destination not in self.hosts:
            return []
        return [
            Lane(work=work, pool=self.hosts[destination], data_gb_per_card_h=group.data_gb_per_card_h)
            for site, work, group in self._movable()
            if site == origin and (group.most_round_trip_ms is None or line.round_trip_ms <= group.most_round_trip_ms)
        ]

    @model_validator(mode="after")
    def _fits_together(self) -> Hubs:
        problems = [*self._clocks_and_currencies(), *self._unknown_names()]
        if problems:
            raise MisfitError(problems)
        return self

    def _clocks_and_currencies(self) -> Iterator[Misfit]:
        clock = self.site.timezone
        for name, scenario in self.sites.items():
            if scenario.site.timezone != clock:
                yield (
                    ("sites", name),
                    f"has the clock {scenario.site.timezone}, the first site {clock}; hubs share one clock",
                )
            if scenario.currency != self.currency:
                yield (("sites", name), f"is in {scenario.currency}, the scenario in {self.currency}; use one currency")
            if scenario.parties:
                yield (("sites", name), "has parties; plan them in a scenario of their own")

    def _unknown_names(self) -> Iterator[Misfit]:
        known = ", ".join(self.sites)
        for name, line in self.links.items():
            for end in line.between:
                if end not in self.sites:
                    yield (("links", name, "between"), f"'{end}' is no site; the sites are {known}")
        for site, pool in self.hosts.items():
            offered = {bus for (_, asset), technology in self._assets_of(site) for bus in technology.offers(asset)}
            if f"compute.{pool}" not in offered:
                yield (("hosts", site), f"'{pool}' is no cluster of that site")
        for group, move_class in self.classes.items():
            for site, names in move_class.work.items():
                works = {asset for (_, asset), technology in self._assets_of(site) if hasattr(technology, "pool")}
                for work in names:
                    if work not in works:
                        yield (
                            ("classes", group, "work", site),
                            f"'{work}' is no work of that site; it has {', '.join(sorted(works))}",
                        )

    def _assets_of(self, site: str) -> list[tuple[tuple[str, str], Technology]]:
        return list(self.sites[site].assets().items()) if site in self.sites else []
