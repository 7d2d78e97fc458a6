"""Wind turbines: names and power curves of windpowerlib's library, as fractions of nameplate."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from windpowerlib import data, power_curves
from windpowerlib.wind_turbine import WindTurbine

from weather.canonical import WeatherError

LIBRARY_HUB_M = 100.0
"""windpowerlib asks for a hub height to load a curve; the curve does not depend on it."""


@dataclass(frozen=True)
class PowerCurve:
    """Power over nameplate, 0..1, at wind speeds in air of 1.225 kg/m³; nothing outside the given speeds.

    Both have shape (point,); speeds rise strictly, and the last one is the cut-out speed.
    """

    wind_speed_m_per_s: np.ndarray
    power: np.ndarray

    def __post_init__(self) -> None:
        speeds, power = np.asarray(self.wind_speed_m_per_s, float), np.asarray(self.power, float)
        if speeds.shape != power.shape or speeds.ndim != 1 or len(speeds) < 2:
            raise WeatherError("power curve: needs as many powers as wind speeds, at least two; give one power a speed")
        if not (np.isfinite(speeds).all() and np.isfinite(power).all()):
            raise WeatherError("power curve: holds values that are no numbers; give speeds in m/s and powers 0..1")
        if (np.diff(speeds) <= 0).any() or speeds[0] < 0:
            raise WeatherError("power curve: wind speeds must rise from at least 0 m/s; sort them")
        if power.min() < 0 or power.max() > 1:
            raise WeatherError("power curve: power must lie in 0..1 of nameplate; divide it by the nameplate power")
        object.__setattr__(self, "wind_speed_m_per_s", speeds)
        object.__setattr__(self, "power", power)


@lru_cache(maxsize=1)
def turbine_names() -> tuple[str, ...]:
    """Turbine types that have a measured or certified power curve in windpowerlib's library, sorted."""
    types = data.get_turbine_types(print_out=False)
    return tuple(sorted(types.loc[types["has_power_curve"], "turbine_type"]))


def check_turbine(name: str) -> None:
    """Raises WeatherError for a turbine type without a power curve, naming the nearest ones."""
    names = turbine_names()
    if name in names:
        return
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.4)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise WeatherError(f"{name}: no turbine type with a power curve; {len(names)} are known, e.g. N131/3000.{hint}")


@lru_cache(maxsize=32)
def power_curve_of(name: str) -> PowerCurve:
    """Power curve of a library turbine. Raises WeatherError for an unknown one."""
    check_turbine(name)
    turbine = WindTurbine(hub_height=LIBRARY_HUB_M, turbine_type=name)
    curve = turbine.power_curve
    power = curve["value"].to_numpy(float) / turbine.nominal_power
    return PowerCurve(curve["wind_speed"].to_numpy(float), np.clip(power, 0.0, 1.0))


def smoothed(curve: PowerCurve, turbulence: float) -> PowerCurve:
    """Curve of a whole farm, whose turbines do not all see the same wind: averaged over normally spread speeds.

    Parameters: turbulence: standard deviation of the wind speed among turbines over its mean, 0.05-0.2. The rising part
    is smoothed as if full power went on above the cut-out speed; the cut-out itself stays where it is.
    Source: Norgaard & Holttinen, Nordic Wind Power Conference 2004 (windpowerlib.power_curves.smooth_power_curve).
    """
    step, last = 0.5, curve.wind_speed_m_per_s[-1]
    speeds = np.arange(step, last + 15.0, step)
    power = np.interp(speeds, curve.wind_speed_m_per_s, curve.power, left=0.0)
    frame = power_curves.smooth_power_curve(
        pd.Series(speeds), pd.Series(power), standard_deviation_method="turbulence_intensity",
        turbulence_intensity=turbulence,
    )  # fmt: skip
    kept = frame["wind_speed"].to_numpy() <= last
    return PowerCurve(frame["wind_speed"].to_numpy()[kept], np.clip(frame["value"].to_numpy()[kept], 0.0, 1.0))
