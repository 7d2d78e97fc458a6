"""Weather files and services, one file per provider, one signature: read(path, *, year=None) -> Dataset."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import xarray as xr

from weather.canonical import WeatherError
from weather.sources.kinds import READERS, kind_of


def read(path: Path | str, *, kind: str | None = None, year: int | None = None) -> xr.Dataset:
    """A weather file as canonical Dataset (time,), UTC; its kind is found from the content unless `kind` names it.

    `year`: the calendar year a typical year is laid on (2025 unless given), or the year picked out of an actual
    series. Missing values stay NaN: `weather.quality.repair` finds and mends them.
    Raises WeatherError with every problem found, one a line.
    """
    kind = kind or kind_of(path)
    if kind not in READERS:
        raise WeatherError(f"{path}: kind '{kind}' is unknown; known are {', '.join(READERS)}")
    with _damage_told(path, kind):
        weather: xr.Dataset = import_module(READERS[kind], __name__).read(path, year=year)
    return weather


def read_nearest(path: Path | str, *, latitude: float, longitude: float) -> xr.Dataset:
    """A weather file as `read`; of a file with a grid of points the one nearest to a place. Raises WeatherError."""
    if kind_of(path) != "era5":
        return read(path)
    with _damage_told(path, "era5"):
        weather: xr.Dataset = import_module(READERS["era5"], __name__).read_nearest(
            path, latitude=latitude, longitude=longitude
        )
    return weather


@contextmanager
def _damage_told(path: Path | str, kind: str) -> Iterator[None]:
    """Errors of other packages' parsers as WeatherError: each has exceptions of its own for damaged files."""
    try:
        yield
    except WeatherError:
        raise
    except Exception as error:
        raise WeatherError(
            f"{path}: cannot be read as {kind} ({type(error).__name__}: {error}); mend or download it again"
        ) from error
