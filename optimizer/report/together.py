"""Figures of cost sharing and coordination: who pays what by which rule, what moved where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import plotly.graph_objects as go

from optimizer.language.numbers import currency_name, listed, unit
from optimizer.language.speech import is_chinese, say
from optimizer.report.money import ITEM_COLOURS
from optimizer.report.style import big, framed, words

RULES = ("alone", "own_bill", "usage", "marginal", "shapley", "nucleolus")


def together(summary: Mapping[str, Any], currency: str) -> Iterable[tuple[str, str, list[tuple[str, list[go.Figure]]]]]:
    """Parts of the page for a run of several parties or sites: title, lead, figures; none for others."""
    if "sharing" in summary:
        lead = say(
            "Together the parties save {saving}. Would any group rather leave? {leavers}",
            saving=f"{big(summary['sharing']['saving'])} {currency_name(currency)}", leavers=_leavers(summary),
        )  # fmt: skip
        yield say("The parties"), lead, [("", [split_bars(summary["sharing"]["splits"], currency)])]
    if "moves" in summary:
        moves = summary["moves"]
        lead = say(
            "Alone the sites cost {alone}, together {together}: moving work saves {saving}. "
            "The reason of each hour's move stands in moves.csv.",
            alone=f"{big(moves['alone_cost'])} {currency_name(currency)}", together=big(moves["together_cost"]),
            saving=big(moves["saving"]),
        )  # fmt: skip
        yield say("What moved where"), lead, [("", [move_bars(moves["totals"])] if moves["totals"] else [])]


def _leavers(summary: Mapping[str, Any]) -> str:
    unhappy = [rule for rule, groups in summary["sharing"]["would_leave"].items() if groups]
    if not unhappy:
        return say("Under none of the rules.")
    return say("Under {rules}: yes.", rules=listed([words(rule) if is_chinese() else rule for rule in unhappy]))


def split_bars(splits: Mapping[str, Mapping[str, float]], currency: str) -> go.Figure:
    """Cost split: what each party pays (income below zero) alone and by each rule."""
    figure = go.Figure([
        go.Bar(name=words(rule), x=[words(party) for party in splits], y=[paid[rule] for paid in splits.values()],
               marker_color=ITEM_COLOURS[nth], hovertemplate=f"{words(rule)}: %{{y:,.0f}} {currency_name(currency)}<extra></extra>",
               meta={"label": words(rule)})
        for nth, rule in enumerate(RULES)
    ])  # fmt: skip
    figure.update_yaxes(title_text=f"{say('cost')} [{currency_name(currency)}]")
    figure.update_xaxes(type="category")
    alt = say("; ").join(
        say(
            "{party}: alone {alone}, Shapley {shapley}",
            party=words(party), alone=big(paid["alone"]), shapley=big(paid["shapley"]),
        )
        for party, paid in splits.items()
    )  # fmt: skip
    return framed(figure, title=say("What each party pays, by rule"), alt=alt, barmode="group", height_px=420)


def move_bars(totals: list[Mapping[str, Any]]) -> go.Figure:
    """Card-hours moved, by origin and destination, one colour a piece of work."""
    works = list(dict.fromkeys(row["work"] for row in totals))
    ways = list(dict.fromkeys(f"{words(row['from_site'])} → {words(row['to_site'])}" for row in totals))
    figure = go.Figure([
        go.Bar(name=words(work), x=ways, y=[
            sum(row["card_hours"] for row in totals
                if row["work"] == work and f"{words(row['from_site'])} → {words(row['to_site'])}" == way) for way in ways],
            marker_color=ITEM_COLOURS[nth % len(ITEM_COLOURS)], meta={"label": words(work)},
            hovertemplate=f"{words(work)}: %{{y:,.0f}} {unit('card-hours')}<extra></extra>")
        for nth, work in enumerate(works)
    ])  # fmt: skip
    figure.update_yaxes(title_text=say("moved [card-h]"))
    figure.update_xaxes(type="category", tickvals=ways, ticktext=[way.replace(" → ", "<br>→ ") for way in ways])
    alt = say("; ").join(
        say(
            "{work} from {origin} to {target}: {amount} card-hours",
            work=words(row["work"]), origin=words(row["from_site"]), target=words(row["to_site"]), amount=big(row["card_hours"]),
        )
        for row in totals
    )  # fmt: skip
    return framed(figure, title=say("Work run at another site than its own"), alt=alt, barmode="stack", height_px=420)
