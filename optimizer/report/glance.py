"""Figure of the first screen: supply by kind, what was left unused, and the site's load over the whole span."""

from __future__ import annotations

import plotly.graph_objects as go
import xarray as xr

from optimizer.language.numbers import listed, unit
from optimizer.language.speech import say
from optimizer.report.curtailment import hover, unused_layer
from optimizer.report.energy import facility_mw, feeds_by_technology, moving
from optimizer.report.strands import Values, step_h, strands
from optimizer.report.style import INK, big, colour, framed, words
from optimizer.report.traces import area, line, on_time_axis, time_axis


def at_a_glance(results: xr.Dataset) -> go.Figure | None:
    """Supply of all sites by kind [MW], the unused rest of sun and wind above it, and the load as a line. None if nothing flows."""
    feeds = by_kind(feeds_by_technology(moving(strands(results, "flow", bus="electricity"))))
    if not feeds:
        return None
    layers = [
        area(words(kind), colour(kind), stackgroup="feed", hovertemplate=hover(words(kind)), **on_time_axis(results, power))
        for kind, power in feeds.items()
    ]  # fmt: skip
    if (unused := unused_layer(results)) is not None:
        layers.append(unused)
    figure = go.Figure(layers)
    if (load := facility_mw(results)) is not None:
        label = say("load of the whole site")
        figure.add_trace(line(label, INK, hovertemplate=hover(label), **on_time_axis(results, load)))
    time_axis(figure, results)
    figure.update_xaxes(title_text=None)
    figure.update_yaxes(title_text=unit("MW"))
    energy_mwh = [f"{words(kind)} {big(float(power.sum()) * step_h(results))}" for kind, power in feeds.items()]
    alt = say("Stacked areas of what feeds the site, its load as a line. Energy in MWh: {fed}.", fed=listed(energy_mwh))
    return framed(figure, title=say("All hours at a glance"), alt=alt, height_px=270, margin={"l": 50, "r": 8, "t": 8, "b": 30})  # fmt: skip


def by_kind(feeds: dict[tuple[str, str], Values]) -> dict[str, Values]:
    """Feeds of each technology, whatever its flows are called."""
    sums: dict[str, Values] = {}
    for (technology, _), power in feeds.items():
        sums[technology] = sums[technology] + power if technology in sums else power
    return sums
