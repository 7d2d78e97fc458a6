"""Figures of cost sharing and coordination: who pays what by which rule, what moved where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import plotly.graph_objects as go

from optimizer.report.money import ITEM_COLOURS
from optimizer.report.style import big, framed, words

RULES = ("alone", "own_bill", "usage", "marginal", "shapley", "nucleolus")


def together(summary: Mapping[str, Any], currency: str) -> Iterable[tuple[str, str, list[tuple[str, list[go.Figure]]]]]:
    """Parts of the page for a run of several parties or sites: title, lead, figures; none for others."""
    if "sharing" in summary:
        lead = f"Together the parties save {big(summary['sharing']['saving'])} {currency}. Would any group rather leave? {_leavers(summary)}"
        yield "The parties", lead, [("", [split_bars(summary["sharing"]["splits"], currency)])]
    if "moves" in summary:
        moves = summary["moves"]
        lead = (
            f"Alone the sites cost {big(moves['alone_cost'])} {currency}, together {big(moves['together_cost'])}: "
            f"moving work saves {big(moves['saving'])}. The reason of each hour's move stands in moves.csv."
        )
        yield "What moved where", lead, [("", [move_bars(moves["totals"])] if moves["totals"] else [])]


def _leavers(summary: Mapping[str, Any]) -> str:
    unhappy = [rule for rule, groups in summary["sharing"]["would_leave"].items() if groups]
    return f"Under {', '.join(unhappy)}: yes." if unhappy else "Under none of the rules."


def split_bars(splits: Mapping[str, Mapping[str, float]], currency: str) -> go.Figure:
    """Cost split: what each party pays (income below zero) alone and by each rule."""
    figure = go.Figure([
        go.Bar(name=words(rule), x=[words(party) for party in splits], y=[paid[rule] for paid in splits.values()],
               marker_color=ITEM_COLOURS[nth], hovertemplate=f"{words(rule)}: %{{y:,.0f}} {currency}<extra></extra>",
               meta={"label": words(rule)})
        for nth, rule in enumerate(RULES)
    ])  # fmt: skip
    figure.update_yaxes(title_text=f"cost [{currency}]")
    figure.update_xaxes(type="category")
    alt = "; ".join(
        f"{words(party)}: alone {big(paid['alone'])}, Shapley {big(paid['shapley'])}" for party, paid in splits.items()
    )
    return framed(figure, title="What each party pays, by rule", alt=alt, barmode="group", height_px=420)


def move_bars(totals: list[Mapping[str, Any]]) -> go.Figure:
    """Card-hours moved, by origin and destination, one colour a piece of work."""
    works = list(dict.fromkeys(row["work"] for row in totals))
    ways = list(dict.fromkeys(f"{words(row['from_site'])} → {words(row['to_site'])}" for row in totals))
    figure = go.Figure([
        go.Bar(name=words(work), x=ways, y=[
            sum(row["card_hours"] for row in totals
                if row["work"] == work and f"{words(row['from_site'])} → {words(row['to_site'])}" == way) for way in ways],
            marker_color=ITEM_COLOURS[nth % len(ITEM_COLOURS)], meta={"label": words(work)},
            hovertemplate=f"{words(work)}: %{{y:,.0f}} card-hours<extra></extra>")
        for nth, work in enumerate(works)
    ])  # fmt: skip
    figure.update_yaxes(title_text="moved [card-h]")
    figure.update_xaxes(type="category", tickvals=ways, ticktext=[way.replace(" → ", "<br>→ ") for way in ways])
    alt = "; ".join(
        f"{row['work']} from {row['from_site']} to {row['to_site']}: {big(row['card_hours'])} card-hours"
        for row in totals
    )
    return framed(figure, title="Work run at another site than its own", alt=alt, barmode="stack", height_px=420)
