"""Damaged netCDF-4 files, found before h5netcdf opens them: what it half opened it cannot close, and says so on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import h5py


def refuse_damaged(source: BinaryIO | Path) -> None:
    """A netCDF-4 file whose head can be read. Raises OSError."""
    try:
        with h5py.File(source, "r") as file:
            file.attrs.get("_nc3_strict")
    except (KeyError, RuntimeError, ValueError) as error:  # HDF5's other words for damage
        raise OSError(f"damaged: {error}") from error
