"""A figure of points, lines and bars as a small SVG a README can show: plotly describes it, matplotlib draws it."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go

INK, RULE = "#1f2933", "#e3e7eb"
COLOURS = ("#0b4f8a", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#7d8590")
INCHES = (7.2, 3.9)
DENSE = 500
"""Traces of more points go in as a picture: each point of an SVG costs 100 bytes."""
SETTINGS = {
    "svg.fonttype": "none", "svg.hashsalt": "qaidam", "font.family": "sans-serif", "font.size": 10.0,
    "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK, "axes.edgecolor": RULE,
}  # fmt: skip


def save_svg(figure: go.Figure, path: Path) -> None:
    """Draw the figure; the same figure gives the same file. Raises ImportError where matplotlib is not installed."""
    importlib.import_module("matplotlib").use("Agg")
    pyplot = importlib.import_module("matplotlib.pyplot")
    with pyplot.rc_context(SETTINGS):
        canvas, axes = pyplot.subplots(figsize=INCHES, layout="constrained")
        _draw(figure, axes)
        canvas.savefig(path, dpi=150, metadata={"Date": None, "Creator": None})
        pyplot.close(canvas)


def _draw(figure: go.Figure, axes: Any) -> None:
    bars = [trace for trace in figure.data if trace.type == "bar"]
    colours = iter(COLOURS)
    for trace in figure.data:
        colour = trace.line.color if trace.type != "bar" and trace.line.color else next(colours)
        label = "_nolegend_" if trace.showlegend is False else trace.name
        if trace.type == "bar":
            place, width = bars.index(trace), 0.8 / len(bars)
            left = np.arange(len(trace.x)) + (place - (len(bars) - 1) / 2) * width
            axes.bar(left, trace.y, width * 0.92, color=colour, label=label, zorder=2)
            axes.set_xticks(np.arange(len(trace.x)), trace.x, rotation=20)
        else:
            _draw_points(trace, axes, colour, label)
    axes.set_title(figure.layout.title.text, loc="left", fontweight="bold")
    axes.set_xlabel(figure.layout.xaxis.title.text)
    axes.set_ylabel(figure.layout.yaxis.title.text)
    axes.grid(color=RULE, linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _draw_points(trace: Any, axes: Any, colour: str, label: str) -> None:
    style = ("dashed" if trace.line.dash else "solid") if "lines" in trace.mode else "none"
    marker = "o" if "markers" in trace.mode else None
    dense = len(trace.x) > DENSE
    axes.plot(
        trace.x, trace.y, linestyle=style, marker=marker, label=label, color=colour, linewidth=1.8, rasterized=dense,
        markersize=2.0 if dense else 4.5, markeredgewidth=0, zorder=2,
    )  # fmt: skip
