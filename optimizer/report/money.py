"""Figure of the bill: what each month costs by item, plan beside baseline."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from optimizer.language.numbers import currency_name, listed
from optimizer.language.numbers import money as money_words
from optimizer.language.speech import noted, say
from optimizer.report.style import BASELINE_COLOUR, framed, lighter, words
from optimizer.report.traces import once_in_the_legend

ITEM_COLOURS = (
    "#44546a",
    "#c0504d",
    "#3d8b8b",
    "#7f6ba8",
    "#a0885b",
    "#c77fa8",
    "#6b8e4e",
    "#8a5a44",
    "#5b7fb5",
    "#b8a04a",
)
"""By size of the item; other hues than those of the technologies, since one asset has several items."""
OTHERS = noted("all others")
OTHERS_BELOW = 0.01
"""Items below this share of all money moved are drawn as one."""
PLAN, BASELINE = noted("plan"), noted("baseline")


def monthly_bill(
    bill: pd.DataFrame | None, baseline_bill: pd.DataFrame | None = None, *, currency: str = "CNY"
) -> go.Figure | None:
    """Cost by item, one bar a month; where a baseline is given its bar stands beside, paler, with hatching.

    `bill`: index month, columns "asset: item", values money (cost above zero, income below). None without a bill.
    """
    if bill is None or bill.empty:
        return None
    baseline = baseline_bill if baseline_bill is not None and not baseline_bill.empty else None
    tables = {PLAN: bill} if baseline is None else {PLAN: bill, BASELINE: baseline}
    items = drawn_items(list(tables.values()))
    colours = {item: ITEM_COLOURS[nth % len(ITEM_COLOURS)] for nth, item in enumerate(items)} | {OTHERS: "#c4cad0"}
    figure = go.Figure([
        month_bars(amounts(table, item, items), item, whose, colours[item], currency)
        for item in items for whose, table in tables.items()
    ])  # fmt: skip
    once_in_the_legend(figure)
    figure.update_yaxes(title_text=f"{say('cost')} [{currency_name(currency)}]")
    figure.update_xaxes(title_text=say("month (local)"), type="category")
    sums = listed(
        [f"{say(whose)} {money_words(float(table.to_numpy().sum()), currency)}" for whose, table in tables.items()]
    )
    if baseline is None:
        title, alt = say("Bill by month"), say("Stacked bars by month. Sum: {sums}.", sums=sums)
    else:
        title = say("Bill by month (left: plan; right, hatched: baseline)")
        alt = say("Stacked bars by month (left: plan; right, hatched: baseline). Sum: {sums}.", sums=sums)
    return framed(figure, title=title, alt=alt, barmode="relative", bargap=gap_of(bill), height_px=420)


def gap_of(bill: pd.DataFrame) -> float:
    """Room between months, 0..1: a lone month is no wall."""
    return 0.25 if len(bill) > 3 else 1 - 0.2 * len(bill)


def month_bars(money: pd.Series, item: str, whose: str, colour: str, currency: str) -> go.Bar:
    """Bars of one bill item over the months."""
    label = say(": ").join(words(part) for part in item.split(": "))
    return go.Bar(
        name=label,
        x=[str(month) for month in money.index],
        y=money.to_numpy(dtype=np.float64),
        offsetgroup=whose,
        legendgroup=item,
        marker=bar_look(colour, whose),
        hovertemplate=f"{label}, {say(whose)}: %{{y:,.0f}} {currency_name(currency)}<extra></extra>",
        meta={"label": f"{label}{say(', ')}{say(whose)}"},
    )


def drawn_items(tables: list[pd.DataFrame]) -> list[str]:
    """Columns worth a colour, the largest first; the rest as one at the end."""
    moved = pd.concat([table.abs().sum() for table in tables]).groupby(level=0).sum()
    moved = moved[moved > 0].sort_values(ascending=False)
    large = [str(name) for name in moved.index[moved >= OTHERS_BELOW * moved.sum()]]
    return large + ([OTHERS] if len(large) < len(moved) else [])


def amounts(table: pd.DataFrame, item: str, items: list[str]) -> pd.Series:
    """Money of one item by month, zero where a bill lacks it; `OTHERS` sums every column without a colour of its own."""
    if item == OTHERS:
        return table[[column for column in table.columns if column not in items]].sum(axis=1)
    return table[item] if item in table.columns else pd.Series(0.0, index=table.index)


def bar_look(colour: str, whose: str) -> dict[str, object]:
    """Bar style: solid for the plan; paler and hatched for the baseline, so that it also reads in grey print."""
    if whose == PLAN:
        return {"color": colour}
    return {
        "color": lighter(colour, 0.45),
        "pattern": {"shape": "/", "fgcolor": BASELINE_COLOUR, "size": 5, "solidity": 0.12, "fillmode": "overlay"},
    }
