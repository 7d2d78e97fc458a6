"""Strands of a figure: single series picked out of a results Dataset by their coordinates, in local time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Unpack

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from optimizer.plan.reading import of_members
from optimizer.quantities import calendar
from optimizer.quantities.columns import Labels, labels_of, matching, positions
from optimizer.quantities.units import unit_of_price, unit_of_series

Values = npt.NDArray[np.float64]
VARIABLES = ("flow", "stored", "metered", "price", "shortfall", "input")


@dataclass(frozen=True)
class Strand:
    """Series of shape (time,), expected over the weather's members, with what its labels say of it."""

    values: Values
    asset: str = ""
    technology: str = ""
    quantity: str = ""
    """Flow, stock, meter or promise that tells this series from the asset's others; of a price its bus."""
    bus: str = ""
    units: str = ""
    role: str = ""

    def with_values(self, values: Values) -> Strand:
        return replace(self, values=values)


def strands(results: xr.Dataset, variable: str, *, like: str = "", **labels: Unpack[Labels]) -> list[Strand]:
    """Series of `variable` with the given labels whose quantity (of prices: bus) matches `like`, a pattern.

    Weather members become one by their weights. Empty where there is no such variable or series.
    """
    if variable not in results or results[variable].size == 0:
        return []
    table = of_members(results, matching(results[variable].transpose("time", ...), **labels), None)
    known = described(table)
    if "quantity" not in known:
        known["quantity"] = known["bus"]
    if "units" not in known:
        known["units"] = units_of(known["quantity"], variable, str(results.attrs.get("currency", "money")))
    fields = known.reindex(columns=["asset", "technology", "quantity", "bus", "units", "role"], fill_value="").astype(
        str
    )
    return [
        Strand(table.values[:, number], *texts)
        for number, texts in enumerate(fields.itertuples(index=False, name=None))
        if re.search(like, fields["quantity"].iloc[number])
    ]


def units_of(names: pd.Series, variable: str, currency: str) -> list[str]:
    """Units of series or of prices, in the currency of the Dataset."""
    unit = unit_of_price if variable == "price" else unit_of_series
    return [unit(str(name), currency) for name in names]


def described(table: xr.DataArray) -> pd.DataFrame:
    """Labels of the columns, one row a column; site, asset, technology and bus are empty where they are not given."""
    known = labels_of(table)
    return known.assign(**{name: "" for name in ("site", "asset", "technology", "bus") if name not in known})


def buses(results: xr.Dataset, prefix: str) -> list[str]:
    """Names of the buses that start with `prefix`, in the order of the Dataset."""
    return [bus for bus in names_of(results, "bus") if bus.startswith(prefix)]


def sites(results: xr.Dataset) -> list[str]:
    """Names of the sites, in the order of the Dataset."""
    return names_of(results, "site")


def names_of(results: xr.Dataset, label: str) -> list[str]:
    """Different values of a label of the flows, in their order."""
    if "flow" not in results:
        return []
    return list(dict.fromkeys(map(str, described(results["flow"].transpose("time", ...))[label])))


def of_site(results: xr.Dataset, site: str) -> xr.Dataset:
    """Results of one site alone."""
    tables = {name: results[name].transpose("time", ...) for name in VARIABLES if name in results}
    return results.isel({str(table.dims[1]): positions(table, site=site) for table in tables.values()})


def step_h(results: xr.Dataset) -> float:
    """Length of a step [h]."""
    return float(results.attrs.get("step_h", 1.0))


def span_h(results: xr.Dataset) -> float:
    """Length of the whole horizon [h]."""
    return step_h(results) * results.sizes["time"]


def zone(results: xr.Dataset) -> str:
    return str(results.attrs.get("timezone", "UTC"))


def local_time(results: xr.Dataset) -> pd.DatetimeIndex:
    """Starts of the steps in the site's local time, without a zone. Zones: IANA names or fixed ("UTC+08:00")."""
    return in_local_time(results, pd.DatetimeIndex(results.indexes["time"]))


def in_local_time(results: xr.Dataset, utc: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Moments in UTC as the clocks of the site show them."""
    return calendar.local_time(utc, zone(results))


def groups(ungrouped: list[Strand]) -> Iterator[tuple[str, list[Strand]]]:
    """Strands by asset, in the order of their first appearance."""
    for asset in dict.fromkeys(strand.asset for strand in ungrouped):
        yield asset, [strand for strand in ungrouped if strand.asset == asset]
