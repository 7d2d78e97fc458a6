"""Sun and wind yields of seven stations against independently computed ones; what repair and thin air do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import xarray as xr

from weather import sources
from weather.quality.radiation import redecompose_dni
from weather.quality.repair import repair
from weather.solar import field
from weather.wind import farm

SOURCE = "computed with pvlib and windpowerlib outside this project; files CSWD 2005 and NREL TMY3"


@dataclass(frozen=True)
class Station:
    """One file and the published figures: yields [kWh/kWp], capacity factors at 110 m."""

    file: str
    late_min: float
    yield_file: float
    yield_modelled_dni: float
    wind: float
    wind_thin_air: float


STATIONS = {
    "Golmud": Station("CHN_Qinghai.Golmud.528180_CSWD.epw", 90, 1621, 1924, 0.102, 0.076),
    "Daqaidam": Station("CHN_Qinghai.Daqaidam.527130_CSWD.epw", 30, 1635, 1988, 0.101, 0.075),
    "Xining": Station("CHN_Qinghai.Xining.528660_CSWD.epw", 30, 1333, 1475, 0.030, 0.024),
    "Kunming": Station("CHN_Yunnan.Kunming.567780_CSWD.epw", 60, 1309, 1370, 0.043, 0.033),
    "Xifengzhen": Station("CHN_Gansu.Xifengzhen.539230_CSWD.epw", 30, 1363, 1449, 0.096, 0.082),
    "Hohhot": Station("CHN_Nei.Mongol.Hohhot.534630_CSWD.epw", 30, 1370, 1489, 0.085, 0.079),
    "Leadville": Station("USA_CO_Leadville-Lake.County.AP.724673_TMY3.epw", 0, 1638, 1636, 0.241, 0.188),
}
"""`late_min`: how much later than a true hourly mean the file's radiation runs (0 for TMY3)."""
PUBLISHED_CHAIN = {"inverter_efficiency": 1.0}
"""The published yields take all losses as DC x .86 and cut at a DC/AC ratio of 1.2."""


def on_the_suns_clock(shared: Path, station: Station) -> xr.Dataset:
    """The file with its stamps moved so that its radiation stands under the right sun; nothing else is changed."""
    weather = sources.read(shared / "data/weather" / station.file)
    return weather.assign_coords(time=weather["time"] - pd.Timedelta(minutes=station.late_min))


def sun_yield(weather: xr.Dataset) -> float:
    """Fixed tilt at the latitude, as the published figures [kWh/kWp]."""
    factor = field.fixed_tilt_capacity_factor(weather, tilt_deg=weather.attrs["latitude"], **PUBLISHED_CHAIN)
    return float(factor.sum()) * float(weather.attrs["step_h"])


def density_loss(weather: xr.Dataset, hub_mean_m_per_s: float | None, turbine: str = "N131/3000") -> float:
    """Share of wind energy that thin air takes."""
    options = {"turbine": turbine, "hub_mean_m_per_s": hub_mean_m_per_s, "shear_exponent": 0.14}
    thin = float(farm.capacity_factor(weather, **options).sum())
    return 1 - thin / float(farm.capacity_factor(weather, density_correction=False, **options).sum())


def station_lines(shared: Path, name: str, station: Station) -> list[tuple[str, str, str, str]]:
    """The comparisons of one station."""
    weather = on_the_suns_clock(shared, station)
    modelled = redecompose_dni(weather)
    still = float(farm.capacity_factor(weather, shear_exponent=0.14, density_correction=False).mean())
    thin = float(farm.capacity_factor(weather, shear_exponent=0.14).mean())
    return [
        (name, "fixed tilt, DNI of the file, kWh/kWp", f"{sun_yield(weather):.0f}", f"{station.yield_file:.0f} ± 1 %"),
        (name, "fixed tilt, DNI modelled, kWh/kWp", f"{sun_yield(modelled):.0f}",
         f"{station.yield_modelled_dni:.0f} ± 1 %"),
        (name, "N131/3000 at 110 m, capacity factor at 1.225 kg/m3", f"{still:.4f}", f"{station.wind} ± 0.002"),
        (name, "N131/3000 at 110 m, capacity factor in its own air", f"{thin:.4f}", f"{station.wind_thin_air} ± 0.002"),
    ]  # fmt: skip


def golmud_lines(shared: Path) -> list[tuple[str, str, str, str]]:
    """What repair, tracking and thin air do at Golmud."""
    weather = repair(sources.read(shared / "data/weather" / STATIONS["Golmud"].file))
    fixed = float(field.fixed_tilt_capacity_factor(weather, tilt_deg=weather.attrs["latitude"]).sum())
    tracked = float(field.tracker_capacity_factor(weather).sum())
    name = "Golmud, repaired"
    return [
        (name, "fixed tilt, all defaults, kWh/kWp", f"{fixed:.0f}", "1800..2050"),
        (name, "tracker over fixed tilt", f"{tracked / fixed - 1:+.1%}", "reported"),
        (name, "wind energy lost to thin air at the file's own wind", f"{density_loss(weather, None):.1%}", "24..28 %"),
        (name, "wind energy lost to thin air at a hub mean of 5.6 m/s", f"{density_loss(weather, 5.6):.1%}",
         "14..20 %"),
    ]  # fmt: skip


def rows(shared: Path) -> list[dict[str, str]]:
    """The comparisons as rows of the validation table."""
    lines = [line for name, station in STATIONS.items() for line in station_lines(shared, name, station)]
    names = ("data", "metric", "ours", "bar", "source")
    return [dict(zip(names, (*line, SOURCE), strict=True)) for line in lines + golmud_lines(shared)]


def figure(shared: Path) -> go.Figure:
    """Sun yield of each station with modelled direct radiation: ours and computed by others."""
    ours = [sun_yield(redecompose_dni(on_the_suns_clock(shared, station))) for station in STATIONS.values()]
    plot = go.Figure()
    plot.add_bar(x=list(STATIONS), y=ours, name="ours")
    plot.add_bar(
        x=list(STATIONS), y=[reference.yield_modelled_dni for reference in STATIONS.values()], name="computed by others"
    )
    return plot.update_layout(
        title="Sun yield, tilt of the latitude, DNI modelled", xaxis_title="", yaxis_title="kWh/kWp a year"
    )
