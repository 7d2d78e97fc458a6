"""Presets of cooling plants, UPS and transformers, and three ready-made sites.

Every number is an `assumption` (engineering practice) unless a source stands beside it.
Heat and power are relative to the design size, which is an argument of the physics, not a setting here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Compressor:
    """Direct-expansion trim: its coefficient of performance falls with outdoor temperature and with altitude."""

    cop_at_35_c: float = 3.6
    cop_per_k: float = 0.10  # gained per kelvin below 35 °C
    least_cop: float = 2.5
    greatest_cop: float = 7.0
    altitude_loss: float = 0.10  # share of COP lost where pressure is 0.7 of sea level


@dataclass(frozen=True)
class AirPlant:
    """Indirect evaporative cooling: hall air and outdoor (scavenger) air meet in an exchanger, dry or sprayed."""

    supply_temperature_c: float = 25.0
    air_rise_k: float = 12.0  # through the servers
    indoor_pressure_drop_pa: float = 450.0
    indoor_fan_efficiency: float = 0.62
    outdoor_pressure_drop_pa: float = 300.0
    outdoor_fan_efficiency: float = 0.58
    fan_exponent: float = 2.6  # power against flow; 3 is the free fan law, less with a fixed pressure
    least_flow: float = 0.5  # of the installed flow
    oversizing: float = 1.25  # installed / needed capacity
    fan_altitude_exponent: float = 1.0  # 0: more units, 1: same design pressure drop, 2: same units pushed harder
    dry_effectiveness: float = 0.65  # on the dry bulb, at installed flow
    wet_effectiveness: float = 0.72  # on the wet bulb, at installed flow
    transfer_exponent: float = 0.4  # NTU ~ flow^-0.4
    scavenger_exponent: float = 0.75  # capacity ~ scavenger flow^0.75
    least_scavenger_flow: float = 0.2
    spray_power: float = 0.005  # per heat rejected wet
    cycles_of_concentration: float = 5.0
    drift: float = 0.002
    compressor: Compressor = Compressor()

    def __post_init__(self) -> None:
        if not (0 < self.dry_effectiveness < 1 and 0 < self.wet_effectiveness < 1):
            raise ValueError("exchanger effectiveness must lie between 0 and 1; give 0.65 for 65 %")
        if min(self.air_rise_k, self.oversizing, self.indoor_fan_efficiency, self.outdoor_fan_efficiency) <= 0:
            raise ValueError("air rise, oversizing and fan efficiencies must be above 0")

    @property
    def return_temperature_c(self) -> float:
        """Temperature of the air leaving the servers [°C]."""
        return self.supply_temperature_c + self.air_rise_k


@dataclass(frozen=True)
class LiquidPlant:
    """Warm-water loop with dry coolers; what they cannot reject goes to adiabatic pads or a chiller."""

    supply_temperature_c: float = 38.0  # facility water, class W40 (ASHRAE TC9.9)
    range_k: float = 10.0
    design_air_c: float = 28.0  # full load without assist up to here
    fan_power: float = 0.03  # per design heat at full speed, sea level
    fan_altitude_exponent: float = 1.0
    capacity_altitude_exponent: float = 0.0  # 0: coolers chosen for the site's air; 0.7: sea-level coolers reused
    least_fan_speed: float = 0.15
    speed_exponent: float = 0.7  # capacity ~ speed^0.7
    pump_power: float = 0.020  # CDU .010 + facility loop .010, per design heat at full load
    fixed_pump_share: float = 0.35
    saturation_effectiveness: float = 1.0  # adiabatic pads bring the air to its wet bulb
    spray_power: float = 0.005  # per heat taken up by evaporation
    cycles_of_concentration: float = 5.0
    drift: float = 0.002
    compressor: Compressor = Compressor()

    @property
    def design_effectiveness(self) -> float:
        """Effectiveness that just carries the design heat at the design air temperature."""
        return self.range_k / (self.supply_temperature_c + self.range_k - self.design_air_c)


@dataclass(frozen=True)
class Ups:
    """Double-conversion UPS: no-load, proportional and square-law loss (form: Schneider White Paper 108)."""

    no_load: float = 0.006  # all three per rating
    proportional: float = 0.012
    square: float = 0.012
    rating: float = 1.2  # per design IT power; 1.2 is N+1, 2 is 2N
    heat_to_air: float = 0.8  # share of the loss that warms the halls


@dataclass(frozen=True)
class Transformer:
    """Site transformer: no-load and square-law loss per rating."""

    no_load: float = 0.002
    square: float = 0.008
    rating: float = 2.0  # per design IT power


@dataclass(frozen=True)
class SitePreset:
    """Site preset: everything between the grid and the servers; sizes are per design IT power."""

    air: AirPlant = AirPlant()
    liquid: LiquidPlant = LiquidPlant()
    ups: Ups = Ups()
    transformer: Transformer = Transformer()
    misc: float = 0.012  # lights, controls, filters, humidity: constant, per design IT power
    misc_heat_to_air: float = 0.5
    liquid_share: float = 0.0  # of IT heat


AS_OPERATED_AIR = AirPlant(
    air_rise_k=10.0,
    indoor_pressure_drop_pa=500.0,
    indoor_fan_efficiency=0.60,
    outdoor_fan_efficiency=0.55,
    fan_exponent=2.5,
    least_flow=0.6,
)

MODERN_IEC = SitePreset()
"""New air-cooled hall with indirect evaporative units; typical load 0.7."""

AS_OPERATED = SitePreset(
    air=AS_OPERATED_AIR, ups=Ups(no_load=0.010, proportional=0.020, square=0.012, rating=2.0), misc=0.020
)
"""An operating data center of about 2018: 2N transformer-type UPS, pushed fans; typical load 0.55.
Fan and UPS values were tuned to the published annual PUE of 1.17 at Xining (operator's statement)."""

LIQUID_HEAVY = replace(MODERN_IEC, liquid_share=0.85)
"""AI hall with 85 % of IT heat in warm water; typical load 0.7 to 0.8. A retrofitted hall reaches 0.70."""
