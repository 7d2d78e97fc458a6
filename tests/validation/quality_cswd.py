"""What repair makes of six Chinese typical years and leaves of a good one: clock, closure and direct normal sums."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import plotly.graph_objects as go
import xarray as xr

from tests.validation.yield_stations import STATIONS
from weather import sources
from weather.quality.clock import clock_error_min
from weather.quality.radiation import closure_rmse_w_per_m2
from weather.quality.repair import repair

SOURCE = "computed from the same files outside this project; CSWD 2005, NREL TMY3"
MIDDLE_MIN = 30.0
"""A true hourly mean fits best with the sun of the middle of its hour."""


@dataclass(frozen=True)
class Known:
    """Published facts of a file: best shift of the sun from the interval start [min], closure [W/m²], DNI [kWh/m²]."""

    shift_min: float
    closure_w_per_m2: float
    dni_file: float
    dni_modelled: float


KNOWN = {
    "Golmud": Known(-60, 95.8, 1596, 2296),
    "Daqaidam": Known(0, 88.9, 2195, 2456),
    "Xining": Known(0, 47.2, 1471, 1515),
    "Kunming": Known(-30, 45.2, 1109, 1244),
    "Xifengzhen": Known(0, 35.9, 1398, 1326),
    "Hohhot": Known(0, 41.7, 1550, 1516),
}
LEADVILLE = Known(40, 0.7, 1958, 1958)


@cache
def before_and_after(shared: Path, station: str) -> tuple[xr.Dataset, xr.Dataset]:
    """The file as it is, and repaired."""
    weather = sources.read(shared / "data/weather" / STATIONS[station].file)
    return weather, repair(weather)


def dni_kwh_per_m2(weather: xr.Dataset) -> float:
    """Direct normal irradiation of the year [kWh/m²]."""
    return float(weather["dni_w_per_m2"].sum()) / 1000


def lines_of(shared: Path, station: str, known: Known) -> list[tuple[str, str, str]]:
    """Metric, ours and bar of one repaired station."""
    before, after = before_and_after(shared, station)
    moved = abs(float(after["ghi_w_per_m2"].sum() / before["ghi_w_per_m2"].sum()) - 1)
    return [
        ("shift of the sun that fits the file best, min", f"{MIDDLE_MIN - clock_error_min(before):.0f}",
         f"{known.shift_min:.0f} ± 10"),
        ("clock left after repair, min", f"{abs(clock_error_min(after)):.0f}", "<= 10"),
        ("GHI of the year, changed by repair", f"{moved:.2%}", "<= 0.5 %"),
        ("closure of the file, W/m²", f"{closure_rmse_w_per_m2(before):.1f}", f"{known.closure_w_per_m2} ± 0.3"),
        ("closure after repair, W/m²", f"{closure_rmse_w_per_m2(after):.1f}", "<= 1"),
        (f"DNI after repair, kWh/m² (file {dni_kwh_per_m2(before):.0f})", f"{dni_kwh_per_m2(after):.0f}",
         f"{known.dni_modelled:.0f} ± 2 %"),
    ]  # fmt: skip


def untouched(shared: Path) -> list[tuple[str, str, str]]:
    """Metric, ours and bar of the good file, which must come out as it went in."""
    before, after = before_and_after(shared, "Leadville")
    names = ("ghi_w_per_m2", "dni_w_per_m2", "dhi_w_per_m2")
    moved = max(float(abs(after[name] - before[name]).max()) for name in names)
    closure = closure_rmse_w_per_m2(before)
    return [
        ("largest change of radiation by repair, W/m²", f"{moved:.1f}", "<= 0"),
        ("closure of the file, W/m²", f"{closure:.1f}", f"{LEADVILLE.closure_w_per_m2} ± 0.3"),
        ("DNI, kWh/m²", f"{dni_kwh_per_m2(after):.0f}", f"{LEADVILLE.dni_file:.0f} ± 1"),
    ]


def rows(shared: Path) -> list[dict[str, str]]:
    """The comparisons as rows of the validation table."""
    table = [(f"{name} CSWD", *line) for name, known in KNOWN.items() for line in lines_of(shared, name, known)]
    table += [("Leadville TMY3, 3,026 m", *line) for line in untouched(shared)]
    names = ("data", "metric", "ours", "bar", "source")
    return [dict(zip(names, (*line, SOURCE), strict=True)) for line in table]


def figure(shared: Path) -> go.Figure:
    """Direct normal irradiation of the year by station: the file, ours after repair, the published repair."""
    sums = {name: [dni_kwh_per_m2(weather) for weather in before_and_after(shared, name)] for name in KNOWN}
    plot = go.Figure()
    columns = {
        "file": [pair[0] for pair in sums.values()],
        "repaired": [pair[1] for pair in sums.values()],
        "modelled anew by others": [known.dni_modelled for known in KNOWN.values()],
    }
    for name, values in columns.items():
        plot.add_bar(x=list(KNOWN), y=values, name=name)
    return plot.update_layout(
        title="Direct normal irradiation, before and after repair", xaxis_title="", yaxis_title="kWh/m² a year"
    )
