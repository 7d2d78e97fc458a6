"""The id of a plan: a hash of everything that decides it. Same inputs, same id, so a second run publishes nothing new."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

PACKAGE = Path(__file__).resolve().parents[1]


def digest(value: object) -> str:
    """SHA-256 of plain data, as canonical JSON."""
    text = json.dumps(value, sort_keys=True, default=_plain, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)


def digest_of_dataset(dataset: xr.Dataset) -> str:
    """SHA-256 of a Dataset's times and values."""
    total = hashlib.sha256()
    total.update(str(pd.DatetimeIndex(dataset.indexes["time"]).as_unit("ns").asi8.tolist()).encode())
    for name in sorted(map(str, dataset.data_vars)):
        total.update(name.encode())
        total.update(np.ascontiguousarray(dataset[name].values, dtype=float).tobytes())
    return total.hexdigest()


def digest_of_files(settings: object) -> str:
    """SHA-256 of the contents of every file that settings name (plain data, absolute paths)."""
    digests: dict[str, str] = {}

    def look(value: object) -> None:
        if isinstance(value, dict | list):
            for inner in value.values() if isinstance(value, dict) else value:
                look(inner)
        elif isinstance(value, str) and value.startswith("/") and Path(value).is_file():
            digests[value] = hashlib.sha256(Path(value).read_bytes()).hexdigest()

    look(settings)
    return digest(digests)


@cache
def digest_of_program() -> str:
    """SHA-256 of the program's own source: another program may make another plan.

    Read once a process: source that is edited while it runs is not the program that runs.
    """
    total = hashlib.sha256()
    for folder in (PACKAGE, PACKAGE.parent / "weather"):
        for path in sorted(folder.rglob("*.py")):
            total.update(path.relative_to(folder).as_posix().encode())
            total.update(path.read_bytes())
    return total.hexdigest()


def plan_id(inputs: Mapping[str, str]) -> str:
    """Twelve hexadecimal digits of all inputs' hashes together."""
    return digest(dict(inputs))[:12]
