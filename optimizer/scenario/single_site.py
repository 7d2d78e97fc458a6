"""A scenario of one site: where and when, whose, and the assets by technology; a new technology is one field here."""

from __future__ import annotations

import typing
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from optimizer.scenario.common import ScenarioBase
from optimizer.scenario.complaints import MisfitError
from optimizer.scenario.parties import Party, PrivateNetwork, home_of, misfits, network_misfits
from optimizer.scenario.site import Name, SiteSettings, WeatherChoice
from optimizer.technologies.base import Technology
from optimizer.technologies.compute.cluster import Cluster
from optimizer.technologies.compute.elastic import Elastic
from optimizer.technologies.compute.jobs.settings import Jobs
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.compute.service import Service
from optimizer.technologies.energy.genset import Genset
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.energy.load import Load
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.station import Station
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.energy.wind import Wind
from optimizer.technologies.facility.cooling import Cooling
from optimizer.technologies.facility.power_train import PowerTrain
from optimizer.technologies.flows import CARRIED_IN, CARRIED_OUT, bus_address
from optimizer.technologies.rules.green_supply import GreenSupply
from optimizer.technologies.rules.resilience import Resilience

Misfit = tuple[tuple[str, ...], str]
"""YAML path, what is wrong and the remedy."""

CARRIED_BY_NO_TIE = (
    "stands on the public grid, and no tie carries its energy; set carries_stores: true on the grid's tie, "
    "or behind_the_meter: true here"
)
REMEDIES = {CARRIED_IN: CARRIED_BY_NO_TIE, CARRIED_OUT: CARRIED_BY_NO_TIE}
"""What to do where nothing feeds a bus, by bus."""


