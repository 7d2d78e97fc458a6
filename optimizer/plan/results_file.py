"""The results file: one netCDF file with the plan at its root and the lower rungs of its ladder in groups."""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping
from pathlib import Path

import xarray as xr

from weather.files.netcdf import refuse_damaged

BASELINE = "baseline"
"""Group of the ladder's lowest rung; the others' groups have their names."""
JSON_ATTRIBUTES = ("repairs", "remarks", "holidays", "weights", "scenario", "ladder")
"""Attributes that are lists or mappings; netCDF attributes are text and numbers."""


def save_results(
    path: Path,
    results: xr.Dataset,
    baseline: xr.Dataset | None = None,
    rungs: Mapping[str, xr.Dataset] | None = None,
) -> None:
    """Results written as one netCDF file: the plan at its root, the baseline and further rungs in groups. Raises OSError."""
    _as_file_form(results).to_netcdf(path, engine="h5netcdf", encoding=_packed(results))
    for group, lower in ({} if baseline is None else {BASELINE: baseline} | dict(rungs or {})).items():
        slim = lower.drop_vars(["input", "price", "margin"], errors="ignore").drop_dims("exogenous", errors="ignore")
        if group == BASELINE:
            slim = lower.drop_vars("input").drop_dims("exogenous", errors="ignore")
        _as_file_form(slim).to_netcdf(path, engine="h5netcdf", group=group, mode="a", encoding=_packed(slim))


def load_results(path: Path, group: str | None = None) -> xr.Dataset:
    """A Dataset as `save_results` wrote it. Raises OSError."""
    if not path.is_file():
        raise FileNotFoundError(errno.ENOENT, "no such results file", str(path))
    try:
        refuse_damaged(path)
        with xr.open_dataset(path, engine="h5netcdf", group=group) as file:
            results = file.load()
    except OSError as error:
        raise OSError(errno.EIO, "not a results file, or a broken one", str(path)) from error
    if "flow" in results and "role" not in results.coords:
        raise OSError(
            errno.EIO, "results of an earlier version, whose flows have no roles: run the scenario again", str(path)
        )
    for name in JSON_ATTRIBUTES:
        if isinstance(results.attrs.get(name), str):
            results.attrs[name] = json.loads(results.attrs[name])
    return results


def _as_file_form(results: xr.Dataset) -> xr.Dataset:
    """Structured attributes as JSON text."""
    attributes = {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | tuple) else value
        for name, value in results.attrs.items()
    }
    return results.assign_attrs(attributes)


def _packed(results: xr.Dataset) -> dict[str, dict[str, object]]:
    """Packing of the two-dimensional variables, one chunk a column: a reader of one series unpacks that series only."""
    packing = {"zlib": True, "complevel": 1, "shuffle": True}
    return {
        str(name): packing | ({"chunksizes": (table.shape[0], 1)} if table.size else {})
        for name, table in results.data_vars.items()
        if table.ndim == 2
    }
