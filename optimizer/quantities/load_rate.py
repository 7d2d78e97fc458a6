"""Average load rates of provinces, by which connected capacity pays for the grid under near-by consumption."""

from __future__ import annotations

from functools import cache
from typing import Annotated

import pandas as pd
from pydantic import BeforeValidator

from optimizer.quantities.documents import SCENARIOS


def average_load_rate(region: str) -> float:
    """Published (or assumed) rate of a region, 0..1. Raises ValueError for a region that is not in the table."""
    rates = _table()
    if region not in rates:
        raise ValueError(f"no average load rate of '{region}'; known are {', '.join(rates)}; or give a number")
    return rates[region]


@cache
def _table() -> dict[str, float]:
    table = pd.read_csv(SCENARIOS / "network" / "average_load_rates.csv", comment="#")
    return dict(zip(table["region"], table["average_load_rate"].astype(float), strict=True))


def _by_name(value: object) -> object:
    return average_load_rate(value) if isinstance(value, str) else value


LoadRate = Annotated[float, BeforeValidator(_by_name)]
"""A region of the shipped table (`qinghai`), or a share."""
