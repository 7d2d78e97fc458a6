"""Clauses of rule books on a day worked out by hand: each where it binds, where it does not, and where it is broken and paid.

The day: 4 MW of wind for 12 h (48 MWh available) against 2 MW of load for 24 h (48 MWh): 24 MWh self-used, 24 exported at 30, 24
bought at 100. A lossless store that wears by 90 a MWh does not pay: it saves 70 for each MWh moved.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sites import Demand, Small, small, tie

from optimizer.quantities.documents import SCENARIOS
from optimizer.rulebook.metering import metering_of
from optimizer.rulebook.verdicts import Verdict, unlawful, verdicts_of
from optimizer.rulebook.wording import in_words
from optimizer.scenario.complaints import ScenarioError
from optimizer.scenario.file import scenario_from
from optimizer.technologies.base import Technology
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.energy.wind import Wind
from optimizer.technologies.rules.book import AT_LEAST, Book, ClauseKind
from optimizer.technologies.rules.green_supply import GreenSupply

HALF_A_DAY = {"hourly": [1.0] * 12 + [0.0] * 12}
BREACH = 500.0
"""Penalty for a MWh that a ratio is missed by."""
A_YEAR = 365.0
STORE = Storage(power_mw=2.0, energy_mwh=24.0, charge_efficiency=1, discharge_efficiency=1, opening_state_of_charge=0.0,
                wear_cost_per_mwh=90.0)  # fmt: skip


def book(kind: str, limit: float | None, **more: Any) -> dict[str, Any]:
    """A book with one clause."""
    clause = {"kind": kind, "limit": limit, "asks": "a test", "source": "a test", "confidence": "assumption", **more}
    return {"name": "test", "document": "one", "date": "2025-01-01", "binds": "tests", "clauses": {"clause": clause}}


def day(rule: dict[str, Any] | None, *, store: bool = False, import_limit_mw: float = 50.0) -> Small:
    """The day with a rule, and with or without the store."""
    assets: dict[str, Technology] = {
        "tie": tie(100.0, export_price=30.0, export_limit_mw=10.0, carbon_t_per_mwh=0.5, import_limit_mw=import_limit_mw,
                   overload_price_per_mwh=200.0),
        "wind": Wind(power_mw=4.0, capacity_factor=HALF_A_DAY, cost_per_mwh=0.0),
        "load": Demand(amount=[2.0]),
    }  # fmt: skip
    if store:
        assets["store"] = STORE
    if rule is not None:
        assets["rules"] = GreenSupply.model_validate({"breach_price_per_mwh": BREACH, **rule})
    return small(assets, 24)


def verdict(
    kind: str, limit: float | None, *, store: bool = False, rule: dict[str, Any] | None = None, **more: Any
) -> tuple[Verdict, float]:
    """The verdict on one clause, and the plan's cost above that of the day without a rule."""
    site = day({"books": [book(kind, limit, **more)], **(rule or {})}, store=store)
    plan = site.plan()
    (made,) = verdicts_of(plan.results, site.assets)
    return made, plan.cost - day(None, store=store).plan().cost


BINDING = [
    ("self_use", 0.6, True, {}, 0.6, 4.8 * 20, 0.48 * 20),  # 4.8 MWh are moved at a loss of 20 each
    ("own_supply", 0.6, True, {}, 0.6, 4.8 * 20, 0.48 * 20),
    ("export", 0.2, False, {}, 0.2, (24 - 9.6) * 30, 0.48 * 30),
    (
        "export_of_given",
        0.2,
        False,
        {},
        0.2,
        (24 - 6) * 30,
        0.30 * 30 / 0.8,
    ),  # e = 0.2 (24 + e); a MWh of leave lets 1.25 out
    ("green_share", 0.6, False, {"certificates": {"price_per_mwh": 5.0}}, 0.6, 4.8 * 5, 0.48 * 5),
]


