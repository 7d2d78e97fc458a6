"""Headline and key figures of a run, on the report's first screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from optimizer.language.numbers import currency_name, energy, listed, money, sentences, whole
from optimizer.language.recognition import words_of_value
from optimizer.language.speech import is_chinese, noted, say
from optimizer.plan.ladder import (
    Step,
    base_of,
    cause_in_words,
    gains_and_losses,
    saving_in_words,
    steps_in,
    store_at_a_loss,
)
from optimizer.plan.summary import beside_baseline, said_of_members
from optimizer.report.style import big, share, words


@dataclass(frozen=True)
class Card:
    """Card of the first screen: a number with its label and a note."""

    label: str
    value: str
    note: str = ""
    state: str = ""
    """`good`, `warn`, `bad`; empty where a number is neither."""


def headline(summary: Mapping[str, Any]) -> str:
    """Headline of the report, one or two sentences: what the plan costs, against what, and how near it is to the best possible."""
    cost, baseline_cost, bound, gap = (number(summary, key) for key in ("cost", "baseline_cost", "bound", "gap"))
    currency = summary.get("currency", "CNY")
    if cost is None:
        return say("Status: {status}.", status=say(str(summary.get("status", noted("unknown")))))
    text, total = say("The plan costs {cost}.", cost=money(cost, currency)), number(summary, "costs.total")
    steps = steps_in(summary)
    base, base_cost = noted("running all work as it arrives"), baseline_cost
    if (lowest := base_of(steps)) is not None:
        base, base_cost = lowest["name"], lowest["total"]
    if base_cost is not None:
        text = against_base(summary, cost if total is None else total, base, base_cost)
    proof = ""
    if bound is not None and gap is not None:
        proof = say(
            "No plan can run for less than {bound}: the plan is within {gap} of the best.",
            bound=money(bound, currency), gap=share(gap, 2),
        )  # fmt: skip
    members = said_of_members(summary)
    of_members = say("{sentence}.", sentence=f"{members[:1].upper()}{members[1:]}") if members else ""
    return sentences(text, proof, where_the_gap_is(summary).strip(), of_members)


def against_base(summary: Mapping[str, Any], total: float, base: str, base_cost: float) -> str:
    """What the plan costs in all against a lower rung of the ladder, and what each step up to it brings."""
    currency, capital = str(summary.get("currency", "CNY")), number(summary, "costs.capital")
    values = {
        "cost": money(total, currency), "saving": saving_in_words(total, base_cost, currency),
        "base_cost": money(base_cost, currency), "base": say(base),
    }  # fmt: skip
    if capital:
        parts = {"running": total - capital, "capital": capital}
        in_words = {name: money(part, currency) if is_chinese() else big(part) for name, part in parts.items()}
        text = say(
            "The plan costs {cost} ({running} running, {capital} capital): {saving} against {base_cost} for {base}.",
            **in_words, **values,
        )  # fmt: skip
    else:
        text = say("The plan costs {cost}: {saving} against {base_cost} for {base}.", **values)
    return sentences(text, *steps_up(steps_in(summary), currency))


def steps_up(steps: Sequence[Step], currency: str) -> list[str]:
    """What each step of the ladder saves, and what it costs instead; nothing where there is one step only."""
    gains, losses = gains_and_losses(steps)
    if len(gains) + len(losses) < 2:
        return []
    texts = [
        say(text, causes=say(", by ").join(say("{cause}: {money}", cause=cause_in_words(cause), money=money(amount, currency))
                                           for cause, amount in parts.items()))
        for text, parts in ((noted("Saved by {causes}."), gains), (noted("Lost by {causes}."), losses))
        if parts
    ]  # fmt: skip
    if loss := store_at_a_loss(steps):
        amount = money(loss, currency)
        texts.append(say("The store costs {money} more than it saves, with work as it arrives.", money=amount))
    return texts


def against(summary: Mapping[str, Any]) -> str:
    """Rung a saving is stated against, with the share of it where that means something."""
    total, base = number(summary, "costs.total"), base_of(steps_in(summary))
    if total is None or base is None or base["total"] is None:
        return of_total("saving", "baseline_cost", noted("{share} of the baseline's cost"))(summary)
    in_words = saving_in_words(total, base["total"], str(summary.get("currency", "CNY")))
    if "%" not in in_words:
        return say("against: {base}", base=say(base["name"]))
    return say("{saving} against: {base}", saving=in_words, base=say(base["name"]))


def where_the_gap_is(summary: Mapping[str, Any]) -> str:
    """Months that make more than half of the proven gap, if these are few; else nothing."""
    by_month = pd.Series(summary.get("gap_by_month") or {}, dtype=float).sort_values(ascending=False)
    if len(by_month) < 4 or by_month.sum() <= 0:
        return ""
    most = by_month.index[: int((by_month.cumsum() <= by_month.sum() / 2).sum()) + 1]
    if len(most) > len(by_month) / 3:
        return ""
    return " " + say("More than half of what is not proven lies in {months}.", months=listed(sorted(most)))


def cards(summary: Mapping[str, Any]) -> list[Card]:
    """Numbers a planner asks for first; those the summary lacks are left out."""
    return [
        Card(
            *((say(LOST), form(-value)) if key == "saving" and value < 0 else (say(label), form(value))), note(summary)
        )
        for key, label, form, note in LAYOUT
        if (value := number(summary, key)) is not None and (value or key not in IF_ANY)
    ]


def facts(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Remaining facts of the summary as (name, text), nested values flattened; for the page's last part."""
    rows: list[tuple[str, str]] = []
    for key, value in summary.items():
        if key in ("repairs", "notes", "law"):
            continue
        if key == "ladder":
            rows += [
                (say("ladder: {name}", name=say(step["name"])), text_of(step["cost"])) for step in steps_in(summary)
            ]
        elif isinstance(value, Mapping):
            named = str if key == VERSIONS else in_parts
            rows += [(say(": ").join([words(key), named(str(name))]), text_of(item)) for name, item in value.items()]
        else:
            rows.append((f"{words(key)}{say(UNITS.get(key, ''))}", text_of(value)))
    return rows


