"""Columns of a labelled table, picked by site, asset, bus, quantity, technology or ensemble member.

A variable of the inputs or the results Dataset has the dimensions (time, columns); coordinates along the columns say what
each of them is. A coordinate may carry its dimension's name in front (`store_asset` along `store`, `series_flow` along
`series`): one Dataset cannot hold two coordinates called `asset` along different dimensions. Here every label has its plain
name, and what a flow is called is its `quantity`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TypedDict, Unpack

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int_]
Names = str | Collection[str] | None
"""A name, several of which any will do, or None for all."""


class Labels(TypedDict, total=False):
    """Labels requested of a column; a label that is left out or None does not matter."""

    site: Names
    asset: Names
    quantity: Names
    bus: Names
    technology: Names
    role: Names
    member: int | None
    """Columns of this ensemble member, and those that hold for every member."""


def labels_of(table: xr.DataArray) -> pd.DataFrame:
    """Labels of the columns by their plain names, one row a column."""
    named = {name: variable.values for name, variable in _labels(table).items()}
    return pd.DataFrame(named, index=range(table.shape[-1]))


def _labels(table: xr.DataArray) -> dict[str, xr.Variable]:
    """Coordinates along the columns by their plain names."""
    dimension = str(table.dims[-1])
    along = table.coords.variables.items()
    return {_plain(str(name), dimension): variable for name, variable in along if variable.dims == (dimension,)}


def _plain(name: str, dimension: str) -> str:
    plain = name.removeprefix(f"{dimension}_")
    return "quantity" if plain == "flow" else plain


def rows_of(table: xr.DataArray, *labels: str) -> Iterator[tuple[str, ...]]:
    """Named labels of each column in turn, as text."""
    return labels_of(table)[list(labels)].astype(str).itertuples(index=False, name=None)


def positions(table: xr.DataArray, **requested: Unpack[Labels]) -> Numbers:
    """Positions of the columns with the requested labels, in the order of the table; none where it has no such label."""
    labels = _labels(table)
    chosen = np.ones(table.shape[-1], dtype=bool)
    for name, value in requested.items():
        if isinstance(value, int):
            chosen &= _of_member(labels_of(table), value)
        elif value is not None and name not in labels:
            chosen &= False
        elif isinstance(value, str):
            chosen &= np.asarray(labels[name].values == value, dtype=bool)
        elif isinstance(value, Collection):
            chosen &= pd.Index(labels[name].values).isin(list(value))
    return np.flatnonzero(chosen)


def matching(table: xr.DataArray, **requested: Unpack[Labels]) -> xr.DataArray:
    """Table with only the columns that have the requested labels; without any column where none has."""
    return table.isel({str(table.dims[-1]): positions(table, **requested)})


def total(table: xr.DataArray, **requested: Unpack[Labels]) -> Floats:
    """Sum over the columns with the requested labels, shape (time,); zero where none has."""
    return np.asarray(table.values[..., positions(table, **requested)].sum(axis=-1))


def mean(table: xr.DataArray, **requested: Unpack[Labels]) -> Floats:
    """Mean over the columns with the requested labels, shape (time,); zero where none has."""
    chosen = positions(table, **requested)
    return np.asarray(table.values[..., chosen].mean(axis=-1)) if len(chosen) else np.zeros(table.shape[:-1])


def weights_of(dataset: xr.Dataset) -> list[float]:
    """Weights of the ensemble members of inputs or results; one of weight 1 where there are none."""
    return [float(weight) for weight in np.atleast_1d(dataset.attrs.get("weights", 1.0))]


def expected(table: xr.DataArray, weights: Sequence[float]) -> xr.DataArray:
    """Expected values over the ensemble members by their weights: columns alike but for their member become one.

    It has the place and labels of member 0's column. A column that all members share stands as it is.
    """
    labels = labels_of(table)
    if len(weights) == 1 or labels.empty or "member" not in labels:
        return table
    members, keys = labels["member"].to_numpy(dtype=int), _keys(labels)
    first = np.flatnonzero(members <= 0)
    place = {keys[number]: position for position, number in enumerate(first)}
    single = {keys[number] for number in np.flatnonzero(members > 0)}
    sums = np.zeros((*table.shape[:-1], len(first)))
    for number, key in enumerate(keys):
        weight = weights[max(members[number], 0)] if key in single else 1.0
        sums[..., place[key]] += weight * table.values[..., number]
    return table.isel({str(table.dims[-1]): first}).copy(data=sums)


def _of_member(labels: pd.DataFrame, member: int) -> npt.NDArray[np.bool_]:
    """Whether each column is this member's own, or one that all members share."""
    if "member" not in labels:
        return np.ones(len(labels), dtype=bool)
    members = labels["member"].to_numpy(dtype=int)
    if not np.any(members > 0):
        return np.ones(len(labels), dtype=bool)
    keys = _keys(labels)
    several = {keys[number] for number in np.flatnonzero(members > 0)}
    shared = np.array([key not in several for key in keys], dtype=bool)
    return np.asarray((members == member) | (members < 0) | shared, dtype=bool)


def _keys(labels: pd.DataFrame) -> list[tuple[object, ...]]:
    """Key of a column: all labels but its member."""
    return list(labels.drop(columns="member").itertuples(index=False, name=None))
