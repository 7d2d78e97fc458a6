"""A 50 MW sun plant in the Hexi desert: one factor fitted on 2019, power of 2020 from measured light and air."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from weather.quality.availability import limited_days, outage_months
from weather.solar.photovoltaics import ac_fraction, cell_temperature_c, dc_fraction

FILE = "data/yield/cn_solar_site1_50MW_hourly_2019_2020.csv"
SOURCE = "Chen & Xu, Scientific Data 9 (2022), s41597-022-01696-6"
CAPACITY_MW = 50.0
WIND_M_PER_S = 3.0  # not measured: a usual mean for open desert; it moves nRMSE by less than .001
BAR_NRMSE = 0.089
"""The published rule's error out of sample: P = k G (1 - .0034 (Tc - 25)), Tc = T + .03 G."""


@dataclass(frozen=True)
class Score:
    """Errors as a share of capacity."""

    nrmse: float
    bias: float
    correlation: float


def measurements(shared: Path) -> pd.DataFrame:
    """Measured hours with columns `expected_mw` (ours) and `rule_mw` (the published rule), both before their factor."""
    table = pd.read_csv(shared / FILE, parse_dates=["time"]).set_index("time").dropna(subset=["tsi", "temp_air"])
    light, air_c = table["tsi"].to_numpy(), table["temp_air"].to_numpy()
    cell_c = cell_temperature_c(light, air_c, np.full(len(table), WIND_M_PER_S), u0=25.0, u1=6.84)
    dc = dc_fraction(light, cell_c, temperature_coefficient_per_k=-0.0034, losses=0.0)
    table["expected_mw"] = CAPACITY_MW * ac_fraction(dc, rated_ac=1.0, inverter_efficiency=0.98)
    table["rule_mw"] = CAPACITY_MW * light / 1000 * (1 - 0.0034 * (air_c + 0.03 * light - 25))
    return table


def fitted(table: pd.DataFrame, column: str) -> pd.Series:
    """The column times the one factor that fits 2019 best (least squares)."""
    year = table[table.index.year == 2019]
    factor = (year[column] * year["power_mw"]).sum() / (year[column] ** 2).sum()
    return table[column] * factor


def score(predicted: pd.Series, measured: pd.Series) -> Score:
    """How well one series tells the other."""
    error = (predicted - measured) / CAPACITY_MW
    return Score(float(np.sqrt((error**2).mean())), float(error.mean()), float(np.corrcoef(predicted, measured)[0, 1]))


def selections(table: pd.DataFrame) -> dict[str, pd.Series]:
    """Hours of 2020 to be scored, by name."""
    test = pd.Series(table.index.year == 2020, table.index)
    limited = limited_days(table["power_mw"], table["expected_mw"])
    months = outage_months(limited)
    out = pd.Series(table.index.strftime("%Y-%m").isin(months), table.index)
    limited_hours = pd.Series(limited.reindex(table.index.normalize()).to_numpy(), table.index)
    return {
        "all hours": test,
        "hours with all sensors (as the published figure)": test & table["rh"].notna(),
        f"without the outage months {', '.join(m for m in months if m.startswith('2020'))}": test & ~out,
        "days not limited": test & ~limited_hours,
    }


def rows(shared: Path) -> list[dict[str, str]]:
    """The comparisons as rows of the validation table."""
    table = measurements(shared)
    ours, rule, measured = fitted(table, "expected_mw"), fitted(table, "rule_mw"), table["power_mw"]
    lines = []
    for name, hours in selections(table).items():
        reached, published = score(ours[hours], measured[hours]), score(rule[hours], measured[hours])
        bar = f"<= {published.nrmse:.4f} (published rule, same hours)" if name == "all hours" else f"<= {BAR_NRMSE}"
        data = f"50 MW plant, fitted 2019, tested 2020, {name}"
        lines += [
            (data, "nRMSE of capacity", f"{reached.nrmse:.4f}", bar),
            (data, "bias of capacity", f"{reached.bias:+.4f}", "reported"),
            (data, "correlation", f"{reached.correlation:.4f}", "reported"),
        ]
    names = ("data", "metric", "ours", "bar", "source")
    return [dict(zip(names, (*line, SOURCE), strict=True)) for line in lines]


def figure(shared: Path) -> go.Figure:
    """Energy of each day of 2020: measured against ours, limited days marked."""
    table = measurements(shared)
    ours = fitted(table, "expected_mw")
    days = pd.DataFrame({"ours": ours, "measured": table["power_mw"]})
    days = days.groupby(table.index.normalize()).sum()
    limited = limited_days(table["power_mw"], table["expected_mw"]).reindex(days.index)
    plot = go.Figure()
    for name, chosen in {"day not limited": ~limited, "day limited": limited}.items():
        part = days[chosen & (days.index.year == 2020)]
        plot.add_scatter(x=part["ours"], y=part["measured"], mode="markers", name=name)
    return plot.update_layout(
        title="50 MW sun plant, 2020, factor of 2019", xaxis_title="ours, MWh a day", yaxis_title="measured, MWh a day"
    )
