"""Verdicts on clauses in words: what is asked, what the plan does, margin, price, and what a share is a share of."""

from __future__ import annotations

from optimizer.language.numbers import amount, grouped, listed, money_to_the_unit, unit
from optimizer.language.speech import noted, say
from optimizer.language.words import words
from optimizer.rulebook.verdicts import TOLERANCE, Verdict, unlawful
from optimizer.technologies.rules.book import AT_LEAST, ClauseKind

A_MWH = "a MWh"
UNITS = {
    ClauseKind.WITHIN_CAPACITY: "MWh above", ClauseKind.PUE: "", ClauseKind.CARBON_INTENSITY: "t CO2/tce",
    ClauseKind.FUNDS_ON_SELF_USE: A_MWH, ClauseKind.SETTING: "",
}  # fmt: skip
"""Unit of a kind's value; the others are shares."""
A_YEAR_H = 8760.0
SHARE_OF = {
    ClauseKind.SELF_USE: noted("own energy that was not sold, of what own sun and wind could give"),
    ClauseKind.OWN_SUPPLY: noted("own energy that was not sold, of the load; losses of stores are no load"),
    ClauseKind.EXPORT: noted("energy sold, of what own sun and wind could give"),
    ClauseKind.EXPORT_OF_GIVEN: noted("energy sold, of what own sun and wind gave"),
    ClauseKind.GREEN_SHARE: noted("own energy that was not sold, contracted and certified, of the load; losses of stores are no load"),
    ClauseKind.CLEAN_SHARE: noted("carbon-free energy traced hour by hour, of all energy used, losses of stores included"),
}  # fmt: skip
"""What a share is counted of, by kind: others on the page may be counted of something else."""
FORMS = {"capacity": noted("by capacity"), "energy": noted("by energy"), "cheaper": noted("whichever is cheaper")}
"""Ways of paying that a clause may ask, in words; other settings by their names."""


def in_words(verdicts: list[Verdict], currency: str = "") -> str:
    """A plan's standing in a sentence: lawful by which books, or the clauses that fail, and over which time that is counted."""
    if not verdicts:
        return say("no rule book is named, so nothing is said about the law")
    broken, untold = unlawful(verdicts), [clause_name(v) for v in verdicts if v.holds is None]
    if broken:
        named = say("; ").join(
            say(
                "{clause} ({document}): {value}, {limit}", clause=clause_name(v), document=say(v.document),
                value=value_in_words(v, currency), limit=limit_in_words(v, currency),
            )
            for v in broken
        )  # fmt: skip
        said = say(
            "NOT lawful, {broken} of {all} clauses fail: {named}", broken=len(broken), all=len(verdicts), named=named
        )
    else:
        books = listed(list(dict.fromkeys(say(verdict.document) for verdict in verdicts)))
        met = len(verdicts) - len(untold)
        said = say("lawful by {met} of {all} clauses of {books}", met=met, all=len(verdicts), books=books)
    cannot = say("; cannot be told: {clauses}", clauses=listed(untold)) if untold else ""
    hours = verdicts[0].hours
    short = say(" (counted over {days} days; the law counts a year)", days=f"{hours / 24:.4g}")
    return said + cannot + (short if hours < A_YEAR_H else "")


def clause_name(verdict: Verdict) -> str:
    """Name of a clause as a reader would write it."""
    return words(verdict.clause)


def value_in_words(verdict: Verdict, currency: str = "") -> str:
    """What the plan does, with its unit."""
    return _with_unit(verdict.value, ClauseKind(verdict.kind), currency)


def share_in_words(verdict: Verdict) -> str:
    """What the plan's share is a share of; nothing where it is none."""
    kind = ClauseKind(verdict.kind)
    return say(SHARE_OF[kind]) if kind in SHARE_OF and verdict.value is not None else ""


def limit_in_words(verdict: Verdict, currency: str = "") -> str:
    """What is asked, with its unit."""
    kind = ClauseKind(verdict.kind)
    if kind == ClauseKind.SETTING:
        return say("asked is {values}", values=say(" or ").join(map(_setting, verdict.one_of)))
    limit = _with_unit(verdict.limit, kind, currency)
    return say("at least {limit}", limit=limit) if kind in AT_LEAST else say("at most {limit}", limit=limit)


def price_in_words(verdict: Verdict, currency: str) -> str:
    """What one more point costs in a year, or why there is no such price."""
    if verdict.point_costs_a_year is None:
        return say("no price: {reason}", reason=say(verdict.no_price_because or "not known"))
    if verdict.point_costs_a_year == 0:
        return say("one more point costs nothing")
    return say("one more point costs {money} a year", money=money_to_the_unit(verdict.point_costs_a_year, currency))


def margin_in_words(verdict: Verdict, currency: str = "") -> str:
    """Distance to the limit with its unit; nothing where there is none."""
    if verdict.margin is None:
        return ""
    margin, kind = 0.0 if abs(verdict.margin) < TOLERANCE else verdict.margin, ClauseKind(verdict.kind)
    if kind not in UNITS:
        return say("margin {points} points", points=f"{margin * 100:+.2f}")
    return say("margin {amount}", amount=_figure(margin, kind, currency, "+,.6g"))


def _with_unit(value: float | str | None, kind: ClauseKind, currency: str) -> str:
    if value is None:
        return say("nothing to count by")
    if isinstance(value, str):
        return listed([_setting(part) for part in value.split(", ")])
    return f"{value:.2%}" if kind not in UNITS else _figure(value, kind, currency, ",.6g")


def _figure(value: float, kind: ClauseKind, currency: str, form: str) -> str:
    """A figure with the unit of its kind; money for energy with its currency where that is known."""
    name = f"{currency}/MWh" if currency and UNITS[kind] == A_MWH else UNITS[kind]
    return amount(grouped(value, form), unit(name))


def _setting(value: str) -> str:
    """Value of a setting as a reader would say it."""
    return say(FORMS[value]) if value in FORMS else words(value)