@pytest.mark.parametrize(("kind", "limit", "store", "rule", "value", "costs", "point"), BINDING)
def test_a_clause_that_binds_has_its_price(
    kind: str, limit: float, store: bool, rule: dict[str, Any], value: float, costs: float, point: float
) -> None:
    """The plan keeps to the limit, costs what keeping it costs, and one more point costs by hand what the dual says."""
    made, more = verdict(kind, limit, store=store, rule=rule)
    assert made.holds
    assert made.value == pytest.approx(value, rel=1e-6)
    assert made.margin == pytest.approx(0.0, abs=1e-6)
    assert more == pytest.approx(costs, abs=1e-3)
    assert made.point_costs_a_year == pytest.approx(point * A_YEAR, rel=1e-6)


@pytest.mark.parametrize(
    ("kind", "limit", "value"),
    [("self_use", 0.4, 0.5), ("own_supply", 0.4, 0.5), ("export", 0.6, 0.5), ("export_of_given", 0.6, 0.5), ("green_share", 0.4, 0.5),
     ("within_capacity", 0.0, 0.0), ("clean_share", 0.4, 0.5), ("carbon_intensity", 3.0, 12 / (48 * 0.1229))],
)  # fmt: skip
def test_a_clause_that_does_not_bind_costs_nothing(kind: str, limit: float, value: float) -> None:
    """It holds with its margin, the plan is that without it, and another point would be free."""
    made, more = verdict(kind, limit)
    assert made.holds
    assert made.value == pytest.approx(value, rel=1e-6)
    assert made.margin == pytest.approx(abs(value - limit), rel=1e-6)
    assert more == pytest.approx(0.0, abs=1e-6)
    assert not made.point_costs_a_year


@pytest.mark.parametrize(
    ("kind", "limit", "value", "short_mwh"),
    [("self_use", 0.6, 0.5, 4.8), ("own_supply", 0.7, 0.5, 9.6), ("green_share", 0.55, 0.5, 2.4)],
)
def test_a_ratio_that_cannot_be_kept_is_priced_and_named(
    kind: str, limit: float, value: float, short_mwh: float
) -> None:
    """Without a store nothing more can be self-used: the MWh short are paid, the clause fails, and a point costs its penalty."""
    made, more = verdict(kind, limit)
    assert made.holds is False
    assert made.value == pytest.approx(value, rel=1e-6)
    assert more == pytest.approx(short_mwh * BREACH, abs=1e-3)
    assert made.point_costs_a_year == pytest.approx(0.48 * BREACH * A_YEAR, rel=1e-6)
    assert "NOT lawful" in in_words([made])
    assert "clause" in in_words([made])


def test_no_export_holds_while_the_spot_market_does_not_run() -> None:
    """All 24 MWh are curtailed, at 30 each; once the market runs the clause is not in force and nothing is asked."""
    stopped, more = verdict("export", 0.0, only_without_continuous_spot=True)
    assert stopped.holds
    assert stopped.value == pytest.approx(0.0, abs=1e-6)
    assert more == pytest.approx(24 * 30, abs=1e-3)
    running = day({"books": [book("export", 0.0, only_without_continuous_spot=True)], "spot_runs_continuously": True})
    assert verdicts_of(running.plan().results, running.assets) == []


def test_the_strictest_of_several_books_is_promised() -> None:
    """30 % and 20 % of export: the plan keeps to 20 %, and both hold."""
    site = day({"books": [book("export", 0.3), book("export", 0.2)]})
    made = verdicts_of(site.plan().results, site.assets)
    assert [v.holds for v in made] == [True, True]
    assert [v.point_costs_a_year is None for v in made] == [True, False]
    assert made[0].margin == pytest.approx(0.1, abs=1e-6)
    assert made[1].margin == pytest.approx(0.0, abs=1e-6)


def test_funds_are_paid_on_self_used_energy() -> None:
    """24 MWh at 21.525; a run that does not pay them fails the clause when it is asked afterwards."""
    made, more = verdict("funds_on_self_use", 21.525)
    assert made.holds
    assert more == pytest.approx(24 * 21.525, abs=1e-3)
    site = day(None)
    (asked,) = verdicts_of(site.plan().results, site.assets, [Book.model_validate(book("funds_on_self_use", 21.525))])
    assert asked.holds is False
    assert asked.value == 0.0


def test_books_may_only_be_counted_by() -> None:
    """The plan is that without a rule and pays no funds; each clause it breaks is named, and none has a price."""
    books = [book("export", 0.2), book("funds_on_self_use", 21.525)]
    site = day({"books": books, "books_are": "checked"})
    plan = site.plan()
    assert plan.cost == pytest.approx(day(None).plan().cost, abs=1e-6)
    made = verdicts_of(plan.results, site.assets)
    assert [(v.holds, v.point_costs_a_year) for v in made] == [(False, None), (False, None)]


