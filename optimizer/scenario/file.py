"""What a user may write: a scenario file, checked as a whole, every error at once with its line and YAML path."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import pydantic
from pydantic import Field, StringConstraints, create_model, field_validator, model_validator

from optimizer.quantities.documents import SCENARIOS, Document, DocumentError, read_document
from optimizer.scenario.complaints import MisfitError, complaints
from optimizer.scenario.hubs import HubsBase
from optimizer.scenario.notebook_view import glance, scenario_rows
from optimizer.scenario.parties import Party, home_of, misfits
from optimizer.scenario.planning_settings import Planning
from optimizer.scenario.site import Horizon, Name, SiteSettings, WeatherChoice, a_day
from optimizer.technologies import TECHNOLOGIES
from optimizer.technologies.base import Settings, Technology

Misfit = tuple[tuple[str, ...], str]
"""YAML path, what is wrong and the remedy."""


class ScenarioError(DocumentError):
    """A scenario that cannot be used; `problems` lists everything that is wrong with it, one line each."""


class ScenarioBase(Settings):
    """The parts of a scenario that are no technology."""

    name: str = Field(min_length=1, max_length=80)
    """What the scenario is called in reports."""
    description: str = ""
    """A sentence on what it shows."""
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "CNY"
    """Three letters, for all money in the scenario."""
    site: SiteSettings
    """Where the center stands."""
    horizon: Horizon = Horizon()
    """The time a plan covers."""
    weather: WeatherChoice = WeatherChoice()
    """Where the weather comes from."""
    holidays: list[str] = []
    """Local dates (YYYY-MM-DD) that tariffs treat as holidays."""
    members: dict[Name, Annotated[float, Field(gt=0, le=1)]] = {}
    """Futures the plan must answer, each with its probability; series may then differ `by_member`. None: one certain
    future.
    """
    planning: Planning = Planning()
    """How well and how long to solve."""
    parties: dict[Name, Party] = {}
    """Owners of the assets, where there are several; they share a station and its saving."""

    @field_validator("holidays", mode="before")
    @classmethod
    def _dates_as_text(cls, days: Any) -> Any:
        return (
            [day.isoformat()[:10] if hasattr(day, "isoformat") else day for day in days]
            if isinstance(days, list)
            else days
        )

    @field_validator("holidays")
    @classmethod
    def _are_days(cls, days: list[str]) -> list[str]:
        return [a_day(day) for day in days]

    @field_validator("members")
    @classmethod
    def _sums_to_one(cls, members: dict[str, float]) -> dict[str, float]:
        if members and abs(sum(members.values()) - 1) > 1e-9:
            raise ValueError(f"probabilities must sum to 1, they sum to {sum(members.values()):g}")
        return members

    def _repr_html_(self) -> str:
        return glance(self.name, scenario_rows(self), self.description)

    def assets(self) -> dict[tuple[str, str], Technology]:
        """Every asset by (site, asset), in the order technologies are listed."""
        return {
            (home_of(asset, self.parties, self.site.name), asset): settings
            for kind in TECHNOLOGIES
            for asset, settings in getattr(self, kind).items()
        }

    def assets_alone(self) -> dict[tuple[str, str], Technology]:
        """The assets without any link between sites: what the do-nothing baseline is made of."""
        return self.assets()

    def places(self) -> dict[str, tuple[SiteSettings, WeatherChoice]]:
        """Every site that assets stand at: where it is and which weather it has."""
        names = sorted({self.site.name, *(site for site, _ in self.assets())})
        return dict.fromkeys(names, (self.site, self.weather))

    @model_validator(mode="after")
    def _fits_together(self) -> ScenarioBase:
        names = [asset for kind in TECHNOLOGIES for asset in getattr(self, kind)]
        problems = [
            *self._doubled_names(),
            *misfits(self.parties, names, self.site.name),
            *self._unfed_buses(),
            *self._other_currencies(),
        ]
        if problems:
            raise MisfitError(problems)
        return self

    def _doubled_names(self) -> list[Misfit]:
        homes: dict[str, list[str]] = {}
        for kind in TECHNOLOGIES:
            for asset in getattr(self, kind):
                homes.setdefault(asset, []).append(kind)
        return [
            ((kinds[-1], name), f"the name is taken by an asset of {kinds[0]}; give each asset its own")
            for name, kinds in homes.items()
            if len(kinds) > 1
        ]

    def _path(self, asset: str) -> tuple[str, ...]:
        """Where an asset stands in the file."""
        return (next(kind for kind in TECHNOLOGIES if asset in getattr(self, kind)), asset)

    def _unfed_buses(self) -> list[Misfit]:
        fed: set[tuple[str, str]] = set()
        drawn: dict[tuple[str, str], str] = {}
        for (site, asset), technology in self.assets().items():
            feeds, draws = technology.buses(asset)
            fed |= {(site, bus) for bus in feeds}
            drawn |= {(site, bus): asset for bus in draws}
        pools = (
            ", ".join(sorted(bus.removeprefix("compute.") for _, bus in fed if bus.startswith("compute."))) or "none"
        )
        problems = [
            (
                self._path(asset),
                f"runs on pool '{bus.removeprefix('compute.')}', which no cluster is; the clusters are: {pools}"
                if bus.startswith("compute.")
                else f"takes from the bus {bus}, which nothing feeds; add an asset that does",
            )
            for (site, bus), asset in drawn.items()
            if (site, bus) not in fed
        ]
        heat = sorted({place for place in fed if place[1].endswith("heat")} - set(drawn))
        problems += [((), f"nothing takes the heat of {bus} away; add a cooling plant for it") for _, bus in heat]
        return problems

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


Scenario = create_model(  # type: ignore[call-overload]
    "Scenario",
    __base__=ScenarioBase,
    __doc__="A scenario: the site, its time and weather, and its assets by technology.",
    **{
        kind: (
            dict[Name, technology],  # type: ignore[valid-type]
            Field(default={}, description=(technology.__doc__ or kind).strip().splitlines()[0]),
        )
        for kind, technology in TECHNOLOGIES.items()
    },
)


Hubs = create_model(
    "Hubs",
    __base__=HubsBase,
    __doc__="A scenario of many sites with links between their compute pools.",
    sites=(dict[Name, Scenario], Field(min_length=1, description="The sites, each a whole scenario.")),  # type: ignore[valid-type]
)


def load_scenario(path: str | Path, overrides: Mapping[str, Any] | None = None) -> Any:
    """The scenario of a YAML file. `overrides` sets values by path (`storage.haixi_share.energy_mwh: 40`).

    Raises ScenarioError with every problem of the file, each with line, path, value, rule and remedy.
    """
    document = read_document(Path(path))
    data = merged(document)
    for location, value in (overrides or {}).items():
        set_by_path(data, location, value)
    return scenario_from(data, document)


def scenario_from(data: Mapping[str, Any], document: Document | None = None, folder: Path | None = None) -> Any:
    """A scenario from plain data; `document` tells lines for errors. Raises ScenarioError."""
    base = document.path.parent if document else folder
    try:
        return form_of(data).model_validate(data, context={"folder": base})
    except pydantic.ValidationError as error:
        raise ScenarioError(complaints(error, form_of(data), data, document)) from None


def form_of(data: Mapping[str, Any]) -> type[pydantic.BaseModel]:
    """A scenario of one site, or of many."""
    form: type[pydantic.BaseModel] = Hubs if "sites" in data else Scenario
    return form


def merged(document: Document, above: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The document's data laid over the one it `extends`, if it does; mappings merge, everything else replaces."""
    data = _with_sites(dict(document.data), document, above)
    base = data.pop("extends", None)
    if base is None:
        return data
    path = document.path.parent / str(base)
    if path.resolve() in above:
        raise ScenarioError(
            [
                f"{document.path.name}:{document.line(['extends'])}  extends: leads back to {path.name}; extend a file that stands by itself."
            ]
        )
    laid: dict[str, Any] = _laid_over(merged(read_document(path), (*above, path.resolve())), data)
    return laid


