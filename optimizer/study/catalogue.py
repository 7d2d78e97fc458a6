"""The catalogue of a study's runs: one row a run in sqlite3, made from the run folders and rebuildable from them at will.

Only the coordinator writes it, to a file aside which it then renames; manifests stay the truth. Reading one hourly series
over many runs goes past xarray, straight to HDF5.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimizer.files.single import write_file, write_into
from optimizer.quantities.spreadsheet import without_formulas
from optimizer.study.shapes import Manifest
from optimizer.study.store import manifests, run_folder, study_root

Floats = NDArray[np.float64]
Value = str | float | None
FILE = "index.sqlite"


class CatalogueError(Exception):
    """Invalid query of the catalogue; the text says why and what to do."""


def row_of(manifest: Manifest) -> dict[str, Value]:
    """Catalogue row of a run: its identity, its factors, its metrics."""
    row: dict[str, Value] = {"id": manifest["id"], "label": manifest["label"], "part": manifest["part"]}
    row |= {"case": manifest["case"], "weather": manifest["weather"]}
    row["status"] = str(manifest["summary"]["status"])
    row |= {f"factor.{name}": _plain(value) for name, value in manifest["factors"].items()}
    row |= {name: float(value) for name, value in manifest["metrics"].items()}
    row["seconds"] = float(manifest["seconds"])
    return row


def _plain(value: object) -> Value:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def rebuild(root: Path) -> int:
    """Make the catalogue anew from the run folders; returns how many runs there are. Raises OSError."""
    return write_rows(root, [row_of(manifest) for _, manifest in manifests(root)])


def write_rows(root: Path, rows: Sequence[Mapping[str, Value]]) -> int:
    """Write the catalogue of `root`: one row a run, a column for every key that any row has."""
    columns = list(dict.fromkeys(key for row in rows for key in row)) or ["id"]

    def fill(path: Path) -> None:
        with closing(sqlite3.connect(path)) as base, base:
            declared = ", ".join(f"{_quoted(name)} {'TEXT PRIMARY KEY' if name == 'id' else ''}" for name in columns)
            base.execute(f"CREATE TABLE runs ({declared})")
            marks = ", ".join("?" * len(columns))
            base.executemany(
                f"INSERT INTO runs VALUES ({marks})", ([row.get(name) for name in columns] for row in rows)
            )

    write_into(study_root(root), FILE, fill)
    return len(rows)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def select(root: Path, where: str = "", *, order: str = "", columns: Iterable[str] = ()) -> pd.DataFrame:
    """Rows of the catalogue, one a run. `where` and `order` are SQL on column names ("pue" < 1.2). Raises CatalogueError."""
    file = root / FILE
    if not file.is_file():
        raise CatalogueError(f"{file}: no catalogue yet; make it with: qaidam study index {root}")
    names = ", ".join(_quoted(name) for name in columns) or "*"
    text = f"SELECT {names} FROM runs" + (f" WHERE {where}" if where else "") + (f" ORDER BY {order}" if order else "")
    try:
        # read-only: a question must not change anything
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as base:
            return pd.read_sql_query(text, base)
    except (sqlite3.Error, pd.errors.DatabaseError) as error:
        raise CatalogueError(f"{text}: {error}; names with a dot or a space need double quotes") from error


def runs_of(root: Path, where: str = "", *, order: str = "") -> pd.DataFrame:
    """Runs of a study's folder as a table, one row a run, from a catalogue made anew. Raises CatalogueError, OSError."""
    rebuild(root)
    return select(root, where, order=order)


def export(root: Path, path: Path, *, force: bool = False) -> int:
    """Write the catalogue as .csv or .parquet; returns the number of rows. Raises CatalogueError, NotOursError, OSError."""
    table = select(root)
    if path.suffix == ".csv":
        write_file(path, lambda aside: without_formulas(table).to_csv(aside, index=False), force=force)
    elif path.suffix == ".parquet":
        try:
            write_file(path, table.to_parquet, force=force)
        except ImportError as error:
            raise CatalogueError(
                "Parquet needs pyarrow, which is not installed; install it or export to .csv"
            ) from error
    else:
        raise CatalogueError(f"{path}: ends neither with .csv nor with .parquet")
    return len(table)


def hourly(root: Path, names: Sequence[str], variable: str, **labels: str) -> Floats:
    """Hourly series of many runs, shape (runs, time): `hourly(root, ids, "flow", asset="tie", flow="import")`.

    Labels are those of the variable's columns: `site`, `asset`, `bus`, `flow` or `quantity`, ...; several columns that fit
    are added up. Raises CatalogueError if a run has none, OSError if its file cannot be read.
    """
    return np.array([_series_of(run_folder(root, name) / "series.nc", variable, labels) for name in names])


def _series_of(path: Path, variable: str, labels: Mapping[str, str]) -> Floats:
    with h5py.File(path, "r") as file:
        if variable not in file:
            raise CatalogueError(f"{path}: no variable '{variable}'")
        columns = np.flatnonzero(
            np.all([known == labels[name].encode() for name, known in _labels(file, variable, labels)], axis=0)
        )
        if not len(columns):
            raise CatalogueError(f"{path}: {variable} has no column with {dict(labels)}")
        return np.asarray(sum(file[variable][:, int(column)] for column in columns), dtype=float)


COLUMN_OF = {"flow": "series", "stored": "store", "metered": "meter", "shortfall": "promise", "price": "balance"}
PLAIN = ("site", "asset", "member", "technology", "bus")


def _labels(file: h5py.File, variable: str, labels: Mapping[str, str]) -> Iterator[tuple[str, NDArray[np.object_]]]:
    dimension = COLUMN_OF[variable]
    for name in labels:
        plain = dimension == "series" and name in PLAIN
        key = name if plain else f"{dimension}_{name}"
        if key not in file:
            raise CatalogueError(f"{variable} has no label '{name}'")
        yield name, file[key][:]
