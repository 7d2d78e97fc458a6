"""The page of a study: what its runs say together, then the chosen run's own report with its typical weeks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import xarray as xr

from optimizer.report import study_figures as draw
from optimizer.report.page import Part, drawn, write_report

MOST_MAPS = 6


@dataclass(frozen=True)
class Found:
    """Tables of a study's runs; nothing here knows how they were made."""

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


def write_study_page(
    path: Path, found: Found, results: xr.Dataset, bill: pd.DataFrame, summary: Mapping[str, Any]
) -> None:
    """Write the page. `results`, `bill` (money by month) and `summary` are the chosen run's. Raises OSError."""
    told = {**summary, "scenario": found.name}
    if found.failed:
        told["runs without a result"] = "; ".join(f"{run}: {reason}" for run, reason in list(found.failed.items())[:20])
    write_report(path, results, None, bill, None, told, parts(found))


def parts(found: Found) -> list[Part]:
    """The study's parts, those without anything to show left out by the page."""
    grid = found.runs[found.runs["part"] == "grid"]
    factors = [name for name in grid.columns if name.startswith("factor.") and grid[name].notna().all() and len(grid)]
    cases = list(dict.fromkeys(found.runs["case"]))
    runs = drawn(draw.verdict_table(found.verdicts), draw.parallel(grid, [*factors, *found.metrics], found.currency))
    fronts = [draw.front_curve(table, measure, case, found.currency) for (measure, case), table in found.fronts.items()]
    bars = [draw.tornado_bars(table, metric, case, found.currency) for (metric, case), table in found.tornadoes.items()]
    return [
        ("The study", _lead(found, len(grid)), [("", runs)]),
        ("What a limit costs", FRONT_LEAD, [("", drawn(*fronts))]),
        (
            "Capacities that cost nearly the same",
            RANGE_LEAD,
            [("", drawn(*(draw.ranges_bars(found.ranges, case) for case in cases)))],
        ),
        ("What moves the result", TORNADO_LEAD, [("", drawn(*bars))]),
        (
            "Weather years",
            SPREAD_LEAD,
            [("", drawn(*(draw.weather_spread(grid, name, found.currency) for name in found.metrics)))],
        ),
        ("Two factors at a time", MAP_LEAD, [("", _maps(grid, factors, found.metrics, found.currency))]),
    ]


def _lead(found: Found, count: int) -> str:
    told = [found.description, f"{count} runs."]
    if found.failed:
        told.append(f"{len(found.failed)} runs gave no result; their reasons stand at the end of the page.")
    told.append(f"The parts below the study's are the report of one run: {found.chosen}")
    return " ".join(part for part in told if part)


def _maps(grid: pd.DataFrame, factors: Sequence[str], metrics: Sequence[str], currency: str) -> list[go.Figure]:
    pairs = itertools.product(metrics, itertools.combinations(factors, 2))
    return drawn(
        *(draw.heat_map(grid, x, y, metric, currency) for metric, (x, y) in itertools.islice(pairs, MOST_MAPS))
    )


FRONT_LEAD = "Each point is a plan that keeps a hard limit, checked anew from its results. The dotted line is proven: no plan is cheaper."
RANGE_LEAD = "How far each capacity can move while the cost stays within a slack. Whole numbers are left out, so no plan lies outside a bar."
TORNADO_LEAD = "One factor at a time, all else at its base."
SPREAD_LEAD = "Each point is a run; where factors vary too, their spread is part of it."
MAP_LEAD = "Means over all other factors and weathers."
