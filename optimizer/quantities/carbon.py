"""Grid emission factors by region: the shipped table (Ministry of Ecology and Environment, National Bureau of Statistics)."""

from __future__ import annotations

from functools import cache
from typing import Annotated

import pandas as pd
from pydantic import BeforeValidator

from optimizer.quantities.documents import SCENARIOS
from optimizer.quantities.series import Series


def grid_factor_t_per_mwh(name: str) -> float:
    """Location-based factor [t CO2/MWh] of `region` (the newest year there is) or `region year`.

    Raises ValueError for a region or year that is not in the table, naming what is.
    """
    region, _, year = name.strip().partition(" ")
    table = _table()
    rows = table[(table["region"] == region) & ((table["year"].astype(str) == year) | (not year))]
    if rows.empty:
        known = ", ".join(f"{row.region} {row.year}" for row in table.itertuples())
        raise ValueError(f"no grid emission factor '{name}'; known are {known}; or give a number or a series")
    return float(rows.sort_values("year")["carbon_t_per_mwh"].iloc[-1])


@cache
def _table() -> pd.DataFrame:
    return pd.read_csv(SCENARIOS / "carbon" / "grid_factors.csv", comment="#")


def _by_name(value: object) -> object:
    return grid_factor_t_per_mwh(value) if isinstance(value, str) else value


CarbonFactor = Annotated[Series, BeforeValidator(_by_name)]
"""A region of the shipped table (`qinghai`, `qinghai 2022`), or any series [t CO2/MWh]."""
