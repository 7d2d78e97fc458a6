"""Price of a clause: what one more point costs in a year, by the dual of its row in the plan, or why it has no such price."""

from __future__ import annotations

import xarray as xr

from optimizer.language.speech import noted
from optimizer.quantities.columns import matching, total
from optimizer.technologies.rules.book import ON_REQUEST, PROMISED, Clause, ClauseKind
from optimizer.technologies.rules.green_supply import GreenSupply, limit_of

WITHOUT_PRICE = {
    ClauseKind.WITHIN_CAPACITY: noted("each MWh above is paid at the tie's overload price instead"),
    ClauseKind.CLEAN_SHARE: noted(
        "counted afterwards, hour by hour by where energy came from; the plan has no row for it"
    ),
    ClauseKind.PUE: noted("checked only; hold_also_to makes it a promise with a price"),
    ClauseKind.CARBON_INTENSITY: noted("checked only; hold_also_to makes it a promise with a price"),
    ClauseKind.FUNDS_ON_SELF_USE: noted("it is a payment itself"),
    ClauseKind.SETTING: noted("a choice of how to pay; qaidam rules --forms sets the forms side by side"),
}
"""Why a clause of a kind has no price of one more point."""
POINT = 0.01


def sets_the_row(rule: GreenSupply, clause: Clause) -> bool:
    """Whether the plan holds to this clause's limit: the strictest of its kind, with none set beside the books."""
    if clause.kind in ON_REQUEST:
        return rule.held(clause.kind) == clause
    promised = rule.promised(clause.kind) if clause.kind in PROMISED else None
    return promised is not None and promised.share == clause.limit


def point_costs(results: xr.Dataset, site: str, asset: str, whole: float, clause: Clause, years: float) -> float | None:
    """What one more point of a promised ratio costs in a year, by the dual of its row; none where the results have none."""
    promise = (PROMISED | ON_REQUEST)[clause.kind]
    saved = matching(results["margin"], site=site, asset=asset, quantity=limit_of(promise))
    return float(total(saved).sum()) * POINT * whole / years if saved.shape[-1] else None


def no_price(clause: Clause, rule: GreenSupply, asset: str | None) -> str:
    """Why one more point of a clause has no price."""
    if asset is None:
        return noted("asked afterwards; the plan was made without it")
    if clause.kind in WITHOUT_PRICE and not (
        clause.kind in ON_REQUEST and ON_REQUEST[clause.kind] in rule.hold_also_to
    ):
        return WITHOUT_PRICE[clause.kind]
    if rule.books_are == "checked":
        return noted("checked only; books_are: promised makes it a promise with a price")
    return noted("another limit of its kind is the stricter")
