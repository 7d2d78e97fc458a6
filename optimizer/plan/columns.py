"""Columns of a results variable with their labels, laid side by side into a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from optimizer.quantities.units import Unit, unit_of_series
from optimizer.technologies.linear import Floats


@dataclass(frozen=True)
class Column:
    """Column of a results variable with its labels."""

    site: str
    asset: str
    member: int
    technology: str
    quantity: str
    bus: str
    values: Floats
    role: str = ""
    """What a flow is (technologies/flows.py); of nothing else."""


def unit_of(quantity: str, bus: str = "") -> str:
    """Unit a quantity's name (or a flow's bus) carries."""
    if bus:
        return Unit.CARDS if bus.startswith("compute.") else Unit.MW
    return unit_of_series(quantity, "money")


def table_of(dimension: str, columns: list[Column], units: list[str], steps: int) -> xr.DataArray:
    """Columns side by side with their labels, dimensions (time, `dimension`)."""
    plain = ("site", "asset", "member", "technology", "bus", "role") if dimension == "series" else ()
    labels: dict[str, Any] = {
        "site": [column.site for column in columns],
        "asset": [column.asset for column in columns],
        "member": [column.member for column in columns],
        "technology": [column.technology for column in columns],
        "flow" if dimension == "series" else "quantity": [column.quantity for column in columns],
        "units": units,
    }
    if dimension == "series":
        labels["bus"] = [column.bus for column in columns]
        labels["role"] = [column.role for column in columns]
    coords = {
        name if name in plain else f"{dimension}_{name}": (
            dimension,
            np.array(values, dtype=int if name == "member" else str),  # not object: xarray would look for its type anew
        )
        for name, values in labels.items()
    }
    if not columns:
        return xr.DataArray(np.zeros((steps, 0)), dims=("time", dimension), coords=coords)
    return xr.DataArray(np.column_stack([column.values for column in columns]), dims=("time", dimension), coords=coords)
