"""Measures of a whole plan as straight lines in its variables: what a hard limit (epsilon constraint) can be put on.

The same figures as in bill.key_figures, read off the assets' flows by role, never by technology or label. A ratio is limited as
numerator − level × denominator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pyomo.environ as pyo
import xarray as xr

from optimizer.plan.model import Model, Place
from optimizer.quantities.columns import total as total_of
from optimizer.study.shapes import Question
from optimizer.technologies.base import Inputs
from optimizer.technologies.flows import BOUGHT, STORING, USED, Role
from optimizer.technologies.linear import Linear, total
from optimizer.technologies.tallies import Tally

OWN_SUPPLY = (Role.GREEN_GENERATION, Role.EXPORT)
"""Green energy that stays at the site; exports are negative."""
TAKEN = (*USED, *STORING)
"""What the site uses, with what its stores take in more than they give; negative."""
Views = Mapping[tuple[str, str, int], Inputs]


@dataclass(frozen=True)
class Measure:
    """A sum, or the ratio of two sums."""

    above: list[Linear]
    below: list[Linear]
    """Empty for a plain sum."""


def limit_row(question: Question, views: Views) -> Callable[[Model], None]:
    """Amendment that holds `measure` at its `at_most` or `at_least` level. The level is hard: there may be no plan."""

    def amend(model: Model) -> None:
        measure = MEASURES[question["measure"]](model, views)
        level = float(question["at_most"] if "at_most" in question else question["at_least"])
        line = measure.above + [part * -level for part in measure.below]
        expression, right = total(line), 0.0 if measure.below else level
        scale = max((abs(coefficient) for coefficient in expression.linear_coefs), default=1.0) or 1.0
        sides = (None, right / scale) if "at_most" in question else (right / scale, None)
        model.pyomo.measure_within_limit = pyo.Constraint(expr=(sides[0], expression / scale, sides[1]))

    return amend


def _flows(model: Model, roles: Iterable[Role]) -> list[tuple[Place, Linear]]:
    """Flows of those roles at any site, in the first member."""
    requested_roles = set(roles)
    return [
        (place, flow)
        for place in model.places
        if place.member <= 0
        for (_, _, role), flow in place.contribution.flows.items()
        if role in requested_roles
    ]


def _energy(model: Model, *roles: Role, sign: float = 1.0) -> list[Linear]:
    """Energy of flows over the plan [MWh]."""
    return [flow * (sign * model.calendar.step_h) for _, flow in _flows(model, roles)]


def _carbon(model: Model, _: Views) -> Measure:
    tallies = [place.contribution.tallies for place in model.places if place.member <= 0]
    return Measure([tally[Tally.EMITTED_T] for tally in tallies if Tally.EMITTED_T in tally], [])


def linear_green_share(results: xr.Dataset) -> float:
    """Green share as a study limits it, recomputed from a plan's results alone (first member)."""
    step_h = float(results.attrs["step_h"])
    own, used = (total_of(results["flow"], role=list(roles), member=0).sum() * step_h for roles in (OWN_SUPPLY, TAKEN))
    contracted_mwh = total_of(results["metered"], quantity=Tally.CONTRACT_USED_MWH, member=0).sum()
    return float((own + contracted_mwh) / -used)


def _green_share(model: Model, _: Views) -> Measure:
    """Own green energy less what is sold and contracted green power, over what is used and stored: the ledger's share as a straight line.

    They differ by what the stores held at the start, and where power of other sources is sold.
    """
    tallies = [place.contribution.tallies for place in model.places if place.member <= 0]
    contracted = [tally[Tally.CONTRACT_USED_MWH] for tally in tallies if Tally.CONTRACT_USED_MWH in tally]
    return Measure([*_energy(model, *OWN_SUPPLY), *contracted], _energy(model, *TAKEN, sign=-1.0))


def _import(model: Model, _: Views) -> Measure:
    return Measure(_energy(model, *BOUGHT), [])


def _pue(model: Model, _: Views) -> Measure:
    fed = _flows(model, [Role.FEED])
    centers = {place.site for place, _ in fed}  # as in bill.facility_mw
    used = [flow * -model.calendar.step_h for place, flow in _flows(model, USED) if place.site in centers]
    return Measure(used, [flow * model.calendar.step_h for _, flow in fed])


def _late(model: Model, _: Views) -> Measure:
    step_h = model.calendar.step_h
    return Measure(
        [
            line * step_h
            for place in model.places
            for name, line in place.contribution.shortfalls.items()
            if name == "late_card_h"
        ],
        [],
    )


def _waiting(model: Model, _: Views) -> Measure:
    step_h = model.calendar.step_h
    return Measure(
        [
            line * step_h
            for place in model.places
            for name, line in place.contribution.stored.items()
            if name == "backlog_card_h"
        ],
        [],
    )


MEASURES: dict[str, Callable[[Model, Views], Measure]] = {
    "carbon_location_t": _carbon,
    "green_share": _green_share,
    "import_mwh": _import,
    "pue": _pue,
    "late_card_h_h": _late,
    "waiting_card_h_h": _waiting,
}
