"""Figure of the bill: what each month costs by item, plan beside baseline."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from optimizer.report.style import BASELINE_COLOUR, FALLBACK, big, framed, lighter, words

OTHERS_BELOW = 0.01
"""Items below this share of all money moved are drawn as one."""


def monthly_bill(
    bill: pd.DataFrame, baseline_bill: pd.DataFrame | None = None, *, currency: str = "CNY"
) -> go.Figure | None:
    """Cost by item, one bar a month; where a baseline is given its bar stands beside, paler, with hatching.

    `bill`: index month, columns "asset: item", values money (cost above zero, income below).
    """
    if bill is None or bill.empty:
        return None
    usual = baseline_bill if baseline_bill is not None and not baseline_bill.empty else None
    items = drawn_items(bill, usual)
    figure = go.Figure()
    for index, item in enumerate(items):
        base = FALLBACK[index % len(FALLBACK)] if item != "others" else "#b0b7bf"
        for table, offset, word in ((bill, "plan", "plan"), (usual, "baseline", "baseline")):
            if table is None:
                continue
            figure.add_trace(
                go.Bar(
                    name=item_label(item),
                    x=[str(month) for month in table.index],
                    y=amounts(table, item, items).to_numpy(dtype=np.float64),
                    offsetgroup=offset,
                    legendgroup=item,
                    showlegend=word == "plan",
                    marker=bar_look(base, word),
                    hovertemplate=f"{item_label(item)}, {word}: %{{y:,.0f}} {currency}<extra></extra>",
                    meta={"label": f"{item_label(item)}, {word}"},
                )
            )
    figure.update_yaxes(title_text=f"cost [{currency}]")
    figure.update_xaxes(title_text="month (local)", type="category")
    totals = [f"plan {currency} {big(float(bill.to_numpy().sum()))}"]
    totals += [f"baseline {currency} {big(float(usual.to_numpy().sum()))}"] if usual is not None else []
    note = " (left: plan; right, hatched: baseline)" if usual is not None else ""
    alt = f"Stacked bars by month{note}. Sum: {', '.join(totals)}."
    return framed(figure, title=f"Bill by month{note}", alt=alt, barmode="relative", bargap=0.25, height_px=420)


def drawn_items(bill: pd.DataFrame, usual: pd.DataFrame | None) -> list[str]:
    """Columns worth a colour, the largest first; "others" at the end if some are too small."""
    moved = bill.abs().sum()
    if usual is not None:
        moved = moved.add(usual.abs().sum(), fill_value=0.0)
    moved = moved[moved > 0].sort_values(ascending=False)
    large = [str(name) for name in moved.index[moved >= OTHERS_BELOW * moved.sum()]]
    return large + (["others"] if len(large) < len(moved) else [])


def amounts(table: pd.DataFrame, item: str, items: list[str]) -> pd.Series:
    """One item's money by month; "others" sums every column that has no colour of its own; zero where a bill lacks it."""
    if item == "others":
        return table[[column for column in table.columns if column not in items]].sum(axis=1)
    return table[item] if item in table.columns else pd.Series(0.0, index=table.index)


def item_label(item: str) -> str:
    return ": ".join(words(part) for part in item.split(": "))


def bar_look(colour: str, word: str) -> dict[str, object]:
    """Solid for the plan; paler and hatched for the baseline, so that it also reads in grey print."""
    if word == "plan":
        return {"color": colour}
    return {
        "color": lighter(colour, 0.55),
        "pattern": {"shape": "/", "fgcolor": BASELINE_COLOUR, "size": 5, "solidity": 0.12},
    }
