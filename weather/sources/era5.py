"""ERA5 single-level files (netCDF) from the Climate Data Store, old (time) or new (valid_time) layout.

Radiation is accumulated over the hour that ENDS at the stamp [J/m²]; the rest is at the stamp. Parts of the newest
months come as a second `expver`, which is merged. Latitudes may fall, longitudes may run 0..360.
Format: ECMWF, "ERA5: data documentation".
"""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pandas as pd
import xarray as xr

from weather.calendar import offset_name, solar_offset_h
from weather.canonical import WeatherError, make_weather
from weather.files.netcdf import refuse_damaged
from weather.files.plain import MEGABYTE, UnusableFileError, plain_bytes
from weather.site import saturation_pressure_pa
from weather.sources import checks
from weather.sources.actual import pick_year
from weather.sun.position import fine_cosines

NEEDED: Final = ("ssrd", "fdir", "t2m", "d2m", "sp", "u10", "v10")
LONG_NAMES: Final = {
    "surface_solar_radiation_downwards": "ssrd", "total_sky_direct_solar_radiation_at_surface": "fdir",
    "2m_temperature": "t2m", "2m_dewpoint_temperature": "d2m", "surface_pressure": "sp",
    "10m_u_component_of_wind": "u10", "10m_v_component_of_wind": "v10", "100m_u_component_of_wind": "u100",
    "100m_v_component_of_wind": "v100", "geopotential": "z",
}  # fmt: skip
MOST_MB: Final = 2000.0
GRAVITY_M_PER_S2: Final = 9.80665
KELVIN: Final = 273.15


def read(path: Path | str, *, year: int | None = None) -> xr.Dataset:
    """An ERA5 file of ONE grid point as canonical Dataset; `year` picks one calendar year (solar standard time).

    The file may be netCDF of either kind, or the zip the store delivers (a member of instants, one of sums); of two
    unpacked members either may be named, the other is found beside it. The last hour is left out: its radiation would
    stand in the next file. Wind at 100 m becomes the high wind.
    Raises WeatherError for a file that is no netCDF, lacks variables, or holds several points (use `read_point`).
    """
    return _read(path, year=year, point=None)


def read_point(path: Path | str, *, latitude: float, longitude: float, year: int | None = None) -> xr.Dataset:
    """Grid point of an ERA5 file nearest to a place, as `read`. Raises WeatherError outside its area."""
    return _read(path, year=year, point=(latitude, longitude))


def read_nearest(path: Path | str, *, latitude: float, longitude: float) -> xr.Dataset:
    """Only grid point of an ERA5 file, wherever it lies, or of several the one nearest to a place."""
    grid = _grid(path)
    single_point = all(grid[name].size == 1 for name in ("latitude", "longitude") if name in grid.coords)
    return _read(path, year=None, point=None if single_point else (latitude, longitude))


def _members(path: Path | str) -> list[xr.Dataset]:
    """Datasets of an ERA5 download: every netCDF of a zip, or the file itself with its other member beside it."""
    content = _bytes(path)
    if content.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                inside = [member for member in packed.infolist() if member.filename.endswith((".nc", ".nc4"))]
                if sum(member.file_size for member in inside) > MOST_MB * MEGABYTE:
                    raise WeatherError(
                        f"{path}: unpacks to over {MOST_MB:,.0f} MB; cut it to the place and time needed"
                    )
                grids = [_opened(f"{path}/{member.filename}", packed.read(member)) for member in inside]
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
            raise WeatherError(f"{path}: a zip that breaks off or is damaged ({error}); download it again") from error
        if not grids:
            raise WeatherError(f"{path}: a zip without netCDF files; ask the store for netCDF")
        return grids
    first = _opened(path, content)
    other = _other_member(Path(path))
    return [first] if other is None else [first, _opened(other, _bytes(other))]


def _other_member(path: Path) -> Path | None:
    """File of sums beside that of instants, or the other way round."""
    for name, other in (("instant", "accum"), ("accum", "instant")):
        if name in path.name and path.with_name(path.name.replace(name, other)).is_file():
            return path.with_name(path.name.replace(name, other))
    return None


def _bytes(path: Path | str) -> bytes:
    try:
        return plain_bytes(path, most_mb=MOST_MB)
    except (UnusableFileError, OSError) as error:
        raise WeatherError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error


def _opened(path: Path | str, content: bytes) -> xr.Dataset:
    """A netCDF-4 or a classic netCDF in memory. Raises WeatherError for anything else."""
    engine: Literal["scipy", "h5netcdf"] = "scipy" if content.startswith(b"CDF") else "h5netcdf"
    try:
        if engine == "h5netcdf":
            refuse_damaged(io.BytesIO(content))
        with xr.open_dataset(io.BytesIO(content), engine=engine) as file:
            grid = file.load()
    except Exception as error:  # each engine has exceptions of its own for damaged files
        raise WeatherError(
            f"{path}: cannot be opened as netCDF ({type(error).__name__}: {error}); download it again"
        ) from error
    grid = grid.rename({name: short for name, short in LONG_NAMES.items() if name in grid})
    if "valid_time" in grid.coords:
        grid = grid.drop_vars("time", errors="ignore").rename(valid_time="time")
    return grid.drop_vars([name for name in ("number", "expver") if name in grid.coords and not grid[name].dims])


