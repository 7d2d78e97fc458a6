"""Results as a tidy table: one row a step and series, names as categories, so that a year of them fits into memory.

xarray's own `to_dataframe` would make a row of every step with every series, every stock, every meter and every price at once:
hundreds of millions for two days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.inputs.assemble import calendar_of
from optimizer.quantities.columns import labels_of
from optimizer.quantities.units import unit_of_price, unit_of_series

VARIABLES = ("flow", "stored", "metered", "price", "shortfall", "input")
"""What results say by time, one weather after the other or as expected."""
LABELS = ("site", "asset", "variable", "bus", "role", "quantity", "unit")
COLUMNS = ("time_utc", "time_local", *LABELS, "value")


def tidy_table(results: xr.Dataset, tables: Mapping[str, xr.DataArray], steps: int = 1000) -> pd.DataFrame:
    """Tables one under the other by time: COLUMNS, one row a step and series. Made `steps` steps at a time."""
    chunks = list(tidy_chunks(results, tables, steps))
    return pd.concat(chunks, ignore_index=True)


def tidy_chunks(results: xr.Dataset, tables: Mapping[str, xr.DataArray], steps: int) -> Iterator[pd.DataFrame]:
    """Tidy table in pieces of so many steps, for results that are to be written as they are read."""
    calendar, currency = calendar_of(results), str(results.attrs.get("currency", "money"))
    labels = pd.concat([_described(name, table, currency) for name, table in tables.items()], ignore_index=True)
    kinds = {name: pd.Categorical(labels[name]) for name in LABELS}
    for first in range(0, calendar.count, steps):
        part = slice(first, min(first + steps, calendar.count))
        values = np.hstack([table.values[part] for table in tables.values()])
        count = len(values)
        columns: dict[str, object] = {
            "time_utc": np.repeat(calendar.time[part].to_numpy(), len(labels)),
            "time_local": np.repeat(calendar.local[part].to_numpy(), len(labels)),
        }
        for name, kind in kinds.items():
            columns[name] = pd.Categorical.from_codes(np.tile(kind.codes, count), dtype=kind.dtype)
        yield pd.DataFrame(columns | {"value": values.ravel()})


def _described(variable: str, table: xr.DataArray, currency: str) -> pd.DataFrame:
    """LABELS of the columns of one variable; a price has no asset, and a series in segments their number in its name."""
    known = labels_of(table)
    quantity = known["quantity"].astype(str) if "quantity" in known else pd.Series(variable, index=known.index)
    if "units" in known:
        unit = known["units"]
    elif variable == "price":
        unit = known["bus"].map(lambda bus: unit_of_price(str(bus), currency))
    else:
        unit = quantity.map(lambda name: unit_of_series(str(name), currency))
    if "segment" in known:
        quantity = quantity.where(known["segment"] < 0, quantity + " " + known["segment"].astype(str))
    return pd.DataFrame(
        {
            "site": known["site"], "asset": known.get("asset", ""), "variable": variable, "bus": known.get("bus", ""),
            "role": known.get("role", ""),
            "quantity": quantity, "unit": unit,
        },
        dtype=object,
        index=known.index,
    )  # fmt: skip
