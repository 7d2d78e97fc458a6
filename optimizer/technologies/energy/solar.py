"""Sun field: fixed tilt or a single axis that follows the sun."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import Field

from optimizer.technologies.base import Capacity, Outside, Settings
from optimizer.technologies.energy.generator import Generator
from optimizer.technologies.linear import Floats
from weather.solar import field


class FixedTilt(Settings):
    """Modules on a fixed rack."""

    kind: Literal["fixed"] = "fixed"
    """Fixed rack."""
    tilt_deg: float = Field(ge=0, le=90)
    """Slope of the modules against the ground."""
    azimuth_deg: float | None = Field(default=None, ge=0, lt=360)
    """Where they face: 90 east, 180 south, 270 west; none: the equator, south of it north."""

    def faces_deg(self, latitude: float) -> float:
        """Azimuth of the modules at a latitude [deg]."""
        towards_equator = 180.0 if latitude >= 0 else 0.0
        return towards_equator if self.azimuth_deg is None else self.azimuth_deg


class Tracker(Settings):
    """Modules on a horizontal single axis, with backtracking."""

    kind: Literal["tracker"]
    """Single-axis tracker."""
    axis_azimuth_deg: float = Field(default=180.0, ge=0, lt=360)
    """Direction of the axis; 180: north–south."""
    max_angle_deg: float = Field(default=60.0, gt=0, le=90)
    """Largest rotation from flat."""
    ground_coverage_ratio: float = Field(default=0.35, gt=0, lt=1)
    """Module width over row distance."""


class Solar(Generator):
    """Photovoltaic field. Capacity is DC peak power; output is AC after inverter and losses."""

    peak_power_mw: Capacity
    """DC peak power [MW], a number or a size to be found."""
    mount: FixedTilt | Tracker = Field(default=FixedTilt(tilt_deg=30.0), discriminator="kind")
    """Rack or tracker."""
    dc_ac_ratio: float = Field(default=1.2, gt=0, le=3)
    """DC peak power over inverter rating."""
    losses: float = Field(default=0.14, ge=0, lt=1)
    """Share of DC energy lost to soiling, wiring, mismatch and availability."""
    bifacial_gain: float = Field(default=0.0, ge=0, le=0.5)
    """Extra irradiance on the back as a share of the front's."""
    albedo: float = Field(default=0.2, ge=0, le=1)
    """Reflectivity of the ground."""

    def capacity_mw(self) -> Capacity:
        return self.peak_power_mw

    def weather_capacity_factor(self, outside: Outside) -> Floats:
        options: dict[str, Any] = {
            "dc_ac_ratio": self.dc_ac_ratio,
            "losses": self.losses,
            "bifacial_gain": self.bifacial_gain,
            "albedo": self.albedo,
        }
        mount = self.mount
        if isinstance(mount, FixedTilt):
            factor = field.fixed_tilt_capacity_factor(
                outside.weather, tilt_deg=mount.tilt_deg, azimuth_deg=mount.faces_deg(outside.site.latitude), **options
            )
        else:
            factor = field.tracker_capacity_factor(
                outside.weather,
                axis_azimuth_deg=mount.axis_azimuth_deg,
                max_angle_deg=mount.max_angle_deg,
                ground_coverage_ratio=mount.ground_coverage_ratio,
                **options,
            )
        return np.asarray(factor, dtype=float)
