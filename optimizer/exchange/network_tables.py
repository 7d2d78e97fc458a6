"""Network of PyPSA as its tables: a CSV folder written and read, a netCDF file read, without PyPSA itself.

A component (generators, links, ...) has a table of numbers that hold in every hour, a row each, and a table by hour for every
attribute that changes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.quantities.documents import DocumentError
from weather.files.netcdf import refuse_damaged

COMPONENTS = (
    "buses", "carriers", "generators", "loads", "links", "stores", "storage_units", "lines", "transformers",
    "global_constraints", "shunt_impedances", "processes",
)  # fmt: skip
MOST_SNAPSHOTS = 200_000
STEP_TOLERANCE_H = 1e-6
"""Hours; stamps are whole seconds."""


@dataclass
class Network:
    """Tables of a network."""

    name: str
    time: pd.DatetimeIndex
    step_h: float
    static: dict[str, pd.DataFrame] = field(default_factory=dict)
    """Component → a row for each, by its name."""
    series: dict[tuple[str, str], pd.DataFrame] = field(default_factory=dict)
    """(component, attribute) → a row an hour, a column for each that has a course."""
    meta: Mapping[str, object] = field(default_factory=dict)


def csv_files(network: Network) -> dict[str, str]:
    """Texts of the CSV folder that `pypsa.Network.import_from_csv_folder` reads, by file name."""
    snapshots = pd.DataFrame({"snapshot": network.time.strftime("%Y-%m-%d %H:%M:%S")})
    for weight in ("objective", "stores", "generators"):
        snapshots[weight] = network.step_h
    files = {
        "network.csv": pd.DataFrame({"name": [network.name]}).to_csv(index=False),
        "meta.json": json.dumps(network.meta, ensure_ascii=False, indent=1) + "\n",
        "snapshots.csv": snapshots.to_csv(),
    }
    for component, table in network.static.items():
        files[f"{component}.csv"] = table.to_csv(index_label="name")
    for (component, attribute), table in network.series.items():
        files[f"{component}-{attribute}.csv"] = table.reset_index(drop=True).to_csv()
    return files


def read_network(path: Path) -> Network:
    """Network of a CSV folder or a netCDF file that PyPSA wrote. Raises DocumentError, OSError."""
    if path.is_dir():
        return _of_folder(path)
    if path.is_file():
        return _of_netcdf(path)
    raise DocumentError([f"{path}: no such file or folder; give a CSV folder or a netCDF file that PyPSA wrote"])


def _of_folder(folder: Path) -> Network:
    if not (folder / "snapshots.csv").is_file():
        raise DocumentError([f"{folder}: has no snapshots.csv; give a folder that PyPSA's export_to_csv_folder wrote"])
    snapshots = _table(folder / "snapshots.csv")
    if "snapshot" not in snapshots:  # older networks have the stamps as their index
        snapshots = snapshots.rename_axis("snapshot").reset_index()
    time, step_h = _hours(folder, snapshots["snapshot"], snapshots.drop(columns="snapshot"))
    static = {name: _table(folder / f"{name}.csv") for name in COMPONENTS if (folder / f"{name}.csv").is_file()}
    series = {}
    for file in sorted(folder.glob("*-*.csv")):
        component, _, attribute = file.stem.partition("-")
        if component in COMPONENTS:
            series[component, attribute] = _as_long(file, _table(file), len(time))
    meta = folder / "meta.json"
    name = _name(folder / "network.csv") or folder.resolve().name
    return Network(name, time, step_h, static, series, _json(meta) if meta.is_file() else {})


def _name(file: Path) -> str:
    if not file.is_file():
        return ""
    table = pd.read_csv(file)
    return str(table["name"].iloc[0]) if "name" in table and len(table) and table["name"].notna().all() else ""


def _table(file: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(file, index_col=0)
    except (ValueError, UnicodeDecodeError) as error:
        raise DocumentError([f"{file}: is no table ({str(error)[:80]}); export the network anew"]) from error
    table.index = table.index.astype(str)
    return table


def _as_long(file: Path, table: pd.DataFrame, count: int) -> pd.DataFrame:
    """Courses as numbers. Raises DocumentError."""
    numbers = table.apply(pd.to_numeric, errors="coerce")
    if len(numbers) != count or (numbers.isna() & table.notna()).any(axis=None):
        raise DocumentError([f"{file}: has not {count:,} rows of numbers, one a snapshot; export the network anew"])
    return pd.DataFrame(numbers)


def _json(file: Path) -> dict[str, object]:
    try:
        meta = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DocumentError([f"{file}: is no JSON ({error}); mend or remove it"]) from error
    return meta if isinstance(meta, dict) else {}


def _hours(where: Path, stamps: pd.Series, weights: pd.DataFrame) -> tuple[pd.DatetimeIndex, float]:
    """UTC start of every step and its length. Raises DocumentError where snapshots are no equal steps in order."""
    if not 0 < len(stamps) <= MOST_SNAPSHOTS:
        raise DocumentError([f"{where}: has {len(stamps):,} snapshots; 1 to {MOST_SNAPSHOTS:,} are read"])
    time = pd.to_datetime(stamps, errors="coerce")
    if time.isna().any() or pd.api.types.is_numeric_dtype(stamps):
        raise DocumentError([f"{where}: snapshot '{stamps.iloc[0]}' is no time; give snapshots that are times"])
    index = pd.DatetimeIndex(time)
    if index.tz is not None:
        index = index.tz_convert("UTC").tz_localize(None)
    gaps = np.diff(index.to_numpy()) / np.timedelta64(1, "h")
    given = {float(value) for name in weights.columns.intersection(["objective", "stores"]) for value in weights[name]}
    step_h = float(gaps[0]) if len(gaps) else next(iter(given), 1.0)
    if len(gaps) and np.abs(gaps - step_h).max() > STEP_TOLERANCE_H:
        at = int(np.argmax(np.abs(gaps - step_h)))
        raise DocumentError(
            [
                f"{where}: snapshot {index[at + 1]} is {gaps[at]:g} h after the one before, others {step_h:g} h; give equal steps"
            ]
        )
    if any(abs(weight - step_h) > STEP_TOLERANCE_H for weight in given):
        other = next(weight for weight in given if abs(weight - step_h) > STEP_TOLERANCE_H)
        raise DocumentError(
            [
                f"{where}: a snapshot weighs {other:g} h and is {step_h:g} h long; weighted snapshots stand for other hours, "
                "which a plan does not know: give all hours with their own length as weight"
            ]
        )
    return index, step_h


def _of_netcdf(path: Path) -> Network:
    try:
        refuse_damaged(path)
        with xr.open_dataset(path, engine="h5netcdf") as file:
            data = file.load()
    except (OSError, ValueError) as error:
        raise DocumentError([f"{path}: is no netCDF file that can be read; export the network anew"]) from error
    if "snapshots" not in data.coords:
        raise DocumentError([f"{path}: has no snapshots; give a file that PyPSA's export_to_netcdf wrote"])
    stamps = data["snapshots_snapshot"] if "snapshots_snapshot" in data else data["snapshots"]
    weights = pd.DataFrame(
        {name: data[f"snapshots_{name}"].values for name in ("objective", "stores") if f"snapshots_{name}" in data}
    )
    time, step_h = _hours(path, pd.Series(stamps.values), weights)
    static, series = {}, {}
    for component in COMPONENTS:
        if f"{component}_i" in data.coords:
            names = data[f"{component}_i"].values.astype(str)
            own = [str(name) for name in data.data_vars if re.match(rf"{component}_(?!t_|i$)", str(name))]
            own = [name for name in own if data[name].dims == (f"{component}_i",)]
            static[component] = pd.DataFrame(
                {name.removeprefix(f"{component}_"): data[name].values for name in own}, index=names
            )
        for name in data.data_vars:
            if str(name).startswith(f"{component}_t_"):
                attribute = str(name).removeprefix(f"{component}_t_")
                columns = data[f"{name}_i"].values.astype(str)
                series[component, attribute] = pd.DataFrame(data[name].values, columns=columns)
    meta = json.loads(str(data.attrs.get("meta", "{}")) or "{}")
    return Network(str(data.attrs.get("network_name", "")) or path.stem, time, step_h, static, series, meta)
