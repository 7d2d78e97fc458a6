"""Tables of the report's data: for those who cannot see a figure, for print, and the list of broken promises."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import xarray as xr

from optimizer.language.numbers import amount, grouped, money, unit
from optimizer.language.speech import say
from optimizer.report.strands import Strand, local_time, step_h, strands
from optimizer.report.style import big, words
from optimizer.rulebook.verdicts import Verdict
from optimizer.rulebook.wording import clause_name, limit_in_words, margin_in_words, share_in_words, value_in_words

BROKEN = 1e-4
"""A shortfall above this counts as a broken promise; solver feasibility is 1e-7, sums of it stay far below."""
HOURS_LISTED = 200


@dataclass(frozen=True)
class Table:
    """A heading per column, rows of texts; the first column names the row."""

    columns: list[str]
    rows: list[list[str]]
    note: str = ""


def table_of(figure: go.Figure) -> Table:
    """Table of what a figure shows: time series as means by hour, day or month, bars and maps whole, curves at eleven points.

    A figure of another kind brings its own table (`layout.meta["table"]`).
    """
    if "table" in (figure.layout.meta or {}):
        return Table(**figure.layout.meta["table"])
    if figure.data[0].type == "heatmap":
        return map_table(figure.data[0])
    columns = [series_of(trace).rename(heading(figure, trace)) for trace in figure.data]
    # an asset that both feeds and draws has two layers of one name: their sum is its net flow
    frame = pd.concat(columns, axis=1).sort_index().T.groupby(level=0, sort=False).sum(min_count=1).T
    frame, note = thinned(frame)
    rows = zip(frame.index, frame.to_numpy(), strict=True)
    return Table(["", *map(str, frame.columns)], [[str(label), *map(big, values)] for label, values in rows], note)


def map_table(heat: go.Heatmap) -> Table:
    """A heat map's values, row by row."""
    rows = zip(heat.y, np.asarray(heat.z, dtype=float), strict=True)
    return Table(["", *(f"{x} h" for x in heat.x)], [[str(label), *map(exact, values)] for label, values in rows])


def heading(figure: go.Figure, trace: go.Scatter) -> str:
    """Name of a trace with the unit that its axis shows."""
    name = (trace.meta or {}).get("label", trace.name)
    axis = figure.layout["yaxis" + (trace.yaxis or "y")[1:]]
    unit = re.search(r"\[.*\]", axis.title.text or "")
    return f"{name} {unit[0]}" if unit else str(name)


def series_of(trace: go.Scatter) -> pd.Series:
    """A trace's values by its x; the repeated last point of a staircase is left out."""
    x, y = list(trace.x), np.asarray(trace.y, dtype=float)
    if trace.type == "scatter" and trace.line.shape == "hv":
        x, y = x[:-1], y[:-1]
    index = pd.to_datetime(pd.Index(x), format="mixed") if _is_stamp(x[0]) else pd.Index(x)
    series = pd.Series(y, index=index)
    return series[~series.index.duplicated()]


def _is_stamp(text: object) -> bool:
    """Whether an entry of an axis is a moment: a text that begins with a year and says at least the day."""
    return isinstance(text, str) and len(text) > 7 and text[:4].isdigit()


