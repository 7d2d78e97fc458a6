"""Assembly of the inputs Dataset: all exogenous series on the plan's hours: the first of the two that are the spine.

`input(time, exogenous)` with the coordinates site, asset, member, quantity and segment (−1 where a quantity has none).
Few two-dimensional variables on purpose: such a file opens in a quarter of the time of one with many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from optimizer.quantities.calendar import Calendar
from optimizer.technologies.base import Inputs, Outside, Site, Technology
from optimizer.technologies.linear import Floats

InputsByAsset = dict[tuple[str, str, int], Inputs]


class InputError(Exception):
    """Exogenous data that cannot be planned with; `problems` has one line each."""

    def __init__(self, problems: Sequence[str]):
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


def assemble_inputs(
    assets: Mapping[tuple[str, str], Technology],
    sites: Mapping[str, Site],
    calendar: Calendar,
    weather: Mapping[str, Sequence[xr.Dataset]],
    weights: Sequence[float] = (1.0,),
    members: Sequence[str] = (),
) -> xr.Dataset:
    """Inputs Dataset. `weather` has for each site one Dataset per member, placed on the calendar's steps.

    `members` names them, where series may differ by member.

    Plan assets are given member 0's series only. Raises InputError naming every series that is not finite or too short.
    """
    columns: list[Floats] = []
    names: list[tuple[str, str, int, str, int]] = []
    for (site, asset), technology in assets.items():
        planned = technology.stage == "plan"
        for member in [0] if planned else range(len(weights)):
            name = members[member] if members and not planned else None
            outside = Outside(sites[site], calendar, weather[site][member], name)
            for quantity, values in technology.series(outside).items():
                table = values[:, None] if values.ndim == 1 else values
                for segment in range(table.shape[1]):
                    columns.append(table[:, segment])
                    names.append((site, asset, member, quantity, segment if values.ndim > 1 else -1))
    _complain(columns, names, calendar, assets)
    table = np.column_stack(columns) if columns else np.zeros((calendar.count, 0))
    inputs = xr.Dataset(
        {"input": (("time", "exogenous"), table, {"long_name": "everything outside the site's control"})},
        coords={"time": calendar.time, **_coordinates(names)},
    )
    inputs.attrs = calendar_attributes(calendar) | {"weights": list(map(float, weights))}
    return inputs


def _coordinates(names: list[tuple[str, str, int, str, int]]) -> dict[str, tuple[str, NDArray[np.generic]]]:
    labels = ("site", "asset", "member", "quantity", "segment")
    kinds = (str, str, int, str, int)
    return {
        f"exogenous_{label}": (
            "exogenous",
            np.array([name[number] for name in names], dtype=kind),
        )
        for number, (label, kind) in enumerate(zip(labels, kinds, strict=True))
    }


def _complain(
    columns: Sequence[Floats],
    names: Sequence[tuple[str, str, int, str, int]],
    calendar: Calendar,
    assets: Mapping[tuple[str, str], Technology],
) -> None:
    problems = []
    for values, (site, asset, _, quantity, _) in zip(columns, names, strict=True):
        if len(values) != calendar.count:
            problems.append(f"{site} > {asset} > {quantity}: {len(values)} values for {calendar.count} steps")
        elif not np.isfinite(values).all():
            at = calendar.local[int(np.argmin(np.isfinite(values)))]
            problems.append(
                f"{site} > {asset} > {quantity}: not a number at {at} local time; repair the weather or the series"
            )
        elif quantity in assets[site, asset].never_negative and values.min(initial=0.0) < 0:
            at, least = calendar.local[int(np.argmin(values))], float(values.min())
            problems.append(f"{site} > {asset} > {quantity}: is {least:g} at {at} local time; give at least 0")
    if problems:
        raise InputError(problems)


def with_series(inputs: xr.Dataset, more: Mapping[tuple[str, str, str], Floats]) -> xr.Dataset:
    """Inputs with further series for plan assets, by (site, asset, quantity)."""
    names = [(site, asset, 0, quantity, -1) for site, asset, quantity in more]
    if not names:
        return inputs
    table = xr.DataArray(np.column_stack(list(more.values())), dims=("time", "exogenous"), coords=_coordinates(names))
    joined = xr.concat([inputs["input"], table.assign_coords(time=inputs["time"])], dim="exogenous")
    return joined.to_dataset(name="input").assign_attrs(inputs.attrs)


def calendar_attributes(calendar: Calendar) -> dict[str, float | str | list[str]]:
    """Calendar attributes by which a Dataset's hours can be read again."""
    return {"step_h": calendar.step_h, "timezone": calendar.timezone, "holidays": sorted(calendar.holidays)}


def part_of(dataset: xr.Dataset, first: int, end: int) -> xr.Dataset:
    """Hours from step `first` to before step `end`, which know the whole they are a part of."""
    time = dataset.indexes["time"]
    return dataset.isel(time=slice(first, end)).assign_attrs(whole_start=str(time[0]), whole_count=len(time))


def calendar_of(dataset: xr.Dataset) -> Calendar:
    """Calendar a Dataset was made on."""
    time = dataset.indexes["time"]
    holidays = dataset.attrs.get("holidays", [])
    names = frozenset([holidays] if isinstance(holidays, str) else [str(day) for day in holidays])
    step_h, timezone, whole = float(dataset.attrs["step_h"]), str(dataset.attrs["timezone"]), None
    if "whole_start" in dataset.attrs:
        start, count = pd.Timestamp(dataset.attrs["whole_start"]), int(dataset.attrs["whole_count"])
        whole = Calendar(start, count, step_h, timezone, names)
    return Calendar(pd.Timestamp(time[0]), len(time), step_h, timezone, names, whole)


def inputs_by_asset(dataset: xr.Dataset) -> InputsByAsset:
    """Inputs of each asset as views of the Dataset, by (site, asset, member)."""
    calendar = calendar_of(dataset)
    table = dataset["input"].values
    labels = [dataset[f"exogenous_{label}"].values for label in ("site", "asset", "member", "quantity", "segment")]
    columns: dict[tuple[str, str, int], dict[str, list[int]]] = {}
    for number, (site, asset, member, quantity, _) in enumerate(zip(*labels, strict=True)):
        columns.setdefault((str(site), str(asset), int(member)), {}).setdefault(str(quantity), []).append(number)
    segmented = labels[4] >= 0
    return {
        key: Inputs(
            key[1],
            calendar,
            range(calendar.count),
            {
                name: table[:, numbers] if segmented[numbers[0]] else table[:, numbers[0]]
                for name, numbers in quantities.items()
            },
        )
        for key, quantities in columns.items()
    }
