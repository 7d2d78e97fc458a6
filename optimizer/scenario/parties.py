"""Parties and the assets they own: parties of a scenario, each behind its own meter or on the common bus."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field

from optimizer.quantities.series import Series
from optimizer.technologies.base import Settings

MOST_PARTIES = 6
"""Every coalition is planned: 63 plans for six."""


class Party(Settings):
    """An owner of assets."""

    assets: list[str] = Field(min_length=1)
    """Names of the assets it owns."""
    meter: Literal["own", "common"] = "own"
    """`own`: its assets stand on a bus of their own, that of a site of the party's name. `common`: on the scenario's
    bus.
    """


class PrivateNetwork(Settings):
    """Private network of several users behind one tie (发改能源〔2025〕688号): own energy is allocated by each step's use."""

    inner_price_per_mwh: Series = Field(default=0.0)
    """What a user pays the parties that generate for a MWh of own energy allocated to it."""


def home_of(asset: str, parties: Mapping[str, Party], site: str) -> str:
    """Site whose bus an asset stands on: its owner's, or the scenario's."""
    return next((name for name, party in parties.items() if party.meter == "own" and asset in party.assets), site)


def network_misfits(parties: Mapping[str, Party], network: PrivateNetwork | None) -> list[tuple[tuple[str, ...], str]]:
    """Contradictions between a private network and its parties, each with its path."""
    if network is None:
        return []
    apart = [name for name, party in parties.items() if party.meter == "own"]
    said = [f"{name} has a bus of its own; give it meter: common" for name in apart]
    said += [] if len(parties) > 1 else ["needs several parties; name them under parties"]
    return [(("private_network",), text) for text in said]


def misfits(parties: Mapping[str, Party], assets: Iterable[str], site: str) -> list[tuple[tuple[str, ...], str]]:
    """Contradictions between parties and assets, each with its path."""
    known, seen, errors = set(assets), dict[str, str](), list[tuple[tuple[str, ...], str]]()
    if len(parties) > MOST_PARTIES:
        errors.append(
            (("parties",), f"{len(parties)} parties; every coalition is planned, so give at most {MOST_PARTIES}")
        )
    for name, party in parties.items():
        if name == site:
            errors.append((("parties", name), "is also the site's name; give the party another"))
        for asset in party.assets:
            if asset not in known:
                errors.append(
                    (
                        ("parties", name, "assets"),
                        f"owns '{asset}', which is no asset; known are {', '.join(sorted(known))}",
                    )
                )
            if asset in seen:
                errors.append(
                    (
                        ("parties", name, "assets"),
                        f"owns '{asset}', which {seen[asset]} owns too; an asset has one owner",
                    )
                )
            seen[asset] = name
    return errors