def _with_sites(data: dict[str, Any], document: Document, above: tuple[Path, ...]) -> dict[str, Any]:
    """The same with the scenarios its sites name put in: a file's name, or a mapping that `extends` one."""
    if not isinstance(data.get("sites"), dict):
        return data
    sites = {}
    for name, site in data["sites"].items():
        own = dict(site) if isinstance(site, dict) else {"extends": site}
        file = own.pop("extends", None)
        base = merged(read_document(document.path.parent / str(file)), above) if file is not None else {}
        sites[name] = _laid_over(base, own)
    return data | {"sites": sites}


def _laid_over(base: Any, top: Any) -> Any:
    if not (isinstance(base, dict) and isinstance(top, dict)):
        return top
    return {
        key: _laid_over(base[key], top[key]) if key in base and key in top else top.get(key, base.get(key))
        for key in {**base, **top}
    }


def set_by_path(data: dict[str, Any], path: str, value: Any) -> None:
    """Set `a.b.c` in nested mappings; list positions are numbers. Raises ScenarioError where the path leads nowhere."""
    *parents, last = path.split(".")
    node: Any = data
    for depth, part in enumerate(parents):
        if isinstance(node, list) and part.isdigit() and int(part) < len(node):
            node = node[int(part)]
        elif isinstance(node, dict) and part in node:
            node = node[part]
        elif isinstance(node, dict) and depth < len(parents) and part in TECHNOLOGIES:
            node = node.setdefault(part, {})
        else:
            known = list(node) if isinstance(node, dict) else []
            near = difflib.get_close_matches(part, [str(key) for key in known], n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known here: {', '.join(map(str, known)) or 'nothing'}"
            raise ScenarioError([f"override {path}: '{part}' is not in the scenario; {hint}"])
    if isinstance(node, list) and last.isdigit() and int(last) < len(node):
        node[int(last)] = value
    elif isinstance(node, list):
        raise ScenarioError(
            [f"override {path}: '{parents[-1]}' is a list of {len(node)}; give a position from 0 to {len(node) - 1}"]
        )
    elif isinstance(node, dict):
        node[last] = value
    else:
        raise ScenarioError([f"override {path}: '{parents[-1]}' holds a value, not a mapping; set it as a whole"])


def json_schema() -> str:
    """The schema of scenario files as JSON text, for editors; written to scenarios/scenario.schema.json."""
    return json.dumps(Scenario.model_json_schema(), indent=1, ensure_ascii=False) + "\n"


__all__ = ["SCENARIOS", "Name", "Scenario", "ScenarioError", "load_scenario", "scenario_from"]
