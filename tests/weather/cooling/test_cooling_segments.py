"""Segments for the linear program: convex, within bars of the full model, and filled in order by a real solver."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.spatial import ConvexHull

from tests.validation.cooling_segment_errors import CASES, MAX_BAR, MEAN_BAR, errors
from tests.validation.cooling_weather import read_air
from weather.cooling.hull import best_breaks, chord_errors, lower_hull
from weather.cooling.indirect_evaporative import DRY_ONLY, DRY_OR_WET, dry_mode, wet_mode
from weather.cooling.liquid_loop import DRY_COOLER_ONLY, DRY_OR_ADIABATIC
from weather.cooling.power_losses import power_loss_mw, power_loss_segments
from weather.cooling.presets import AS_OPERATED, MODERN_IEC, LiquidPlant
from weather.cooling.psychrometrics import wet_bulb_c
from weather.cooling.segments import convex_segments, plant_segments

AIR = MODERN_IEC.air
PLATEAU_PA = 71_800.0


def some_weather(count=200):
    """Random hours of any climate, seeded: dry bulb, wet bulb, pressure."""
    random = np.random.default_rng(3)
    dry_bulb, humidity = random.uniform(-25, 42, count), random.uniform(0.05, 1.0, count)
    pressure = random.uniform(70_000, 102_000, count)
    return dry_bulb, wet_bulb_c(dry_bulb, humidity, pressure), pressure


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_within_the_bars(shared_file, case):
    """Every 12th hour at Golmud × 81 loads: mean below .15 % and worst below 1 % of facility power, with 3 segments.
    One chord a year-round would err by 2 % on average; equal thirds by up to 1.8 %."""
    air = read_air(shared_file("data/weather/CHN_Qinghai.Golmud.528180_CSWD.epw"))
    _, preset, modes, weight = case
    error = errors(tuple(values[::12] for values in air), preset, modes, segments=3, water_weight=weight)
    assert error.mean < MEAN_BAR
    assert error.worst < MAX_BAR


@pytest.mark.parametrize("weight", [0.0, 0.0125, 0.1])
@pytest.mark.parametrize("modes", [DRY_ONLY, DRY_OR_WET])
def test_slopes_never_fall(modes, weight):
    """Weighted slopes rise along the segments, so a minimiser fills them in order; one fall breaks that."""
    cut = plant_segments(modes, *some_weather(), design_heat_mw=4.0, plant=AIR, water_weight_mwh_per_m3=weight)
    slope = cut.power_slope + weight * cut.water_slope
    assert np.diff(slope, axis=1).min() > -1e-12  # rounding of slopes near 0.1
    assert cut.width_mw.sum(axis=1) == pytest.approx(np.full(200, 4.0), rel=1e-12)
    assert cut.power_at_zero_mw.min() > 0
    if modes is DRY_ONLY:
        assert not cut.water_slope.any()
        assert not cut.water_at_zero_m3_per_h.any()


def test_each_hour_has_its_own_price_of_water():
    """Weights of 0 and .1 MWh/m³ in turn give, hour by hour, what each gives alone; the dear hours drink less."""
    weather, heat = some_weather(), np.full(200, 0.7)
    weights = np.tile([0.0, 0.1], 100)
    size = {"design_heat_mw": 1.0, "plant": AIR}
    _, mixed = plant_segments(DRY_OR_WET, *weather, **size, water_weight_mwh_per_m3=weights).at(heat)
    alone = [
        plant_segments(DRY_OR_WET, *weather, **size, water_weight_mwh_per_m3=weight).at(heat)[1]
        for weight in (0.0, 0.1)
    ]
    assert mixed.tolist() == np.where(weights == 0, *alone).tolist()
    assert alone[1].sum() < 0.8 * alone[0].sum()


def test_liquid_plant_takes_the_same_road():
    """Dry coolers and adiabatic pads in segments: more modes never cost more at any of five loads."""
    weather, heat = some_weather(), np.broadcast_to([0.2, 0.4, 0.6, 0.8, 1.0], (200, 5))
    size = {"design_heat_mw": 1.0, "plant": LiquidPlant(), "segments": 6}
    dry, _ = plant_segments(DRY_COOLER_ONLY, *weather, **size).at(heat)
    both, _ = plant_segments(DRY_OR_ADIABATIC, *weather, **size).at(heat)
    assert (both - dry).max() < 0.004  # twice the error of six segments
    assert (dry - both).max() > 0.1  # a chiller saved on a hot day


def test_a_linear_program_fills_them_in_order():
    """HiGHS, free to fill any segment, draws what `at` says; water at .0125 MWh/m³ is part of its objective."""
    weight, weather = 0.0125, some_weather(20)
    cut = plant_segments(DRY_OR_WET, *weather, design_heat_mw=1.0, plant=AIR, water_weight_mwh_per_m3=weight)
    heat = np.linspace(0.1, 1.0, 20)
    power, water = cut.at(heat)
    for hour in range(20):
        solved = linprog(
            cut.power_slope[hour] + weight * cut.water_slope[hour],
            A_eq=np.ones((1, 3)), b_eq=[heat[hour]], bounds=[(0, width) for width in cut.width_mw[hour]],
        )  # fmt: skip
        cost = solved.fun + cut.power_at_zero_mw[hour] + weight * cut.water_at_zero_m3_per_h[hour]
        assert cost == pytest.approx(power[hour] + weight * water[hour], abs=1e-9)


@pytest.mark.parametrize("steps", [5, 8, 12])
def test_centred_chords_stay_convex(steps):
    """20,000 random convex curves with kinks of all sizes: lowering the nodes turns no bend round (rounding 1e-9)."""
    random = np.random.default_rng(5)
    kinks = random.exponential(1, (20_000, steps)) * (random.random((20_000, steps)) < 0.5)
    slopes = np.cumsum(kinks * 10 ** random.uniform(-2, 0, kinks.shape), axis=1)
    curve = 1 + np.concatenate([np.zeros((20_000, 1)), np.cumsum(slopes / steps, axis=1)], axis=1)
    cut = convex_segments(np.linspace(0, 1, steps + 1), [curve], [np.zeros_like(curve)], segments=3)
    assert np.diff(cut.power_slope, axis=1).min() > -1e-9
    lowest = curve.min(axis=1) - cut.power_at_zero_mw
    assert (lowest >= 0).all()
    assert lowest.max() > 0.01  # something was lowered


def test_hull_mixes_dry_and_wet_units():
    """23.5 °C: at .8 of design heat a mixture of dry and wet units beats each alone, and never loses anywhere."""
    heat = np.linspace(0, 1, 201)
    weather = [np.full((1, 1), value) for value in (23.5, wet_bulb_c(23.5, 0.4, PLATEAU_PA), PLATEAU_PA)]
    dry, wet = (mode(heat, *weather, design_heat_mw=1.0, plant=AIR).power_mw for mode in (dry_mode, wet_mode))
    best = np.minimum(dry, wet)
    hull, _ = lower_hull(heat, best, np.zeros_like(best))
    assert (hull <= best + 1e-12).all()
    assert (best - hull).max() > 1e-4


def test_water_follows_the_mixture():
    """On the hull between a dry point and a wet one water rises in a straight line from 0; 1 m³/h at the far end."""
    heat = np.array([0.0, 1.0, 2.0])
    power, water = lower_hull(heat, np.array([[0.0, 3.0, 2.0]]), np.array([[0.0, 0.0, 1.0]]))
    assert power.tolist() == [[0.0, 1.0, 2.0]]
    assert water.tolist() == [[0.0, 0.5, 1.0]]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.floats(-5, 5), min_size=4, max_size=20))
def test_hull_is_the_hull(values):
    """Against Qhull, an independent algorithm: the same lower boundary for any curve."""
    heat = np.arange(len(values), dtype=float)
    ours, _ = lower_hull(heat, np.array([values]), np.zeros((1, len(values))))
    lid = np.array([[heat[0], 100.0], [heat[-1], 100.0]])  # closes the point set from above
    points = np.concatenate([np.stack([heat, values], axis=1), lid])
    corners = np.sort([vertex for vertex in ConvexHull(points).vertices if vertex < len(values)])
    assert ours[0] == pytest.approx(np.interp(heat, heat[corners], np.array(values)[corners]), abs=1e-9)


def test_breaks_are_the_best_of_all():
    """Against every possible choice of two inner breaks on 12 points: no choice has a smaller worst error."""
    heat = np.linspace(0, 1, 12)
    curve = np.stack([heat**3, np.maximum(0.1 * heat, 0.4 * heat - 0.1), np.exp(2 * heat)])
    error = chord_errors(heat, curve)
    breaks = best_breaks(heat, curve, segments=3)
    for hour, (_, first, second, _) in enumerate(breaks):
        ours = max(error[0, first, hour], error[first, second, hour], error[second, 11, hour])
        every = [
            max(error[0, a, hour], error[a, b, hour], error[b, 11, hour])
            for a in range(1, 10)
            for b in range(a + 1, 11)
        ]
        assert ours == min(every)


def test_wrong_grids_are_refused():
    """A grid that does not start at 0, no segments, more segments than steps, and no mode at all."""
    curve = [np.zeros((1, 3))]
    with pytest.raises(ValueError, match="start at 0"):
        convex_segments(np.array([0.1, 0.5, 1.0]), curve, curve)
    with pytest.raises(ValueError, match="at least one segment"):
        convex_segments(np.array([0.0, 0.5, 1.0]), curve, curve, segments=0)
    with pytest.raises(ValueError, match="fewer segments"):
        convex_segments(np.array([0.0, 0.5, 1.0]), curve, curve, segments=3)
    with pytest.raises(ValueError, match="at least one mode"):
        plant_segments((), 10.0, 5.0, PLATEAU_PA, design_heat_mw=1.0, plant=AIR)


@pytest.mark.parametrize("preset", [MODERN_IEC, AS_OPERATED])
def test_power_loss_segments(preset):
    """Two chords follow UPS and transformer to .08 % of facility power from load .2 up; one errs by .4 %."""
    loads = np.linspace(0.2, 1.0, 161)
    width, slope, at_zero = power_loss_segments(design_it_mw=5.0, ups=preset.ups, transformer=preset.transformer)
    nodes = np.concatenate([[0.0], np.cumsum(width)])
    ours = np.interp(5 * loads, nodes, at_zero + np.concatenate([[0.0], np.cumsum(width * slope)]))
    true = power_loss_mw(5 * loads, design_it_mw=5.0, ups=preset.ups, transformer=preset.transformer)
    assert np.abs((ours - true) / (5 * loads + true)).max() < 0.0008
    assert np.diff(slope).min() > 0
    assert nodes[-1] == pytest.approx(5.0)


def test_ups_efficiency():
    """Modern double conversion at N+1: 96.2/97.1/97.2/97.1 % at 25/50/75/100 % of rating; 2N at .55 loses .03281."""
    load = np.array([0.25, 0.5, 0.75, 1.0])
    it = 1.2 * load
    loss = power_loss_mw(it, design_it_mw=1.0, ups=MODERN_IEC.ups, transformer=MODERN_IEC.transformer)
    transformer = 2 * (0.002 + 0.008 * (it / 2) ** 2)
    assert it / (it + loss - transformer) == pytest.approx([0.962, 0.971, 0.972, 0.971], abs=5e-4)  # given to .1 %
    old = power_loss_mw(0.55, design_it_mw=1.0, ups=AS_OPERATED.ups, transformer=AS_OPERATED.transformer)
    assert old == pytest.approx(0.03281 + 0.00521, abs=1e-5)
