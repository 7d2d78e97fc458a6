"""Verdicts on a plan by the clauses of the rule books that hold: what is asked, what the plan does, margin, price, pass or fail.

All is counted anew from the results; the price of a clause is the dual of its row in the plan: what one more point (1 % of the whole
that the ratio is of) costs in a year while it binds. A clause that is not promised in the plan has no such price.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import xarray as xr

from optimizer.accounts.carbon import account_of
from optimizer.quantities.columns import labels_of, matching
from optimizer.rulebook.metering import Metering, metering_of
from optimizer.rulebook.price import no_price, point_costs, sets_the_row
from optimizer.technologies.base import Technology
from optimizer.technologies.flows import ELECTRICITY
from optimizer.technologies.rules.book import AT_LEAST, PROMISED, Book, Clause, ClauseKind
from optimizer.technologies.rules.green_supply import GreenSupply

TOLERANCE = 1e-6
"""Relative: a year's sums of flows that are each held to 1e-7."""


@dataclass(frozen=True)
class Verdict:
    """How a plan stands to a clause."""

    site: str
    book: str
    document: str
    date: str
    clause: str
    kind: str
    asks: str
    limit: float | None
    one_of: list[str]
    """Values a setting may have; empty for figures."""
    value: float | str | None
    """What the plan does; none where there is nothing to count by."""
    margin: float | None
    """Distance to the limit, below zero where it is broken."""
    point_costs_a_year: float | None
    """What one more point would cost in a year, by the plan's dual; 0 while it does not bind; none: there is no such price."""
    hours: float
    """Length of the plan it is counted over; ratios are those of a year."""
    holds: bool | None
    """None: cannot be told from this plan."""
    confidence: str
    source: str
    no_price_because: str | None = None
    """Why there is no price of one more point; none where there is one."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


Assets = Mapping[tuple[str, str], Technology]
"""Assets of a plan by (site, asset)."""


def rules_of(assets: Assets) -> dict[tuple[str, str], GreenSupply]:
    """Assets with rule books, by (site, asset)."""
    return {key: asset for key, asset in assets.items() if isinstance(asset, GreenSupply) and asset.books}


def verdicts_of(results: xr.Dataset, assets: Assets, books: Sequence[Book] | None = None) -> list[Verdict]:
    """Verdict on every clause in force of the plan's own books, or of other `books` as if they held at every site."""
    if books is None:
        return [
            verdict
            for (site, asset), rule in rules_of(assets).items()
            for verdict in _of_rule(results, assets, site, asset, rule, rule.fee_per_self_used_mwh())
        ]
    return [
        verdict
        for site in dict.fromkeys(site for site, _ in assets)
        for verdict in _of_rule(results, assets, site, None, GreenSupply(books=list(books)), _paid_funds(assets, site))
    ]


def _paid_funds(assets: Assets, site: str) -> float:
    """Funds that a site pays for a self-used MWh."""
    rules = (asset for (place, _), asset in assets.items() if place == site and isinstance(asset, GreenSupply))
    return sum(rule.fee_per_self_used_mwh() for rule in rules)


def _of_rule(
    results: xr.Dataset, assets: Assets, site: str, asset: str | None, rule: GreenSupply, funds_per_mwh: float
) -> Iterator[Verdict]:
    metering = metering_of(results, site)
    for book in rule.books:
        for name, clause in book.in_force(spot_runs_continuously=rule.spot_runs_continuously).items():
            value = (
                _setting(assets, site, clause)
                if clause.kind == ClauseKind.SETTING
                else value_of(clause, metering, rule, results, funds_per_mwh)
            )
            margin, holds = _margin(clause, value)
            whole, costs = _whole(clause, metering, rule), None
            if asset is not None and whole is not None and sets_the_row(rule, clause):
                costs = point_costs(results, site, asset, whole, clause, metering.years)
            because = None if costs is not None else no_price(clause, rule, asset)
            yield Verdict(
                site, book.name, book.document, book.date, name, clause.kind, clause.asks, clause.limit,
                list(clause.one_of), value, margin,
                costs, metering.hours, holds, clause.confidence, clause.source, because,
            )  # fmt: skip


