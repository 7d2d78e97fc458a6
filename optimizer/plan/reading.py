"""Reading results: one flow, stock, price or pool of cards in one call, and everything as a tidy table.

    outcome.flow("haixi_share", "discharge")     # MW by hour, UTC, with the local time beside it
    outcome.baseline.price("electricity")        # what one more MWh is worth
    read_plan("out/results.nc").cards("ascend")  # cards at work, by workload

Every answer carries its unit (`.attrs["units"]`). Where a plan has several ensemble members, an answer is the expected value by
their weights; `member=3` gives that member's own. What is decided before the weather is known is the same for all of them.
Names that are not in the plan are refused with the nearest that is.
"""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.inputs.assemble import calendar_of
from optimizer.plan.results_file import load_results
from optimizer.plan.tidy_table import VARIABLES, tidy_table
from optimizer.quantities.columns import Floats, Labels, expected, labels_of, matching, rows_of, weights_of
from optimizer.quantities.units import unit_of_price, unit_of_series
from optimizer.technologies.flows import WORK, Role

POOL = "compute."
"""How the names of compute buses begin."""
LISTED = 12
"""Nearest names listed where a name is unknown."""


class UnknownNameError(LookupError):
    """A site, asset, bus, quantity or member that the results do not have, or one that several columns share."""


def select(results: xr.Dataset, variable: str, **labels: Unpack[Labels]) -> xr.DataArray:
    """Columns of a variable (`flow`, `stored`, `metered`, `price`, `size`, `input`, ...) with the given labels.

    All members' columns, unless `member` is given. Raises UnknownNameError where there is none, with the nearest name.
    """
    if variable not in results:
        raise UnknownNameError(_unknown("variable", variable, list(map(str, results.data_vars)), "these results"))
    table, known = results[variable], labels_of(results[variable])
    for label in ("site", "asset", "bus", "role", "technology", "quantity"):
        requested = labels.get(label)
        if not isinstance(requested, Collection):
            continue
        if label not in known:
            raise UnknownNameError(f"the columns of {variable} have no {label}; they have {', '.join(map(str, known))}")
        names = [requested] if isinstance(requested, str) else list(requested)
        there = list(dict.fromkeys(map(str, known[label])))
        for name in names:
            if name not in there:
                raise UnknownNameError(_unknown(label, name, there, _where(variable, labels, label)))
        known = known[known[label].isin(names)]
    _refuse_unknown_member(results, labels.get("member"))
    return matching(table, **labels)


def _refuse_unknown_member(results: xr.Dataset, member: int | None) -> None:
    count = len(weights_of(results))
    if member is not None and not 0 <= member < count:
        raise UnknownNameError(f"no member {member}; there are {count}, from 0 on")


def _where(variable: str, labels: Labels, label: str) -> str:
    """Labels that did match, for the message about one that did not: "flow of haixi_share"."""
    before = [value for name in ("site", "asset") if name != label and isinstance(value := labels.get(name), str)]
    return f"{variable} of {' > '.join(before)}" if before else variable


def _unknown(label: str, name: str, there: list[str], where: str) -> str:
    near = difflib.get_close_matches(name, there, n=1, cutoff=0.5)
    meant = f"; did you mean {near[0]}?" if near else "."
    more = f" and {len(there) - LISTED} more" if len(there) > LISTED else ""
    return f"no {label} '{name}' in {where}{meant} There is: {', '.join(there[:LISTED]) or 'none'}{more}"


def of_members(results: xr.Dataset, table: xr.DataArray, member: int | None) -> xr.DataArray:
    """Columns of one member, or (none given) the expected value over all of them."""
    return expected(table, weights_of(results)) if member is None else matching(table, member=member)


