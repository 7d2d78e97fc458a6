# ruff: noqa: ARG002  (technologies of the tests keep the signature of the contract)
"""Small sites by the kind of a clause, built around its own limit: where it binds, where it does not, and where it is broken.

Four hours: wind in the first two, none in the last two; a MWh bought costs 100, one sold earns 30, one from the grid emits 0.5 t. A
lossless store wears by 90 a MWh, so that moving one for a clause loses 20 (30 not sold, 90 worn, 100 not bought). Every cost and
price below is worked out from these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyomo.environ as pyo
from sites import Demand, Small, small, tie

from optimizer.solve.pyomo_types import Block
from optimizer.technologies.base import Contribution, Inputs, Record, State, Technology
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.energy.wind import Wind
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Floats, Linear
from optimizer.technologies.rules.book import Book, Clause, ClauseKind
from optimizer.technologies.rules.green_supply import GreenSupply

HOURS, YEARS_PLANS = 4, 8760 / 4
"""Length of the sites, and how many of them make a year."""
BY = 0.1
"""How far a share of a site stands from the limit before the plan does anything for it."""
BREACH, BREACH_PER_T = 500.0, 5_000.0
"""Penalties for a MWh and for a tonne."""
MOVED, SOLD, CERTIFIED, CALMED, ABOVE, FEW = 20.0, 30.0, 5.0, 20.0, 200.0, 10.0
"""Costs of a MWh: moved by the store, not sold, certified, not used by the cooler, above the tie; and a penalty below them all."""


@dataclass(frozen=True)
class Case:
    """A site with the clause and the same without it, and what the clause comes to by hand."""

    site: Small
    without: Small
    value: float | str
    costs: float
    """Cost above that of the site without the clause."""
    point: float | None
    """Price of one more point in a year; none: the kind has none."""


class Supply(Technology):
    """Power train without losses."""

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:
        block.fed = pyo.Var(inputs.steps, bounds=(0, 100))
        fed = Linear.of(block.fed.values())
        return Contribution({("it", "fed", Role.FEED): fed, ("electricity", "drawn", Role.SUPPLY): -fed})

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:
        return {}


class Cooler(Technology):
    """Cooling that draws `most_mw`, or less at 120 a MWh (water): 20 more than the power it saves."""

    most_mw: float

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:
        block.drawn = pyo.Var(inputs.steps, bounds=(0, self.most_mw))
        drawn = Linear.of(block.drawn.values())
        return Contribution({("electricity", "drawn", Role.COOLING): -drawn}, [(drawn * -1.0 + self.most_mw) * 120.0])

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:
        return {"water": (self.most_mw + record.flow("drawn")) * 120.0}


def book_of(clause: Clause) -> Book:
    """A book of that clause alone."""
    return Book(name="one", document="one", date="2025-01", binds="tests", clauses={"clause": clause})


def windy(
    clause: Clause | None,
    wind_mw: float,
    calm_mw: float = 2.0,
    *,
    store: bool = False,
    limit_mw: float = 50.0,
    **rule: Any,
) -> Small:
    """Wind and a load of 2 MW in two hours, a load of `calm_mw` in the two others."""
    assets: dict[str, Technology] = {
        "tie": tie(100.0, export_price=SOLD, export_limit_mw=50.0, carbon_t_per_mwh=0.5, import_limit_mw=limit_mw,
                   overload_price_per_mwh=ABOVE),
        "load": Demand(amount=[2.0, 2.0, calm_mw, calm_mw]),
    }  # fmt: skip
    if wind_mw:
        factor = {"hourly": [1.0, 1.0] + [0.0] * 22}
        assets["wind"] = Wind(power_mw=wind_mw, capacity_factor=factor, cost_per_mwh=0.0)
    if store:
        assets["store"] = Storage(power_mw=50.0, energy_mwh=99.0, charge_efficiency=1, discharge_efficiency=1,
                                  opening_state_of_charge=0.0, wear_cost_per_mwh=90.0)  # fmt: skip
    return small(assets | _law(clause, rule), HOURS)


def _law(clause: Clause | None, rule: dict[str, Any]) -> dict[str, Technology]:
    if clause is None:
        return {}
    settings = {"breach_price_per_mwh": BREACH, "breach_price_per_t": BREACH_PER_T, **rule}
    return {"law": GreenSupply(books=[book_of(clause)], **settings)}


def _pair(clause: Clause, *numbers: float, rule: dict[str, Any] | None = None, **kinds: Any) -> tuple[Small, Small]:
    return windy(clause, *numbers, **kinds, **(rule or {})), windy(None, *numbers, **kinds)


def _calm(own: float) -> tuple[float, float]:
    """Wind and calm load of a site whose own supply is that share by itself: 4 of 4 / own MWh."""
    return 50.0, (4 / own - 4) / 2


def _at_least(clause: Clause, whole: Callable[[float], tuple[tuple[float, ...], float]], rule: dict[str, Any],
              step_costs: float, store: bool) -> dict[str, Case]:  # fmt: skip
    """Cases of a share that is promised at least; `whole`: numbers of the site at a share, and what that is a share of [MWh]."""
    limit = float(clause.limit or 0.0)
    low, low_mwh = whole(limit - BY)
    high, _ = whole(min(limit + BY, 1.0))
    point = 0.01 * low_mwh * YEARS_PLANS
    return {
        "binds": Case(*_pair(clause, *low, rule=rule, store=store), limit, BY * low_mwh * step_costs, point * step_costs),
        "apart": Case(*_pair(clause, *high), min(limit + BY, 1.0), 0.0, 0.0),
        "broken": Case(*_pair(clause, *low), limit - BY, BY * low_mwh * BREACH, point * BREACH),
    }  # fmt: skip


def self_use(clause: Clause) -> dict[str, Case]:
    """Wind of 2 / share MW beside 2 MW of load: 4 of 4 / share MWh are used."""
    return _at_least(clause, lambda share: ((2 / share,), 4 / share), {}, MOVED, store=True)


def own_supply(clause: Clause) -> dict[str, Case]:
    """4 MWh of own wind in 4 / share MWh of load."""
    return _at_least(clause, lambda share: (_calm(share), 4 / share), {}, MOVED, store=True)


def green_share(clause: Clause) -> dict[str, Case]:
    """The same, and certificates at 5."""
    certified = {"certificates": {"price_per_mwh": CERTIFIED}}
    return _at_least(clause, lambda share: (_calm(share), 4 / share), certified, CERTIFIED, store=False)


def export(clause: Clause) -> dict[str, Case]:
    """Wind of 2 / (1 - share) MW beside 2 MW of load sells that share of itself."""
    limit = float(clause.limit or 0.0)
    wind = 2 / (1 - limit - BY)
    over, point = BY * 2 * wind, 0.01 * 2 * wind * YEARS_PLANS
    less = 2 / (1 - limit + BY)
    return {
        "binds": Case(*_pair(clause, wind), limit, over * SOLD, point * SOLD),
        "apart": Case(*_pair(clause, less), max(limit - BY, 0.0), 0.0, 0.0),
        "broken": Case(*_pair(clause, wind, rule={"breach_price_per_mwh": FEW}), limit + BY, over * FEW, point * FEW),
    }


def within_capacity(clause: Clause) -> dict[str, Case]:
    """3 MW in two calm hours: through 2 MW with a store that brings 2 MWh, through 50, and through 2 without it."""
    kept = windy(clause, 50.0, 3.0, store=True, limit_mw=2.0), windy(None, 50.0, 3.0, store=True)
    broken = windy(clause, 50.0, 3.0, limit_mw=2.0), windy(None, 50.0, 3.0)
    return {
        "binds": Case(*kept, 0.0, 2 * MOVED, None),
        "apart": Case(*_pair(clause, 50.0, 3.0), 0.0, 0.0, None),
        "broken": Case(*broken, 2.0, 2 * ABOVE, None),
    }


def funds(clause: Clause) -> dict[str, Case]:
    """4 MWh of self-use pay, none pays nothing, and a fee that is set lower than asked pays less than it should."""
    limit = float(clause.limit or 0.0)
    return {
        "binds": Case(*_pair(clause, 50.0), limit, 4 * limit, None),
        "apart": Case(*_pair(clause, 0.0), limit, 0.0, None),
        "broken": Case(*_pair(clause, 50.0, rule={"self_use_fee_per_mwh": FEW}), FEW, 4 * FEW, None),
    }


def clean_share(clause: Clause) -> dict[str, Case]:
    """Counted only: at its share, above it and below it; the grid has no clean part here."""
    limit = float(clause.limit or 0.0)
    shares = {"binds": limit, "apart": limit + BY / 2, "broken": limit - BY}
    return {name: Case(*_pair(clause, *_calm(share)), share, 0.0, None) for name, share in shares.items()}


def carbon_intensity(clause: Clause) -> dict[str, Case]:
    """0.5 t of every MWh bought; the limit allows limit x tce / 0.5 of all use to be bought."""
    limit, rule = float(clause.limit or 0.0), {"hold_also_to": ["carbon_intensity"]}
    bought = limit * clause.tce_per_mwh / 0.5
    own, more = 1 - bought - BY, 1 - bought / 2
    used_mwh = 4 / own
    point = 0.01 * used_mwh * clause.tce_per_mwh * YEARS_PLANS
    return {
        "binds": Case(*_pair(clause, *_calm(own), rule=rule, store=True), limit, BY * used_mwh * MOVED, point * MOVED / 0.5),
        "apart": Case(*_pair(clause, *_calm(more), rule=rule), limit / 2, 0.0, 0.0),
        "broken": Case(*_pair(clause, *_calm(own), rule=rule), (1 - own) * 0.5 / clause.tce_per_mwh,
                       BY * used_mwh * 0.5 * BREACH_PER_T, point * BREACH_PER_T),
    }  # fmt: skip


def pue(clause: Clause) -> dict[str, Case]:
    """1 MW of IT, and a cooler that draws what is left of the PUE and a tenth more or half of it."""
    limit = float(clause.limit or 0.0)

    def cooled(most_mw: float, **rule: Any) -> tuple[Small, Small]:
        assets = {
            "tie": tie(100.0),
            "it": Demand(amount=[1.0], bus="it"),
            "supply": Supply(),
            "cooler": Cooler(most_mw=most_mw),
        }
        law = _law(clause, {"hold_also_to": ["pue"], **rule})
        return small(assets | law, HOURS), small(assets, HOURS)

    point = 0.01 * 4 * YEARS_PLANS
    return {
        "binds": Case(*cooled(limit - 1 + BY), limit, BY * 4 * CALMED, point * CALMED),
        "apart": Case(*cooled((limit - 1) / 2), 1 + (limit - 1) / 2, 0.0, 0.0),
        "broken": Case(*cooled(limit - 1 + BY, breach_price_per_mwh=FEW), limit + BY, BY * 4 * FEW, point * FEW),
    }  # fmt: skip


def setting(clause: Clause) -> dict[str, Case]:
    """A choice of how to pay the network: two that are allowed, and an ordinary user's tie."""
    direct = {"transmission": "capacity", "spot_runs_continuously": True}

    def paying(**how: Any) -> tuple[Small, Small]:
        pair = _pair(clause, 50.0)
        ties = (site.assets["site", "tie"].model_copy(update=how) for site in pair)
        return tuple(
            small({name: asset for (_, name), asset in site.assets.items()} | {"tie": tie}, HOURS)
            for site, tie in zip(pair, ties, strict=True)
        )  # type: ignore[return-value]

    from optimizer.technologies.energy.direct_connection import DirectConnection

    return {
        "binds": Case(*paying(direct_connection=DirectConnection.model_validate(direct)), "capacity", 0.0, None),
        "apart": Case(*paying(two_part="direct_supply"), "capacity", 0.0, None),
        "broken": Case(*paying(), "import", 0.0, None),
    }


CASES: dict[ClauseKind, Callable[[Clause], dict[str, Case]]] = {
    ClauseKind.SELF_USE: self_use, ClauseKind.OWN_SUPPLY: own_supply, ClauseKind.EXPORT: export,
    ClauseKind.GREEN_SHARE: green_share, ClauseKind.WITHIN_CAPACITY: within_capacity, ClauseKind.FUNDS_ON_SELF_USE: funds,
    ClauseKind.CLEAN_SHARE: clean_share, ClauseKind.CARBON_INTENSITY: carbon_intensity, ClauseKind.PUE: pue,
    ClauseKind.SETTING: setting,
}  # fmt: skip
"""Sites by the kind of a clause. A kind that a shipped book brings in and that is missing here fails its tests."""
