"""Page of one night: a banner on how the plan came about, the report's first screen, the forecast and what changed, the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import xarray as xr

from optimizer.language.numbers import listed
from optimizer.language.speech import say
from optimizer.quantities.columns import matching, rows_of
from optimizer.report.forecast import forecast_fan
from optimizer.report.night_banner import night_banner
from optimizer.report.page import Part, write_report
from optimizer.report.style import BASELINE_COLOUR, COLOURS, big, framed, words
from optimizer.report.traces import line, on_time_axis, time_axis
from optimizer.technologies.flows import WORK

MOVED_CARDS = 1.0
"""Less than a card is no change."""


def write_night_page(
    path: Path,
    results: xr.Dataset,
    expected: xr.Dataset,
    baseline: xr.Dataset,
    bills: Sequence[pd.DataFrame],
    summary: Mapping[str, Any],
    night: Mapping[str, Any],
    before: pd.DataFrame | None,
    forecast: xr.Dataset | None = None,
    jobs: pd.DataFrame | None = None,
) -> None:
    """Write the page. Raises OSError.

    results: of all members; expected: their mean; baseline: without a plan. bills: money by month, of plan and baseline.
    summary: as in summary.json; night: the run record; before: last night's schedule, where there is one.
    forecast: inputs of the forecast that the members are drawn around; jobs: when each job runs.
    """
    schedule = _cards(expected)
    figures = [forecast_fan(results, forecast), _against_last_night(expected, schedule, before)]
    tonight: Part = (
        say("Tonight"),
        say("The forecast and its spread, and what moved since last night."),
        [("", [figure for figure in figures if figure is not None])],
    )
    facts = dict(summary) | _record_facts(night)
    banner = night_banner(night, change_in_words(schedule, before))
    write_report(path, expected, baseline, bills[0], bills[1], facts, [tonight], jobs, banner=banner)


def change_in_words(schedule: pd.DataFrame, before: pd.DataFrame | None) -> str:
    """Change against the last plan in the hours both know."""
    both = _both(schedule, before)
    if both is None:
        return say("no earlier plan of these hours to compare with")
    shift = both["now"] - both["then"]
    moved = shift.abs() > MOVED_CARDS
    if not moved.any():
        return say("nothing in the hours that last night's plan already knew")
    return say(
        "since last night {amount} card-hours moved in {moved} of {all} hours and workloads ({names})",
        amount=big(float(shift.abs().sum() / 2)), moved=int(moved.sum()), all=len(both),
        names=listed([words(str(name)) for name in sorted(set(both.loc[moved, "workload"]))]),
    )  # fmt: skip


def _cards(expected: xr.Dataset) -> pd.DataFrame:
    """Planned cards by hour and workload: columns time_utc, workload, now."""
    work = matching(expected["flow"], role=WORK)
    times = pd.DatetimeIndex(expected.indexes["time"]).strftime("%Y-%m-%dT%H:%MZ")
    parts = [
        pd.DataFrame({"time_utc": times, "workload": asset, "now": -values})
        for (asset,), values in zip(rows_of(work, "asset"), work.values.T, strict=True)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"time_utc": [], "workload": [], "now": []})


def _both(schedule: pd.DataFrame, before: pd.DataFrame | None) -> pd.DataFrame | None:
    if before is None or not len(schedule):
        return None
    then = before[["time_utc", "workload", "planned_cards"]].rename(columns={"planned_cards": "then"})
    both = schedule.merge(then, on=["time_utc", "workload"])
    return both if len(both) else None


def _against_last_night(expected: xr.Dataset, schedule: pd.DataFrame, before: pd.DataFrame | None) -> go.Figure | None:
    """Planned cards of this plan and of the last one."""
    both = _both(schedule, before)
    if both is None:
        return None
    now = schedule.groupby("time_utc")["now"].sum()
    then = both.groupby("time_utc")["then"].sum().reindex(now.index)
    figure = go.Figure(line(say("this plan"), COLOURS["cluster"], **on_time_axis(expected, now.to_numpy())))
    figure.add_trace(
        line(say("last night's plan"), BASELINE_COLOUR, dash="dot", **on_time_axis(expected, then.to_numpy()))
    )
    time_axis(figure, expected)
    figure.update_yaxes(title_text=say("cards"), rangemode="tozero")
    alt = say(
        "Two step lines over time: this plan {least} to {most} cards, last night's beside it.",
        least=f"{now.min():.0f}", most=f"{now.max():.0f}",
    )  # fmt: skip
    return framed(figure, title=say("Cards at work: this plan and last night's"), alt=alt, height_px=280)


def _record_facts(night: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of the record for the page's last part."""
    names = (
        "plan_id",
        "level_name",
        "forecast_level",
        "forecast_source",
        "state_sources",
        "kept_until_utc",
        "valid_until_utc",
        "previous",
    )
    return {f"night {name}": night[name] for name in names}
