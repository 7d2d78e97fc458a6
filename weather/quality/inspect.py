"""Inspection of a weather file, as text for the terminal and as a figure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from weather.canonical import problems_of
from weather.quality.clock import clock_error_min
from weather.quality.gaps import gap_lengths
from weather.quality.inspect_plot import plot
from weather.quality.plausibility import clear_sky_ghi_w_per_m2, monthly_means
from weather.quality.radiation import CLOSURE_W_PER_M2, closure_rmse_w_per_m2, dni_is_capped
from weather.quality.repair import SMALLEST_CLOCK_ERROR_MIN, flags
from weather.site import standard_pressure_pa

__all__ = ["Inspection", "inspect", "plot"]
BRIGHT_W_PER_M2 = 50.0


@dataclass(frozen=True)
class Inspection:
    """Findings about one weather series; `text()` prints them."""

    path: str
    source: str
    place: str
    period: str
    steps: int
    step_h: float
    gaps: dict[str, tuple[int, float]]
    """Variable -> missing steps, longest gap [h]."""
    clock_error_min: float
    """Minutes the radiation is late against the sun; NaN where it is unknown."""
    dni_max_w_per_m2: float
    dni_capped: bool
    closure_w_per_m2: float
    """RMSE of GHI - (DHI + DNI cos z)."""
    clear_sky_ratio: float
    """GHI over a cloudless sky, the 95 % quantile of bright hours [-]; about 1 in a clear place."""
    above_clear_sky: float
    """Share of bright hours more than 15 % above a cloudless sky."""
    pressure_ratio: float
    """Mean pressure over the standard atmosphere at the elevation [-]."""
    monthly: pd.DataFrame
    """Twelve local months: GHI and DNI sums per day [kWh/m²], mean temperature [°C], humidity [-], wind [m/s]."""
    problems: list[str]
    warnings: list[str]
    repairs: list[str]

    def text(self) -> str:
        """Inspection as text, one finding a line, the months as a table."""
        lines = [f"{self.path or self.source}", f"  what       {self.source}", f"  place      {self.place}",
                 f"  period     {self.period}, {self.steps:,} steps of {self.step_h * 60:g} min"]  # fmt: skip
        gaps = [f"{name} {count} (longest {longest_h:g} h)" for name, (count, longest_h) in self.gaps.items()]
        lines.append(f"  gaps       {'; '.join(gaps) or 'none'}")
        lines.append(f"  clock      {self._clock()}")
        capped = "NOT to be trusted: capped, or it does not belong to GHI" if self.dni_capped else "plausible"
        lines.append(f"  DNI        largest {self.dni_max_w_per_m2:.0f} W/m2: {capped}")
        judged = "good" if self.closure_w_per_m2 <= CLOSURE_W_PER_M2 else "bad"
        lines.append(f"  closure    {self.closure_w_per_m2:.1f} W/m2 RMSE of GHI - (DHI + DNI cos z): {judged}")
        lines.append(
            f"  clear sky  clear hours reach {self.clear_sky_ratio:.2f} of a cloudless sky, "
            f"{self.above_clear_sky:.1%} of bright hours lie more than 15 % above it"
        )
        lines.append(f"  pressure   {self.pressure_ratio:.3f} of the standard atmosphere at this height")
        lines += [f"  problem    {problem}" for problem in self.problems]
        lines += [f"  {warning}" for warning in self.warnings]
        lines += [f"  done       {repair}" for repair in self.repairs if repair not in self.warnings]
        table = self.monthly.to_string(float_format=lambda number: f"{number:.2f}")
        return "\n".join([*lines, "", *(f"  {line}" for line in table.splitlines())])

    def _clock(self) -> str:
        if np.isnan(self.clock_error_min):
            return "unknown (under 60 days, or no course of the sun)"
        minutes = abs(self.clock_error_min)
        direction = "late" if self.clock_error_min > 0 else "early"
        if minutes < SMALLEST_CLOCK_ERROR_MIN:
            return f"right (radiation {minutes:.0f} min {direction}, within the accuracy)"
        return f"WRONG: radiation {minutes:.0f} min {direction} against the sun"


def inspect(weather: xr.Dataset, path: Path | str | None = None) -> Inspection:
    """Inspection of a canonical Dataset (time,), as it is: nothing is repaired."""
    attrs, index = weather.attrs, pd.DatetimeIndex(weather.indexes["time"])
    error_min = clock_error_min(weather)
    aligned_min = 0.0 if np.isnan(error_min) or abs(error_min) < SMALLEST_CLOCK_ERROR_MIN else error_min
    without_beam = bool(np.isnan(weather["dni_w_per_m2"].values).all())
    reach, above = _against_clear_sky(weather, aligned_min)
    return Inspection(
        path="" if path is None else str(path),
        source=_source(weather),
        place=f"{attrs['latitude']:.2f} N {attrs['longitude']:.2f} E, {attrs['elevation_m']:.0f} m, "
        f"{attrs['timezone']}, wind at {attrs['wind_height_m']:g} m",
        period=f"{index[0]} to {index[-1] + pd.Timedelta(hours=attrs['step_h'])} UTC",
        steps=len(index),
        step_h=float(attrs["step_h"]),
        gaps=_gaps(weather),
        clock_error_min=error_min,
        dni_max_w_per_m2=float(np.nanmax(weather["dni_w_per_m2"].values, initial=0.0)),
        dni_capped=without_beam or dni_is_capped(weather, clock_error_min=aligned_min),
        closure_w_per_m2=np.nan if without_beam else closure_rmse_w_per_m2(weather),
        clear_sky_ratio=reach,
        above_clear_sky=above,
        pressure_ratio=float(np.nanmean(weather["pressure_pa"].values)) / standard_pressure_pa(attrs["elevation_m"]),
        monthly=monthly_means(weather),
        problems=problems_of(weather),
        warnings=flags(weather),
        repairs=list(attrs.get("repairs", [])),
    )


def _source(weather: xr.Dataset) -> str:
    """Source with what kind of weather it is."""
    synthetic = ", synthetic" if weather.attrs["synthetic"] else ""
    typical = ", typical year" if weather.attrs.get("typical") else ""
    return f"{weather.attrs['source']}{synthetic}{typical}"


def _against_clear_sky(weather: xr.Dataset, error_min: float) -> tuple[float, float]:
    """The 95 % quantile of GHI over a cloudless sky in bright steps, and the share of them more than 15 % above it."""
    clear = clear_sky_ghi_w_per_m2(weather, clock_error_min=error_min)
    ratio = weather["ghi_w_per_m2"].values[clear > BRIGHT_W_PER_M2] / clear[clear > BRIGHT_W_PER_M2]
    ratio = ratio[~np.isnan(ratio)]
    if not ratio.size:
        return np.nan, np.nan
    return float(np.quantile(ratio, 0.95)), float((ratio > 1.15).mean())


def _gaps(weather: xr.Dataset) -> dict[str, tuple[int, float]]:
    gaps = {}
    for name, data in weather.data_vars.items():
        missing = np.isnan(data.values)
        if missing.any():
            longest_h = float(gap_lengths(missing).max()) * float(weather.attrs["step_h"])
            gaps[str(name)] = (int(missing.sum()), longest_h)
    return gaps
