"""Kinds of cooling plants a center may be built with: which heat they take, their modes, and their plant by preset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from weather.cooling import direct_air, indirect_evaporative, liquid_loop
from weather.cooling.air_cooled import air_cooled_mode
from weather.cooling.air_economizer import AirEconomizerPlant, air_economizer_mode, open_hours
from weather.cooling.chilled_water import SUMMIT, WARM_WATER, ChilledWaterPlant, chilled_water_mode, free_share
from weather.cooling.demand import Mode
from weather.cooling.presets import AS_OPERATED, MODERN_IEC, AirPlant, Compressor, LiquidPlant, SitePreset
from weather.cooling.psychrometrics import FloatArray
from weather.cooling.tower import Tower

Plant = AirPlant | LiquidPlant | ChilledWaterPlant | AirEconomizerPlant
Preset = Literal["modern", "as-operated"]
FreeShare = Callable[..., FloatArray]
"""Share of the heat that leaves without a chiller: (dry_bulb_c, wet_bulb_c, pressure_pa, *, plant) → 0..1."""


@dataclass(frozen=True)
class PlantKind:
    """Kind of a cooling plant."""

    heat: Literal["air", "liquid"]
    """Heat of the halls' air, or of the liquid loop."""
    plant: Callable[[Preset], Plant]
    """Plant as built new, or as in halls of about 2018."""
    modes: tuple[Mode, ...]
    """Ways to run it."""
    dry_modes: tuple[Mode, ...] = ()
    """Ways that take no water; empty: it cannot do without."""
    free_share: FreeShare | None = None
    """None: it has no central chillers."""


def _site(preset: Preset) -> SitePreset:
    return MODERN_IEC if preset == "modern" else AS_OPERATED


def _air(preset: Preset) -> Plant:
    return _site(preset).air


def _chilled(preset: Preset, *, exchanger: bool) -> ChilledWaterPlant:
    """As operated: colder water, no mixed operation, worn towers and pumps of constant speed (assumption).

    Range of operating plants: partial free cooling that was never enabled and half of the towers' winter capacity, measured at
    Chongqing; the performance of chillers of middle-sized centers lies up to 40 % lower (Lei and Masanet 2022).
    """
    modern = ChilledWaterPlant(air=_site(preset).air, exchanger=exchanger)
    if preset == "modern":
        return modern
    return replace(
        modern, supply_water_c=12.0, water_rise_k=5.0, partial_free_cooling=False, cop_factor=0.85, fixed_pump_share=0.8,
        tower=Tower(approach_k=6.0),
    )  # fmt: skip


KINDS: Mapping[str, PlantKind] = {
    "indirect-evaporative": PlantKind("air", _air, indirect_evaporative.DRY_OR_WET, indirect_evaporative.DRY_ONLY),
    "direct-air": PlantKind("air", _air, direct_air.WETTED, direct_air.UNWETTED),
    "air-economizer": PlantKind(
        "air", lambda preset: AirEconomizerPlant(chilled=_chilled(preset, exchanger=False)), (air_economizer_mode,),
        free_share=open_hours,
    ),
    "water-economizer": PlantKind(
        "air", lambda preset: _chilled(preset, exchanger=True), (chilled_water_mode,), free_share=free_share
    ),
    "chilled-water": PlantKind(
        "air", lambda preset: _chilled(preset, exchanger=False), (chilled_water_mode,), free_share=free_share
    ),
    "air-cooled": PlantKind("air", _air, (air_cooled_mode,), (air_cooled_mode,)),
    "dry-cooler": PlantKind(
        "liquid", lambda preset: _site(preset).liquid, liquid_loop.DRY_OR_ADIABATIC, liquid_loop.DRY_COOLER_ONLY
    ),
    "warm-water": PlantKind(
        "liquid", lambda preset: WARM_WATER if preset == "modern" else SUMMIT, (chilled_water_mode,),
        free_share=free_share,
    ),
}  # fmt: skip
"""Kind → plant, in the order a scenario's reference lists them."""


def chilled_part(plant: Plant) -> ChilledWaterPlant | None:
    """Chillers and towers of a plant; None: it has no central chillers."""
    if isinstance(plant, AirEconomizerPlant):
        return plant.chilled
    return plant if isinstance(plant, ChilledWaterPlant) else None


def hall_air(plant: Plant) -> AirPlant | None:
    """Hall air of a plant; None: it cools a liquid loop."""
    chilled = chilled_part(plant)
    return chilled.air if chilled is not None else plant if isinstance(plant, AirPlant) else None


def adjusted(
    plant: Plant, *, fan_altitude_exponent: float, cop_factor: float = 1.0, supply_water_c: float | None = None
) -> Plant:
    """Plant with its fans, compressors and water temperature set; a temperature of None leaves the preset's."""
    if isinstance(plant, AirEconomizerPlant):
        inner = adjusted(
            plant.chilled,
            fan_altitude_exponent=fan_altitude_exponent,
            cop_factor=cop_factor,
            supply_water_c=supply_water_c,
        )
        return replace(plant, chilled=inner) if isinstance(inner, ChilledWaterPlant) else plant
    if isinstance(plant, ChilledWaterPlant):
        air = plant.air and replace(plant.air, fan_altitude_exponent=fan_altitude_exponent)
        water_c = plant.supply_water_c if supply_water_c is None else supply_water_c
        return replace(plant, air=air, cop_factor=plant.cop_factor * cop_factor, supply_water_c=water_c)
    return replace(plant, fan_altitude_exponent=fan_altitude_exponent, compressor=_scaled(plant.compressor, cop_factor))


def _scaled(compressor: Compressor, factor: float) -> Compressor:
    """Compressor whose performance is that many times as good."""
    names = ("cop_at_35_c", "cop_per_k", "least_cop", "greatest_cop")
    return replace(compressor, **{name: factor * getattr(compressor, name) for name in names})
