"""Outside-air plant against the published PUE and WUE bands of 11 climate zones (Lei and Masanet, case 1)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from scipy.stats import qmc

from weather.cooling.outside_air import OutsideAirPlant, outside_air_demand
from weather.cooling.psychrometrics import wet_bulb_c
from weather.cooling.tower import Tower

SOURCE = "Lei and Masanet, Resources, Conservation & Recycling 182 (2022) 106323, case 1"
PLANTS = 64
PUE_BAR_LOW, PUE_BAR_HIGH, WUE_BAR = 0.04, 0.02, 0.25

PLANT_RANGES = {  # field of the plant: (row of the published table, factor to our unit)
    "ups_efficiency": ("UPS efficiency", 0.01),
    "distribution_loss": ("Power loss in distribution", 0.01),
    "lights": ("Lighting power to IT power ratio", 0.01),
    "coldest_supply_c": ("Dry bulb setpoint (low)", 1.0),
    "warmest_supply_c": ("Dry bulb setpoint (high)", 1.0),
    "driest_dew_point_c": ("Dew point setpoint (low)", 1.0),
    "dampest_dew_point_c": ("Dew point setpoint (high)", 1.0),
    "least_humidity": ("Humidity setpoint (low)", 0.01),
    "greatest_humidity": ("Humidity setpoint (high)", 0.01),
    "sensible_heat_ratio": ("Sensible heat ratio (SHR)", 0.01),
    "air_rise_k": ("Temperature difference (CRAH air)", 1.0),
    "water_rise_k": ("Temperature difference (facility water)", 1.0),
    "fan_pressure_pa": ("Fan pressure (CRAH)", 1.0),
    "fan_efficiency": ("Fan efficiency (CRAH)", 0.01),
    "humidifier_pressure_pa": ("Pump pressure (humidification pump)", 1000.0),
    "humidifier_efficiency": ("Pump efficiency (humidification pump)", 0.01),
    "chilled_pump_pressure_pa": ("Pump pressure (chiller pump)", 1000.0),
    "chilled_pump_efficiency": ("Pump efficiency (chiller pump)", 0.01),
    "chiller_load": ("Chiller partial load factor", 1.0),
    "cop_error": ("COP relative error to regressed value", 0.01),
}
TOWER_RANGES = {
    "approach_k": ("Approach temp (cooling tower)", 1.0),
    "range_k": ("Temperature difference (cooling tower water)", 1.0),
    "windage": ("Windage loss of water as a percentage of cooling tower mass flow rate", 0.01),
    "cycles_of_concentration": ("Cycles of concentration", 1.0),
    "liquid_to_gas": ("Liquid-gas ratio (cooling tower)", 1.0),
    "fan_pressure_pa": ("Fan pressure (cooling tower)", 1.0),
    "fan_efficiency": ("Fan efficiency (cooling tower)", 0.01),
    "pump_pressure_pa": ("Pump pressure (cooling tower)", 1000.0),
    "pump_efficiency": ("Pump efficiency (cooling tower)", 0.01),
}


@dataclass(frozen=True)
class Band:
    """5 % and 95 % quantile of the annual means over the drawn plants of one zone, ours and published."""

    zone: str
    pue: tuple[float, float]
    wue: tuple[float, float]
    published_pue: tuple[float, float]
    published_wue: tuple[float, float]


def drawn_plants(folder: Path, count: int) -> list[OutsideAirPlant]:
    """Plants of a scrambled Sobol sequence (seed 0) over the published ranges."""
    with (folder / "datacenter_input_ranges.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["Case 1"] not in ("n/a", "")]
    ranges = {row["Input Variable"]: [float(end) for end in row["Case 1"].split(",")] for row in rows}
    fields = [*PLANT_RANGES.values(), *TOWER_RANGES.values()]
    low = np.array([ranges[name][0] * factor for name, factor in fields])
    high = np.array([ranges[name][1] * factor for name, factor in fields])
    unit = qmc.Sobol(len(fields), seed=0).random(count)
    plants = []
    for row in low + unit * (high - low):
        tower = Tower(**dict(zip(TOWER_RANGES, map(float, row[len(PLANT_RANGES) :]), strict=True)))
        plants.append(OutsideAirPlant(**dict(zip(PLANT_RANGES, map(float, row), strict=False)), tower=tower))
    return plants


@cache
def bands(folder: Path, count: int, every: int = 1) -> list[Band]:
    """The bands of all zones, from `count` plants (a power of 2) and every n-th hour of the year."""
    climate = pd.read_csv(folder / "climate_11zones_hourly.csv.gz")
    published = pd.read_csv(folder / "UE.csv")
    published = published[published["Case"] == 1].set_index(["Climate Zone", "Quantile"])
    plants = drawn_plants(folder, count)
    answer = []
    for zone, hours in climate.groupby("zone"):
        dry_bulb, percent, pressure = (
            hours[name].to_numpy(float)[::every] for name in ("drybulb_c", "rh_pct", "pressure_pa")
        )
        air = (dry_bulb, percent / 100, pressure)
        wet_bulb = wet_bulb_c(*air)
        demands = [outside_air_demand(air[0], air[1], wet_bulb, air[2], plant=plant) for plant in plants]
        pue = np.quantile([demand.pue.mean() for demand in demands], [0.05, 0.95])
        wue = np.quantile([demand.water_m3_per_h.mean() for demand in demands], [0.05, 0.95])
        ends = [published.loc[(zone, quantile)] for quantile in ("5th", "95th")]
        published_pue, published_wue = (tuple(end[name] for end in ends) for name in ("PUE", "WUE"))
        answer.append(Band(str(zone), tuple(pue), tuple(wue), published_pue, published_wue))
    return answer


def rows(shared: Path) -> list[dict[str, str]]:
    """The comparison as rows of the validation table: both ends of the PUE band and the worse end of WUE, by zone."""
    table = []
    for band in bands(shared / "data/cooling/lei_masanet", PLANTS):
        low, high = np.subtract(band.pue, band.published_pue)
        water = float(np.abs(np.subtract(band.wue, band.published_wue)).max())
        published = "{:.3f}..{:.3f}".format(*band.published_pue)
        table += [
            (band.zone, f"PUE at 5 %, ours less published ({published})", f"{low:+.3f}", f"within {PUE_BAR_LOW}"),
            (band.zone, f"PUE at 95 %, ours less published ({published})", f"{high:+.3f}", f"within {PUE_BAR_HIGH}"),
            (band.zone, "WUE, worse of both ends, L/kWh", f"{water:.2f}", f"<= {WUE_BAR}"),
        ]
    return [
        {
            "data": f"Lei and Masanet zone {zone}, {PLANTS} plants",
            "metric": name,
            "ours": ours,
            "bar": bar,
            "source": SOURCE,
        }
        for zone, name, ours, bar in table
    ]


def figure(shared: Path) -> go.Figure:
    """Band of annual PUE by zone, ours and published: its 5 % end, and its 95 % end dashed."""
    pue_bands = bands(shared / "data/cooling/lei_masanet", PLANTS)
    zones = [band.zone for band in pue_bands]
    plot = go.Figure()
    for name, pairs, colour in (
        ("ours", [band.pue for band in pue_bands], "#0b4f8a"),
        ("published", [band.published_pue for band in pue_bands], "#e69f00"),
    ):
        for end, dash in enumerate((None, "dash")):
            label, values = f"{name}, {('5 %', '95 %')[end]}", [pair[end] for pair in pairs]
            line = {"color": colour, "dash": dash}
            plot.add_scatter(x=zones, y=values, mode="lines+markers", name=label, line=line)
    return plot.update_layout(
        title=f"Outside-air plant, {PLANTS} drawn plants", xaxis_title="climate zone", yaxis_title="annual PUE"
    )
