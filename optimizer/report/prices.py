"""Figure of electricity prices and carbon: tariff, value of power on the site, carbon of the grid."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go
import xarray as xr
from plotly.subplots import make_subplots

from optimizer.language.numbers import unit
from optimizer.language.speech import say
from optimizer.report.strands import Strand, strands
from optimizer.report.style import big, framed, words
from optimizer.report.traces import line, on_time_axis, time_axis

TARIFF_COLOURS = ("#7d8590", "#b3bac2", "#4a5058")
VALUE_COLOUR = "#c2185b"
CARBON_COLOUR = "#5d4037"


@dataclass(frozen=True)
class Row:
    """Series that share a unit, each with its name for readers and its colour."""

    name: str
    lines: list[tuple[Strand, str, str]]


def price_and_carbon(results: xr.Dataset) -> go.Figure | None:
    """Prices a MWh is bought and sold at, the shadow price of power on the site, and the carbon of the grid's MWh."""
    tariffs, carbon = prices_per_mwh(results), carbon_per_mwh(results)
    money = [(strand, named(strand, tariffs), TARIFF_COLOURS[nth % 3]) for nth, strand in enumerate(tariffs)]
    money += [(strand, say("value of one more MWh"), VALUE_COLOUR) for strand in value_of_power(results)]
    emitted = [(strand, named(strand, carbon), CARBON_COLOUR) for strand in carbon]
    rows = [row for row in (Row(say("price"), money), Row(say("carbon"), emitted)) if row.lines]
    if not rows:
        return None
    heights = [0.72, 0.28] if len(rows) == 2 else [1]
    figure = make_subplots(rows=len(rows), shared_xaxes=True, vertical_spacing=0.12, row_heights=heights)
    for place, row in enumerate(rows, start=1):
        for strand, label, shade in row.lines:
            hover = f"{label}: %{{y:.3~f}} {unit(strand.units)}<extra></extra>"
            trace = line(label, shade, hovertemplate=hover, **on_time_axis(results, strand.values))
            figure.add_trace(trace, row=place, col=1)
        title = f"{row.name}<br>[{unit(row.lines[0][0].units)}]"
        figure.update_yaxes(title_text=title, rangemode="tozero", nticks=3 if place == 2 else 6, row=place, col=1)
    time_axis(figure, results, row=len(rows))
    ranges = say("; ").join(range_words(strand, label) for row in rows for strand, label, _ in row.lines)
    alt = say("Step lines over time. Ranges: {ranges}.", ranges=ranges)
    return framed(figure, title=say("What power costs and emits"), alt=alt, height_px=340)


def prices_per_mwh(results: xr.Dataset) -> list[Strand]:
    """Given prices per MWh, import before export."""
    return sorted(
        strands(results, "input", like="(import|export)_price_per_mwh$"), key=lambda strand: "export" in strand.quantity
    )


def value_of_power(results: xr.Dataset) -> list[Strand]:
    """Dual of the electricity balance: what one more MWh on the bus would save."""
    return strands(results, "price", bus="electricity")


def carbon_per_mwh(results: xr.Dataset) -> list[Strand]:
    """Emission factors of what is bought."""
    return strands(results, "input", like="^carbon_t_per_mwh$")


def named(strand: Strand, among: list[Strand]) -> str:
    """Quantity in words; with the asset's name where several assets have one."""
    label = words(strand.quantity.removesuffix("_per_mwh").removesuffix("_t"))
    alone = sum(other.quantity == strand.quantity for other in among) == 1
    return label if alone else f"{words(strand.asset)}{say(': ')}{label}"


def range_words(strand: Strand, label: str) -> str:
    return say(
        "{name} {least} to {most} {unit}",
        name=label, least=big(strand.values.min()), most=big(strand.values.max()), unit=unit(strand.units),
    )  # fmt: skip
