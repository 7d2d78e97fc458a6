"""What a figure draws: single series picked out of a results Dataset by their coordinates, in local time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

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

    def as_technology(self, technology: str) -> Strand:
        return replace(self, technology=technology)


ROLE = {
    "flow": "flow",
    "stored": "quantity",
    "count": "quantity",
    "price": "bus",
    "shortfall": "promise",
    "input": "quantity",
}
"""Per variable of a results Dataset the coordinate that names the role."""


def strands(results: xr.Dataset, variable: str, **where: str) -> list[Strand]:
    """The series of `variable` whose coordinates equal `where` (`bus="electricity"`), members averaged.

    Empty where the Dataset has no such variable or series. Members weigh alike unless a coordinate `weight` says else.
    """
    if variable not in results or results[variable].size == 0:
        return []
    array = results[variable].transpose("time", ...)
    labels = coordinates(array)
    for name, value in where.items():
        labels = labels[labels[name] == value]
    role = ROLE[variable]
    keys = [name for name in dict.fromkeys(("site", "asset", role, "bus", "segment")) if name in labels]
    return [
        Strand(
            values=mean_over_members(array.values, rows),
            asset=str(rows["asset"].iloc[0]),
            technology=str(rows["technology"].iloc[0]),
            role=str(rows[role].iloc[0]),
            bus=str(rows["bus"].iloc[0]),
            units=str(rows["units"].iloc[0]),
        )
        for _, rows in labels.groupby(keys, sort=False)
    ]


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


def mean_over_members(values: Values, rows: pd.DataFrame) -> Values:
    weights = rows["weight"].to_numpy(dtype=float) if "weight" in rows else np.ones(len(rows))
    return np.asarray(np.average(values[:, rows["position"].to_numpy()], axis=1, weights=weights), dtype=float)


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
    for name in set(ROLE) & set(map(str, results.data_vars)):
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
    utc = pd.DatetimeIndex(results.indexes["time"])
    fixed = re.fullmatch(r"UTC([+-])(\d{1,2}):?(\d{2})?", zone(results))
    if fixed:
        offset = pd.Timedelta(hours=int(fixed[2]), minutes=int(fixed[3] or 0))
        return utc + offset if fixed[1] == "+" else utc - offset
    return utc.tz_localize("UTC").tz_convert(zone(results)).tz_localize(None)


def groups(found: list[Strand]) -> Iterator[tuple[str, list[Strand]]]:
    """Strands by asset, in the order of their first appearance."""
    for asset in dict.fromkeys(strand.asset for strand in found):
        yield asset, [strand for strand in found if strand.asset == asset]
