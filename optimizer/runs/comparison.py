"""Runs side by side: money, capital, energy, carbon and the hours that differ; what cannot be compared is said first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.inputs.assemble import calendar_of
from optimizer.language.speech import noted
from optimizer.plan.readable_tables import hours_table
from optimizer.plan.results_file import load_results
from optimizer.runs.tables import summary_of_run

FIGURES = (
    "cost", "baseline_cost", "saving", "facility_mwh", "it_mwh", "pue", "solar_mwh", "wind_mwh", "curtailed_mwh", "import_mwh",
    "export_mwh", "storage_discharge_mwh", "own_supply_share", "cfe_hourly_share", "carbon_location_t", "carbon_market_t",
    "card_hours", "late_card_hours",
)  # fmt: skip
"""Figures of summary.json that are set side by side, after those of cost."""
COSTS = ("running", "capital", "total")
NOTICEABLE = 1e-3
"""A kW, or a thousandth of a card: less is how solvers round."""
PLACE = ("latitude", "longitude", "elevation_m", "timezone")


@dataclass(frozen=True)
class Comparison:
    """Runs side by side, the first is what the others are held against."""

    names: list[str]
    warnings: list[str]
    """What makes figures not comparable: horizons, currencies, sites, weather, tools."""
    figures: pd.DataFrame
    """A row a figure: figure, then one column a run."""
    hours: pd.DataFrame
    """A row a flow and run: run, flow, hours_that_differ, mean_difference, largest_difference."""
    currency: str = "CNY"
    """Currency of the first run."""


def compare_runs(folders: Sequence[Path]) -> Comparison:
    """Comparison of runs by their folders, which have been checked. Raises OSError, ValueError."""
    names = _names(folders)
    summaries = [summary_of_run(folder) for folder in folders]
    results = [load_results(folder / "results.nc") for folder in folders]
    warnings = [
        text
        for name, other in zip(names[1:], results[1:], strict=True)
        for text in _unlike(results[0], other, names[0], name)
    ]
    figures = pd.DataFrame(
        [[name, *values] for name, values in _figures(summaries).items()], columns=["figure", *names]
    )
    parts = [_hours(results[0], other, name) for name, other in zip(names[1:], results[1:], strict=True)]
    currency = str(summaries[0].get("currency") or "CNY")
    return Comparison(names, warnings, figures, pd.concat(parts, ignore_index=True), currency)


def _names(folders: Sequence[Path]) -> list[str]:
    """Short names of the folders, or their paths where short ones are the same; one given twice is counted."""
    short = [folder.resolve().name for folder in folders]
    names = short if len(set(short)) == len(short) else [str(folder) for folder in folders]
    return [name if names.index(name) == at else f"{name} ({at + 1})" for at, name in enumerate(names)]


def _figures(summaries: Sequence[dict[str, object]]) -> dict[str, list[float]]:
    """Values of every run by figure; NaN where a run has none."""
    rows: dict[str, list[float]] = {}
    for name in COSTS:
        rows[f"{name}_cost"] = [_number(_mapping(summary.get("costs")).get(name)) for summary in summaries]
    for name in FIGURES:
        rows[name] = [_number(summary.get(name)) for summary in summaries]
    return {name: values for name, values in rows.items() if not np.all(np.isnan(values))}


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else np.nan


def _unlike(first: xr.Dataset, other: xr.Dataset, first_name: str, name: str) -> list[str]:
    """Sentences on what two runs do not share."""
    ours, theirs = calendar_of(first), calendar_of(other)
    texts = []
    if (ours.start, ours.count, ours.step_h) != (theirs.start, theirs.count, theirs.step_h):
        texts.append(
            f"{name} plans other hours than {first_name}: {theirs.count} steps of {theirs.step_h:g} h from {theirs.local[0]:%Y-%m-%d}, "
            f"not {ours.count} of {ours.step_h:g} h from {ours.local[0]:%Y-%m-%d}; sums are of different lengths or seasons"
        )
    for attribute, said in (("currency", noted("currency")), ("weather", noted("weather"))):
        if first.attrs.get(attribute) != other.attrs.get(attribute):
            texts.append(
                f"{name} has another {said} than {first_name}: {other.attrs.get(attribute)}, not {first.attrs.get(attribute)}"
            )
    if _places(first) != _places(other):
        texts.append(f"{name} is another site than {first_name}: weather, prices and sizes may all differ")
    return texts


def _places(results: xr.Dataset) -> list[object]:
    """Places of all sites of a run."""
    scenario = _mapping(results.attrs["scenario"])
    sites = [_mapping(site) for site in _mapping(scenario.get("sites")).values()] or [scenario]
    return [[_mapping(site.get("site")).get(name) for name in PLACE] for site in sites]


def _hours(first: xr.Dataset, other: xr.Dataset, name: str) -> pd.DataFrame:
    """Flows that differ from the first run's in the hours both plan; a flow that one lacks is 0 there."""
    ours, theirs = (hours_table(results).set_index("time_utc").drop(columns="time_local") for results in (first, other))
    shared = ours.index.intersection(theirs.index)
    flows = list(dict.fromkeys([*ours.columns, *theirs.columns]))
    before, after = (table.reindex(index=shared, columns=flows, fill_value=0.0) for table in (ours, theirs))
    change = after - before
    differs = change.abs() > NOTICEABLE
    rows = [
        (name, flow, int(differs[flow].sum()), float(change[flow].mean()), float(change[flow].abs().max()))
        for flow in flows
        if differs[flow].any()
    ]
    columns = ["run", "flow", "hours_that_differ", "mean_difference", "largest_difference"]
    return pd.DataFrame(rows, columns=columns).sort_values("hours_that_differ", ascending=False, kind="stable")
