"""netCDF-4 files with damage in their head: refused in words, and nothing is printed when they are closed."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import h5py
import pytest
import xarray as xr

from optimizer.plan.results_file import load_results
from weather.canonical import WeatherError
from weather.files.netcdf import refuse_damaged
from weather.sources import era5


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A file that HDF5 opens and whose attributes it cannot read."""
    path = tmp_path / "weather.nc"
    xr.Dataset({"t2m": ("time", [1.0])}).to_netcdf(path, engine="h5netcdf")
    content = bytearray(path.read_bytes())
    for offset in range(len(content)):
        spoiled = bytes(content[:offset]) + b"\xff" + bytes(content[offset + 1 :])
        path.write_bytes(spoiled)
        try:
            file = h5py.File(path, "r")
        except OSError:
            continue
        with file:
            try:
                file.attrs.get("_nc3_strict")
            except Exception:  # whatever HDF5 says: this is the file sought
                return path
    pytest.skip("no byte of it is read with the attributes alone")


def test_a_damaged_head_is_refused_in_words(damaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reader has its own error, and no exception is left to the end of the object."""
    left: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", left.append)
    with pytest.raises(OSError, match="damaged"):
        refuse_damaged(damaged)
    with pytest.raises(WeatherError, match="cannot be opened as netCDF"):
        era5.read(damaged)
    with pytest.raises(OSError, match="not a results file, or a broken one"):
        load_results(damaged)
    gc.collect()
    assert left == []
