"""Remarks on the data a plan was made with: rows left out, assumptions, work outside the plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import xarray as xr

from optimizer.quantities.calendar import Calendar
from optimizer.technologies.base import Outside, Site, Technology


@runtime_checkable
class Remarking(Protocol):
    """A quantity over time that has something to say of how it lies on hours."""

    def remarks(self, calendar: Calendar) -> list[str]:
        """Sentences for a reader."""


def remarks_on_data(
    assets: Mapping[tuple[str, str], Technology],
    sites: Mapping[str, Site],
    calendar: Calendar,
    weather: Mapping[str, xr.Dataset],
) -> list[str]:
    """Sentences of all assets, each with the asset's name in front; one sentence of several assets once."""
    offered: dict[str, dict[str, float]] = {}
    for (site, asset), technology in assets.items():
        for bus, cards in technology.offers(asset).items():
            pools = offered.setdefault(site, {})
            pools[bus] = pools.get(bus, 0.0) + cards
    remarks = []
    for (site, asset), technology in assets.items():
        outside = Outside(sites[site], calendar, weather[site])
        of_asset = [*_of_quantities(technology, calendar), *technology.remarks(outside, offered.get(site, {}))]
        remarks += [f"{asset}: {remark}" for remark in of_asset]
    return list(dict.fromkeys([*remarks, *_pooled(assets)]))


def _pooled(assets: Mapping[tuple[str, str], Technology]) -> list[str]:
    """Assets that feed one inner bus of a site from the electricity bus (power to the racks): planned as one building."""
    together: dict[tuple[str, str], list[str]] = {}
    for (site, asset), technology in assets.items():
        feeds, draws = technology.buses(asset)
        for bus in sorted(feeds - {"electricity"}) if "electricity" in draws else ():
            together.setdefault((site, bus), []).append(asset)
    names = {tuple(feeding) for feeding in together.values() if len(feeding) > 1}
    return [
        f"{', '.join(feeding)}: feed one and the same hall and are planned as one, whatever building they stand in; give "
        "buildings that cannot help each other as sites of their own"
        for feeding in sorted(names)
    ]


def _of_quantities(technology: Technology, calendar: Calendar) -> list[str]:
    """Remarks of the technology's own quantities (a tariff) on these hours."""
    values = [getattr(technology, name) for name in type(technology).model_fields]
    return [remark for value in values if isinstance(value, Remarking) for remark in value.remarks(calendar)]
