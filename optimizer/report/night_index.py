"""Page of all nights: how the last one went, the costs so far, and a row a night with the cell marked that is wrong. No script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optimizer.files.single import write_into
from optimizer.language.numbers import currency_name, money, share, whole
from optimizer.language.speech import counted, noted, say
from optimizer.report.headline import Card
from optimizer.report.night_banner import (
    STALE,
    forecast_fact,
    forecast_name,
    forecast_state,
    level_state,
    state_of_measurements,
)
from optimizer.report.opening import BAD, GOOD, MARKS, WARN
from optimizer.report.templates import filled

Night = Mapping[str, Any]
DRAWN_NIGHTS = 60
WIDEST_BAR = 30.0
WIDTH, HEIGHT, MARGIN = 1080.0, 150.0, 4.0
"""Of the picture, in its own units."""
STATES = (GOOD, WARN, BAD)


@dataclass(frozen=True)
class Cell:
    """Cell of the table of nights."""

    text: str
    state: str = ""
    kind: str = ""
    """`words` where it is text."""

    @property
    def mark(self) -> str:
        """Sign beside the colour of a cell that is wrong."""
        return "" if self.state == GOOD else MARKS[self.state]


def index_html(nights: Sequence[Night]) -> str:
    """Page as text. Each night is a run record with its `folder`, in any order."""
    newest = sorted(nights, key=lambda night: (night["start_utc"], night["published_utc"]), reverse=True)
    currency = next((str(night["currency"]) for night in newest if night.get("currency")), "")
    of_money = f" [{currency_name(currency)}]" if currency else ""
    columns = [
        say("Day"), say("Plan"), say("Forecast"), say("State"), say("Expected cost") + of_money, say("Without a plan") + of_money,
        say("Gap"), say("Promises at risk"), say("Solved in"),
    ]  # fmt: skip
    rows = [
        {"folder": night["folder"], "day": night["day"], "fallback": bool(night["exit_code"]), "cells": cells_of(night)}
        for night in newest
    ]
    return filled(
        "night_index.html.j2", columns=columns, rows=rows, sentence=on_the_last(newest), cards=cards_of(newest, currency),
        spark=costs_drawn(newest[:DRAWN_NIGHTS][::-1], currency),
    )  # fmt: skip


def cells_of(night: Night) -> list[Cell]:
    """Cells of a night; what is a fallback, or at risk, is marked where it stands."""
    level, forecast, state = level_state(night), forecast_state(night), state_of_measurements(night)
    cells = [
        Cell(say(night["level_name"]), "" if level == GOOD else level, "words"),
        Cell(forecast_name(night), "" if forecast == GOOD else forecast, "words"),
        Cell(most_of(night["state_sources"].values()), "" if state == GOOD else state, "words"),
        Cell(whole(night["cost"])),
        Cell(whole(night["baseline_cost"])),
        Cell(say("not known") if night["gap"] is None else share(night["gap"], 2)),
        Cell(str(len(night["shortfalls"])), BAD if night["shortfalls"] else ""),
        Cell(say("{seconds} s", seconds=f"{night['seconds'].get('solve', 0):.0f}")),
    ]  # fmt: skip
    if night["exit_code"] and not any(cell.state for cell in cells):
        cells[0] = Cell(cells[0].text, WARN, "words")  # a note on another input than these: the page says which
    return cells


def most_of(sources: Collection[str]) -> str:
    """Where most of the opening state was taken from; a stale measurement is told before all."""
    counts = Counter(sources)
    return say(STALE if STALE in counts else counts.most_common(1)[0][0]) if counts else ""


def worst_of(night: Night) -> str:
    """Worst state of a night."""
    states = [cell.state for cell in cells_of(night)]
    return BAD if BAD in states else WARN if WARN in states else GOOD


def on_the_last(newest: Sequence[Night]) -> str:
    """Sentence on the newest night."""
    if not newest:
        return say("No night has been planned yet.")
    night = newest[0]
    how = say(night["level_name"])
    forecast = forecast_fact(night).text
    if night["shortfalls"]:
        number = len(night["shortfalls"])
        return say("Last plan, for {day}: {how}; forecast {forecast}; promises at risk: {number}.", day=night["day"], how=how, forecast=forecast, number=number)  # fmt: skip
    return say("Last plan, for {day}: {how}; forecast {forecast}; no promise at risk.", day=night["day"], how=how, forecast=forecast)  # fmt: skip


def cards_of(newest: Sequence[Night], currency: str) -> list[Card]:
    """Cards of all nights together."""
    if not newest:
        return []
    number = len(newest)
    by_state = {state: sum(worst_of(night) == state for night in newest) for state in STATES}
    risks = sum(bool(night["shortfalls"]) for night in newest)
    cost = newest[0]["cost"]
    label = say("Expected to earn") if cost < 0 else say("Expected cost")
    return [
        Card(label, money(abs(cost), currency) if currency else whole(abs(cost)), say("last plan")),
        Card(say("As intended"), f"{by_state[GOOD]} / {number}", say("nights"), GOOD if by_state[GOOD] == number else ""),
        Card(say("With care"), str(by_state[WARN]), say("a part of the inputs is a fallback"), WARN if by_state[WARN] else ""),
        Card(say("Promises at risk"), str(risks), say("nights"), BAD if risks else ""),
    ]  # fmt: skip


def costs_drawn(nights: Sequence[Night], currency: str) -> dict[str, object] | None:
    """Bars of the expected cost of each night, oldest first, coloured by how the night went. None below two nights."""
    if len(nights) < 2:
        return None
    costs = [float(night["cost"]) for night in nights]
    most, least = max(0.0, *costs), min(0.0, *costs)
    scale = (HEIGHT - 2 * MARGIN) / ((most - least) or 1.0)
    pitch = min(WIDTH / len(nights), WIDEST_BAR)
    zero = MARGIN + most * scale
    bars = [
        {
            "x": f"{place * pitch + 1:.1f}", "y": f"{zero - max(cost, 0.0) * scale:.1f}", "width": f"{max(pitch - 3, 1):.1f}",
            "height": f"{max(abs(cost) * scale, 1):.1f}", "colour": {GOOD: "accent"}.get(state := worst_of(night), state),
            "title": f"{night['day']}: {money(cost, currency) if currency else whole(cost)}",
        }
        for place, (night, cost) in enumerate(zip(nights, costs, strict=True))
    ]  # fmt: skip
    alt = counted(
        len(nights), noted("Expected cost of the last night, {most}; a marked night has another colour."),
        noted("Expected cost of the last {number} nights, {least} to {most}; marked nights have another colour."),
        least=whole(min(costs)), most=whole(max(costs)),
    )  # fmt: skip
    return {"width": f"{WIDTH:.0f}", "height": f"{HEIGHT:.0f}", "zero": f"{zero:.1f}", "bars": bars, "alt": alt}


def write_index(plans: Path, nights: Sequence[Night]) -> None:
    """Replace `index.html` of a plans folder. Raises OSError."""
    page = index_html(nights)
    write_into(plans, "index.html", lambda aside: aside.write_text(page, encoding="utf-8"))
