"""Answer of a study: sizes by case and assumption, what each invests, gains and when it is paid back, and the chosen design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from optimizer.language.numbers import amount as measure
from optimizer.language.numbers import currency_name, grouped, listed, money
from optimizer.language.speech import counted, noted, say
from optimizer.report.figure_table import tabled
from optimizer.report.headline import Card
from optimizer.report.opening import GOOD, WARN, Opening
from optimizer.report.study_names import name_of
from optimizer.report.style import COLOURS, big, framed, share, words
from optimizer.report.tables import Table

NPV, PAYBACK, INVESTED, RUNNING = "net_present_value", "payback_years", "investment", "running_cost"
COST = "cost"
SHOWN_SIZES, DRAWN_DESIGNS = 3, 24
SAME_SIZE = 1e-6
"""Relative: sizes this near to each other are one."""


@dataclass(frozen=True)
class Choice:
    """Chosen run of a study: its id and why it was chosen, and the case that gains are held against."""

    id: str
    reason: str
    baseline: str = ""


def study_opening(runs: pd.DataFrame, choice: Choice, currency: str, failed: int = 0) -> Opening:
    """First screen of a study. `runs`: one row a run, as in StudyTables."""
    grid = runs[runs["part"].isin(["grid", "centre"])]
    grid = runs if grid.empty else grid
    found = runs.loc[runs["id"] == choice.id] if "id" in runs else runs.head(0)
    chosen = (found if len(found) else runs.sort_values(COST)).iloc[0]
    sizes, factors = size_columns(grid), factor_columns(grid)
    designs = designs_of(grid, factors, [*sizes, *money_columns(grid)])
    return Opening(
        sentence(chosen, designs, choice, sizes, currency),
        cards(chosen, sizes, choice, currency, len(grid), failed),
        picture(designs, chosen, factors, currency),
        tables=[(say("Sizes and money by design and assumption."), table(designs, choice, factors, sizes, currency))],
    )  # fmt: skip


def factor_columns(grid: pd.DataFrame) -> list[str]:
    """Assumptions that take several values."""
    return [name for name in grid.columns if name.startswith("factor.") and grid[name].nunique() > 1]


def size_columns(grid: pd.DataFrame) -> list[str]:
    """Capacities that differ between runs; all of them where none does."""
    sizes = [name for name in grid.columns if name.startswith("size.") and grid[name].notna().any()]
    differ = [
        name for name in sizes if grid[name].max() - grid[name].min() > SAME_SIZE * max(1.0, abs(grid[name].max()))
    ]
    return differ or sizes[:SHOWN_SIZES]


def money_columns(grid: pd.DataFrame) -> list[str]:
    """Money of years where the study has any, else the bill of the runs' own hours: never both in one table."""
    yearly = [name for name in (INVESTED, RUNNING, NPV, PAYBACK) if name in grid and grid[name].notna().any()]
    return yearly or [COST]


