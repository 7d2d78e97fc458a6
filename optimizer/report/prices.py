"""Figure of what power costs and emits: tariff, value of power on the site, carbon of the grid."""

from __future__ import annotations

import plotly.graph_objects as go
import xarray as xr
from plotly.subplots import make_subplots

from optimizer.report.strands import Strand, strands
from optimizer.report.style import big, framed, words
from optimizer.report.traces import line, on_time_axis, time_axis_title

TARIFF_COLOURS = ("#7d8590", "#b3bac2", "#4a5058")
VALUE_COLOUR = "#c2185b"
CARBON_COLOUR = "#5d4037"


def price_and_carbon(results: xr.Dataset) -> go.Figure | None:
    """Prices a MWh is bought and sold at, what one more MWh is worth on the site, and the carbon of the grid's MWh."""
    tariffs, values, carbon = prices_per_mwh(results), value_of_power(results), carbon_per_mwh(results)
    if not (tariffs or values or carbon):
        return None
    rows = 1 + bool(carbon and (tariffs or values))
    figure = make_subplots(
        rows=rows, shared_xaxes=True, vertical_spacing=0.1, row_heights=[1] if rows == 1 else [0.72, 0.28]
    )
    for index, strand in enumerate(tariffs):
        figure.add_trace(priced(results, strand, TARIFF_COLOURS[index % 3], named(strand, tariffs)), row=1, col=1)
    for strand in values:
        figure.add_trace(priced(results, strand, VALUE_COLOUR, "value of one more MWh"), row=1, col=1)
    for strand in carbon:
        figure.add_trace(priced(results, strand, CARBON_COLOUR, named(strand, carbon)), row=rows, col=1)
    if tariffs or values:
        figure.update_yaxes(title_text=f"price<br>[{(tariffs + values)[0].units}]", row=1, col=1)
    if carbon:
        figure.update_yaxes(title_text=f"carbon<br>[{carbon[0].units}]", rangemode="tozero", row=rows, col=1)
    figure.update_xaxes(title_text=time_axis_title(results), row=rows, col=1)
    ranges = "; ".join(
        f"{words(s.role)} {big(s.values.min())} to {big(s.values.max())} {s.units}" for s in tariffs + values + carbon
    )
    return framed(
        figure, title="What power costs and emits", alt=f"Step lines over time. Ranges: {ranges}.", height_px=340
    )


def prices_per_mwh(results: xr.Dataset) -> list[Strand]:
    """Given prices per MWh, import before export."""
    found = [strand for strand in strands(results, "input") if strand.role.endswith("price_per_mwh")]
    return sorted(found, key=lambda strand: "export" in strand.role)


def value_of_power(results: xr.Dataset) -> list[Strand]:
    """Dual of the electricity balance: what one more MWh on the bus would save."""
    return strands(results, "price", bus="electricity")


def carbon_per_mwh(results: xr.Dataset) -> list[Strand]:
    return [strand for strand in strands(results, "input") if strand.role.startswith("carbon")]


def named(strand: Strand, among: list[Strand]) -> str:
    """The quantity in words; with the asset's name where several assets have one."""
    label = words(strand.role.removesuffix("_per_mwh").removesuffix("_t"))
    alone = sum(other.role == strand.role for other in among) == 1
    return label if alone else f"{words(strand.asset)}: {label}"


def priced(results: xr.Dataset, strand: Strand, colour: str, label: str) -> go.Scatter:
    hover = f"{label}: %{{y:.3~f}} {strand.units}<extra></extra>"
    return line(label, colour, hovertemplate=hover, **on_time_axis(results, strand.values))
