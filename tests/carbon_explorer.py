"""Carbon Explorer's sites as ordinary scenarios: sun, wind, battery and flexible load against embodied and grid carbon.

Money is tonnes of CO2 over ten years. The published programme is not used; its definitions stand in the case's README.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from energy_cases import column, read_json, scenario, served

HOURS, FLEXIBLE_HOURS = 337, 336
"""With a load that may move within 24 h the last hour, a block of its own, is left out."""


@cache
def intensities(case: Path) -> pd.Series:
    """Carbon by fuel [g/kWh]."""
    return pd.Series(read_json(case / "expected.json")["parameters"]["carbon_intensity_g_per_kwh"])


def generation(case: Path, site: str) -> pd.DataFrame:
    """The grid's generation by fuel and hour; negative values are none."""
    area = {"OR": "bpat", "NC": "duk"}[site]
    return pd.read_csv(case / f"{area}_generation_2021-05-01_2021-05-15.csv", index_col=0).clip(lower=0)


def load_mw(case: Path, site: str, window: str = "2021-05-01") -> pd.Series:
    """The center's load by hour."""
    return pd.read_csv(case / f"dc_load_{window}_2021-05-15.csv", index_col=0)[f"{site}_mw"]


def source(file: Path, fuel: str, highest: float, capacity: Any) -> dict[str, Any]:
    """Wind or sun that follows the grid's, over its highest value."""
    size = {"WND": "power_mw", "SUN": "peak_power_mw"}[fuel]
    return {size: capacity, "capacity_factor": column(file, fuel, 1 / highest), "cost_per_mwh": 0}


def uncovered(case: Path, site: str, fuel: str, capacity_mw: float, folder: Path) -> dict[str, Any]:
    """One source against the load: the cost is the energy it does not cover."""
    table, file = generation(case, site), folder / "series.csv"
    table.assign(load=load_mw(case, site)).to_csv(file)
    kind = {"WND": "wind", "SUN": "solar"}[fuel]
    sources = {kind: {"source": source(file, fuel, float(table[fuel].max()), capacity_mw)}}
    return scenario("coverage", "2021-05-01", HOURS, load=served(file, "load"), grid=tie(1.0), **sources)


def tie(price: float) -> dict[str, Any]:
    """A grid without a limit that matters."""
    return {"tie": {"import_limit_mw": 1e4, "tariff": {"energy_price_per_mwh": price}}}


def flexible_cell(case: Path, extra: float, share: float, folder: Path) -> dict[str, Any]:
    """500 MW of Oregon's wind on 10 to 14 May; a share of the load may move within the day, up to peak x (1 + extra)."""
    load = load_mw(case, "OR", "2021-05-10")
    wind = generation(case, "OR").loc[load.index, "WND"]
    file = folder / "series.csv"
    if not file.exists():
        pd.DataFrame({"WND": wind, "load": load}).to_csv(file)
    center = served(file, "load")
    center["consumers"]["flexible"] = {"share": share, "most_mw": float(load.max() * (1 + extra))}
    farm = {"farm": source(file, "WND", float(wind.max()), 500.0)}
    return scenario("flexible load", "2021-05-10", 120, load=center, grid=tie(1.0), wind=farm)


def joint_sizing(
    case: Path,
    site: str,
    folder: Path,
    *,
    battery_mwh: float = 0.0,
    share: float = 0.0,
    steps: dict[str, float] | None = None,
) -> dict[str, Any]:
    """Wind, sun, battery and servers at once, so that ten years of embodied and grid carbon are least.

    `steps` holds sizes to the published grid: `sun` and `battery` in MW and MWh, `extra` as a share of the peak.
    """
    table, load, steps = generation(case, site), load_mw(case, site), steps or {}
    hours = FLEXIBLE_HOURS if share else HOURS
    file, years = folder / "series.csv", hours / 8760
    table.assign(load=load).iloc[:hours].to_csv(file)
    fuels = list(intensities(case).index)
    mix_g_per_kwh = float(((table[fuels] * intensities(case)).sum(axis=1) / table[fuels].sum(axis=1)).mean())
    price = float(load.mean()) * 87_600 * mix_g_per_kwh / 1e3 / float(load.iloc[:hours].sum())
    center = served(file, "load")
    if share:
        center["consumers"]["flexible"] = {"share": share, "most_mw": _servers(load, years, steps)}
    data = scenario(
        f"Carbon Explorer {site}", "2021-05-01", hours, load=center, grid=tie(price), planning={"gap": 1e-6}
    )
    for kind, name, fuel, kg_per_mwh in (("wind", "wind", "WND", 12), ("solar", "sun", "SUN", 55)):
        highest = float(table[fuel].max())
        if highest:
            tonnes = float(table[fuel].sum()) / highest / 14 * 3650 * kg_per_mwh / 1e3
            data[kind] = {name: source(file, fuel, highest, _size(3000.0, tonnes / years, steps.get(name)))}
    if battery_mwh:
        tonnes = 74 * 10 / (3000 / 365)
        data["storage"] = {"battery": _battery(_size(battery_mwh, tonnes / years, steps.get("battery")))}
    return data


def _size(most: float, yearly: float, step: float | None) -> dict[str, float]:
    return {"max": most, "annual_cost": yearly} | ({"step": step} if step else {})


def _servers(load: pd.Series, years: float, steps: dict[str, float]) -> dict[str, float]:
    """Servers beyond the peak, up to twice: 744.5 t a 120 kW rack by 1.15, renewed 2.5 times in ten years."""
    peak = float(load.max())
    tonnes = float(load.mean()) / peak * (744.5 / 120) * 1.15 * 2.5
    step = {"step": peak * steps["extra"]} if "extra" in steps else {}
    return {"existing": peak, "max": 2 * peak, "annual_cost": tonnes / years, **step}


def _battery(energy: dict[str, float]) -> dict[str, Any]:
    """Starts full; an hour suffices to fill or empty it."""
    return {
        "energy_mwh": energy, "c_rate_per_h": 3 / 1.04, "opening_state_of_charge": 1,
        "charge_efficiency": 0.97, "discharge_efficiency": 1 / 1.04,
    }  # fmt: skip
