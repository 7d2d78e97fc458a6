"""Cooling and loss segments of the linear program against the full model, in facility power."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.validation.cooling_weather import epw, read_air
from weather.cooling.demand import Mode, cheapest
from weather.cooling.hull import lower_hull
from weather.cooling.indirect_evaporative import DRY_ONLY, DRY_OR_WET
from weather.cooling.liquid_loop import DRY_COOLER_ONLY
from weather.cooling.power_losses import power_loss_mw, power_loss_segments
from weather.cooling.presets import AS_OPERATED, LIQUID_HEAVY, MODERN_IEC, SitePreset
from weather.cooling.psychrometrics import FloatArray
from weather.cooling.segments import plant_segments
from weather.cooling.site import air_heat_mw, design_air_heat_mw

LOADS = np.linspace(0.2, 1.0, 81)
MEAN_BAR, MAX_BAR = 0.0015, 0.01
FINE = 400
"""Steps of the full model's grid, ten times those of the segments."""


@dataclass(frozen=True)
class Errors:
    """Errors relative to facility power over hours and loads."""

    mean: float
    worst: float
    bias: float
    worst_single_mode: float
    """Against a plant that must run all its units in one mode, the cheapest; not what the segments model."""


def errors(
    air: tuple[FloatArray, FloatArray, FloatArray],
    preset: SitePreset,
    modes: tuple[Mode, ...],
    *,
    segments: int,
    water_weight: float = 0.0,
) -> Errors:
    """Segments of plant, liquid loop, UPS and transformer together against the hull over modes of the full model."""
    size_mw, heat = design_air_heat_mw(1.0, preset), air_heat_mw(LOADS, design_it_mw=1.0, preset=preset)
    fine = np.unique(np.concatenate([np.linspace(0, size_mw, FINE + 1), heat]))
    columns = [values[:, None] for values in air]
    demands = [mode(fine, *columns, design_heat_mw=size_mw, plant=preset.air) for mode in modes]
    best = cheapest(demands, water_weight_mwh_per_m3=water_weight)
    single = best.power_mw + water_weight * best.water_m3_per_h
    at = np.searchsorted(fine, heat)
    hull, _ = lower_hull(fine, single, np.zeros_like(single))
    full, single = hull[:, at], single[:, at]
    cut = plant_segments(
        modes, *air, design_heat_mw=size_mw, plant=preset.air, segments=segments, water_weight_mwh_per_m3=water_weight
    )
    power, water = cut.at(np.broadcast_to(heat, full.shape))
    liquid, liquid_error = _liquid(air, preset, segments)
    width, slope, at_zero = power_loss_segments(design_it_mw=1.0, ups=preset.ups, transformer=preset.transformer)
    loss = power_loss_mw(LOADS, design_it_mw=1.0, ups=preset.ups, transformer=preset.transformer)
    edges, values = np.cumsum(width), at_zero + np.cumsum(width * slope)
    loss_error = np.interp(LOADS, np.append(0.0, edges), np.append(at_zero, values)) - loss
    facility = LOADS + loss + preset.misc + full + liquid
    ours = power + water_weight * water + liquid_error + loss_error
    relative = (ours - full) / facility
    return Errors(
        float(np.abs(relative).mean()),
        float(np.abs(relative).max()),
        float(relative.mean()),
        float(np.abs((ours - single) / facility).max()),
    )


def _liquid(
    air: tuple[FloatArray, FloatArray, FloatArray], preset: SitePreset, segments: int
) -> tuple[FloatArray, FloatArray]:
    """Power of the liquid loop at LOADS [MW], and what its segments add to it; both zero without a loop."""
    if not preset.liquid_share:
        return np.zeros_like(LOADS), np.zeros_like(LOADS)
    size_mw = preset.liquid_share
    demand = DRY_COOLER_ONLY[0](
        size_mw * LOADS, *(values[:, None] for values in air), design_heat_mw=size_mw, plant=preset.liquid
    )
    cut = plant_segments(DRY_COOLER_ONLY, *air, design_heat_mw=size_mw, plant=preset.liquid, segments=segments)
    power, _ = cut.at(np.broadcast_to(size_mw * LOADS, demand.power_mw.shape))
    return demand.power_mw, power - demand.power_mw


CASES: tuple[tuple[str, SitePreset, tuple[Mode, ...], float], ...] = (
    ("modern", MODERN_IEC, DRY_OR_WET, 0.0),
    ("modern, water at 0.0125 MWh/m³", MODERN_IEC, DRY_OR_WET, 0.0125),
    ("modern, no water", MODERN_IEC, DRY_ONLY, 0.0),
    ("as operated", AS_OPERATED, DRY_OR_WET, 0.0),
    ("liquid 85 %", LIQUID_HEAVY, DRY_OR_WET, 0.0),
)
"""Name, preset, modes, water weight; 5 yuan/m³ over 400 yuan/MWh is 0.0125 MWh/m³."""


def rows(shared: Path) -> list[dict[str, str]]:
    """The comparison as rows of the validation table, all hours of two typical years."""
    table = []
    for station in ("Golmud", "Hohhot"):
        air = read_air(epw(shared, station))
        for name, preset, modes, weight in CASES:
            error = errors(air, preset, modes, segments=3, water_weight=weight)
            data, note = f"{station}, 8,760 h × loads 0.2..1, {name}", f"single mode {error.worst_single_mode:.2%}"
            table.append((data, "3 segments, mean error of facility power", f"{error.mean:.3%}", "<= 0.15 %"))
            table.append((data, f"3 segments, worst error ({note})", f"{error.worst:.2%}", "<= 1 %"))
    names = ("data", "metric", "ours", "bar", "source")
    return [dict(zip(names, (*row, "our full model, hull over modes"), strict=True)) for row in table]