class Scenario(ScenarioBase):
    """A scenario: the site, its time and weather, and its assets by technology."""

    site: SiteSettings
    """Site of the center: place, height, time zone."""
    weather: WeatherChoice = WeatherChoice()
    """Where the weather comes from."""
    members: dict[Name, Annotated[float, Field(gt=0, le=1)]] = {}
    """Futures the plan must answer, each with its probability; series may then differ `by_member`. None: one certain
    future.
    """
    parties: dict[Name, Party] = {}
    """Owners of the assets, where there are several; they share a station and its saving."""

    private_network: PrivateNetwork | None = None
    """Several users on one private network behind one tie: own energy, certificates and bills by party; none: not so."""

    # Technologies, in the order in which assets are built, drawn and billed.
    solar: dict[Name, Solar] = {}
    """Photovoltaic fields."""
    wind: dict[Name, Wind] = {}
    """Wind farms."""
    storage: dict[Name, Storage] = {}
    """Stores of electricity: batteries, leased shares of a station."""
    station: dict[Name, Station] = {}
    """Shared stores with accounts."""
    genset: dict[Name, Genset] = {}
    """Generators with fuel: backup diesel, gas engine, or any dispatchable source."""
    grid: dict[Name, Grid] = {}
    """Ties to the public grid."""
    green_supply: dict[Name, GreenSupply] = {}
    """Rules on where a site's energy comes from."""
    resilience: dict[Name, Resilience] = {}
    """Rules on how long a site survives without the grid."""
    load: dict[Name, Load] = {}
    """Consumers with a profile."""
    power_train: dict[Name, PowerTrain] = {}
    """Transformers, UPS and small constant loads."""
    cooling: dict[Name, Cooling] = {}
    """Plants that reject the heat of the halls or of the liquid loop."""
    cluster: dict[Name, Cluster] = {}
    """Pools of accelerator cards."""
    service: dict[Name, Service] = {}
    """Work that cannot wait."""
    jobs: dict[Name, Jobs] = {}
    """Jobs, by class: each class shares pools, rules and prices."""
    elastic: dict[Name, Elastic] = {}
    """Jobs with a measured scaling curve."""
    queue: dict[Name, Queue] = {}
    """Deferrable work without identity: training that queues, nightly batch."""

    @field_validator("members")
    @classmethod
    def _sums_to_one(cls, members: dict[str, float]) -> dict[str, float]:
        if members and abs(sum(members.values()) - 1) > 1e-9:
            raise ValueError(f"probabilities must sum to 1, they sum to {sum(members.values()):g}")
        return members

    def by_technology(self) -> dict[str, dict[str, Technology]]:
        """Assets of each technology by their names, in the order technologies are listed."""
        return {kind: getattr(self, kind) for kind in technologies_of(type(self))}

    def assets(self) -> dict[tuple[str, str], Technology]:
        """Assets by (site, asset), in the order technologies are listed."""
        return {
            (home_of(name, self.parties, self.site.name), name): asset
            for named in self.by_technology().values()
            for name, asset in named.items()
        }

    def assets_alone(self) -> dict[tuple[str, str], Technology]:
        """Assets without links: one site has no links."""
        return self.assets()

    def places(self) -> dict[str, tuple[SiteSettings, WeatherChoice]]:
        """Sites that assets stand at: where it is and which weather it has."""
        names = sorted({self.site.name, *(site for site, _ in self.assets())})
        return dict.fromkeys(names, (self.site, self.weather))

    @model_validator(mode="after")
    def _fits_together(self) -> Scenario:
        problems = self.problems()
        if problems:
            raise MisfitError(problems)
        return self

    def problems(self) -> list[Misfit]:
        """Contradictions between parts of the scenario: names, parties, buses that nothing feeds, currencies."""
        names = [asset for named in self.by_technology().values() for asset in named]
        found = [
            *self._doubled_names(),
            *misfits(self.parties, names, self.site.name),
            *network_misfits(self.parties, self.private_network),
            *self._unfed_buses(),
            *self._other_currencies(),
            *self._two_spot_markets(),
        ]
        return list(dict.fromkeys(found))

    def _doubled_names(self) -> list[Misfit]:
        homes: dict[str, list[str]] = {}
        for kind, named in self.by_technology().items():
            for asset in named:
                homes.setdefault(asset, []).append(kind)
        return [
            ((kinds[-1], name), f"the name is taken by an asset of {kinds[0]}; give each asset its own")
            for name, kinds in homes.items()
            if len(kinds) > 1
        ]

    def _path(self, asset: str) -> tuple[str, ...]:
        """Path of an asset in the file."""
        return (next(kind for kind, named in self.by_technology().items() if asset in named), asset)

    def _unfed_buses(self) -> list[Misfit]:
        fed: set[tuple[str, str]] = set()
        drawn: dict[tuple[str, str], str] = {}
        for (site, asset), technology in self.assets().items():
            feeds, draws = technology.buses(asset)
            fed |= {bus_address(site, bus) for bus in feeds}
            drawn |= {bus_address(site, bus): asset for bus in draws}
        pools = (
            ", ".join(sorted(bus.removeprefix("compute.") for _, bus in fed if bus.startswith("compute."))) or "none"
        )
        problems = [
            (
                self._path(asset),
                f"runs on pool '{bus.removeprefix('compute.')}', which no cluster is; the clusters are: {pools}"
                if bus.startswith("compute.")
                else REMEDIES.get(bus, f"takes from the bus {bus}, which nothing feeds; add an asset that does"),
            )
            for (site, bus), asset in drawn.items()
            if (site, bus) not in fed
        ]
        heat = sorted({place for place in fed if place[1].endswith("heat")} - set(drawn))
        problems += [((), f"nothing takes the heat of {bus} away; add a cooling plant for it") for _, bus in heat]
        return problems

    def _two_spot_markets(self) -> list[Misfit]:
        """Ties that say otherwise than the rule books whether the spot market runs continuously."""
        said = {rule.spot_runs_continuously for rule in self.green_supply.values() if rule.books}
        ties = {name: tie.direct_connection for name, tie in self.grid.items() if tie.direct_connection is not None}
        return [
            (
                ("grid", name, "direct_connection", "spot_runs_continuously"),
                "is not what green_supply says of the same market; say the same in both",
            )
            for name, direct in ties.items()
            if said and said != {direct.spot_runs_continuously}
        ]

    def _other_currencies(self) -> list[Misfit]:
        tariffs = {asset: getattr(technology, "tariff", None) for (_, asset), technology in self.assets().items()}
        return [
            (
                (*self._path(asset), "tariff"),
                f"is in {tariff.currency}, the scenario in {self.currency}; use one currency",
            )
            for asset, tariff in tariffs.items()
            if tariff is not None and tariff.currency not in (None, self.currency)
        ]


def technologies_of(form: type[Scenario]) -> dict[str, type[Technology]]:
    """Class of each technology by its key, in the order of the form's fields."""
    value_types = {key: typing.get_args(field.annotation)[-1:] for key, field in form.model_fields.items()}
    return {
        key: inner[0]
        for key, inner in value_types.items()
        if inner and isinstance(inner[0], type) and issubclass(inner[0], Technology)
    }
