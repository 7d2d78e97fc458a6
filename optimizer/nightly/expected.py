"""Expectations of a plan over its ensemble: its members as one mean, and the state of every asset at the end of every step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from optimizer.files.processes import readable
from optimizer.inputs.assemble import calendar_of, inputs_by_asset
from optimizer.plan.results import records_of
from optimizer.quantities.columns import expected, weights_of
from optimizer.technologies.base import Inputs, State, Technology

Assets = Mapping[tuple[str, str], Technology]
MOST_BYTES = 200_000_000
OF_MEMBERS = ("flow", "stored", "metered", "shortfall", "price", "input", "size")


def expected_results(results: xr.Dataset) -> xr.Dataset:
    """Results with the ensemble mean in place of the members (as member 0); flows still balance.

    Prices become the mean price, by the members' weights.
    """
    weights = weights_of(results)
    if len(weights) == 1:
        return results
    parts = {name: expected(results[name], weights) for name in OF_MEMBERS}
    parts["margin"] = expected(results["margin"], [1.0] * len(weights))  # their weights are in it
    return xr.Dataset(parts, attrs=results.attrs | {"weights": [1.0]})


def expected_states(results: xr.Dataset, assets: Assets, opening: Mapping[tuple[str, str], State]) -> pd.DataFrame:
    """State of every asset at the end of every step: index time (end of the step, UTC), columns "site asset quantity".

    Recourse assets by the members' mean.
    """
    mean = expected_results(results)
    records, views, calendar = records_of(mean), inputs_by_asset(mean), calendar_of(mean)
    step = pd.Timedelta(hours=float(results.attrs["step_h"]))
    ends = pd.DatetimeIndex(results.indexes["time"]) + step
    columns: dict[str, list[Any]] = {}
    for (site, asset, _), record in records.items():
        technology = assets[site, asset]
        opened = opening.get((site, asset), technology.opening_state())
        view = views.get((site, asset, 0), Inputs(asset, calendar, range(calendar.count), {}))
        for number in range(len(ends)):
            for quantity, value in technology.closing_state(record, view, opened, number).items():
                columns.setdefault(f"{site} {asset} {quantity}", []).append(value)
    return pd.DataFrame(columns, index=ends)


def save_states(path: Path, states: pd.DataFrame, opening: Mapping[tuple[str, str], State]) -> None:
    """Write states, and those the plan opened with, as JSON. Raises OSError."""
    text = {
        "opening": {f"{site} {asset}": state for (site, asset), state in opening.items()},
        "time_utc": [stamp.isoformat() for stamp in states.index],
        "states": {name: states[name].tolist() for name in states},
    }
    path.write_text(json.dumps(text, default=lambda value: value.tolist()) + "\n", encoding="utf-8")


def load_opening(path: Path) -> dict[tuple[str, str], State]:
    """States a plan opened with. Raises OSError, ValueError, KeyError."""
    opening = json.loads(readable(path, MOST_BYTES).read_text(encoding="utf-8"))["opening"]
    return {(site, asset): state for (site, asset), state in ((key.split(" "), opening[key]) for key in opening)}


def load_states(path: Path) -> pd.DataFrame:
    """States as `save_states` wrote them. Raises OSError, ValueError, KeyError."""
    text = json.loads(readable(path, MOST_BYTES).read_text(encoding="utf-8"))
    return pd.DataFrame(text["states"], index=pd.DatetimeIndex(text["time_utc"]))


def state_at(states: pd.DataFrame, time: pd.Timestamp) -> dict[tuple[str, str], State]:
    """States expected at a time within the plan. Raises KeyError outside it."""
    before = states.index[states.index <= time]
    if not len(before) or time > states.index[-1]:
        raise KeyError(f"the plan tells states from {states.index[0]} to {states.index[-1]} UTC, not at {time}")
    state_by_asset: dict[tuple[str, str], State] = {}
    for name, value in states.loc[before[-1]].items():
        site, asset, quantity = str(name).split(" ")
        state_by_asset.setdefault((site, asset), {})[quantity] = value
    return state_by_asset
