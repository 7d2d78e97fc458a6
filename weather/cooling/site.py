"""A whole site hour by hour: IT load and weather in, facility power, PUE and water out; what a plan is judged by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from weather.cooling.demand import Mode, PlantDemand, first_feasible
from weather.cooling.indirect_evaporative import DRY_OR_WET
from weather.cooling.liquid_loop import DRY_COOLER_ONLY
from weather.cooling.power_losses import transformer_loss_mw, ups_loss_mw
from weather.cooling.presets import SitePreset
from weather.cooling.psychrometrics import FloatArray


@dataclass(frozen=True)
class Facility:
    """Power [MW] and water [m³/h] of a site; arrays have the shape of load and weather, broadcast."""

    it_mw: FloatArray
    ups_loss_mw: FloatArray
    transformer_loss_mw: FloatArray
    misc_mw: float
    air_heat_mw: FloatArray
    liquid_heat_mw: FloatArray
    air: PlantDemand
    liquid: PlantDemand | None

    @property
    def mechanical_mw(self) -> FloatArray:
        """Cooling and misc, without the electrical losses [MW]: the boundary of sites that meter behind the UPS."""
        return np.asarray(self.air.power_mw + self.misc_mw + (self.liquid.power_mw if self.liquid else 0.0))

    @property
    def power_mw(self) -> FloatArray:
        """Electric power drawn from the grid [MW]."""
        return np.asarray(self.it_mw + self.ups_loss_mw + self.transformer_loss_mw + self.mechanical_mw)

    @property
    def water_m3_per_h(self) -> FloatArray:
        """Cooling water of the whole site [m³/h]."""
        return np.asarray(self.air.water_m3_per_h + (self.liquid.water_m3_per_h if self.liquid else 0.0))

    @property
    def pue(self) -> FloatArray:
        """Power usage effectiveness, facility / IT power [-]."""
        return np.asarray(self.power_mw / self.it_mw)

    @property
    def wue_l_per_kwh(self) -> FloatArray:
        """Water usage effectiveness, site water / IT energy [L/kWh], equal to m³/MWh."""
        return np.asarray(self.water_m3_per_h / self.it_mw)


def air_heat_mw(it_mw: ArrayLike, *, design_it_mw: float, preset: SitePreset) -> FloatArray:
    """Heat the hall air must carry [MW]: the servers' air share, most of the UPS loss, half of lights and controls."""
    ups = ups_loss_mw(it_mw, design_it_mw=design_it_mw, ups=preset.ups)
    misc_mw = preset.misc_heat_to_air * preset.misc * design_it_mw
    return np.asarray(
        (1 - preset.liquid_share) * np.asarray(it_mw, dtype=float) + preset.ups.heat_to_air * ups + misc_mw
    )


def design_air_heat_mw(design_it_mw: float, preset: SitePreset) -> float:
    """Heat the air plant is sized for [MW]: that of full IT load."""
    return float(air_heat_mw(design_it_mw, design_it_mw=design_it_mw, preset=preset))


def facility_power(
    it_mw: ArrayLike,
    dry_bulb_c: ArrayLike,
    wet_bulb_c: ArrayLike,
    pressure_pa: ArrayLike,
    *,
    preset: SitePreset,
    design_it_mw: float = 1.0,
    air_modes: tuple[Mode, ...] = DRY_OR_WET,
    liquid_modes: tuple[Mode, ...] = DRY_COOLER_ONLY,
) -> Facility:
    """Power and water of a site whose plants take the first mode that needs no compressor (dry, then wet, then trim).

    Parameters: it_mw [MW], above 0; dry_bulb_c, wet_bulb_c [°C]; pressure_pa (station) [Pa]; shapes that broadcast.
    Raises ValueError for an IT power at or below 0, or a wet bulb above the dry bulb.
    Source: the plants' modules; coefficients are engineering practice (assumption), see `cooling_presets`.
    """
    it = np.asarray(it_mw, dtype=float)
    _check(it, np.asarray(dry_bulb_c, dtype=float), np.asarray(wet_bulb_c, dtype=float))
    weather = (dry_bulb_c, wet_bulb_c, pressure_pa)
    to_air = air_heat_mw(it, design_it_mw=design_it_mw, preset=preset)
    air_size_mw = design_air_heat_mw(design_it_mw, preset)
    air = [mode(to_air, *weather, design_heat_mw=air_size_mw, plant=preset.air) for mode in air_modes]
    to_liquid, liquid_size_mw = preset.liquid_share * it, preset.liquid_share * design_it_mw
    liquid = [
        mode(to_liquid, *weather, design_heat_mw=liquid_size_mw, plant=preset.liquid)
        for mode in (liquid_modes if liquid_size_mw > 0 else ())
    ]
    return Facility(
        it_mw=it,
        ups_loss_mw=ups_loss_mw(it, design_it_mw=design_it_mw, ups=preset.ups),
        transformer_loss_mw=transformer_loss_mw(it, design_it_mw=design_it_mw, transformer=preset.transformer),
        misc_mw=preset.misc * design_it_mw,
        air_heat_mw=to_air,
        liquid_heat_mw=to_liquid,
        air=first_feasible(air),
        liquid=first_feasible(liquid) if liquid else None,
    )


def _check(it_mw: FloatArray, dry_bulb_c: FloatArray, wet_bulb_c: FloatArray) -> None:
    if np.any(it_mw <= 0):
        raise ValueError("IT power must be above 0; PUE has no meaning for an empty hall")
    if np.any(wet_bulb_c > dry_bulb_c + 1e-6):  # the wet bulb is solved to 1e-7 K
        raise ValueError("wet bulb exceeds dry bulb; check the order and units of the weather columns")
