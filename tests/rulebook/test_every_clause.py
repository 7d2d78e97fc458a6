"""Every clause of the shipped rule books: a plan in which it binds, one in which it does not, one in which it is broken.

The day of test_verdicts: 48 MWh of wind against 48 of load, 24 self-used, 24 exported at 30, 24 bought at 100 and 0.5 t. Ratios are
promised: broken, they are priced and named. What is only checked (capacity, clean share, intensity, PUE, settings) has no price of
its own: broken, it is named; bought above the tie it pays the overload.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sites import Small, center, small

from optimizer.plan.outcome import Plan
from optimizer.plan.results_file import save_results
from optimizer.quantities.documents import SCENARIOS
from optimizer.rulebook.verdicts import verdicts_of
from optimizer.rulebook.wording import in_words
from optimizer.technologies.compute.service import Service
from optimizer.technologies.rules.book import Book, Clause, ClauseKind, read_book
from optimizer.technologies.rules.green_supply import GreenSupply
from tests.recompute_law import ratios
from tests.rulebook.clause_cases import CASES, Case
from tests.rulebook.test_verdicts import book, day, verdict

CLAUSES = [
    pytest.param(clause, id=f"{path.stem}-{name}")
    for path in sorted((SCENARIOS / "rules").glob("*.yaml"))
    for name, clause in read_book(path.stem).clauses.items()
]
"""Every clause of every shipped book; a book that is added later is among them."""
CHECKED = {
    # kind: what the day does (found by hand), a limit it keeps, one it breaks
    ClauseKind.CLEAN_SHARE: (0.5, 0.4, 0.6),
    ClauseKind.CARBON_INTENSITY: (12 / (48 * 0.1229), 3.0, 2.0),
    ClauseKind.FUNDS_ON_SELF_USE: (0.0, 0.0, 21.525),
}


def asked(site: Small, kind: str, limit: float) -> Any:
    """The verdict on a clause asked of a plan that was made without it."""
    (made,) = verdicts_of(site.plan().results, site.assets, [Book.model_validate(book(kind, limit))])
    return made


@cache
def planned(terms: str, where: str) -> tuple[Case, Plan, float]:
    """A case, its plan, and the cost without the clause; clauses that ask the same share them. `terms`: JSON of the clause."""
    clause = Clause.model_validate_json(terms)
    assert clause.kind in CASES, f"clauses of kind {clause.kind} have no sites in tests/rulebook/clause_cases.py"
    case = CASES[clause.kind](clause)[where]
    return case, case.site.plan(), case.without.plan().cost


@pytest.mark.parametrize("where", ["binds", "apart", "broken"])
@pytest.mark.parametrize("clause", CLAUSES)
def test_every_shipped_clause(clause: Clause, where: str, tmp_path: Path) -> None:
    """At its limit, apart from it, and broken: what the plan does, what the clause costs and what a point costs are as by hand;
    broken it is named; and its value comes out of the results file alone to 1e-6."""
    terms = clause.model_copy(update={"asks": "a test", "source": "a test", "confidence": "assumption"})
    case, plan, without = planned(terms.model_dump_json(), where)
    (made,) = verdicts_of(plan.results, case.site.assets)
    assert made.holds is (where != "broken")
    assert made.value == (case.value if isinstance(case.value, str) else pytest.approx(case.value, abs=1e-6))
    assert plan.cost - without == pytest.approx(case.costs, abs=1e-4)  # money; plans are exact to 1e-6
    assert made.point_costs_a_year == (None if case.point is None else pytest.approx(case.point, rel=1e-6, abs=1e-6))
    assert (made.no_price_because is None) is (case.point is not None)
    assert ("NOT lawful, 1 of 1 clauses fail: clause" in in_words([made])) is (where == "broken")
    if where == "broken" and isinstance(made.value, float):
        save_results(tmp_path / "results.nc", plan.results.assign_attrs(scenario=scenario_of(case.site)))
        assert ratios(tmp_path / "results.nc")[clause.kind] == pytest.approx(made.value, rel=1e-6, abs=1e-6)


def scenario_of(site: Small) -> dict[str, Any]:
    """The part of a scenario that the recomputation reads."""
    laws = {name: asset for (_, name), asset in site.assets.items() if isinstance(asset, GreenSupply)}
    return {"green_supply": {name: law.model_dump(mode="json") for name, law in laws.items()}}


def test_a_kind_without_sites_of_its_own_fails() -> None:
    """Every kind there is has its sites, but for one that no shipped book asks and that has tests below."""
    assert set(ClauseKind) - set(CASES) == {ClauseKind.EXPORT_OF_GIVEN}


@pytest.mark.parametrize("kind", CHECKED)
def test_a_checked_clause_at_its_limit_beside_it_and_broken(kind: ClauseKind) -> None:
    """At the limit it holds without a margin, before it with one; beyond it it fails and is named."""
    value, kept, broken = CHECKED[kind]
    site = day(None)
    at_limit = asked(site, kind, value)
    assert at_limit.holds
    assert at_limit.margin == pytest.approx(0.0, abs=1e-6)
    assert asked(site, kind, kept).holds
    fails = asked(site, kind, broken)
    assert fails.holds is False
    assert fails.value == pytest.approx(value, abs=1e-6)
    assert fails.margin == pytest.approx(-abs(value - broken), abs=1e-6)
    assert "NOT lawful, 1 of 1 clauses fail: clause" in in_words([fails])


@pytest.mark.parametrize(("kind", "limit", "beyond_mwh"), [("export", 0.2, 14.4), ("export", 0.0, 24.0), ("export_of_given", 0.2, 14.4)])  # fmt: skip
def test_an_export_that_is_worth_its_breach_is_priced_and_named(kind: str, limit: float, beyond_mwh: float) -> None:
    """At a penalty of 10 a MWh it pays to sell at 30 all the same: the excess is paid, named, and a point costs its penalty."""
    made, more = verdict(kind, limit, rule={"breach_price_per_mwh": 10.0})
    assert made.holds is False
    assert made.value == pytest.approx(0.5, rel=1e-6)
    assert more == pytest.approx(beyond_mwh * 10, abs=1e-3)
    assert made.point_costs_a_year == pytest.approx(0.48 * 10 * 365, rel=1e-6)
    assert "NOT lawful" in in_words([made])


def test_a_tie_at_its_declared_capacity_and_above_it() -> None:
    """2 MW through 2: held at the limit. Through 1.5: 6 MWh above, each for 200 instead of 100, and the clause is named."""
    full, tight = (day({"books": [book("within_capacity", 0.0)]}, import_limit_mw=limit) for limit in (2.0, 1.5))
    (held,), (broken,) = (verdicts_of(site.plan().results, site.assets) for site in (full, tight))
    assert held.holds
    assert held.margin == pytest.approx(0.0, abs=1e-6)
    assert broken.holds is False
    assert tight.plan().cost - full.plan().cost == pytest.approx(6 * 200, abs=1e-3)
    assert "6 MWh above" in in_words([broken])


def test_a_pue_at_its_limit_below_and_above() -> None:
    """Site energy over IT energy of a small center, from its flows; the limit may be it, above it, or below it."""
    site = small(center(inference=Service(pool="pool", cards=300.0)), 2)
    first = asked(site, "pue", 9.0)
    assert first.holds
    assert isinstance(first.value, float)
    assert first.value > 1.0
    assert asked(site, "pue", first.value).holds
    assert asked(site, "pue", first.value - 0.01).holds is False


def test_the_setting_of_the_network_fee() -> None:
    """Near-by consumption asks for capacity, energy or cheaper: an ordinary tie fails and is named, a direct connection holds."""
    near_by = read_book("near-by-consumption")
    holds = {}
    for form in ("demand", "direct_supply"):
        site = day(None)
        tie = site.assets["site", "tie"].model_copy(update={"two_part": form})
        site = small({name: asset for (_, name), asset in site.assets.items()} | {"tie": tie}, 24)
        made = {v.clause: v for v in verdicts_of(site.plan().results, site.assets, [near_by])}
        holds[form] = made["network_fee"].holds
    assert holds == {"demand": False, "direct_supply": True}


def test_absorbing_less_curtails_without_feed_in() -> None:
    """Section by hand: 320 GWh available, the load takes 270 hour by hour: 50 curtailed, nothing fed in, self-use 0.84375."""
    from sites import Demand, tie

    from optimizer.technologies.energy.wind import Wind
    from optimizer.technologies.rules.green_supply import GreenSupply

    law = GreenSupply.model_validate({"books": [book("export", 0.0), book("self_use", 0.6)]})
    wind = Wind(power_mw=200.0, capacity_factor={"hourly": [1.0, 0.6] + [0.0] * 22}, cost_per_mwh=0.0)
    assets: dict[str, Any] = {"tie": tie(100.0, export_price=30.0, export_limit_mw=200.0, import_limit_mw=200.0), "wind": wind,
                              "load": Demand(amount=[150.0, 150.0]), "law": law}  # fmt: skip
    site = small(assets, 2)
    no_export, self_use = verdicts_of(site.plan().results, site.assets)
    assert no_export.value == pytest.approx(0.0, abs=1e-9)
    assert self_use.value == pytest.approx(270 / 320, abs=1e-6)
