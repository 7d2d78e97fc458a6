"""Repair of a weather series: found, repaired, and written down sentence by sentence."""

from __future__ import annotations

import numpy as np
import xarray as xr

from weather.canonical import LIMITS, WeatherError, problems_of, with_repair
from weather.quality.clock import clock_error_min, shift_radiation
from weather.quality.gaps import fill_gaps
from weather.quality.place import impossible_for_the_place
from weather.quality.radiation import dni_is_capped, redecompose_dni, without_night_radiation

SMALLEST_CLOCK_ERROR_MIN = 15.0
"""A smaller error is left: the estimate itself is good to 5-10 minutes, and moving radiation smooths it."""
CLOCK_GRID_MIN = 5.0
BEAM = ("dni_w_per_m2", "dhi_w_per_m2")
BEAM_KEPT = "warning: DNI and DHI do not close with GHI, or look cut off; kept, since they are said to be measured"
IMPOSSIBLE_SHARE = 0.01
"""More impossible values than this are a wrong unit, not a faulty sensor."""


def repair(weather: xr.Dataset, *, limit_h: float = 6.0, measured_beam: bool = False) -> xr.Dataset:
    """A complete, plausible copy of a canonical Dataset; every change is a sentence in `attrs["repairs"]`.

    In this order: impossible values become gaps; gaps are filled (`limit_h`: the longest that is interpolated);
    a DNI that is cut off or does not belong to its GHI is modelled anew; radiation that is 15 minutes or more off the
    sun is moved back; radiation at night goes. Flagged and left: a splice of years, a wind too weak for a wind farm.
    `measured_beam`: DNI and DHI were measured: they stay even where they do not close with GHI, and that is told.
    An ensemble (member, time) is repaired member by member. Raises WeatherError with all that cannot be repaired.
    """
    if "member" in weather.dims:
        return _repair_members(weather, limit_h, measured_beam)
    repaired = drop_impossible(weather)
    error_min = clock_error_min(repaired)
    if np.isnan(error_min) or abs(error_min) < SMALLEST_CLOCK_ERROR_MIN:
        error_min = 0.0
    error_min = CLOCK_GRID_MIN * round(error_min / CLOCK_GRID_MIN)
    others = [str(name) for name in repaired.data_vars if name not in BEAM]
    repaired = fill_gaps(repaired, names=others, limit_h=limit_h, clock_error_min=error_min)
    repaired = _fill_beam(repaired, error_min)
    if dni_is_capped(repaired, clock_error_min=error_min):
        repaired = (
            with_repair(repaired, BEAM_KEPT) if measured_beam else redecompose_dni(repaired, clock_error_min=error_min)
        )
    if error_min:
        repaired = shift_radiation(repaired, error_min)
    repaired = without_night_radiation(repaired)
    for flag in flags(repaired):
        if flag in repaired.attrs["repairs"]:
            continue
        repaired = with_repair(repaired, flag)
    problems = problems_of(repaired)
    if problems:
        raise WeatherError(problems)
    return repaired


def _repair_members(ensemble: xr.Dataset, limit_h: float, measured_beam: bool) -> xr.Dataset:
    """Repaired ensemble members; the sentences of all, each once."""
    members = [
        repair(ensemble.sel(member=number), limit_h=limit_h, measured_beam=measured_beam)
        for number in ensemble["member"]
    ]
    whole = xr.concat(members, dim="member")
    notes = [note for member in members for note in member.attrs["repairs"]]
    whole.attrs = {**ensemble.attrs, "repairs": list(dict.fromkeys(notes))}
    return whole


