"""Headline and key figures of a run, on the report's first screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from optimizer.plan.ladder import Step, base_of, gains_and_losses, saving_in_words, steps_in, store_at_a_loss
from optimizer.plan.summary import beside_baseline, said_of_members
from optimizer.report.style import big, share, words


@dataclass(frozen=True)
class Card:
    """Card of the first screen: a number with its label and a note."""

    label: str
    value: str
    note: str = ""


def headline(summary: Mapping[str, Any]) -> str:
    """Headline of the report, one or two sentences: what the plan costs, against what, and how near it is to the best possible."""
    cost, baseline_cost, bound, gap = (number(summary, key) for key in ("cost", "baseline_cost", "bound", "gap"))
    currency = summary.get("currency", "CNY")
    if cost is None:
        return f"Status: {summary.get('status', 'unknown')}."
    text, total, capital = (
        f"The plan costs {currency} {big(cost)}.",
        number(summary, "costs.total"),
        number(summary, "costs.capital"),
    )
    whole = cost if total is None else total
    steps = steps_in(summary)
    base, base_cost = "running all work as it arrives", baseline_cost
    if (lowest := base_of(steps)) is not None:
        base, base_cost = lowest["name"], lowest["total"]
    if base_cost is not None:
        running = f" ({big(whole - capital)} running, {big(capital)} capital)" if capital else ""
        text = (
            f"The plan costs {currency} {big(whole)}{running}: {saving_in_words(whole, base_cost, currency)} against "
        )
        text += f"{currency} {big(base_cost)} for {base}.{steps_up(steps, currency)}"
    if bound is not None and gap is not None:
        text += (
            f" No plan can run for less than {currency} {big(bound)}: the plan is within {share(gap, 2)} of the best."
        )
    members = said_of_members(summary)
    return text + where_the_gap_is(summary) + (f" {members[:1].upper()}{members[1:]}." if members else "")


def steps_up(steps: Sequence[Step], currency: str) -> str:
    """What each step of the ladder saves, and what it costs instead; nothing where there is one step only."""
    gains, losses = gains_and_losses(steps)
    if len(gains) + len(losses) < 2:
        return ""
    texts = [
        f" {verb} by {', by '.join(f'{cause}: {currency} {big(amount)}' for cause, amount in parts.items())}."
        for verb, parts in (("Saved", gains), ("Lost", losses))
        if parts
    ]
    loss = store_at_a_loss(steps)
    texts += [f" The store costs {currency} {big(loss)} more than it saves, with work as it arrives."] if loss else []
    return "".join(texts)


def against(summary: Mapping[str, Any]) -> str:
    """Rung a saving is stated against, with the share of it where that means something."""
    total, base = number(summary, "costs.total"), base_of(steps_in(summary))
    if total is None or base is None or base["total"] is None:
        return of_total("saving", "baseline_cost", "the baseline's cost")(summary)
    in_words = saving_in_words(total, base["total"], str(summary.get("currency", "CNY")))
    return f"{in_words} against: {base['name']}" if "%" in in_words else f"against: {base['name']}"


def where_the_gap_is(summary: Mapping[str, Any]) -> str:
    """Months that make more than half of the proven gap, if these are few; else nothing."""
    by_month = pd.Series(summary.get("gap_by_month") or {}, dtype=float).sort_values(ascending=False)
    if len(by_month) < 4 or by_month.sum() <= 0:
        return ""
    most = by_month.index[: int((by_month.cumsum() <= by_month.sum() / 2).sum()) + 1]
    if len(most) > len(by_month) / 3:
        return ""
    return f" More than half of what is not proven lies in {', '.join(sorted(most))}."


def cards(summary: Mapping[str, Any]) -> list[Card]:
    """Numbers a planner asks for first; those the summary lacks are left out."""
    return [
        Card(*((LOST, shown(-value)) if key == "saving" and value < 0 else (label, shown(value))), note(summary))
        for key, label, shown, note in LAYOUT
        if (value := number(summary, key)) is not None and (value or key not in IF_ANY)
    ]


def facts(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Remaining facts of the summary as (name, text), nested values flattened; for the page's last part."""
    rows: list[tuple[str, str]] = []
    for key, value in summary.items():
        if key in ("repairs", "law"):
            continue
        if key == "ladder":
            rows += [(f"ladder: {step['name']}", text_of(step["cost"])) for step in steps_in(summary)]
        elif isinstance(value, Mapping):
            rows += [(f"{words(key)}: {words(str(name))}", text_of(item)) for name, item in value.items()]
        else:
            rows.append((f"{words(key)}{UNITS.get(key, '')}", text_of(value)))
    return rows