def _grid(path: Path | str) -> xr.Dataset:
    """Grid of an ERA5 file, all its members merged."""
    try:
        grid: xr.Dataset = xr.merge(_members(path), join="inner", compat="override", combine_attrs="drop")
    except (ValueError, TypeError) as error:
        raise WeatherError(f"{path}: its members do not fit together ({error}); ask for them in one request") from error
    return grid


def _read(path: Path | str, *, year: int | None, point: tuple[float, float] | None) -> xr.Dataset:
    grid = _grid(path)
    problems = [
        f"{path}: variable '{name}' is missing; add it to the request, or give the zip with all members as it was delivered"
        for name in NEEDED
        if name not in grid
    ]
    problems += [f"{path}: no {name}" for name in ("time", "latitude", "longitude") if name not in grid.coords]
    checks.raise_if(problems)
    series = _one_point(path, _merge_versions(grid), point)
    if not isinstance(series.indexes["time"], pd.DatetimeIndex):
        raise WeatherError(f"{path}: its times are no dates; ask the store for netCDF anew")
    checks.raise_if(checks.time_problems(path, pd.DatetimeIndex(series.indexes["time"])))
    weather = _canonical(series)
    return weather if year is None else pick_year(weather, year)


def _merge_versions(grid: xr.Dataset) -> xr.Dataset:
    """Merged series where the file holds final (expver 1) and preliminary (expver 5) parts side by side."""
    if "expver" not in grid.dims:
        return grid.drop_vars("expver", errors="ignore")
    parts = [grid.isel(expver=at, drop=True) for at in range(grid.sizes["expver"])]
    merged = parts[0]
    for part in parts[1:]:
        merged = merged.combine_first(part)
    return merged.drop_vars("expver", errors="ignore")


def _one_point(path: Path | str, grid: xr.Dataset, point: tuple[float, float] | None) -> xr.Dataset:
    """Series of one grid point, with longitudes -180..180."""
    grid = grid.assign_coords(longitude=(grid["longitude"] + 180) % 360 - 180)
    sizes = {name: grid[name].size for name in ("latitude", "longitude")}
    if point is None:
        if max(sizes.values()) > 1:
            raise WeatherError(
                f"{path}: {sizes['latitude']} x {sizes['longitude']} grid points; cut the file to one, or call "
                "weather.sources.era5.read_point(path, latitude=..., longitude=...)"
            )
        return grid.squeeze(("latitude", "longitude")) if "latitude" in grid.dims else grid
    place = dict(zip(("latitude", "longitude"), point, strict=True))
    for name, requested_deg in place.items():
        nearest = float(np.abs(grid[name].values - requested_deg).min())
        if nearest > 0.5:
            raise WeatherError(
                f"{path}: {name} {requested_deg:g} lies {nearest:.2f} degrees outside the file; cut it wider"
            )
        grid = grid.isel({name: int(np.abs(grid[name].values - requested_deg).argmin())}) if name in grid.dims else grid
    return grid


def _canonical(series: xr.Dataset) -> xr.Dataset:
    """Units, interval starts, derived DNI and humidity."""
    stamps = pd.DatetimeIndex(series.indexes["time"])
    step_h = float((stamps[1] - stamps[0]) / pd.Timedelta(hours=1))
    latitude, longitude = float(series["latitude"]), float(series["longitude"])
    at_stamp = series.isel(time=slice(0, -1))
    ending = series.isel(time=slice(1, None))
    index = stamps[:-1]
    ghi, beam = (np.maximum(ending[name].values, 0.0) / (step_h * 3600) for name in ("ssrd", "fdir"))
    cosines = np.maximum(fine_cosines(index, step_h=step_h, latitude=latitude, longitude=longitude), 0.0).mean(axis=1)
    dni = np.where(cosines > 0.02, np.minimum(beam / np.maximum(cosines, 0.02), 1300.0), 0.0)
    dry_bulb_c, dew_point_c = (at_stamp[name].values - KELVIN for name in ("t2m", "d2m"))
    values = {
        "ghi_w_per_m2": ghi,
        "dni_w_per_m2": dni,
        "dhi_w_per_m2": np.maximum(ghi - beam, 0.0),
        "dry_bulb_c": dry_bulb_c,
        "relative_humidity": np.minimum(saturation_pressure_pa(dew_point_c) / saturation_pressure_pa(dry_bulb_c), 1.0),
        "pressure_pa": at_stamp["sp"].values,
        "wind_speed_m_per_s": np.hypot(at_stamp["u10"].values, at_stamp["v10"].values),
    }
    if "u100" in series and "v100" in series:
        values["wind_speed_high_m_per_s"] = np.hypot(at_stamp["u100"].values, at_stamp["v100"].values)
    weather = make_weather(
        index, values, source="ERA5", latitude=latitude, longitude=longitude, elevation_m=_elevation_m(series),
        timezone=offset_name(solar_offset_h(longitude)), typical=0,
    )  # fmt: skip
    if "wind_speed_high_m_per_s" in values:
        weather.attrs["wind_height_high_m"] = 100.0
    return weather


def _elevation_m(series: xr.Dataset) -> float:
    """Height of the model's ground: its geopotential, else the standard atmosphere at the mean pressure (ISO 2533)."""
    if "z" in series:
        return float(np.nanmean(series["z"].values)) / GRAVITY_M_PER_S2
    mean_pa = float(np.nanmean(series["sp"].values))
    return float((1.0 - (mean_pa / 101_325.0) ** (1 / 5.25588)) / 2.25577e-5)
