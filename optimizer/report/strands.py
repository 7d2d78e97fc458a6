"""What a figure draws: single series picked out of a results Dataset by their coordinates, in local time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Strand:
    """One series of shape (time,), the mean over weather members, with what its coordinates say of it."""

    values: Values
    asset: str = ""
    technology: str = ""
    role: str = ""
    """The flow, quantity, promise or bus that tells this series from the asset's others."""
    bus: str = ""
    units: str = ""

    def with_values(self, values: Values) -> Strand:
        return replace(self, values=values)


ROLES: Final[dict[str, tuple[str, ...]]] = {
    "flow": ("flow",),
    "stored": ("quantity",),
    "metered": ("quantity",),
    "price": ("bus",),
    "shortfall": ("quantity", "promise"),
    "input": ("quantity",),
}
"""Per variable of a results Dataset the coordinate that names the role (the first of these that is there)."""


def strands(results: xr.Dataset, variable: str, *, like: str = "", **where: str) -> list[Strand]:
    """The series of `variable` whose role matches `like` (a pattern) and whose coordinates are as in `where`.

    Weather members become one by their weights (`attrs["weights"]`). Empty where there is no such variable or series.
    """
    if variable not in results or results[variable].size == 0:
        return []
    array = results[variable].transpose("time", ...)
    labels = coordinates(array)
    role = next(name for name in ROLES[variable] if name in labels)
    labels = labels[[bool(re.search(like, str(name))) for name in labels[role]]]
    for name, value in where.items():
        labels = labels[labels[name] == value]
    keys = [name for name in dict.fromkeys(("site", "asset", role, "bus", "segment")) if name in labels]
    values, weights = array.values, results.attrs.get("weights", 1.0)
    return [
        Strand(
            values=mean_over_members(values, rows, np.atleast_1d(np.asarray(weights, dtype=float))),
            asset=str(rows["asset"].iloc[0]),
            technology=str(rows["technology"].iloc[0]),
            role=str(rows[role].iloc[0]),
            bus=str(rows["bus"].iloc[0]),
            units=str(rows["units"].iloc[0]) or units_of(str(rows[role].iloc[0]), results),
        )
        for _, rows in labels.groupby(keys, sort=False)
    ]


def units_of(role: str, results: xr.Dataset) -> str:
    """The unit a name carries ("import_price_per_mwh"), in the currency of the Dataset; a bus has its price's unit."""
    currency = str(results.attrs.get("currency", "money"))
    if role.endswith("price_per_mwh") or role == "electricity":
        return f"{currency}/MWh"
    return "t/MWh" if role.endswith("_t_per_mwh") else ""


def coordinates(array: xr.DataArray) -> pd.DataFrame:
    """The coordinates along the second dimension as a table, one row per series; those not given are empty.

    A coordinate may carry its dimension's name in front ("store_asset" along "store", "series_flow" along "series"):
    one Dataset cannot hold two coordinates called "asset" along different dimensions, nor one called as a variable.
    """
    dimension = str(array.dims[1])
    named = {str(n).removeprefix(f"{dimension}_"): c.values for n, c in array.coords.items() if c.dims == (dimension,)}
    table = pd.DataFrame({**named, "position": np.arange(array.sizes[dimension])})
    for name in ("site", "asset", "technology", "bus", "units"):
        if name not in table:
            table[name] = ""
    return table


def mean_over_members(values: Values, rows: pd.DataFrame, weights: Values) -> Values:
    """Expected series; what is decided before the weather is known (member -1, or no member) is one series already."""
    found = values[:, rows["position"].to_numpy()]
    if found.shape[1] == 1:
        return np.asarray(found[:, 0], dtype=float)
    members = rows["member"].to_numpy(dtype=int)
    known = weights[members] if members.max() < len(weights) else np.ones(len(members))
    return np.asarray(np.average(found, axis=1, weights=known), dtype=float)


def buses(results: xr.Dataset, prefix: str) -> list[str]:
    """Names of the buses that start with `prefix`, in the order of the Dataset."""
    return [bus for bus in labels_of(results, "bus") if bus.startswith(prefix)]


def sites(results: xr.Dataset) -> list[str]:
    """Names of the sites, in the order of the Dataset."""
    return labels_of(results, "site")


def labels_of(results: xr.Dataset, coordinate: str) -> list[str]:
    """The different values of a coordinate of the flows, in their order."""
    if "flow" not in results:
        return []
    return list(dict.fromkeys(map(str, coordinates(results["flow"].transpose("time", ...))[coordinate])))


def of_site(results: xr.Dataset, site: str) -> xr.Dataset:
    """Only what belongs to one site."""
    kept = {}
    for name in set(ROLES) & set(map(str, results.data_vars)):
        array = results[name].transpose("time", ...)
        kept[str(array.dims[1])] = np.flatnonzero(coordinates(array)["site"] == site)
    return results.isel(kept)


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
    fixed = re.fullmatch(r"UTC([+-])(\d{1,2}):?(\d{2})?", zone(results))
    if fixed:
        offset = pd.Timedelta(hours=int(fixed[2]), minutes=int(fixed[3] or 0))
        return utc + offset if fixed[1] == "+" else utc - offset
    return utc.tz_localize("UTC").tz_convert(zone(results)).tz_localize(None)


def groups(found: list[Strand]) -> Iterator[tuple[str, list[Strand]]]:
    """Strands by asset, in the order of their first appearance."""
    for asset in dict.fromkeys(strand.asset for strand in found):
        yield asset, [strand for strand in found if strand.asset == asset]