@pytest.mark.parametrize(("counts", "charged_mwh"), [(True, 4.8), (False, 24.0)])
def test_store_losses_count_as_self_used_or_not(counts: bool, charged_mwh: float) -> None:
    """A store that keeps a fifth of what it takes loses 10 on each MWh (30 not sold, 20 not bought). 60 % of 48 MWh are 4.8 more
    than the load takes: with its losses 4.8 MWh are charged, without them 24, of which a fifth is kept."""
    rule = {"books": [book("self_use", 0.6)], "store_losses_count": counts}
    lossy = STORE.model_copy(update={"charge_efficiency": 0.2, "wear_cost_per_mwh": 0.0})
    site = small({name: asset for (_, name), asset in day(rule).assets.items()} | {"store": lossy}, 24)
    plan = site.plan()
    (made,) = verdicts_of(plan.results, site.assets)
    assert made.value == pytest.approx(0.6, rel=1e-6)
    assert metering_of(plan.results, "site").charged_mwh == pytest.approx(charged_mwh, rel=1e-6)
    assert plan.cost == pytest.approx(day(None).plan().cost + 10 * charged_mwh, abs=1e-3)


def test_power_above_the_tie_breaks_the_declared_capacity() -> None:
    """2 MW through a tie of 1.5 MW for 12 h: 6 MWh above."""
    site = day({"books": [book("within_capacity", 0.0)]}, import_limit_mw=1.5)
    (made,) = verdicts_of(site.plan().results, site.assets)
    assert made.holds is False
    assert made.value == pytest.approx(6.0, abs=1e-5)


@pytest.mark.parametrize(("choices", "holds"), [(["direct_supply"], False), (["demand", "direct_supply"], True)])
def test_a_setting_is_one_of_those_that_are_allowed(choices: list[str], holds: bool) -> None:
    made, more = verdict("setting", None, setting="grid.two_part", one_of=choices)
    assert made.holds is holds
    assert made.value == "demand"
    assert more == pytest.approx(0.0, abs=1e-6)


def test_without_servers_a_pue_cannot_be_told() -> None:
    made, _ = verdict("pue", 1.2)
    assert made.holds is None
    assert unlawful([made]) == []
    said = in_words([made])
    assert "lawful by 0 of 1 clauses" in said
    assert "cannot be told: clause" in said
    assert "counted over 1 days; the law counts a year" in said


@pytest.mark.parametrize("path", sorted((SCENARIOS / "rules").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_books_say_where_each_number_was_read(path: Path) -> None:
    """Every shipped book loads by its name; ratios are shares, and what is read at second hand does not call itself official."""
    shipped = Book.model_validate(path.stem)
    for clause in shipped.clauses.values():
        if clause.kind in AT_LEAST - {ClauseKind.FUNDS_ON_SELF_USE} | {ClauseKind.EXPORT}:
            assert clause.limit is not None
            assert 0 <= clause.limit <= 1
        if any(word in clause.source for word in ("press", "draft", "copies", "analyst")):
            assert clause.confidence != "official"


def test_an_unknown_book_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"known are .*direct-connection"):
        GreenSupply.model_validate({"books": ["direct-conection"]})


def test_one_market_runs_continuously_or_does_not() -> None:
    """The tie and the rule books name the same market; two answers are refused with where they stand."""
    data: dict[str, Any] = {
        "name": "two answers",
        "site": {"name": "place", "latitude": 36, "longitude": 95, "elevation_m": 2800},
        "load": {"works": {"power_mw": 1}},
        "grid": {"tie": {"tariff": {"energy_price_per_mwh": 100}, "import_limit_mw": 2, "direct_connection": {"transmission": "energy"}}},
        "green_supply": {"law": {"books": ["direct-connection"]}},
    }  # fmt: skip
    assert scenario_from(data).problems() == []
    data["green_supply"]["law"]["spot_runs_continuously"] = True
    with pytest.raises(ScenarioError, match="say the same in both"):
        scenario_from(data)