def thinned(frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Table thinned to a readable number of rows, and a note that says how."""
    if isinstance(frame.index, pd.DatetimeIndex):
        days = (frame.index[-1] - frame.index[0]).days
        rule, pattern, note = (
            ("h", "%Y-%m-%d %H:%M", say("Means by hour.")) if days < 3 else ("D", "%Y-%m-%d", say("Means by day."))
        )
        if days > 31:
            rule, pattern, note = "MS", "%Y-%m", say("Means by month.")
        means = frame.resample(rule).mean()
        return means.set_axis(pd.DatetimeIndex(means.index).strftime(pattern), axis=0), note
    if len(frame) > 40:
        picks = np.linspace(0, len(frame) - 1, 11).round().astype(int)
        thin = frame.interpolate().iloc[picks]
        return thin.set_axis([grouped(float(x)) for x in thin.index], axis=0), say("At eleven points of the curve.")
    return frame, ""


def exact(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.3f}"


def promises_table(results: xr.Dataset) -> Table:
    """Table of the plan's promises: whether it was kept, by how much it was missed in all, and its worst hour."""
    rows = [[promise_name(strand), *missed_words(results, strand)] for strand in strands(results, "shortfall")]
    columns = [say("promise"), say("missed in all"), say("hours"), say("worst hour (local)"), say("missed then")]
    return Table(columns, rows)


def law_table(verdicts: Sequence[Verdict], currency: str) -> Table:
    """Table of the clauses of the rule books that hold: what is asked, what the plan does, and what one more point costs."""
    standing = {True: say("holds"), False: say("FAILS"), None: say("cannot be told")}
    rows = [
        [
            say(
                "{clause} ({document}, {date}, {confidence})",
                clause=clause_name(verdict), document=say(verdict.document), date=verdict.date,
                confidence=say(verdict.confidence),
            ),
            say(verdict.asks),
            say("; ").join(part for part in (value_in_words(verdict, currency), share_in_words(verdict), margin_in_words(verdict, currency)) if part),
            limit_in_words(verdict, currency),
            _point_costs(verdict, currency),
            standing[verdict.holds],
        ]
        for verdict in verdicts
    ]  # fmt: skip
    columns = [
        say("clause"),
        say("it asks"),
        say("the plan"),
        say("limit"),
        say("one more point costs a year"),
        say("verdict"),
    ]
    return Table(columns, rows)


def _point_costs(verdict: Verdict, currency: str) -> str:
    """What one more point of a clause costs in a year, or why it has no price."""
    costs = verdict.point_costs_a_year
    return say(verdict.no_price_because or "") if costs is None else money(costs, currency)


def missed_words(results: xr.Dataset, strand: Strand) -> list[str]:
    """Missed amounts of a promise in words: total, hours, worst hour; "kept" if nothing was missed."""
    missed = strand.values > BROKEN
    if not missed.any():
        return [say("kept"), "", "", ""]
    worst = int(np.argmax(strand.values))
    if strand.units in TOTALS:
        total = amount(big(float(strand.values[missed].sum()) * step_h(results)), unit(TOTALS[strand.units]))
    else:  # a stock, such as late card-hours: what is added to it, once
        total = amount(big(float(np.maximum(np.diff(strand.values, prepend=0.0), 0.0).sum())), unit(strand.units))
    hours, at = missed.sum() * step_h(results), local_time(results)[worst]
    return [
        total,
        say("{hours} h", hours=grouped(hours)),
        f"{at:%Y-%m-%d %H:%M}",
        amount(big(float(strand.values[worst])), unit(strand.units)),
    ]


TOTALS = {"MW": "MWh", "cards": "card-h", "m3/h": "m3"}
"""Unit of the sum over hours, for shortfalls that are rates."""


def broken_hours(results: xr.Dataset) -> Table:
    """Hours in which a promise was missed, in order; the first 200."""
    times = local_time(results)
    missed = [
        (times[step], promise_name(strand), amount(big(float(strand.values[step])), unit(strand.units)))
        for strand in strands(results, "shortfall")
        for step in np.flatnonzero(strand.values > BROKEN).tolist()
    ]
    missed.sort(key=lambda row: row[0])
    rows = [[f"{time:%Y-%m-%d %H:%M}", name, amount] for time, name, amount in missed[:HOURS_LISTED]]
    more = len(missed) - len(rows)
    columns = [say("hour (local)"), say("promise"), say("missed")]
    return Table(columns, rows, say("{more} more hours are in results.nc.", more=more) if more else "")


def promise_name(strand: Strand) -> str:
    unit_words = r"_(mwh|mw|cards|card_h|t)$"
    return say(": ").join([words(strand.asset), words(re.sub(unit_words, "", strand.quantity))])
