"""Weather files and services, one file per provider, one signature: read(path, *, year=None) -> Dataset."""

from __future__ import annotations

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
    weather: xr.Dataset = import_module(READERS[kind]).read(path, year=year)
    return weather
