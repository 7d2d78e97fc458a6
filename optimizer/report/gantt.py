"""Figure of jobs: when each of them runs, in which pool, between its arrival and its deadline."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import xarray as xr

from optimizer.language.numbers import whole
from optimizer.language.speech import counted, is_chinese, noted, say
from optimizer.report.palette import asset_colours
from optimizer.report.strands import Values, in_local_time, local_time, step_h
from optimizer.report.style import INK, big, colour, framed, words
from optimizer.report.traces import stamps, time_axis

LISTED = 40
"""Rows that can still be read on a screen; of more jobs the largest are drawn."""
LATE_COLOUR = "#d55e00"
OPEN_COLOUR = "#9aa5b1"
LINES, BARS, MARKS = 1, 2, 3
"""What lies over what."""
TIMES = [noted("arrival"), noted("start"), noted("end"), noted("deadline")]


def job_gantt(results: xr.Dataset, jobs: pd.DataFrame | None) -> go.Figure | None:
    """A row a job: a thin line from arrival to deadline, thick bars where it runs, coloured by pool; a mark at the deadline.

    `jobs`: the table of `schedule.timetable_of` (times UTC). Jobs that meet the span of `results`; the largest (by
    card-hours) where there are more than 40. None where there is no job.
    """
    shown = jobs_in(results, jobs) if jobs is not None else pd.DataFrame()
    if shown.empty:
        return None
    runs = largest(shown)
    figure = go.Figure(windows_of(runs))
    for pool, part in runs.groupby("pool"):
        figure.add_trace(bars(words(str(pool)), pool_colour(results, str(pool)), part))
    if runs["late"].any():
        figure.add_trace(bars(say("past the deadline"), LATE_COLOUR, past_the_deadline(runs)))
    figure.add_trace(deadlines(runs))
    rows = list(dict.fromkeys(runs["row"]))
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=rows[::-1], tickfont={"size": 10}, showgrid=False,
        range=[-0.7, len(rows) - 0.3],
    )  # fmt: skip
    time_axis(figure, results)
    number, of = runs["row"].nunique(), shown["row"].nunique()
    title = (
        say("Jobs: when each runs ({number} largest of {of})", number=number, of=whole(of))
        if number < of
        else say("Jobs: when each runs")
    )
    late = runs.loc[runs["late"], "row"].nunique()
    alt = counted(
        number, noted("One job, with bars where it runs and a mark at its deadline; {late} end past it."),
        noted("{number} rows, one a job, with bars where it runs and a mark at its deadline; {late} end past it."), late=late,
    )  # fmt: skip
    framed(
        figure, title=title, alt=alt, height_px=130 + 16 * number, hovermode="closest", barmode="overlay", bargap=0.25
    )
    return figure.update_layout(meta={"alt": alt, "table": table(runs)})


def jobs_in(results: xr.Dataset, jobs: pd.DataFrame) -> pd.DataFrame:
    """Runs that meet the span of `results`, in local time, with the name of their row, pool by pool and by arrival."""
    local = jobs.assign(**{name: in_local_time(results, pd.DatetimeIndex(jobs[name])) for name in TIMES})
    first, last = local_time(results)[0], local_time(results)[-1] + pd.Timedelta(hours=step_h(results))
    met = local[(local["end"] > first) & (local["start"] < last)]
    several = jobs["workload"].nunique() > 1
    names = [f"{words(str(row.workload))}{say(': ')}{row.job}" if several else str(row.job) for row in met.itertuples()]
    return met.assign(row=names).sort_values(["pool", "arrival", "start"], kind="stable")


def largest(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs of the jobs with most card-hours, in their order."""
    card_h = pd.Series(lengths(runs, pd.Timedelta(hours=1)) * runs["cards"].to_numpy()).groupby(list(runs["row"])).sum()
    return runs[runs["row"].isin(card_h.nlargest(LISTED).index)]


def lengths(runs: pd.DataFrame, unit: pd.Timedelta) -> Values:
    """Length of each run, in the unit, shape (runs,)."""
    return np.asarray((runs["end"] - runs["start"]).to_numpy() / unit.to_timedelta64(), dtype=float)


def bars(name: str, shade: str, runs: pd.DataFrame) -> go.Bar:
    """Runs as thick bars."""
    moment = "%m-%d %H:%M" if is_chinese() else "%a %-d %b %H:%M"
    texts = [
        say(
            "{job} in {pool}<br>{start} to {end}, {cards} cards", job=run.row, pool=words(str(run.pool)),
            start=f"{run.start:{moment}}", end=f"{run.end:{moment}}", cards=f"{run.cards:g}",
        )
        for run in runs.itertuples()
    ]  # fmt: skip
    return go.Bar(
        name=name, orientation="h", y=list(runs["row"]), base=stamps(pd.DatetimeIndex(runs["start"])),
        x=list(lengths(runs, pd.Timedelta(milliseconds=1))), text=texts, textposition="none",
        marker={"color": shade, "line": {"width": 0}}, hovertemplate="%{text}<extra></extra>",
        zorder=BARS,
    )  # fmt: skip


def past_the_deadline(runs: pd.DataFrame) -> pd.DataFrame:
    """Parts of late runs that lie past their deadline."""
    late = runs[runs["late"]]
    return late.assign(start=late[["start", "deadline"]].max(axis=1))


def windows_of(runs: pd.DataFrame) -> go.Scatter:
    """Time windows of jobs from arrival to deadline, a thin line each."""
    once = runs.drop_duplicates("row")
    ends = zip(stamps(pd.DatetimeIndex(once["arrival"])), stamps(pd.DatetimeIndex(once["deadline"])), strict=True)
    return go.Scatter(
        name=say("from arrival to deadline"), mode="lines", line={"color": OPEN_COLOUR, "width": 1.2}, hoverinfo="skip",
        zorder=LINES,
        x=[time for pair in ends for time in (*pair, None)], y=[row for row in once["row"] for _ in range(3)],
    )  # fmt: skip


def deadlines(runs: pd.DataFrame) -> go.Scatter:
    """A short upright mark at each deadline."""
    once = runs.drop_duplicates("row")
    return go.Scatter(
        name=say("deadline"), mode="markers", x=stamps(pd.DatetimeIndex(once["deadline"])), y=list(once["row"]),
        marker={"symbol": "line-ns-open", "size": 11, "color": INK, "line": {"width": 1.8}},
        hovertemplate=f"{say('%{y}: due %{x|%a %-d %b %H:%M}')}<extra></extra>", zorder=MARKS,
    )  # fmt: skip


def pool_colour(results: xr.Dataset, pool: str) -> str:
    """Pool's own colour; jobs on machines of their own have that of a load."""
    return asset_colours(results).get(pool, colour("load"))


def table(runs: pd.DataFrame) -> dict[str, object]:
    """Gantt chart as a table."""
    times = [pd.DatetimeIndex(runs[name]).strftime("%Y-%m-%d %H:%M") for name in TIMES]
    pools = [words(str(pool)) for pool in runs["pool"]]
    late = [say("late") if is_late else "" for is_late in runs["late"]]
    rows = [list(row) for row in zip(runs["row"], pools, *times, map(big, runs["cards"]), late, strict=True)]
    columns = [say("job"), say("pool"), *map(say, TIMES), say("cards"), ""]
    return {"columns": columns, "rows": rows, "note": say("Local time.")}
