"""Ranges of a problem's numbers, looked at before it is solved: a number that dwarfs the rest is reported by the key it came from.

A solver works to absolute tolerances in double precision. Where one price is ten billion times the others, the others
are noise to it, and what it calls optimal need not be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyomo.environ as pyo
import xarray as xr
from pydantic import BaseModel

from optimizer.plan.model import Model
from optimizer.quantities.columns import matching, rows_of
from optimizer.quantities.documents import DocumentError
from optimizer.solve.highs import Compiled, Floats
from optimizer.technologies import key_of
from optimizer.technologies.base import Technology

Assets = Mapping[tuple[str, str], Technology]
DANGEROUS = 1e8
"""Largest over median: duals are accurate to 1e-7, so that a cost of the common size vanishes behind one so much larger."""
ABSURD = 1e12
"""The same where double precision (16 digits) leaves a usual cost fewer than four digits beside the largest."""
DROPPED = 1e-9
"""HiGHS takes smaller entries of a row for zero (its option small_matrix_value)."""


@dataclass(frozen=True)
class Extreme:
    """A number far from the others: what it is part of, itself, the median of its kind, and its column."""

    kind: str
    value: float
    median: float
    column: int

    @property
    def span(self) -> float:
        """Ratio to the median, whichever way it is above 1."""
        return max(self.value / self.median, self.median / self.value)


def notes_on_ranges(model: Model, compiled: Compiled, assets: Assets, inputs: xr.Dataset) -> list[str]:
    """A line for every number that dwarfs the rest, or is lost beside it. Raises DocumentError where one is absurd."""
    outliers = extremes(compiled)
    if not outliers:
        return []
    owner = _owners(model, compiled, assets)
    lines = [_warning(extreme, owner.get(extreme.column), assets, inputs) for extreme in outliers]
    absurd = [
        line
        for extreme, line in zip(outliers, lines, strict=True)
        if extreme.kind == "costs" and extreme.span >= ABSURD
    ]
    if absurd:
        raise DocumentError(absurd)
    return list(dict.fromkeys(lines))


def extremes(compiled: Compiled) -> list[Extreme]:
    """Costs, entries of rows and bounds of columns that are dangerously far from the median of their kind."""
    matrix, outliers = compiled.matrix, list[Extreme]()
    entry_column = np.repeat(np.arange(matrix.rows.shape[1]), np.diff(matrix.rows.indptr))
    kinds: dict[str, tuple[Floats, Any]] = {
        "costs": (matrix.cost, np.arange(len(matrix.cost))),
        "entries": (matrix.rows.data, entry_column),
        "bounds": (matrix.upper, np.arange(len(matrix.upper))),
    }
    for kind, (numbers, columns) in kinds.items():
        size = np.abs(numbers)
        known = np.flatnonzero(np.isfinite(size) & (size > 0))
        if not len(known):
            continue
        median, largest = float(np.median(size[known])), known[np.argmax(size[known])]
        if size[largest] > DANGEROUS * median:
            outliers.append(Extreme(kind, float(size[largest]), median, int(columns[largest])))
        smallest = known[np.argmin(size[known])]
        if kind == "entries" and size[smallest] < DROPPED:
            outliers.append(Extreme(kind, float(size[smallest]), median, int(columns[smallest])))
    return outliers


def _owners(model: Model, compiled: Compiled, assets: Assets) -> dict[int, tuple[str, str]]:
    """Column → (site, asset) whose block it stands in."""
    order = [place for place, _ in sorted(assets.items(), key=lambda item: item[1].rules_the_site)]
    owner_of = {}
    for block in model.pyomo.component_objects(pyo.Block, descend_into=False):
        place = order[int(block.local_name.split("_")[1])]
        for variable in block.component_data_objects(pyo.Var):
            if (column := compiled.column_of.get(id(variable))) is not None:
                owner_of[column] = place
    return owner_of


def _warning(extreme: Extreme, place: tuple[str, str] | None, assets: Assets, inputs: xr.Dataset) -> str:
    dwarfs = extreme.value > extreme.median
    name = (
        _key(place, assets, inputs, largest=dwarfs)
        if place is not None
        else f"a number of the model = {extreme.value:.3g}"
    )
    effect = "dwarfs the rest" if dwarfs else "is lost beside the rest"
    return (
        f"{name} {effect}: most {extreme.kind} of the model are near {extreme.median:.1g}, its own is {extreme.value:.1g}; "
        "check its unit"
    )


def _key(place: tuple[str, str], assets: Assets, inputs: xr.Dataset, *, largest: bool) -> str:
    """Asset's setting or series that is largest (or smallest), as it stands in the scenario, with its value."""
    technology = assets[place]
    section = key_of(type(technology))
    numbers = {**dict(_leaves(technology)), **_series(place, inputs)}
    if not numbers:
        return f"{section} > {place[1]}"
    choose = max if largest else min
    key = choose(numbers, key=lambda name: numbers[name])
    return f"{section} > {place[1]} > {key} = {numbers[key]:.3g}"


def _leaves(settings: BaseModel, path: str = "") -> Iterator[tuple[str, float]]:
    """Numeric settings by their path below the asset; its size, without zeros."""
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from _leaves(value, f"{path}{name} > ")
        elif isinstance(value, int | float) and not isinstance(value, bool) and value:
            yield f"{path}{name}", abs(float(value))


def _series(place: tuple[str, str], inputs: xr.Dataset) -> dict[str, float]:
    """Largest value of each of its series, where that is not zero."""
    table = matching(inputs["input"], site=place[0], asset=place[1])
    named = zip(rows_of(table, "quantity"), table.values.T, strict=True)
    sizes = {quantity: float(np.abs(values).max()) for (quantity,), values in named}
    return {name: size for name, size in sizes.items() if size}