def designs_of(grid: pd.DataFrame, factors: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """A row a case and set of assumptions: mean, least and most of each column over its weathers, and how many these are."""
    parts = []
    for key, part in grid.groupby(["case", *factors], sort=False, dropna=False):
        row = dict(zip(["case", *factors], key, strict=True)) | {"weathers": part["weather"].nunique()}
        for name in columns:
            row |= {
                name: part[name].mean(),
                f"least.{name}": part[name].min(),
                f"most.{name}": part[name].max(),
            }
        parts.append(row)
    return pd.DataFrame(parts)


def label_of(row: pd.Series, factors: Sequence[str]) -> str:
    """Name of a design: its case and its assumptions."""
    told = [f"{words(name.removeprefix('factor.'))} {plain(row[name])}" for name in factors if pd.notna(row[name])]
    return " · ".join([words(str(row["case"])), *told])


def plain(value: object) -> str:
    """A value of an assumption; where a run has none it keeps its case's own."""
    if value is None or value != value:
        return say("its own")
    return (
        big(float(value)) if isinstance(value, int | float | np.number) and not isinstance(value, bool) else str(value)
    )


def sizes_in_words(row: pd.Series, sizes: Sequence[str]) -> str:
    """Capacities of a run: "battery: energy 1.17 MWh"."""
    parts = []
    for name in sizes[:SHOWN_SIZES]:
        told, _, unit = name_of(name).partition(" [")
        parts.append(f"{told} {measure(big(float(row[name])), unit.rstrip(']'))}")
    return listed(parts)


def sentence(
    chosen: pd.Series, designs: pd.DataFrame, choice: Choice, sizes: Sequence[str], currency: str
) -> str:  # fmt: skip
    """One sentence: the chosen design and why, its sizes, what it gains against the baseline, how often it is the best."""
    factors = [name for name in designs.columns if name.startswith("factor.")]
    design = label_of(chosen, factors)
    text = say("chosen is “{design}” ({reason})", design=design, reason=choice.reason) if choice.reason else say("chosen is “{design}”", design=design)  # fmt: skip
    parts = [text] + ([sizes_in_words(chosen, sizes)] if sizes else [])
    gain = number(chosen, NPV)
    if gain is not None:
        values = {"money": money(abs(gain), currency), "invested": money(number(chosen, INVESTED) or 0.0, currency), "base": words(choice.baseline)}  # fmt: skip
        gained = noted("{invested} invested gain a present value of {money} against “{base}”")
        lost = noted("{invested} invested lose a present value of {money} against “{base}”")
        without = noted("{invested} invested, present value {money}")
        parts.append(say(without if not choice.baseline else gained if gain >= 0 else lost, **values))
    elif number(chosen, RUNNING) is not None:
        parts.append(say("{invested} invested, {running} a year to run", invested=money(number(chosen, INVESTED) or 0.0, currency), running=money(float(chosen[RUNNING]), currency)))  # fmt: skip
    else:
        parts.append(money_of_the_hours(chosen, currency))
    parts.append(how_often(chosen, designs, factors))
    text = say("; ").join(part for part in parts if part)
    return say("{sentence}.", sentence=f"{text[:1].upper()}{text[1:]}")


def money_of_the_hours(chosen: pd.Series, currency: str) -> str:
    """Bill of a run with the hours it is for."""
    hours = number(chosen, "hours")
    cost = float(chosen[COST])
    amount = money(abs(cost), currency)
    if hours is None:
        return say("it earns {money}", money=amount) if cost < 0 else say("it costs {money}", money=amount)
    text = noted("it earns {money} in {hours} h") if cost < 0 else noted("it costs {money} in {hours} h")
    return say(text, money=amount, hours=grouped(hours))


def how_often(chosen: pd.Series, designs: pd.DataFrame, factors: Sequence[str]) -> str:
    """In how many sets of assumptions the chosen case is the best one; empty where there is nothing to choose between."""
    if designs["case"].nunique() < 2 or not factors:
        return ""
    by, worth = (NPV, 1.0) if NPV in designs else (COST if COST in designs else RUNNING, -1.0)
    valued = designs.assign(worth=worth * designs[by].fillna(0.0))
    best = valued.loc[valued.groupby(list(factors), dropna=False)["worth"].idxmax(), "case"]
    wins = int((best == chosen["case"]).sum())
    return say("“{case}” is the best in {wins} of {all} sets of assumptions", case=words(str(chosen["case"])), wins=wins, all=len(best))  # fmt: skip


def number(row: pd.Series, name: str) -> float | None:
    """A value of a run; None where it has none."""
    value = row.get(name)
    return float(value) if isinstance(value, int | float | np.number) and np.isfinite(value) else None


def of_runs(count: int, failed: int) -> str:
    """Of how many runs a design was chosen, and how many have no result."""
    runs = counted(count, noted("of one run"), noted("of {number} runs"))
    return say("{runs}; {failed} without a result", runs=runs, failed=failed) if failed else runs


def cards(
    chosen: pd.Series, sizes: Sequence[str], choice: Choice, currency: str, count: int, failed: int
) -> list[Card]:  # fmt: skip
    """Five cards at most: the design, its first size, its money over the years (else of its hours) and how green it is."""
    made = [Card(say("Chosen design"), words(str(chosen["case"])), of_runs(count, failed), WARN if failed else "")]  # fmt: skip
    if sizes:
        told, _, unit = name_of(sizes[0]).partition(" [")
        made.append(Card(told[:1].upper() + told[1:], measure(big(float(chosen[sizes[0]])), unit.rstrip("]"))))
    gain, payback, green = number(chosen, NPV), number(chosen, PAYBACK), number(chosen, "cfe_hourly_share")
    if (invested := number(chosen, INVESTED)) is not None:
        made.append(Card(say("Investment"), money(invested, currency), say("at the start")))
    if gain is not None:
        against = say("against: {base}", base=words(choice.baseline)) if choice.baseline else say("of all years")
        made.append(Card(say("Present value"), money(gain, currency), against, GOOD if gain >= 0 else WARN))
        years = say("{years} years", years=f"{payback:.1f}") if payback is not None else say("never")
        made.append(Card(say("Paid back in"), years, "", "" if payback is not None else WARN))
    elif (yearly := number(chosen, RUNNING)) is not None:
        made.append(Card(say("To run a year"), money(yearly, currency), say("no baseline is named: money > baseline")))
    else:
        hours = number(chosen, "hours")
        note = say("of {hours} h", hours=grouped(hours)) if hours is not None else ""
        made.append(Card(say("Cost of the run"), money(float(chosen[COST]), currency), note))
    if green is not None and len(made) < 5:
        made.append(Card(say("Carbon-free, hour by hour"), share(green)))
    return made[:5]


def table(
    designs: pd.DataFrame, choice: Choice, factors: Sequence[str], sizes: Sequence[str], currency: str
) -> Table:  # fmt: skip
    """Table of designs; means over weather years with their range where these differ."""
    money_of_designs = [name for name in (INVESTED, RUNNING, NPV, PAYBACK, COST) if name in designs]
    columns = [say("case"), *(name_of(name) for name in factors), *(name_of(name) for name in sizes)]
    columns += [name_of(name, currency) for name in money_of_designs]
    rows = [
        [
            words(str(row["case"])),
            *(plain(row[name]) for name in factors),
            *(ranged(row, name) for name in (*sizes, *money_of_designs)),
        ]
        for _, row in designs.iterrows()
    ]
    several = int(designs["weathers"].max()) if len(designs) else 1
    note = say("Means over {number} weathers, their range in brackets.", number=several) if several > 1 else ""
    if choice.baseline and NPV in designs:
        note = f"{note} {say('Present value and payback against {base}.', base=words(choice.baseline))}".strip()
    return Table(columns, rows, note)


def ranged(row: pd.Series, name: str) -> str:
    """A value, with its range over the weathers where there is one."""
    mean, least, most = (float(row[key]) for key in (name, f"least.{name}", f"most.{name}"))
    if not np.isfinite(mean):
        return "–"
    if most - least <= SAME_SIZE * max(1.0, abs(most)):
        return big(mean)
    return say("{mean} ({least} to {most})", mean=big(mean), least=big(least), most=big(most))


def picture(
    designs: pd.DataFrame, chosen: pd.Series, factors: Sequence[str], currency: str
) -> go.Figure | None:  # fmt: skip
    """Bars of the present value of each design, else of what it costs; the chosen one in colour, ranges over weathers as whiskers."""
    by = NPV if NPV in designs and designs[NPV].notna().any() else COST if COST in designs else RUNNING
    drawn = designs[designs[by].notna()].sort_values(by, ascending=by == NPV).tail(DRAWN_DESIGNS)
    if len(drawn) < 2:
        return None
    mine = [all(row[name] == chosen[name] for name in ("case", *factors)) for _, row in drawn.iterrows()]
    labels = [label_of(row, factors) for _, row in drawn.iterrows()]
    spread = {"type": "data", "symmetric": False, "array": drawn[f"most.{by}"] - drawn[by], "arrayminus": drawn[by] - drawn[f"least.{by}"]}  # fmt: skip
    named = name_of(by, currency)
    bars = go.Bar(
        x=drawn[by], y=labels, orientation="h", marker_color=[COLOURS["cluster"] if is_chosen else "#9fb3c8" for is_chosen in mine],
        error_x=spread if (drawn["weathers"] > 1).any() else None, hovertemplate=f"%{{y}}: %{{x:,.4~g}} {currency_name(currency)}<extra></extra>",
    )  # fmt: skip
    title = say("{what} by design", what=f"{named[:1].upper()}{named[1:]}")
    figure = framed(
        go.Figure(bars), title=title, alt=say("One bar a design, the chosen one in colour."), showlegend=False, hovermode="closest",
        height_px=min(90 + 26 * len(drawn), 330), margin={"l": 60, "r": 12, "t": 8, "b": 44},
    )  # fmt: skip
    figure.update_xaxes(title_text=named)
    figure.update_yaxes(type="category", tickfont={"size": 11})
    return tabled(figure, pd.DataFrame({"case": labels, by: drawn[by].to_numpy()}))
