"""Warm-water plant against a year of Summit (ORNL, 2020): weekly PUE from the wet bulb, and two exact states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from weather.cooling.chiller import YORK_YT_WATER_COOLED, chiller_power_mw
from weather.cooling.tower import Tower
from weather.cooling.warm_water import (
    Loop,
    WarmWaterPlant,
    chiller_power_per_heat,
    tower_power_per_heat,
    warm_water_pue,
)

SOURCE = "Summit, Oak Ridge National Laboratory, 2020, measured (sc21_summit_power_analysis_artifacts, MIT)"
TOWERS_OFF_WEEK = 5
KW_PER_TON = 3.517
TOWER = Tower(range_k=5.6)  # the range seen in telemetry; all else mid-range of the literature
RATED_LEAVING_C, RATED_ENTERING_C = 6.67, 29.4  # rating conditions of the chiller's maker (44 °F, 85 °F)


def weeks(shared: Path) -> pd.DataFrame:
    """Weekly medians with our PUE in column `ours`; the week with towers off is left out."""
    table = pd.read_csv(shared / "data/cooling/summit_2020/summit_weekly_digitised.csv")
    table = table[table["week"] != TOWERS_OFF_WEEK].copy()
    table["ours"] = warm_water_pue(table["twb_c"].to_numpy(), plant=WarmWaterPlant())
    return table


def summer_excess(table: pd.DataFrame, column: str) -> float:
    """Mean PUE of June to September (weeks 23 to 38) less that of the other weeks."""
    summer = table["week"].between(23, 38)
    return float(table.loc[summer, column].mean() - table.loc[~summer, column].mean())


def hinge_out_of_sample(table: pd.DataFrame) -> tuple[float, float]:
    """Mean error and bias on even weeks of PUE = a + b max(Twb - c, 0), fitted by least squares on odd weeks."""
    odd, even = table[table["week"] % 2 == 1], table[table["week"] % 2 == 0]
    fits = []
    for knee in np.arange(12.0, 20.0, 0.25):
        columns = np.stack([np.ones(len(odd)), np.maximum(odd["twb_c"] - knee, 0)], axis=1)
        coefficients, *_ = np.linalg.lstsq(columns, odd["pue"].to_numpy(), rcond=None)
        fits.append((float(np.square(columns @ coefficients - odd["pue"]).sum()), knee, coefficients))
    _, knee, (base, slope) = min(fits, key=lambda fit: fit[0])
    error = base + slope * np.maximum(even["twb_c"] - knee, 0) - even["pue"]
    return float(error.abs().mean()), float(error.mean())


def exact_states(shared: Path) -> pd.DataFrame:
    """Exact telemetry rows with our PUE: plant power per heat from maker's and literature values alone."""
    table = pd.read_csv(shared / "data/cooling/summit_2020/summit_raw_samples.csv")
    heat_per_it = table["cep_mtw_tons"] * KW_PER_TON / table["k100_total_power_kw"]
    wet_bulb = (table["oa_wetbulb_f"].to_numpy() - 32) / 1.8
    half_load_mw = YORK_YT_WATER_COOLED.nominal_heat_mw
    power = chiller_power_mw(half_load_mw, RATED_LEAVING_C, RATED_ENTERING_C, curves=YORK_YT_WATER_COOLED)
    chillers = chiller_power_per_heat(wet_bulb, tower=TOWER, loop=Loop(), chiller_cop=half_load_mw / float(power))
    table["all_chiller"] = table["cep_cooling_tower_tons"] == 0
    towers = tower_power_per_heat(wet_bulb, tower=TOWER, loop=Loop())
    table["ours"] = 1 + heat_per_it * np.where(table["all_chiller"], chillers, towers)
    return table


def rows(shared: Path) -> list[dict[str, str]]:
    """The comparisons as rows of the validation table."""
    table, exact = weeks(shared), exact_states(shared)
    error = table["ours"] - table["pue"]
    hinge_error, hinge_bias = hinge_out_of_sample(table)
    states = exact.groupby("all_chiller")[["ours", "k100_pue"]].mean()
    lines = [
        ("51 weekly medians", "PUE, mean error", f"{error.abs().mean():.4f}", "<= 0.02"),
        ("51 weekly medians", "PUE, bias", f"{error.mean():+.4f}", "within 0.012"),
        ("even weeks, hinge fitted on odd", "PUE, mean error", f"{hinge_error:.4f}", "<= 0.02"),
        ("even weeks, hinge fitted on odd", "PUE, bias", f"{hinge_bias:+.4f}", "within 0.012"),
        ("51 weekly medians", f"June to September less the rest (measured {summer_excess(table, 'pue'):.3f})",
         f"{summer_excess(table, 'ours'):.3f}", "0.08..0.16"),
        ("5 exact rows, towers only", f"PUE (measured {states.loc[False, 'k100_pue']:.3f})",
         f"{states.loc[False, 'ours']:.3f}", "1.033 ± 0.015"),
        ("5 exact rows, chillers only", f"PUE (measured {states.loc[True, 'k100_pue']:.3f})",
         f"{states.loc[True, 'ours']:.3f}", "1.274 ± 0.03"),
    ]  # fmt: skip
    names = ("data", "metric", "ours", "bar", "source")
    return [dict(zip(names, (f"Summit 2020, {data}", *rest, SOURCE), strict=True)) for data, *rest in lines]


def figure(shared: Path) -> go.Figure:
    """Weekly PUE against wet bulb: measured and ours."""
    table = weeks(shared).sort_values("twb_c")
    plot = go.Figure()
    plot.add_scatter(x=table["twb_c"], y=table["pue"], mode="markers", name="measured, weekly median")
    plot.add_scatter(x=table["twb_c"], y=table["ours"], mode="lines", name="rule")
    return plot.update_layout(title="Summit 2020", xaxis_title="wet bulb, °C", yaxis_title="PUE")