def drop_impossible(weather: xr.Dataset) -> xr.Dataset:
    """Values that cannot be on earth as gaps (NaN); small overshoots of sensors cut to the limit. Both noted.

    Overshoots: humidity up to 1.1, radiation down to -20 W/m² (pyranometers at night).
    Raises WeatherError where more than 1 % of a variable is impossible: then its unit is wrong.
    """
    cleaned, notes, problems = weather.copy(), [], []
    slack = {"relative_humidity": (0.0, 0.1), **dict.fromkeys(("ghi_w_per_m2", *BEAM), (20.0, 0.0))}
    for name, data in weather.data_vars.items():
        values = data.values
        low, high = LIMITS[str(name)]
        below, above = slack.get(str(name), (0.0, 0.0))
        impossible = (values < low - below) | (values > high + above)
        overshoot = ((values < low) | (values > high)) & ~impossible
        if impossible.mean() > IMPOSSIBLE_SHARE:
            at = int(np.argmax(impossible))
            problems.append(
                f"{name}: {int(impossible.sum()):,} values outside {low:g}..{high:g}, the first {values[at]:g} at "
                f"{weather.indexes['time'][at]} UTC; check its unit"
            )
        if impossible.any():
            at = int(np.argmax(impossible))
            notes.append(f"{name}: {int(impossible.sum())} impossible values taken as missing, first {values[at]:g}")
        if overshoot.any():
            notes.append(f"{name}: {int(overshoot.sum())} values just outside {low:g}..{high:g} cut to it")
        cleaned[name] = (data.dims, np.where(impossible, np.nan, np.clip(values, low, high)), data.attrs)
    if problems:
        raise WeatherError(problems)
    for note in notes:
        cleaned = with_repair(cleaned, note)
    return cleaned


def _fill_beam(weather: xr.Dataset, error_min: float) -> xr.Dataset:
    """Missing DNI or DHI modelled from the GHI of the same step: better than any neighbour in time."""
    missing = np.isnan(weather[BEAM[0]].values) | np.isnan(weather[BEAM[1]].values)
    if not missing.any():
        return weather
    modelled = redecompose_dni(weather, clock_error_min=error_min)
    filled = weather.copy()
    for name in BEAM:
        filled[name] = ("time", np.where(missing, modelled[name].values, weather[name].values), weather[name].attrs)
    return with_repair(filled, f"DNI and DHI of {int(missing.sum())} steps modelled from GHI (Erbs-Driesse): missing")


def flags(weather: xr.Dataset) -> list[str]:
    """Warnings that change nothing: a splice of years, wind of a sheltered 10 m station, what cannot be at that place."""
    own = [flag for flag in (_splice_flag(weather), _weak_wind_flag(weather)) if flag]
    return [*impossible_for_the_place(weather), *own]


def _splice_flag(weather: xr.Dataset) -> str | None:
    """First hours of a typical year may belong to another year than the next: flagged, never smoothed."""
    first = weather.isel(time=slice(0, 4))
    jump_k = np.abs(np.diff(first["dry_bulb_c"].values))
    jump_humidity = np.abs(np.diff(first["relative_humidity"].values))
    spliced = (jump_k > 4.0) & (jump_humidity > 0.3)
    if not weather.attrs.get("typical", 0) or not spliced.any():
        return None
    at = int(np.argmax(spliced))
    return (
        f"warning: two years are spliced at {first.indexes['time'][at + 1]} UTC: temperature jumps by "
        f"{jump_k[at]:.1f} K and humidity by {jump_humidity[at]:.2f} in one step; left as it is"
    )


NO_FARM = "no wind-farm site"


def is_of_weak_wind(note: str) -> bool:
    """Whether a note is the warning of a sheltered station's wind, which says nothing where the wind is calibrated."""
    return NO_FARM in note


def _weak_wind_flag(weather: xr.Dataset) -> str | None:
    """A mean below 2.5 m/s or more than 10 % calm at 10 m is a town or an airport, not a wind farm."""
    wind = weather["wind_speed_m_per_s"].values
    mean, calm = float(wind.mean()), float((wind < 0.5).mean())
    if weather.attrs["wind_height_m"] > 20 or (mean >= 2.5 and calm <= 0.1):
        return None
    return (
        f"warning: wind at {weather.attrs['wind_height_m']:g} m has a mean of {mean:.2f} m/s and {calm:.0%} calm: "
        "no wind-farm site; calibrate it to the hub-height mean or to full-load hours"
    )