def part_and_whole(kind: ClauseKind, metering: Metering, rule: GreenSupply) -> tuple[float, float] | None:
    """What a share of energy is a share of, part and whole [MWh]; none where the kind is no such share."""
    kept = metering.self_used_mwh - (0.0 if rule.store_losses_count else metering.store_losses_mwh)
    green = metering.self_used_mwh + metering.contracted_mwh + metering.certificates_mwh
    return {
        ClauseKind.SELF_USE: (kept, metering.available_mwh),
        ClauseKind.OWN_SUPPLY: (kept, metering.used_mwh),
        ClauseKind.EXPORT: (metering.exported_mwh, metering.available_mwh),
        ClauseKind.EXPORT_OF_GIVEN: (metering.exported_mwh, metering.generation_mwh),
        ClauseKind.GREEN_SHARE: (green, metering.used_mwh),
        ClauseKind.PUE: (metering.used_mwh, metering.it_mwh),
    }.get(kind)


def ratios_of(results: xr.Dataset, assets: Assets) -> dict[str, float]:
    """Ratios that a plan holds to, as it keeps them: "site ratio" → share of energy; those with nothing to count by are left out."""
    ratios: dict[str, float] = {}
    for (site, _), rule in assets.items():
        if isinstance(rule, GreenSupply):
            metering = metering_of(results, site)
            for kind, name in PROMISED.items():
                share = part_and_whole(kind, metering, rule) if rule.promised(kind) is not None else None
                if share is not None and share[1] > 0:
                    ratios[f"{site} {name}"] = share[0] / share[1]
    return ratios


def value_of(
    clause: Clause, metering: Metering, rule: GreenSupply, results: xr.Dataset, funds_per_mwh: float
) -> float | None:
    """What the plan does, in the clause's own unit; none where there is nothing to count by."""
    share = part_and_whole(clause.kind, metering, rule)
    if share is not None:
        return share[0] / share[1] if share[1] > 0 else None
    if clause.kind == ClauseKind.CARBON_INTENSITY:
        return metering.carbon_t / (metering.used_mwh * clause.tce_per_mwh) if metering.used_mwh > 0 else None
    if clause.kind == ClauseKind.WITHIN_CAPACITY:
        return metering.overload_mwh
    if clause.kind == ClauseKind.FUNDS_ON_SELF_USE:
        return funds_per_mwh
    return _clean_share(results)


def _clean_share(results: xr.Dataset) -> float | None:
    """Carbon-free share by the hour; none for several sites, whose account is one, and where nothing is used."""
    if len(set(labels_of(matching(results["flow"], bus=ELECTRICITY))["site"])) != 1:
        return None
    share = account_of(results).total()["cfe_hourly_share"]
    return None if math.isnan(share) else share


def _setting(assets: Assets, site: str, clause: Clause) -> str | None:
    """Values of a setting in all assets of its section at a site, each once; none where no asset has it."""
    section, key = str(clause.setting).split(".")
    here = [asset for (place, _), asset in assets.items() if place == site and type(asset).__name__.lower() == section]
    values = dict.fromkeys(str(getattr(asset, key)) for asset in here if hasattr(asset, key))
    return ", ".join(values) or None


def _margin(clause: Clause, value: float | str | None) -> tuple[float | None, bool | None]:
    """Distance to the limit, and whether the clause holds."""
    if value is None:
        return None, None
    if isinstance(value, str):
        return None, set(value.split(", ")) <= set(clause.one_of)
    limit = clause.limit or 0.0
    margin = value - limit if clause.kind in AT_LEAST else limit - value
    return margin, margin >= -TOLERANCE * max(1.0, abs(limit))


def _whole(clause: Clause, metering: Metering, rule: GreenSupply) -> float | None:
    """What a point of a clause is a hundredth of [MWh, or tce for an intensity]; none where it is no ratio."""
    if clause.kind == ClauseKind.CARBON_INTENSITY:
        return metering.used_mwh * clause.tce_per_mwh
    share = part_and_whole(clause.kind, metering, rule)
    return None if share is None else share[1]


def verdicts_in(summary: Mapping[str, Any]) -> list[Verdict]:
    """Verdicts as a summary holds them."""
    return [Verdict(**told) for told in summary.get("law") or []]


def unlawful(verdicts: list[Verdict]) -> list[Verdict]:
    """Clauses that the plan breaks."""
    return [verdict for verdict in verdicts if verdict.holds is False]
