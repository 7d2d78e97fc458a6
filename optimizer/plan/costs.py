"""Cost of a plan as its owner pays it: running, capital and their total, by the kilowatt-hour and by the card-hour.

Running cost is the bill of the hours without the capital of sizes that were sought. Capital is the hours' share of the yearly
costs of what stands (annuity, fixed operation) and of what was found. The cards themselves are not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import xarray as xr

from optimizer.inputs.assemble import calendar_of
from optimizer.quantities.columns import matching, rows_of
from optimizer.technologies.base import CAPACITY, Size, Technology

Assets = Mapping[tuple[str, str], Technology]
KWH_PER_MWH = 1000.0
PER = {
    "per_it_kwh": ("it_mwh", KWH_PER_MWH),
    "per_facility_kwh": ("facility_mwh", KWH_PER_MWH),
    "per_card_hour": ("card_hours", 1.0),
}
"""Unit cost → the key figure it is counted by, and its units in one of that figure's."""


@dataclass(frozen=True)
class Costs:
    """Money of a plan over its hours."""

    running: float
    capital: float
    by_plant: Mapping[str, float]
    """Capital by plant and item: "field: capital", "store: capacity energy_mwh" (of a size that was found)."""

    @property
    def total(self) -> float:
        return self.running + self.capital


def costs_of(bill_by_step: pd.DataFrame, results: xr.Dataset, assets: Assets) -> Costs:
    """Running cost and capital of a plan from its bill and its sizes."""
    sums = {str(item): float(money) for item, money in bill_by_step.sum().items()}
    found = {item: money for item, money in sums.items() if is_capital(item)}
    by_plant = fixed_costs(results, assets) | found
    return Costs(sum(sums.values()) - sum(found.values()), sum(by_plant.values()), by_plant)


def is_capital(item: str) -> bool:
    """Whether an item of a bill ("asset: item") is the capital of a size that was found."""
    return item.partition(": ")[2].startswith(CAPACITY)


def fixed_costs(results: xr.Dataset, assets: Assets) -> dict[str, float]:
    """What given sizes cost over the hours of a plan, by "asset: item" ("site/asset: item" for many sites)."""
    years, several = calendar_of(results).years, len({site for site, _ in assets}) > 1
    sizes = sizes_of(results)
    fixed: dict[str, float] = {}
    for (site, asset), technology in assets.items():
        for item, yearly in technology.yearly_costs(sizes.get((site, asset), {})).items():
            fixed[f"{site}/{asset}: {item}" if several else f"{asset}: {item}"] = yearly * years
    return fixed


def sizes_of(results: xr.Dataset) -> dict[tuple[str, str], dict[str, float]]:
    """Capacities by (site, asset) and quantity: decided once, whatever member comes."""
    table, sizes = matching(results["size"], member=0), dict[tuple[str, str], dict[str, float]]()
    for (site, asset, quantity), value in zip(rows_of(table, "site", "asset", "quantity"), table.values, strict=True):
        sizes.setdefault((site, asset), {})[quantity] = float(value)
    return sizes


def unit_costs(costs: Costs, figures: Mapping[str, float]) -> dict[str, dict[str, float | None]]:
    """Running cost and total by the kWh of IT, by the kWh of the facility and by the card-hour; None where there is none of it."""
    units = {}
    for name, (figure, unit) in PER.items():
        amount = figures[figure] * unit
        parts = {"running": costs.running, "total": costs.total}
        units[name] = {part: money / amount if amount > 0 else None for part, money in parts.items()}
    return units


def not_stated(assets: Assets) -> list[str]:
    """Plants that do not say what they cost their owner."""
    return [asset for (_, asset), technology in assets.items() if not technology.cost_is_stated()]


def remark_on_capital(assets: Assets) -> list[str]:
    """Remark that some energy looks cheaper than it is; empty where every plant says what it costs."""
    names = not_stated(assets)
    if not names:
        return []
    remedy = (
        "give owner_cost (capital_cost_per_kw, life_years, om_per_kw_year), a contract, or owner_cost: {sunk: true}"
    )
    return [f"capital not stated: {', '.join(names)}; what a kWh costs is too low without it: {remedy}"]


def found_sizes(results: xr.Dataset, bill_by_step: pd.DataFrame, assets: Assets) -> list[dict[str, str | float]]:
    """Capacities that were sought: what was found, and its money over the hours of the plan."""
    several = len({site for site, _ in assets}) > 1
    rows: list[dict[str, str | float]] = []
    for (site, asset), sizes in sizes_of(results).items():
        capacities = assets[site, asset].capacities()
        for quantity, size in sizes.items():
            if isinstance(capacities.get(quantity), Size):
                name = f"{site}/{asset}" if several else asset
                items = [f"{name}: {CAPACITY} {quantity}", f"{name}: {CAPACITY}"]
                money = next((float(bill_by_step[item].sum()) for item in items if item in bill_by_step), 0.0)
                rows.append({"asset": name, "quantity": quantity, "size": size, "money": money})
    return rows


PENALTIES = ("penalty", "work not done", "missing final energy")
"""How the names of bill items end that price a broken promise: no money that is paid to anybody."""


def penalties_in(bill: pd.DataFrame) -> float:
    """Sum of the penalties in a bill of "asset: item" columns; the rest of the bill is money."""
    return float(bill[[name for name in bill.columns if str(name).endswith(PENALTIES)]].to_numpy().sum())
