"""Page of a study: its answer first, what its runs say together, then the chosen run's own report with its typical weeks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import xarray as xr

from optimizer.language.numbers import sentences
from optimizer.language.recognition import shown
from optimizer.language.speech import counted, noted, say
from optimizer.report import study_figures as draw
from optimizer.report.page import Part, drawn, write_report
from optimizer.report.study_answer import Choice, study_opening

MOST_MAPS = 6


@dataclass(frozen=True)
class StudyTables:
    """Tables of a study's runs; how they were made is not known here."""

    name: str
    description: str
    currency: str
    runs: pd.DataFrame
    """One row a run: label, part, case, weather, factor.*, metrics."""
    metrics: Sequence[str]
    fronts: Mapping[tuple[str, str], pd.DataFrame] = field(default_factory=dict)
    """(measure, case) → value, cost, bound."""
    tornadoes: Mapping[tuple[str, str], pd.DataFrame] = field(default_factory=dict)
    """(metric, case) → factor, low, high, at_low, at_high, base."""
    ranges: pd.DataFrame = field(default_factory=pd.DataFrame)
    """case, slack, size, least, most, best."""
    verdicts: pd.DataFrame = field(default_factory=pd.DataFrame)
    """claim, found, holds, conditions."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """Run → why there is no result."""
    chosen: str = ""
    """What the chosen run is, and why."""
    choice: Choice = field(default_factory=lambda: Choice("", ""))


def write_study_page(
    path: Path, tables: StudyTables, results: xr.Dataset, bill: pd.DataFrame, summary: Mapping[str, Any]
) -> None:
    """Write the page. `results`, `bill` (money by month) and `summary` are the chosen run's. Raises OSError."""
    page_summary = {**summary, "scenario": tables.name}
    if tables.failed:
        page_summary["runs without a result"] = say("; ").join(
            f"{run}: {shown(reason)}" for run, reason in list(tables.failed.items())[:20]
        )
    opening = study_opening(tables.runs, tables.choice, tables.currency, len(tables.failed))
    write_report(path, results, None, bill, None, page_summary, parts(tables), opening=opening)


def parts(tables: StudyTables) -> list[Part]:
    """Study's parts, those without anything to show left out by the page."""
    grid = tables.runs[tables.runs["part"] == "grid"]
    factors = [name for name in grid.columns if name.startswith("factor.") and grid[name].notna().all() and len(grid)]
    cases = list(dict.fromkeys(tables.runs["case"]))
    runs = drawn(draw.verdict_table(tables.verdicts), draw.parallel(grid, [*factors, *tables.metrics], tables.currency))
    fronts = [
        draw.front_curve(table, measure, case, tables.currency) for (measure, case), table in tables.fronts.items()
    ]
    bars = [
        draw.tornado_bars(table, metric, case, tables.currency) for (metric, case), table in tables.tornadoes.items()
    ]
    return [
        (say("The study"), _lead(tables, len(grid)), [("", runs)]),
        (say("What a limit costs"), say(FRONT_LEAD), [("", drawn(*fronts))]),
        (
            say("Capacities that cost nearly the same"),
            say(RANGE_LEAD),
            [("", drawn(*(draw.ranges_bars(tables.ranges, case) for case in cases)))],
        ),
        (say("What moves the result"), say(TORNADO_LEAD), [("", drawn(*bars))]),
        (
            say("Weather years"),
            say(SPREAD_LEAD),
            [("", drawn(*(draw.weather_spread(grid, name, tables.currency) for name in tables.metrics)))],
        ),
        (say("Two factors at a time"), say(MAP_LEAD), [("", _maps(grid, factors, tables.metrics, tables.currency))]),
    ]


def _lead(tables: StudyTables, count: int) -> str:
    failed = len(tables.failed)
    return sentences(
        tables.description,
        counted(count, noted("One run."), noted("{number} runs.")),
        say("Runs without a result: {number}; the end of the page says why.", number=failed) if failed else "",
        say("The parts below the study's are the report of one run: {run}", run=tables.chosen),
    )


def _maps(grid: pd.DataFrame, factors: Sequence[str], metrics: Sequence[str], currency: str) -> list[go.Figure]:
    pairs = itertools.product(metrics, itertools.combinations(factors, 2))
    return drawn(
        *(draw.heat_map(grid, x, y, metric, currency) for metric, (x, y) in itertools.islice(pairs, MOST_MAPS))
    )


FRONT_LEAD = noted(
    "Each point is a plan that keeps a hard limit, checked anew from its results. The dotted line is proven: no plan is cheaper."
)
RANGE_LEAD = noted(
    "How far each capacity can move while the cost stays within a slack. Whole numbers are left out, so no plan lies outside a bar."
)
TORNADO_LEAD = noted("One factor at a time, all else at its base.")
SPREAD_LEAD = noted("Each point is a run; where factors vary too, their spread is part of it.")
MAP_LEAD = noted("Means over all other factors and weathers.")
