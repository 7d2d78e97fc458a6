"""Figures of a study: tables of runs in, a Plotly figure out (None where there is nothing to show)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from optimizer.language.numbers import currency_name
from optimizer.language.recognition import shown
from optimizer.language.speech import noted, say
from optimizer.report.figure_table import tabled
from optimizer.report.study_names import headed as headed
from optimizer.report.study_names import name_of as name_of
from optimizer.report.study_names import run_label
from optimizer.report.style import COLOURS, big, framed, words

TRANSLUCENT = (1.0, 0.6, 0.35)

PALETTE = tuple(COLOURS[kind] for kind in ("cluster", "solar", "storage", "genset", "wind", "cooling"))


def parallel(runs: pd.DataFrame, columns: Sequence[str], currency: str = "") -> go.Figure | None:
    """Parallel coordinates: a line a run over axes scaled from least to most, in four colours from the cheapest quarter up.

    Drawn as plain lines: Plotly's own kind needs WebGL, which locked-down machines lack.
    """
    shown = [
        name
        for name in columns
        if name in runs and pd.api.types.is_numeric_dtype(runs[name]) and runs[name].nunique() > 1
    ]
    if len(shown) < 2 or len(runs) < 4:
        return None
    least, most = runs[shown].min(), runs[shown].max()
    scaled = (runs[shown] - least) / (most - least)
    quarter = pd.qcut(runs["cost"].rank(method="first"), 4, labels=False)
    axes, colon = [name_of(name, currency) for name in shown], say(": ")
    lines = [_lines(scaled[quarter == number], runs[quarter == number], axes, number) for number in (3, 2, 1, 0)]
    figure = framed(
        go.Figure(lines), title=say("All runs"), alt=say("One line a run over its factors and metrics, coloured by its cost."), height_px=460,
        hovermode="closest", margin={"l": 40, "r": 40, "t": 48, "b": 80},
    )  # fmt: skip
    for place, name in enumerate(shown):
        for height, value in ((-0.05, least[name]), (1.06, most[name])):
            figure.add_annotation(x=place, y=height, text=big(float(value)), showarrow=False, font={"size": 10})
        figure.add_vline(x=place, line={"color": "#9aa5b1", "width": 1})
    figure.update_yaxes(visible=False, range=[-0.1, 1.12])
    figure.update_xaxes(
        tickvals=list(range(len(axes))),
        ticktext=[axis.replace(colon, f"{colon.rstrip()}<br>").replace(" [", "<br>[") for axis in axes],
    )
    return tabled(figure, runs[["label", *shown]].assign(label=runs["label"].map(run_label)))


QUARTERS = (noted("cheapest quarter"), noted("second quarter"), noted("third quarter"), noted("dearest quarter"))


def _lines(scaled: pd.DataFrame, runs: pd.DataFrame, axes: Sequence[str], quarter: int) -> go.Scatter:
    """Lines of one quarter of the runs as one trace, with a gap between runs."""
    gap = np.full((len(scaled), 1), np.nan)
    heights = np.hstack([scaled.to_numpy(dtype=float), gap]).ravel()
    places = np.tile(np.append(np.arange(len(axes), dtype=float), np.nan), len(scaled))
    names = np.repeat(runs["label"].map(run_label).to_numpy(dtype=object), len(axes) + 1)
    quarter_name = say(QUARTERS[quarter])
    colour = ("#0b4f8a", "#56b4e9", "#e69f00", "#d55e00")[quarter]
    return go.Scatter(
        x=places, y=heights, mode="lines", name=quarter_name, line={"color": colour, "width": 1.6 if quarter == 0 else 1}, text=names,
        opacity=0.8, hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def front_curve(front: pd.DataFrame, measure: str, case: str, currency: str) -> go.Figure | None:
    """Cost against a limited measure, with the proven bound below."""
    if front["value"].nunique() < 2:
        return None
    figure = go.Figure(
        [
            go.Scatter(
                x=front["value"],
                y=front["cost"],
                name=say("plan"),
                mode="lines+markers",
                line={"color": COLOURS["cluster"]},
            ),
            go.Scatter(
                x=front["value"],
                y=front["bound"],
                name=say("no plan is cheaper"),
                line={"color": "#9aa5b1", "dash": "dot"},
            ),
        ]
    )
    framed(
        figure,
        title=say("Cost against {measure}, {case}", measure=name_of(measure), case=words(case)),
        alt=say("Each point is a plan with a hard limit on the measure."),
    )
    figure.update_xaxes(title=name_of(measure)).update_yaxes(title=f"{say('cost')} [{currency_name(currency)}]")
    return tabled(figure, front[["value", "cost", "bound"]])


def heat_map(runs: pd.DataFrame, x: str, y: str, metric: str, currency: str = "") -> go.Figure | None:
    """Mean of a metric over two factors; factors with many values are taken by quarters."""
    if metric not in runs or runs[x].nunique() < 2 or runs[y].nunique() < 2:
        return None
    steps = {name: _stepped(runs[name]) for name in (x, y)}
    grid = runs.groupby([steps[y], steps[x]], observed=True)[metric].mean().unstack()
    grid = grid.set_axis([_step_name(step) for step in grid.columns], axis=1).set_axis(
        [_step_name(step) for step in grid.index], axis=0
    )
    metric_name = name_of(metric, currency)
    scale = go.Heatmap(
        x=list(grid.columns), y=list(grid.index), z=grid.to_numpy(), colorscale="YlGnBu", colorbar={"title": {"text": metric_name, "side": "right"}, "thickness": 12},
        hovertemplate=f"{name_of(x)} %{{x}}, {name_of(y)} %{{y}}: %{{z:.4~g}}<extra></extra>",
    )  # fmt: skip
    figure = framed(
        go.Figure(scale),
        title=say("{metric} by {x} and {y}", metric=headed(metric), x=name_of(x), y=name_of(y)),
        alt=say("Mean over all other factors and weathers."),
        hovermode="closest",
    )
    figure.update_xaxes(title=name_of(x), type="category").update_yaxes(title=name_of(y), type="category")
    return tabled(figure, grid.reset_index(names=name_of(y)))


def _stepped(values: pd.Series) -> pd.Series:
    """Values themselves where they are few, else their quarters; both sort as numbers do."""
    few = values.nunique() <= 8 or not pd.api.types.is_numeric_dtype(values)
    return values if few else pd.qcut(values, 4)


def _step_name(step: pd.Interval[float] | str | float) -> str:
    """A value, or a range of them, for an axis."""
    if isinstance(step, pd.Interval):
        return say("{low} to {high}", low=big(float(step.left)), high=big(float(step.right)))
    return str(step) if isinstance(step, str | bool) else big(float(step))


def tornado_bars(table: pd.DataFrame, metric: str, case: str, currency: str = "") -> go.Figure | None:
    """Tornado bars: how far each factor alone moves a metric from its base."""
    if table.empty or not np.isfinite(table["base"].iloc[0]):
        return None
    table = table[::-1]
    base = float(table["base"].iloc[0])
    bars = [
        go.Bar(
            y=table["factor"].map(name_of), x=table[side] - base, base=base, orientation="h", name=name, marker_color=colour,
            customdata=table[value], hovertemplate=say("%{y} at %{customdata}: %{base}<extra></extra>"),
        )
        for side, value, name, colour in (("at_low", "low", say("low value"), COLOURS["wind"]), ("at_high", "high", say("high value"), COLOURS["solar"]))
    ]  # fmt: skip
    figure = framed(
        go.Figure(bars), title=say("What moves {metric}, {case}", metric=name_of(metric), case=words(case)),
        alt=say("One factor at a time from its low to its high value."),
        height_px=160 + 34 * len(table), barmode="overlay", hovermode="closest",
    )  # fmt: skip
    figure.update_xaxes(title=name_of(metric, currency))
    return tabled(figure, table[::-1][["factor", "low", "high", "at_low", "base", "at_high"]])


LEAST_IN_A_BOX = 8
"""A box of fewer runs shows quartiles that are single runs."""


def weather_spread(runs: pd.DataFrame, metric: str, currency: str = "") -> go.Figure | None:
    """A metric by case over the weather years: every run a point, the middle half a box where there are enough of them.

    Only cases whose weather years differ: another weather with all factors alike gives another value.
    """
    if metric not in runs:
        return None
    parts = {str(case): part for case, part in runs.groupby("case", sort=False) if differs_by_weather(part, metric)}
    if not parts:
        return None
    points = [
        points_of(part, words(case), metric, PALETTE[place % len(PALETTE)])
        for place, (case, part) in enumerate(parts.items())
    ]
    figure = framed(
        go.Figure(points), title=say("{metric} over weather years", metric=headed(metric)), alt=say("Spread over the weather years, by case."),
        showlegend=False, hovermode="closest",
    )  # fmt: skip
    figure.update_yaxes(title=name_of(metric, currency))
    figure.update_xaxes(range=[-1.5, len(points) + 0.5], type="category")  # a lone box is no wall
    table = pd.concat(parts.values()).groupby("case", sort=False)[metric]
    return tabled(figure, table.agg(["min", "median", "mean", "max", "count"]).reset_index())


def differs_by_weather(runs: pd.DataFrame, metric: str) -> bool:
    """Whether runs with all factors alike have other values in other weathers."""
    factors = [name for name in runs.columns if name.startswith("factor.")]
    groups = runs.groupby(factors, dropna=False) if factors else [((), runs)]
    return any(part["weather"].nunique() > 1 and part[metric].nunique() > 1 for _, part in groups)


def points_of(runs: pd.DataFrame, case: str, metric: str, shade: str) -> go.Box | go.Scatter:
    """Runs of a case: a box around them where they are many, else points alone."""
    hover = {"text": runs["weather"], "hovertemplate": "%{text}: %{y}<extra></extra>", "name": case}
    if len(runs) < LEAST_IN_A_BOX:
        return go.Scatter(
            x=[case] * len(runs), y=runs[metric], mode="markers", marker={"color": shade, "size": 9}, **hover
        )
    return go.Box(
        y=runs[metric],
        boxpoints="all",
        jitter=0.4,
        pointpos=0,
        marker_color=shade,
        line={"width": 1},
        width=0.4,
        **hover,
    )


def ranges_bars(ranges: pd.DataFrame, case: str) -> go.Figure | None:
    """Least and most of every capacity within each slack of the cost, the plan's own as a mark."""
    case_ranges = ranges[ranges["case"] == case]
    if case_ranges.empty:
        return None
    bars: list[Any] = [
        go.Bar(
            y=part["size"].map(name_of), x=part["most"] - part["least"], base=part["least"], orientation="h", width=0.2 + 0.2 * place,
            name=say("within {slack} of the cost", slack=f"{slack:.0%}"), marker_color=COLOURS["storage"], opacity=TRANSLUCENT[min(place, 2)],
        )
        for place, (slack, part) in enumerate(case_ranges.groupby("slack"))
    ]  # fmt: skip
    first = case_ranges.drop_duplicates("size")
    bars.append(
        go.Scatter(
            y=first["size"].map(name_of),
            x=first["best"],
            mode="markers",
            name=say("the plan"),
            marker={"color": "#222222", "symbol": "diamond", "size": 10},
        )
    )
    figure = framed(
        go.Figure(bars), title=say("Capacities that cost nearly the same, {case}", case=words(case)),
        alt=say("No plan within the slack has a capacity outside its bar."), height_px=200 + 60 * len(first), barmode="overlay", hovermode="closest",
    )  # fmt: skip
    figure.update_xaxes(title=say("capacity [MW, MWh]"))
    table = case_ranges.assign(size=case_ranges["size"].map(name_of))
    return tabled(figure, table[["size", "slack", "least", "best", "most"]])


def verdict_table(rows: pd.DataFrame) -> go.Figure | None:
    """Claims put to the test: what was found, whether it holds, under which conditions."""
    if rows.empty:
        return None
    header = {
        "values": [f"<b>{name_of(name)}</b>" for name in rows.columns],
        "align": "left",
        "fill": {"color": "#eef2f6"},
    }
    cells = {
        "values": [
            [shown(say(str(value))) if isinstance(value, str | bool) else value for value in rows[name]]
            for name in rows.columns
        ],
        "align": "left",
        "fill": {"color": "white"},
        "height": 26,
    }
    table = go.Table(header=header, cells=cells, columnwidth=[4, 2, 1.4, 4])
    figure = framed(
        go.Figure(table), title=say("Claims put to the test"), alt=say("Each claim, what the model finds, and whether it holds."),
        height_px=70 + 50 * len(rows), margin={"l": 4, "r": 4, "t": 8, "b": 8},
    )  # fmt: skip
    return tabled(figure, rows)
