"""First screen of a page: a banner where something is to be known first, one sentence that answers, five cards, one picture."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go

from optimizer.language.numbers import amount as measure
from optimizer.language.numbers import currency_name, listed, money, unit
from optimizer.language.speech import noted, say
from optimizer.plan.ladder import base_of, saving_in_words, steps_in
from optimizer.report.headline import Card, number
from optimizer.report.style import big, share, words
from optimizer.report.tables import Table

GOOD, WARN, BAD = "good", "warn", "bad"
MARKS = {GOOD: "✓", WARN: "!", BAD: "✗", "": ""}
"""What stands beside the colour, for those who do not see it and on grey paper."""
LEAST_SHARE = 5e-3
"""Penalties below this share of the cost are not told apart."""


@dataclass(frozen=True)
class Fact:
    """Line of a banner: what it is about, what is so, and whether that is good."""

    label: str
    text: str
    state: str = ""

    @property
    def mark(self) -> str:
        """Sign of the state, beside its colour."""
        return MARKS[self.state]


@dataclass(frozen=True)
class Banner:
    """What a reader must know before any number: a title, facts, and notes that open."""

    title: str
    state: str
    facts: Sequence[Fact]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Opening:
    """First screen of a page."""

    sentence: str
    cards: Sequence[Card]
    picture: go.Figure | None = None
    banner: Banner | None = None
    tables: Sequence[tuple[str, Table]] = field(default=())
    """Tables below the picture, by their captions."""


@dataclass(frozen=True)
class Penalties:
    """Price of broken promises in the bills of a plan and of its baseline; no money that is paid."""

    plan: float = 0.0
    baseline: float = 0.0


def answer(summary: Mapping[str, Any], penalties: Penalties) -> str:
    """One sentence on a run: its cost, what planning brings against which rung, what is green, what broke."""
    parts = [part for part in (what_it_costs(summary), what_it_brings(summary, penalties), what_is_green(summary), what_broke(summary)) if part]  # fmt: skip
    text = say("; ").join(parts)
    return say("{sentence}.", sentence=f"{text[:1].upper()}{text[1:]}")


def what_it_costs(summary: Mapping[str, Any]) -> str:
    """Cost of a kWh of IT and of a card-hour; of the whole plan where the summary has no unit costs. Below zero it is earned."""
    currency = str(summary.get("currency", "CNY"))
    per_kwh, per_card_hour = number(summary, "costs.per_it_kwh.total"), number(summary, "costs.per_card_hour.total")
    if per_kwh is None or per_card_hour is None:
        cost = number(summary, "costs.total") or number(summary, "cost")
        if cost is None:
            return say("status: {status}", status=say(str(summary.get("status", noted("unknown")))))
        text = noted("the plan earns {money}") if cost < 0 else noted("the plan costs {money}")
        return say(text, money=money(abs(cost), currency))
    prices = {"kwh": price(abs(per_kwh), currency), "card_hour": price(abs(per_card_hour), currency)}
    if per_kwh < 0:
        return say("the site earns {kwh} a kWh of IT, {card_hour} a card-hour", **prices)
    return say("a kWh of IT costs {kwh}, a card-hour {card_hour}", **prices)


def what_it_brings(summary: Mapping[str, Any], penalties: Penalties) -> str:
    """Saving against the lowest rung; where promises are priced, money and penalties apart."""
    total, base = number(summary, "costs.total"), base_of(steps_in(summary))
    base_total, base_name = (base["total"], base["name"]) if base else (number(summary, "baseline_cost"), noted("running all work as it arrives"))  # fmt: skip
    total = number(summary, "cost") if total is None or base is None else total
    if total is None or base_total is None:
        return ""
    currency, against = str(summary.get("currency", "CNY")), say(base_name)
    if max(abs(penalties.plan), abs(penalties.baseline)) <= LEAST_SHARE * abs(base_total):
        saving = saving_in_words(total, base_total, currency)
        return say("{saving} against “{base}”", saving=saving, base=against)
    saving = saving_in_words(total - penalties.plan, base_total - penalties.baseline, currency)
    fewer = penalties.baseline - penalties.plan
    amount = money(abs(fewer), currency)
    broken = say(noted("{money} fewer penalties") if fewer >= 0 else noted("{money} more penalties"), money=amount)
    return say("{saving} in money and {penalties} against “{base}”", saving=saving, penalties=broken, base=against)


def what_is_green(summary: Mapping[str, Any]) -> str:
    """Carbon-free share hour by hour, else the green share."""
    by_hour = number(summary, "cfe_hourly_share")
    by_hour = number(summary, "green_share") if by_hour is None else by_hour
    return "" if by_hour is None else say("{share} of the energy is carbon-free in its hour", share=share(by_hour))


def what_broke(summary: Mapping[str, Any]) -> str:
    """Promises that are missed, the first ones by name."""
    missed = summary.get("shortfalls")
    if not isinstance(missed, Mapping):
        return ""
    names = [missed_in_words(str(name), float(amount)) for name, amount in missed.items()]
    if not names:
        return say("every promise is kept")
    if len(names) == 1:
        return say("one promise is broken: {names}", names=names[0])
    return say("{number} promises are broken, among them {names}", number=len(names), names=listed(names[:2]))


MISSED_UNITS = {"_mwh": "MWh", "_mw": "MWh", "_card_h": "card-h", "_cards": "card-h", "_t": "t"}
"""How the name of a promise ends → unit of what is missed over all hours."""


def missed_in_words(name: str, amount: float) -> str:
    """A broken promise: "qaidam > training > late_card_h" missed by 480 → "training: late 480 card-h"."""
    *places, promise = re.split(" > |: ", name)
    ending = next((end for end in MISSED_UNITS if promise.endswith(end)), "")
    told = say(": ").join(words(part) for part in (*places[-1:], promise.removesuffix(ending)))
    return f"{told} {measure(big(amount), unit(MISSED_UNITS[ending]) if ending else '')}"


def price(value: float, currency: str) -> str:
    """Price of a unit with three digits: "CNY 0.504", in Chinese "0.504元"."""
    amount = f"{value:#.3g}".rstrip(".") if 0.001 <= value < 100 else f"{value:.3g}" if value < 100 else big(value)
    return say("{currency} {amount}", currency=currency_name(currency), amount=amount)


def opening_cards(summary: Mapping[str, Any], penalties: Penalties) -> list[Card]:
    """Five cards of a run: cost of a kWh and of a card-hour, saving, green share, promises; those without a number are left out."""
    currency = str(summary.get("currency", "CNY"))
    return [
        card
        for card in (*cost_cards(summary, currency), saving_card(summary, currency), green_card(summary), promises_card(summary, penalties, currency))
        if card is not None
    ]  # fmt: skip


def cost_cards(summary: Mapping[str, Any], currency: str) -> list[Card]:
    """Cards of what a unit costs, else of what the whole plan costs and how near it is to the best."""
    per_kwh, per_card_hour = number(summary, "costs.per_it_kwh.total"), number(summary, "costs.per_card_hour.total")
    if per_kwh is not None and per_card_hour is not None:
        of_kwh, of_card = (noted("Earned a kWh of IT"), noted("Earned a card-hour")) if per_kwh < 0 else (noted("A kWh of IT costs"), noted("A card-hour costs"))  # fmt: skip
        return [
            Card(say(of_kwh), price(abs(per_kwh), currency), say("running and capital")),
            Card(say(of_card), price(abs(per_card_hour), currency), say("without the card")),
        ]
    cost, gap = number(summary, "cost"), number(summary, "gap")
    cards = []
    if cost is not None:
        label = noted("Earned by the plan") if cost < 0 else noted("Cost of the plan")
        cards.append(Card(say(label), big(abs(cost)), say("{currency}, its bill", currency=currency_name(currency))))
    if gap is not None:
        cards.append(Card(say("Proven gap"), share(gap, 2), say("to the best possible plan")))
    return cards


def saving_card(summary: Mapping[str, Any], currency: str) -> Card | None:
    """Card of what the plan saves against its lowest rung; a loss is called so."""
    saved, base = number(summary, "saving"), base_of(steps_in(summary))
    if saved is None:
        return None
    against = say(base["name"]) if base else say("running all work as it arrives")
    label = noted("Saved") if saved >= 0 else noted("Dearer by")
    return Card(say(label), money(abs(saved), currency), say("against: {base}", base=against), GOOD if saved >= 0 else WARN)  # fmt: skip


def green_card(summary: Mapping[str, Any]) -> Card | None:
    """Card of the carbon-free share, with the own supply below it."""
    by_hour, own = number(summary, "cfe_hourly_share"), number(summary, "own_supply_share")
    if by_hour is None:
        return None
    note = say("own sun and wind {share}", share=share(own)) if own is not None else ""
    return Card(say("Carbon-free, hour by hour"), share(by_hour), note)


def promises_card(summary: Mapping[str, Any], penalties: Penalties, currency: str) -> Card | None:
    """Card of the promises: kept or how many are broken, and what that is priced at."""
    missed = summary.get("shortfalls")
    if not isinstance(missed, Mapping):
        return None
    if not missed:
        return Card(say("Promises"), say("kept"), say("every one, in every hour"), GOOD)
    note = say("{money} of penalties in the cost", money=money(penalties.plan, currency)) if penalties.plan else ""
    return Card(say("Promises"), say("{number} broken", number=len(missed)), note, BAD)
