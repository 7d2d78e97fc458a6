"""Wind farm: one turbine type at one hub height."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import xarray as xr
from pydantic import Field, field_validator, model_validator

from optimizer.technologies.base import Capacity, Outside, Site
from optimizer.technologies.energy.generator import Generator
from optimizer.technologies.linear import Floats
from weather.canonical import WeatherError
from weather.wind import farm
from weather.wind.altitude import highest_output
from weather.wind.farm import check_turbine
from weather.wind.hub import hub_wind_m_per_s
from weather.wind.hub_climate import HubClimate, hub_climate_of, region_at
from weather.wind.hub_wind import climate_with_own_months, refuse_implausible


class Wind(Generator):
    """Wind turbines. Output follows the turbine's power curve in the air's real density."""

    power_mw: Capacity
    """Nameplate power of the farm [MW], a number or a size to be found."""
    turbine: str = "N131/3000"
    """Turbine type of windpowerlib's library."""
    hub_height_m: float = Field(default=110.0, gt=0, le=250)
    """Height of the hub above ground."""
    hub_wind: Literal["climate", "file"] = "climate"
    """`climate`: ranks of the file's wind mapped onto the hub's own law and daily course (unless the weather has wind at two
    heights); `file`: the file's wind by shear, refused where it stays a town's wind.
    """
    hub_region: str | None = None
    """Region of scenarios/winds/hub_climates.csv whose ranges are the defaults of the next four; none: by the site's place."""
    hub_mean_m_per_s: float | None = Field(default=None, gt=0, le=20)
    """Year's mean wind speed at the hub; none: the region's, or as the file has it."""
    hub_weibull_k: float | None = Field(default=None, ge=1.3, le=4)
    """Weibull shape of the year's wind at the hub; none: the region's."""
    hub_hour_of_max: float | None = Field(default=None, ge=0, le=24)
    """Local hour at which the hub's wind is strongest on average; none: the region's."""
    hub_day_amplitude: float | None = Field(default=None, ge=0, le=0.5)
    """Half range of the hub's daily course over its mean; none: the region's."""
    hub_months: Literal["file", "region"] = "file"
    """Whose monthly course the hub has."""
    full_load_hours: float | None = Field(default=None, gt=0, le=6000)
    """Output of a year after losses that the wind is fitted to, instead of a mean."""
    shear_exponent: float | None = Field(default=None, ge=0, le=0.6)
    """Growth of wind with height, power law, for `hub_wind: file`; none: both heights where the weather has two, else 0.14."""
    plateau_version: bool = True
    """Converter built for the height (NB/T 31074); without, it gives 1 % less per 100 m above 1,000 m."""
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

    @field_validator("hub_region")
    @classmethod
    def _region_exists(cls, region: str | None) -> str | None:
        try:
            return region if region is None or hub_climate_of(region) else None
        except WeatherError as error:
            raise ValueError(str(error)) from error

    @model_validator(mode="after")
    def _one_target(self) -> Wind:
        if self.hub_mean_m_per_s is not None and self.full_load_hours is not None:
            raise ValueError("hub_mean_m_per_s and full_load_hours: give one of the two")
        return self

    def weather_capacity_factor(self, outside: Outside) -> Floats:
        weather, options = outside.weather, self._options(outside)
        if self.hub_wind == "climate" and "wind_speed_high_m_per_s" not in weather:
            options["climate"] = self.hub_climate(outside.site, weather)
        else:
            scaled = self.hub_mean_m_per_s
            options |= {"shear_exponent": self.shear_exponent}
            options["hub_mean_m_per_s"] = None if scaled is None else scaled * _windiness(weather)
            self._refuse_a_town(weather)
        return np.asarray(farm.capacity_factor(weather, **options), dtype=float)

    def _options(self, outside: Outside) -> dict[str, Any]:
        options: dict[str, Any] = self.model_dump(
            include={
                "turbine", "hub_height_m", "hub_mean_m_per_s", "full_load_hours", "wake_efficiency", "availability",
                "low_temperature_stop_c",
            }
        )  # fmt: skip
        height = highest_output(outside.site.elevation_m, plateau_version=self.plateau_version)
        return options | {"highest_output": height}

    def hub_climate(self, site: Site, weather: xr.Dataset) -> HubClimate:
        """Wind climate at the hub: the region's middle, with what is given here in its place."""
        base = hub_climate_of(self.hub_region or region_at(site.latitude, site.longitude))
        climate = HubClimate(
            base.mean_m_per_s if self.hub_mean_m_per_s is None else self.hub_mean_m_per_s,
            base.weibull_k if self.hub_weibull_k is None else self.hub_weibull_k,
            base.hour_of_max if self.hub_hour_of_max is None else self.hub_hour_of_max,
            base.day_amplitude if self.hub_day_amplitude is None else self.hub_day_amplitude,
            base.month_factors,
            base.source,
        )
        return climate if self.hub_months == "region" else climate_with_own_months(climate, weather)

    def _refuse_a_town(self, weather: xr.Dataset) -> None:
        speed = hub_wind_m_per_s(
            weather, hub_height_m=self.hub_height_m, shear_exponent=self.shear_exponent, roughness_length_m=None
        )
        if self.hub_mean_m_per_s is not None:
            speed = speed * farm.scale_to_mean(speed, self.hub_mean_m_per_s * _windiness(weather))
        refuse_implausible(weather, speed)


def _windiness(weather: xr.Dataset) -> float:
    """Mean wind of the plan's hours over that of the whole weather they were taken from: a windy week stays windy."""
    mean_m_per_s = float(weather["wind_speed_m_per_s"].mean())
    return mean_m_per_s / float(weather.attrs.get("whole_mean_wind_m_per_s", mean_m_per_s))
