"""Compression chillers: electric-input-ratio curves of two machines, and a table of water-cooled performance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from weather.cooling.psychrometrics import FloatArray

Biquadratic = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class ChillerCurves:
    """A chiller in EIR form; curves were fitted for comfort cooling (leaving water about 5..12 °C)."""

    nominal_heat_mw: float
    nominal_cop: float
    capacity_by_temperature: Biquadratic
    input_by_temperature: Biquadratic
    input_by_part_load: tuple[float, float, float]
    least_part_load: float
    condenser_range_c: tuple[float, float]
    """Entering temperature the curves hold for [°C]; outside it is clipped to the range."""


# Source: Modelica Buildings library, ElectricEIR records (Lawrence Berkeley National Laboratory, BSD-type licence);
# the least part loads and the range of the air-cooled machine are assumptions.
YORK_YT_WATER_COOLED = ChillerCurves(
    nominal_heat_mw=1.055,
    nominal_cop=5.96,
    capacity_by_temperature=(0.1785912, -0.05900023, -5.946963e-4, 0.09297889, -0.002841024, 0.004974221),
    input_by_temperature=(0.524511, -0.02850126, 8.03472e-4, 0.01893133, 1.151629e-4, -9.340642e-5),
    input_by_part_load=(0.2619878, 0.2393605, 0.4988306),
    least_part_load=0.10,
    condenser_range_c=(12.8, 35.0),
)
YORK_YCAL_AIR_COOLED = ChillerCurves(
    nominal_heat_mw=0.101,
    nominal_cop=3.1,
    capacity_by_temperature=(-0.2660645697, 0.0998714035, -0.0023814154, 0.0628316481, -0.0009644649, -0.0011249224),
    input_by_temperature=(0.1807017787, 0.0271530312, -0.0004553574, 0.0188175079, 0.0002623276, -0.0012881189),
    input_by_part_load=(0.0, 1.0, 0.0),
    least_part_load=0.10,
    condenser_range_c=(24.0, 48.0),
)


def _biquadratic(coefficients: Biquadratic, x: FloatArray, y: FloatArray) -> FloatArray:
    a, b, c, d, e, f = coefficients
    return np.asarray(a + x * (b + c * x) + y * (d + e * y) + f * x * y)


def available_heat_mw(
    leaving_water_c: ArrayLike, condenser_entering_c: ArrayLike, *, curves: ChillerCurves
) -> FloatArray:
    """Most heat one chiller carries [MW] at leaving chilled water and entering condenser temperature [°C]."""
    entering = np.clip(np.asarray(condenser_entering_c, dtype=float), *curves.condenser_range_c)
    leaving = np.asarray(leaving_water_c, dtype=float)
    return curves.nominal_heat_mw * _biquadratic(curves.capacity_by_temperature, leaving, entering)


def chiller_power_mw(
    heat_mw: ArrayLike, leaving_water_c: ArrayLike, condenser_entering_c: ArrayLike, *, curves: ChillerCurves
) -> FloatArray:
    """Electricity of one chiller [MW] for a heat [MW]; below its least part load it cycles.

    Parameters: leaving_water_c: chilled water [°C]; condenser_entering_c: cooling water, or outdoor air for an
    air-cooled machine [°C]; shapes that broadcast. Raises ValueError for more heat than the machine can carry.
    Source: EIR form of DOE-2 and EnergyPlus, P = Q CAPFT / COP × EIRFT × EIRFPLR × cycling.
    """
    heat, leaving = np.asarray(heat_mw, dtype=float), np.asarray(leaving_water_c, dtype=float)
    entering = np.clip(np.asarray(condenser_entering_c, dtype=float), *curves.condenser_range_c)
    available_mw = available_heat_mw(leaving, entering, curves=curves)
    part_load = heat / available_mw
    if np.any(part_load > 1 + 1e-9):  # rounding of a load set equal to the capacity
        raise ValueError("more heat requested than the chiller carries at these temperatures; use more machines")
    running = np.maximum(part_load, curves.least_part_load)
    a, b, c = curves.input_by_part_load
    power_mw = available_mw / curves.nominal_cop * _biquadratic(curves.input_by_temperature, leaving, entering)
    return np.asarray(power_mw * (a + running * (b + c * running)) * part_load / running)


TABLE_LOADS = np.array([0.25, 0.5, 0.75, 1.0])
TABLE_COP_AT_20_C = np.array([5.85, 7.29, 7.80, 7.68])
TABLE_COP_AT_30_C = np.array([4.92, 6.08, 6.36, 6.02])
TABLE_RANGE_C = (15.0, 35.0)


def water_cooled_cop(condenser_water_c: ArrayLike, load: ArrayLike) -> FloatArray:
    """Performance of a central water-cooled chiller [-] against condenser water [°C] and load [0..1].

    Linear between tabulated points, held beyond 15..35 °C, where makers' points end, and beyond loads of 0.25..1.
    Source: regression of Lei and Masanet, Energy 201 (2020) 117556, quoted at eight points.
    """
    water = np.clip(np.asarray(condenser_water_c, dtype=float), *TABLE_RANGE_C)
    part = np.asarray(load, dtype=float)
    cool = np.interp(part, TABLE_LOADS, TABLE_COP_AT_20_C)
    warm = np.interp(part, TABLE_LOADS, TABLE_COP_AT_30_C)
    return np.asarray(cool + (warm - cool) * (water - 20.0) / 10.0)


def machine_pieces(condenser_water_c: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Straight pieces of a chiller's power over its load, both per full heat: intercept and slope, shape (..., pieces).

    Power is the greatest of the pieces: they are convex, and the first one reaches no load at about an eighth of full power.
    Parameters: condenser_water_c [°C], any shape. Source: the table of `water_cooled_cop`, straight between its loads.
    """
    water = np.asarray(condenser_water_c, dtype=float)[..., None]
    power = TABLE_LOADS / water_cooled_cop(water, TABLE_LOADS)
    slope = np.diff(power, axis=-1) / np.diff(TABLE_LOADS)
    return np.asarray(power[..., :-1] - slope * TABLE_LOADS[:-1]), np.asarray(slope)


def best_chillers_power(load: ArrayLike, condenser_water_c: ArrayLike) -> FloatArray:
    """Power of many chillers of which as many run as is cheapest, per heat of all of them; shapes that broadcast.

    Parameters: load: heat over the heat of all chillers [0..1]; condenser_water_c [°C]. Up to the best load of a machine it
    is a straight line through zero, beyond it all of them run. Source: as `machine_pieces`.
    """
    share, water = np.asarray(load, dtype=float), np.asarray(condenser_water_c, dtype=float)
    cop = water_cooled_cop(water[..., None], TABLE_LOADS)
    best = TABLE_LOADS[np.argmax(cop, axis=-1)]
    intercept, slope = machine_pieces(water)
    all_running = (intercept + slope * share[..., None]).max(axis=-1)
    return np.asarray(np.where(share <= best, share / cop.max(axis=-1), all_running))