UNITS = {"start": " (UTC)"}
"""Units and words that complete the names of the summary."""


def number(summary: Mapping[str, Any], key: str) -> float | None:
    value: object = summary
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def text_of(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "not known" if value is None else str(value)
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def of_total(part: str, whole: str, of: str) -> Callable[[Mapping[str, Any]], str]:
    """A note that gives one key as a share of another."""

    def note(summary: Mapping[str, Any]) -> str:
        top, bottom = number(summary, part), number(summary, whole)
        return f"{share(top / abs(bottom))} of {of}" if top is not None and bottom else ""

    return note


def plain(text: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda summary: text.format(currency=summary.get("currency", "CNY"))


LOST = "Dearer by"
"""Label of a saving below zero."""
IF_ANY = ("contract_share", "grid_clean_share", "certificate_share")
"""Cards that are left out where there is none."""


def carbon_note(key: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda summary: f"t CO2{beside_baseline(summary, key)}"


def hours(value: float) -> str:
    return f"{value:.1f} h"


def of_baseline(key: str) -> Callable[[Mapping[str, Any]], str]:
    """A note that gives the same key of the baseline."""

    def note(summary: Mapping[str, Any]) -> str:
        case = number(summary.get("baseline") or {}, key)
        return f"{hours(case)} as it arrives" if case is not None else ""

    return note


def unit_price(value: float) -> str:
    return f"{value:.4f}"


LAYOUT: tuple[tuple[str, str, Callable[[float], str], Callable[[Mapping[str, Any]], str]], ...] = (
    ("cost", "Cost of the plan", big, plain("{currency}, its bill")),
    ("costs.capital", "Capital", big, plain("{currency}, these hours' share of what stands and was found")),
    ("costs.per_it_kwh.total", "Cost of a kWh of IT", unit_price, plain("{currency}, running and capital")),
    ("costs.per_facility_kwh.total", "Cost of a kWh used", unit_price, plain("{currency}, running and capital")),
    ("costs.per_card_hour.total", "Cost of a card-hour", unit_price, plain("{currency}, without the card")),
    ("saving", "Saved", big, against),
    ("gap", "Proven gap", lambda value: share(value, 2), plain("to the best possible plan")),
    ("own_supply_share", "Own supply", share, plain("own sun and wind, of the energy used")),
    ("contract_share", "Contracted green power", share, plain("over the grid, of the energy used")),
    ("grid_clean_share", "Clean part of the grid", share, plain("of the energy used")),
    ("cfe_hourly_share", "Carbon-free, hour by hour", share, plain("the three together (24/7 convention)")),
    ("certificate_share", "Certificates bought", share, plain("for that share of the energy used")),
    ("self_use_share", "Own sun and wind used", share, plain("of what was available")),
    ("pue", "PUE", lambda value: f"{value:.3f}", plain("site energy per IT energy")),
    ("wue_l_per_kwh", "WUE", lambda value: f"{value:.2f}", plain("litres per kWh of IT")),
    ("import_mwh", "Bought", big, plain("MWh from the grid")),
    ("export_mwh", "Sold", big, plain("MWh to the grid")),
    ("curtailed_mwh", "Curtailed", big, plain("MWh of sun and wind")),
    ("carbon_location_t", "Carbon, location-based", big, carbon_note("carbon_location_t")),
    ("carbon_market_t", "Carbon, market-based", big, carbon_note("carbon_market_t")),
    ("shifted_card_hours", "Work moved", big, of_total("shifted_card_hours", "card_hours", "all card-hours")),
    ("mean_wait_h", "Mean wait of movable work", hours, of_baseline("mean_wait_h")),
    ("wait_95_h", "95 % wait no longer than", hours, of_baseline("wait_95_h")),
    ("late_card_hours", "Late work", big, plain("card-hours")),
)
"""Key, label, how the number is written, note under it."""
