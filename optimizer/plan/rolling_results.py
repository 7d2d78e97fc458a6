"""Windows' results end to end, as the results of one plan: the same Dataset, so that bill, checks and report read it alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from optimizer.plan.columns import Column, table_of, unit_of
from optimizer.plan.results import AssetKey, records_of, views_of
from optimizer.technologies.base import Kept, Record, State, Technology

Assets = Mapping[tuple[str, str], Technology]
OVER_TIME = ("flow", "stored", "metered", "price", "margin", "shortfall")
READ_ANEW = (("metered", "meter", "meters"), ("shortfall", "promise", "shortfalls"))
"""Variable, dimension, part of the record: what the technologies tell of all windows together."""


@dataclass(frozen=True)
class Window:
    """Window of a rolling horizon."""

    results: xr.Dataset
    opening: Mapping[tuple[str, str], State]
    kept: int
    """First steps that were kept, until the next plan took over."""
    notes: tuple[str, ...] = ()
    """What a reader should know of how it was made."""

    def parts(self, assets: Assets) -> dict[tuple[str, str], Kept]:
        """Records of every asset in the window, also of those that had nothing to do."""
        records = records_of(self.results)
        keys = {(*place, -1 if technology.stage == "plan" else 0): place for place, technology in assets.items()}
        views = views_of(self.results, keys)
        return {
            place: (
                records.get(key, Record({}, {}, {}, {}, {})),
                views[key],
                self.opening.get(place, assets[place].opening_state()),
                self.kept,
            )
            for key, place in keys.items()
        }


def joined(
    windows: Sequence[Window],
    inputs: xr.Dataset,
    assets: Assets,
    opening: Mapping[tuple[str, str], State] | None = None,
) -> xr.Dataset:
    """Kept steps of all windows as the results of one plan on the steps of `inputs`, unchecked."""
    pieces = {name: _end_to_end([w.results[name].isel(time=slice(w.kept)) for w in windows]) for name in OVER_TIME}
    raw = xr.Dataset(pieces | {"size": windows[0].results["size"]}, coords={"time": inputs.indexes["time"]})
    raw = raw.merge(inputs).assign_attrs(inputs.attrs)
    records = _records_anew(windows, raw, assets, opening or {})
    for name, dimension, part in READ_ANEW:
        columns = [
            Column(site, asset, member, _kind(assets[site, asset]), quantity, "", values)
            for (site, asset, member), record in records.items()
            for quantity, values in getattr(record, part).items()
        ]
        units = [unit_of(column.quantity) for column in columns]
        raw = raw.drop_dims(dimension).assign({name: table_of(dimension, columns, units, raw.sizes["time"])})
    return raw


def _kind(technology: Technology) -> str:
    return type(technology).__name__.lower()


def _end_to_end(parts: Sequence[xr.DataArray]) -> xr.DataArray:
    """Tables one after the other in time; a column that a part lacks is zero there."""
    (dimension,) = (str(name) for name in parts[0].dims if name != "time")
    labels = sorted(str(name) for name, coord in parts[0].coords.items() if coord.dims == (dimension,))
    keys: dict[tuple[Any, ...], int] = {}
    columns_of = []
    for part in parts:
        own = list(zip(*(part.coords[label].values.tolist() for label in labels), strict=True))
        columns_of.append([keys.setdefault(key, len(keys)) for key in own])
    table, first = np.zeros((sum(part.sizes["time"] for part in parts), len(keys))), 0
    for part, columns in zip(parts, columns_of, strict=True):
        table[first : first + part.sizes["time"], columns] = part.values
        first += part.sizes["time"]
    kinds = {label: parts[0].coords[label].dtype for label in labels}
    coords = {
        label: (dimension, np.array([key[number] for key in keys], dtype=kinds[label]))
        for number, label in enumerate(labels)
    }
    return xr.DataArray(table, dims=("time", dimension), coords=coords)


def _records_anew(
    windows: Sequence[Window], raw: xr.Dataset, assets: Assets, opening: Mapping[tuple[str, str], State]
) -> dict[AssetKey, Record]:
    """Record of every asset over all windows, as its technology reads it."""
    records, parts = records_of(raw), [window.parts(assets) for window in windows]
    views = views_of(raw, records)
    return {
        (site, asset, member): assets[site, asset].over_windows(
            record,
            [part[site, asset] for part in parts],
            views[site, asset, member],
            opening.get((site, asset), assets[site, asset].opening_state()),
        )
        for (site, asset, member), record in records.items()
    }
