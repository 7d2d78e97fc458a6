"""Wind farm: one turbine type at one hub height."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field, field_validator

from optimizer.technologies.base import Capacity, Outside
from optimizer.technologies.energy.generator import Generator
from optimizer.technologies.linear import Floats
from weather.canonical import WeatherError
from weather.wind import farm
from weather.wind.farm import check_turbine


class Wind(Generator):
    """Wind turbines. Output follows the turbine's power curve in the air's real density."""

    power_mw: Capacity
    """Nameplate power of the farm [MW], a number or a size to be found."""
    turbine: str = "N131/3000"
    """Turbine type of windpowerlib's library."""
    hub_height_m: float = Field(default=110.0, gt=0, le=250)
    """Height of the hub above ground."""
    hub_mean_m_per_s: float | None = Field(default=None, gt=0, le=20)
    """Year's mean wind speed at the hub to scale the weather to; none: as the weather file has it."""
    shear_exponent: float = Field(default=0.14, ge=0, le=0.6)
    """Growth of wind with height, power law."""
    wake_efficiency: float = Field(default=0.92, gt=0, le=1)
    """Share of energy left after the turbines have shaded one another."""
    availability: float = Field(default=0.97, gt=0, le=1)
    """Share of time the turbines are ready."""
    low_temperature_stop_c: float = Field(default=-30.0, ge=-60, le=0)
    """Below this air temperature the turbines stand still."""

    @field_validator("turbine")
    @classmethod
    def _exists(cls, name: str) -> str:
        try:
            check_turbine(name)
        except WeatherError as error:
            raise ValueError(str(error)) from error
        return name

    def capacity_mw(self) -> Capacity:
        return self.power_mw

    def sky(self, outside: Outside) -> Floats:
        options: dict[str, Any] = self.model_dump(
            include={
                "turbine", "hub_height_m", "hub_mean_m_per_s", "shear_exponent", "wake_efficiency", "availability",
                "low_temperature_stop_c",
            }
        )  # fmt: skip
        if self.hub_mean_m_per_s is not None:
            options["hub_mean_m_per_s"] = self.hub_mean_m_per_s * _windiness(outside)
        return np.asarray(farm.capacity_factor(outside.weather, **options), dtype=float)


def _windiness(outside: Outside) -> float:
    """How windy the plan's hours are against the whole weather they were taken from: a windy week stays a windy week."""
    here = float(outside.weather["wind_speed_m_per_s"].mean())
    return here / float(outside.weather.attrs.get("whole_mean_wind_m_per_s", here))