NOTHING = 1e-9
"""A number below is what a solver leaves of nothing."""
VERSIONS = "versions"
"""Part of the summary whose names are those of packages."""
UNITS = {"start": noted(" (UTC)")}
"""Units and words that complete the names of the summary."""


def in_parts(name: str) -> str:
    """A name of several parts, "ascend_training: late_card_h", as a reader would write it."""
    return say(": ").join(words(part) for part in name.split(": "))


def number(summary: Mapping[str, Any], key: str) -> float | None:
    value: object = summary
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def text_of(value: object) -> str:
    if isinstance(value, Mapping):
        return say(", ").join(f"{in_parts(str(name))} {text_of(part)}" for name, part in value.items())
    if isinstance(value, list):
        return listed([text_of(part) for part in value]) or say("none")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return say("not known") if value is None else words_of_value(str(value))
    return "0" if abs(value) < NOTHING else f"{value:.4g}" if abs(value) < 1000 else whole(value)


def of_total(part: str, total: str, text: str) -> Callable[[Mapping[str, Any]], str]:
    """A note that gives one key as a share of another."""

    def note(summary: Mapping[str, Any]) -> str:
        top, bottom = number(summary, part), number(summary, total)
        return say(text, share=share(top / abs(bottom))) if top is not None and bottom else ""

    return note


def plain(text: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda summary: say(text, currency=currency_name(str(summary.get("currency", "CNY"))))


LOST = noted("Dearer by")
"""Label of a saving below zero."""
IF_ANY = ("contract_share", "grid_clean_share", "certificate_share")
"""Cards that are left out where there is none."""


def carbon_note(key: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda summary: say("t CO2{baseline}", baseline=beside_baseline(summary, key))


def hours(value: float) -> str:
    return say("{hours} h", hours=f"{value:.1f}")


def of_baseline(key: str) -> Callable[[Mapping[str, Any]], str]:
    """A note that gives the same key of the baseline."""

    def note(summary: Mapping[str, Any]) -> str:
        case = number(summary.get("baseline") or {}, key)
        return say("{hours} as it arrives", hours=hours(case)) if case is not None else ""

    return note


def unit_price(value: float) -> str:
    return f"{value:.4f}"


LAYOUT: tuple[tuple[str, str, Callable[[float], str], Callable[[Mapping[str, Any]], str]], ...] = (
    ("cost", noted("Cost of the plan"), big, plain(noted("{currency}, its bill"))),
    (
        "costs.capital",
        noted("Capital"),
        big,
        plain(noted("{currency}, these hours' share of what stands and was found")),
    ),
    (
        "costs.per_it_kwh.total",
        noted("Cost of a kWh of IT"),
        unit_price,
        plain(noted("{currency}, running and capital")),
    ),
    (
        "costs.per_facility_kwh.total",
        noted("Cost of a kWh used"),
        unit_price,
        plain(noted("{currency}, running and capital")),
    ),
    (
        "costs.per_card_hour.total",
        noted("Cost of a card-hour"),
        unit_price,
        plain(noted("{currency}, without the card")),
    ),
    ("saving", noted("Saved"), big, against),
    ("gap", noted("Proven gap"), lambda value: share(value, 2), plain(noted("to the best possible plan"))),
    (
        "own_supply_share",
        noted("Own supply"),
        share,
        plain(noted("own sun and wind traced hour by hour, of all energy used, losses of stores included")),
    ),
    ("contract_share", noted("Contracted green power"), share, plain(noted("over the grid, of the energy used"))),
    ("grid_clean_share", noted("Clean part of the grid"), share, plain(noted("of the energy used"))),
    (
        "cfe_hourly_share",
        noted("Carbon-free, hour by hour"),
        share,
        plain(noted("the three together (24/7 convention)")),
    ),
    ("certificate_share", noted("Certificates bought"), share, plain(noted("for that share of the energy used"))),
    ("self_use_share", noted("Own sun and wind used"), share, plain(noted("of what was available"))),
    ("pue", noted("PUE"), lambda value: f"{value:.3f}", plain(noted("site energy per IT energy"))),
    ("wue_l_per_kwh", noted("WUE"), lambda value: f"{value:.2f}", plain(noted("litres per kWh of IT"))),
    ("import_mwh", noted("Bought"), energy, plain(noted("MWh from the grid"))),
    ("export_mwh", noted("Sold"), energy, plain(noted("MWh to the grid"))),
    ("curtailed_mwh", noted("Curtailed"), energy, plain(noted("MWh of sun and wind"))),
    ("carbon_location_t", noted("Carbon, location-based"), big, carbon_note("carbon_location_t")),
    ("carbon_market_t", noted("Carbon, market-based"), big, carbon_note("carbon_market_t")),
    (
        "shifted_card_hours",
        noted("Work moved"),
        big,
        of_total("shifted_card_hours", "card_hours", noted("{share} of all card-hours")),
    ),
    ("mean_wait_h", noted("Mean wait of movable work"), hours, of_baseline("mean_wait_h")),
    ("wait_95_h", noted("95 % wait no longer than"), hours, of_baseline("wait_95_h")),
    ("late_card_hours", noted("Late work"), big, plain(noted("card-hours"))),
)
"""Key, label, how the number is written, note under it."""
