"""Page of runs side by side: which is cheaper and by how much, money, capital, energy, carbon, and the hours that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import plotly.offline

from optimizer.language.numbers import currency_name, listed, money
from optimizer.language.recognition import shown
from optimizer.language.speech import counted, noted, say
from optimizer.plan.ladder import saving_in_words
from optimizer.report.figure_table import tabled
from optimizer.report.headline import Card
from optimizer.report.opening import GOOD, WARN, Banner, Fact, Opening
from optimizer.report.page import Section, pictured
from optimizer.report.readable_names import MONEY, figure_name
from optimizer.report.study_names import flow_name
from optimizer.report.style import COLOURS, big, framed, share
from optimizer.report.tables import Table
from optimizer.report.templates import filled

GROUPS = (
    (noted("Money"), tuple(MONEY)),
    (noted("Energy"), ("facility_mwh", "it_mwh", "pue", "solar_mwh", "wind_mwh", "curtailed_mwh", "import_mwh", "export_mwh", "storage_discharge_mwh")),
    (noted("Green and carbon"), ("own_supply_share", "cfe_hourly_share", "carbon_location_t", "carbon_market_t")),
    (noted("Work"), ("card_hours", "late_card_hours")),
)  # fmt: skip
"""Figures by what they are about; others stand with the work."""
ALIKE = 1e-9
"""Relative: figures this near to each other are the same."""


@dataclass(frozen=True)
class RunsBeside:
    """Runs side by side as plain tables; the first is what the others are held against."""

    names: Sequence[str]
    warnings: Sequence[str]
    figures: pd.DataFrame
    """A row a figure: `figure`, then a column a run."""
    hours: pd.DataFrame
    """A row a flow and run: run, flow, hours_that_differ, mean_difference, largest_difference."""
    currency: str

    def value(self, figure: str, run: str) -> float | None:
        """A figure of a run; None where it has none."""
        rows = self.figures.loc[self.figures["figure"] == figure, run]
        return float(rows.iloc[0]) if len(rows) and np.isfinite(rows.iloc[0]) else None

    def cost(self, run: str) -> float | None:
        """Cost of a run with its capital, else its bill."""
        total = self.value("total_cost", run)
        return self.value("cost", run) if total is None else total


def comparison_html(runs: RunsBeside) -> str:
    """Page as text."""
    opening = Opening(sentence(runs), cards(runs), picture(runs), banner(runs))
    title = say("{runs} compared", runs=listed(list(runs.names)))
    return filled(
        "frame.html.j2", title=title, under_title=say("All against {first}.", first=runs.names[0]), synthetic=False, opening=opening,
        picture=pictured(opening, "picture"), sections=sections(runs), plotly_js=plotly.offline.get_plotlyjs(),
    )  # fmt: skip


def banner(runs: RunsBeside) -> Banner | None:
    """What makes the figures not comparable; None where nothing does."""
    if not runs.warnings:
        return None
    facts = [Fact("", shown(warning), WARN) for warning in runs.warnings]
    return Banner(say("These runs differ in more than their design."), WARN, facts)


def held(runs: RunsBeside) -> str:
    """Run that the first screen holds against the first one: the cheapest of the others."""
    costs = {name: cost for name in runs.names[1:] if (cost := runs.cost(name)) is not None}
    return min(costs, key=costs.__getitem__) if costs else runs.names[1]


def sentence(runs: RunsBeside) -> str:
    """One sentence: cost of the cheapest other run against the first, carbon, and how much of the hours differs."""
    first, other = runs.names[0], held(runs)
    ours, theirs = runs.cost(first), runs.cost(other)
    parts = []
    if ours is not None and theirs is not None:
        told = noted("“{run}” earns {money}") if theirs < 0 else noted("“{run}” costs {money}")
        same = abs(theirs - ours) <= ALIKE * max(1.0, abs(ours))
        against = say("the same as “{first}”", first=first) if same else say(
            "{saving} against “{first}”", saving=saving_in_words(theirs, ours, runs.currency), first=first
        )  # fmt: skip
        parts.append(f"{say(told, run=other, money=money(abs(theirs), runs.currency))}{say(', ')}{against}")
    before, after = runs.value("carbon_location_t", first), runs.value("carbon_location_t", other)
    if before and after is not None:
        change = (after - before) / before
        text = noted("{share} less carbon") if change < 0 else noted("{share} more carbon")
        parts.append(say(text, share=share(abs(change))) if abs(change) > ALIKE else say("the same carbon"))
    parts.append(flows_in_words(runs, other))
    text = say("; ").join(parts)
    return say("{sentence}.", sentence=text)


def flows_in_words(runs: RunsBeside, other: str) -> str:
    """How many flows of a run differ, and in how many hours at most."""
    hours = runs.hours[runs.hours["run"] == other]
    if hours.empty:
        return say("no flow differs in any hour")
    most = int(hours["hours_that_differ"].max())
    told = counted(most, noted("in one hour"), noted("in up to {number} hours"))
    return counted(len(hours), noted("one flow differs, {hours}"), noted("{number} flows differ, {hours}"), hours=told)


def cards(runs: RunsBeside) -> list[Card]:
    """Five cards: change of money, capital, bought energy, carbon, and hours that differ."""
    first, other = runs.names[0], held(runs)
    wanted = (("running_cost", noted("Money to run"), True), ("capital_cost", noted("Capital"), True),
              ("import_mwh", noted("Bought"), False), ("carbon_location_t", noted("Carbon"), False))  # fmt: skip
    made = []
    for figure, label, is_money in wanted:
        ours, theirs = runs.value(figure, first), runs.value(figure, other)
        if ours is None or theirs is None:
            continue
        change = theirs - ours
        unit = runs.currency if is_money else {"import_mwh": "MWh", "carbon_location_t": "t"}[figure]
        state = "" if abs(change) <= ALIKE * max(1.0, abs(ours)) else GOOD if change < 0 else WARN
        note = say("{before} to {after} {unit}", before=big(ours), after=big(theirs), unit=currency_name(unit) if is_money else say(unit))  # fmt: skip
        made.append(Card(say(label), signed(change), note, state))
    hours = runs.hours[runs.hours["run"] == other]
    most = int(hours["hours_that_differ"].max()) if len(hours) else 0
    made.append(Card(say("Hours that differ"), str(most), say("in the flow that differs most")))
    return made


def signed(change: float) -> str:
    """A change with its sign."""
    return "0" if abs(change) < ALIKE else f"{'+' if change > 0 else '−'}{big(abs(change))}"


def picture(runs: RunsBeside) -> go.Figure | None:
    """Bars of running cost and capital of each run, else of its bill."""
    columns = [name for name in ("running_cost", "capital_cost") if name in set(runs.figures["figure"])] or ["cost"]
    labels = list(runs.names)[::-1]
    shades = (COLOURS["cluster"], COLOURS["solar"])
    bars = [
        go.Bar(
            y=labels, x=[runs.value(column, name) for name in labels], name=say(MONEY[column]), orientation="h", marker_color=shade, width=0.5,
            hovertemplate=f"{say(MONEY[column])}: %{{x:,.4~g}} {currency_name(runs.currency)}<extra></extra>",
        )
        for column, shade in zip(columns, shades, strict=False)
    ]  # fmt: skip
    figure = framed(
        go.Figure(bars), title=say("Money of each run"), alt=say("One bar a run: running cost and capital."), barmode="relative",
        hovermode="closest", height_px=min(120 + 44 * len(labels), 340), margin={"l": 60, "r": 12, "t": 8, "b": 44},
    )  # fmt: skip
    figure.update_xaxes(title_text=f"{say('money of all hours')} [{currency_name(runs.currency)}]")
    figure.update_yaxes(type="category")
    data = {say(MONEY[column]): [runs.value(column, name) for name in labels] for column in columns}
    return tabled(figure, pd.DataFrame({"run": labels, **data}))


def sections(runs: RunsBeside) -> list[Section]:
    """Parts of the page: figures by what they are about, then the flows that differ."""
    known = list(runs.figures["figure"])
    grouped = [name for _, names in GROUPS for name in names]
    made = []
    for number, (title, names) in enumerate(GROUPS):
        rows = [name for name in known if name in names or (number == len(GROUPS) - 1 and name not in grouped)]
        if rows:
            made.append(Section(f"part-{number}", say(title), "", tables=[(say(title), figures_table(runs, rows))]))
    lead = say("No flow differs in any hour.") if runs.hours.empty else say("Flows that differ from those of {first}, by hours:", first=runs.names[0])  # fmt: skip
    tables = [] if runs.hours.empty else [(say("Flows that differ"), hours_table(runs.hours))]
    return [*made, Section("hours", say("Hours that differ"), lead, tables=tables)]


def figures_table(runs: RunsBeside, rows: Sequence[str]) -> Table:
    """Figures of all runs, with the change of each against the first."""
    first, *others = runs.names
    changes = [say("{run} less {first}", run=name, first=first) for name in others]
    cells = []
    for row in rows:
        values = [runs.value(row, name) for name in runs.names]
        texts = ["–" if value is None else big(value) for value in values]
        differences = ["–" if value is None or values[0] is None else signed(value - values[0]) for value in values[1:]]
        cells.append([figure_name(row, runs.currency), *texts, *differences])
    return Table([say("key figure"), *runs.names, *changes], cells)


def hours_table(hours: pd.DataFrame) -> Table:
    """Flows that differ, most hours first."""
    columns = [say("flow"), say("run"), say("hours that differ"), say("mean difference"), say("largest difference")]
    rows = [
        [flow_name(flow), str(run), str(int(count)), signed(float(mean)), big(float(largest))]
        for run, flow, count, mean, largest in hours.itertuples(index=False, name=None)
    ]
    return Table(columns, rows)