class Answers(ABC):
    """Accessors for a plan's assets, buses and pools."""

    @abstractmethod
    def _dataset(self) -> xr.Dataset:
        """Results Dataset that answers."""

    def flow(
        self,
        asset: str,
        quantity: str | None = None,
        *,
        site: str | None = None,
        bus: str | None = None,
        role: str | None = None,
        member: int | None = None,
    ) -> xr.DataArray:
        """Flow of an asset into (plus) or out of (minus) a bus [MW or cards], by time.

        Without `quantity` the sum of its flows on the bus: a store's discharge less its charge.
        """
        return self._series("flow", asset=asset, quantity=quantity, site=site, bus=bus, role=role, member=member)

    def stored(
        self, asset: str, quantity: str | None = None, *, site: str | None = None, member: int | None = None
    ) -> xr.DataArray:
        """Stock of an asset at the END of each step: energy [MWh], waiting work [card-h]."""
        return self._series("stored", asset=asset, quantity=quantity, site=site, member=member)

    def metered(
        self, asset: str, quantity: str | None = None, *, site: str | None = None, member: int | None = None
    ) -> xr.DataArray:
        """Metered quantity of an asset, by time: blocks on, water [m3/h], ..."""
        return self._series("metered", asset=asset, quantity=quantity, site=site, member=member)

    def shortfall(
        self, asset: str, quantity: str | None = None, *, site: str | None = None, member: int | None = None
    ) -> xr.DataArray:
        """By how much a soft constraint of an asset is broken, by time."""
        return self._series("shortfall", asset=asset, quantity=quantity, site=site, member=member)

    def input(
        self, asset: str, quantity: str | None = None, *, site: str | None = None, member: int | None = None
    ) -> xr.DataArray:
        """A series an asset was planned with, by time: capacity factor, import price, carbon."""
        return self._series("input", asset=asset, quantity=quantity, site=site, member=member)

    def price(self, bus: str = "electricity", *, site: str | None = None, member: int | None = None) -> xr.DataArray:
        """Shadow price of a bus, by time: what one more MWh (or card-hour) drawn from it would cost."""
        return self._series("price", bus=bus, site=site, member=member)

    def cards(self, pool: str, *, site: str | None = None, member: int | None = None) -> xr.DataArray:
        """Cards of a pool at work, by time and workload (also work hosted for other sites); `.sum("workload")`: its busy cards."""
        results = self._dataset()
        pools = [bus.removeprefix(POOL) for bus in dict.fromkeys(labels_of(results["flow"])["bus"]) if POOL in bus]
        if pool not in pools:
            raise UnknownNameError(_unknown("pool", pool, pools, "these results"))
        table = of_members(results, select(results, "flow", bus=POOL + pool, site=site, member=member), member)
        takes = matching(table, role=WORK | {Role.HOST})
        _refuse_several(labels_of(takes), ("site",), f"pool {pool}")
        rows = rows_of(takes, "asset", "quantity", "role")
        names = [f"{asset}: {quantity}" if role == Role.HOST else asset for asset, quantity, role in rows]
        return _timed(results, -takes.values, f"cards of {pool}", "cards", workload=names)

    def size(
        self, asset: str, quantity: str | None = None, *, site: str | None = None, member: int | None = None
    ) -> float:
        """Capacity of an asset, given or found, in the unit of the quantity's name."""
        return float(self._series("size", asset=asset, quantity=quantity, site=site, member=member).values)

    def to_frame(self, *variables: str, member: int | None = None) -> pd.DataFrame:
        """Tidy table of all results over time, one row a step and series.

        Columns: time_utc, time_local, site, asset, variable, bus, role, quantity, unit, value; names are categories, so that a year is
        some hundred MB. `variables`: only these (`"flow", "price"`); none: all.
        """
        results = self._dataset()
        tables = {name: of_members(results, select(results, name), member) for name in variables or VARIABLES}
        return tidy_table(results, tables)

    def _series(self, variable: str, **labels: Unpack[Labels]) -> xr.DataArray:
        results = self._dataset()
        table = of_members(results, select(results, variable, **labels), labels.get("member"))
        known = labels_of(table)
        names = [str(labels[key]) for key in ("asset", "bus", "quantity", "role") if labels.get(key)]
        _refuse_several(known, ("site", "bus" if variable == "flow" else "quantity"), f"{variable} of {names[0]}")
        unit, name = _unit(results, variable, known.iloc[0]), " ".join(names)
        if variable == "size":
            return xr.DataArray(table.values.sum(), name=name, attrs={"units": unit})
        if "segment" in known and len(known) > 1:
            return _timed(results, table.values, name, unit, segment=known["segment"].tolist())
        return _timed(results, np.asarray(table.values.sum(axis=-1)), name, unit)


def _refuse_several(known: pd.DataFrame, labels: tuple[str, ...], what: str) -> None:
    """Series of different sites, buses or quantities are not added up without an explicit request."""
    for label in labels:
        there = list(dict.fromkeys(map(str, known[label]))) if label in known else []
        if len(there) > 1:
            raise UnknownNameError(f"{what}: there are several; say {label}= one of {', '.join(there)}")


def _unit(results: xr.Dataset, variable: str, known: pd.Series) -> str:
    """Unit of a column: as its label says, or as its name carries it."""
    currency = str(results.attrs.get("currency", "money"))
    if variable == "price":
        return unit_of_price(str(known["bus"]), currency)
    return str(known["units"]) if "units" in known else unit_of_series(str(known["quantity"]), currency)


def _timed(results: xr.Dataset, values: Floats, name: str, unit: str, **columns: list[str]) -> xr.DataArray:
    """Values by time with local time beside UTC."""
    local = calendar_of(results).local
    coords = {"time": results.indexes["time"], "time_local": ("time", local), **columns}
    return xr.DataArray(values, dims=("time", *columns), coords=coords, name=name, attrs={"units": unit})


@dataclass(frozen=True)
class Reading(Answers):
    """A results Dataset that answers, as a file has it."""

    results: xr.Dataset

    def _dataset(self) -> xr.Dataset:
        return self.results


def read_plan(path: str | Path, group: str | None = None) -> Reading:
    """Plan in a results file (`group="baseline"`: what the site would do without one). Raises OSError."""
    return Reading(load_results(Path(path), group))
