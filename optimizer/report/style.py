"""Visual style of all figures: a colour per technology, words for coded names, units on axes, one layout for all figures."""

from __future__ import annotations

from typing import Any, Final

import plotly.graph_objects as go

from optimizer.language.numbers import big as big
from optimizer.language.numbers import share as share
from optimizer.language.speech import is_chinese
from optimizer.language.words import words as words
from optimizer.report.notebook_figure import NotebookFigure

COLOURS: Final[dict[str, str]] = {
    "wind": "#56b4e9",
    "solar": "#e69f00",
    "storage": "#009e73",
    "station": "#00735c",
    "genset": "#d55e00",
    "grid": "#7d8590",
    "powertrain": "#0b4f8a",
    "cooling": "#b07aa1",
    "load": "#9c755f",
    "cluster": "#0b4f8a",
    "service": "#4c78a8",
    "queue": "#e0777d",
    "jobs": "#6a3d9a",
    "elastic": "#b15928",
    "link": "#8c6d31",
}
"""By technology, written without "_"; chosen to stay apart for most colour-blind readers and in grey print."""

FALLBACK: Final[tuple[str, ...]] = (
    "#59a14f",
    "#edc948",
    "#76b7b2",
    "#ff9da7",
    "#c51b8a",
    "#a6761d",
    "#7b6fd0",
)
ORDER: Final[tuple[str, ...]] = tuple(COLOURS)
BASELINE_COLOUR: Final = "#222222"
INK: Final = "#1f2933"
RULE: Final = "#e3e7eb"
FONTS: Final = 'system-ui, "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif'
"""Fonts of figures with Chinese text."""
SHADES: Final[dict[str, tuple[str, ...]]] = {
    "queue": ("#e0777d", "#8c2d33", "#f0a88a", "#b55a9c"),
    "service": ("#4c78a8", "#9ec3e6", "#2f4b7c", "#6f8fb8"),
}
"""Kinds of which a site often has several to be distinguished: not only lighter, but other shades."""


def rank(technology: str) -> int:
    """Place in a stack: known technologies in the order of the palette, others after them."""
    plain = technology.replace("_", "")
    return ORDER.index(plain) if plain in ORDER else len(ORDER)


def colour(technology: str, index: int = 0) -> str:
    """Colour of the `index`-th asset of a technology as "#rrggbb": the palette's, lighter for each further one."""
    plain = technology.replace("_", "")
    if index < len(SHADES.get(plain, ())):
        return SHADES[plain][index]
    base = COLOURS.get(plain) or FALLBACK[sum(map(ord, plain)) % len(FALLBACK)]
    return lighter(base, min(0.4 * index, 0.7))


def lighter(hex_colour: str, share: float) -> str:
    """Colour moved towards white by `share` (0..1)."""
    channels = [int(hex_colour[place : place + 2], 16) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(value + (255 - value) * share):02x}" for value in channels)


def framed(figure: go.Figure, *, title: str, alt: str, height_px: int = 360, **layout: Any) -> go.Figure:
    """Figure in the house's frame: title, text for those who cannot see it (`layout.meta.alt`), quiet axes."""
    figure.__class__ = NotebookFigure  # in place: a copy of a year's figure takes 0.3 s
    figure.update_layout(
        title={"text": title, "x": 0, "xanchor": "left", "font": {"size": 16}},
        meta={"alt": alt},
        height=height_px,
        template="none",
        colorway=list(FALLBACK),
        font={"family": FONTS if is_chinese() else "system-ui, sans-serif", "size": 12, "color": INK},
        margin={"l": 76, "r": 16, "t": 48, "b": 40},
        hovermode="x unified",
        hoverlabel={"namelength": -1, "font": {"size": 11}},
        legend={"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0, "x": 0, "font": {"size": 11}},
        paper_bgcolor="white",
        plot_bgcolor="white",
    )
    figure.update_xaxes(
        showgrid=False, zeroline=False, linecolor=RULE, ticks="outside", tickcolor=RULE, automargin=True
    )
    figure.update_yaxes(gridcolor=RULE, zerolinecolor="#8a94a0", automargin=True, title_standoff=8)
    if is_chinese():  # a thousand and a million are no Chinese units
        figure.update_xaxes(exponentformat="none").update_yaxes(exponentformat="none").update_layout(separators=".")
    return figure.update_layout(**layout)
