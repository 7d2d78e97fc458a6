"""Power train and cooling: losses and heat follow the physics they are laid out from, hour by hour."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from pytest import approx  # noqa: PT013  (reads as a sentence)
from sites import center, flow_of, meter_of, small

from optimizer.inputs.assemble import inputs_by_asset
from optimizer.technologies.compute.service import Service
from optimizer.technologies.facility.cooling import Cooling
from optimizer.technologies.facility.power_train import PowerTrain
from weather.cooling.power_losses import power_loss_segments
from weather.cooling.presets import MODERN_IEC


def test_losses_rise_with_the_load_as_the_segments_say() -> None:
    """At 640 busy cards (0.64 MW of 1 MW) the draw is IT power, loss of the filled segments and 12 kW of small loads."""
    plan = small(center(inference=Service(pool="pool", cards=640.0)), 1).plan()
    width, slope, at_zero = power_loss_segments(
        design_it_mw=1.0, ups=MODERN_IEC.ups, transformer=MODERN_IEC.transformer
    )
    filled = np.clip(0.64 - (np.cumsum(width) - width), 0, width)
    assert -flow_of(plan, "supply", "draw")[0] == approx(0.64 + (filled * slope).sum() + at_zero + 0.012, abs=1e-6)
    assert flow_of(plan, "supply", "feed")[0] == approx(0.64)


def test_no_power_is_lost_on_purpose_where_it_costs() -> None:
    """The first segment is full before the second is used, in every hour with a price."""
    prices = np.linspace(1, 900, 24)
    plan = small(
        center(inference=Service(pool="pool", cards=300.0)), 24, series={("tie", "import_price_per_mwh"): prices}
    ).plan()
    first, second = (meter_of(plan, "supply", f"fed_segment_{k}_mw") for k in range(2))
    assert ((second < 1e-6) | (first > first.max() - 1e-6)).all()  # HiGHS holds bounds to 1e-7


def test_hours_in_which_the_grid_pays_are_planned() -> None:
    """At −300 a MWh the plan stands; it once failed, because losses were inflated and the check knew one filling only."""
    plan = small(
        center(inference=Service(pool="pool", cards=200.0)), 2, series={("tie", "import_price_per_mwh"): [-300, 300]}
    ).plan()
    assert -flow_of(plan, "inference", "serve") == approx([200.0, 200.0])
    assert (
        -flow_of(plan, "supply", "draw")[0] > -flow_of(plan, "supply", "draw")[1]
    )  # idle blocks stay on while it pays


def test_a_draw_that_does_not_follow_is_found() -> None:
    """A kilowatt less drawn than the load and its losses need is seen without the solver."""
    from optimizer.plan.results import violations

    site = small(center(inference=Service(pool="pool", cards=200.0)), 2)
    results = site.plan().results
    supply_draw = (results["asset"].values == "supply") & (results["series_flow"].values == "draw")
    results["flow"].values[1, np.flatnonzero(supply_draw)[0]] += 1e-3
    messages = violations(results, site.assets)
    assert any("draws other than feed plus loss" in text for text in messages)
    assert any("electricity: flows sum to" in text for text in messages)


def outdoor_air(dry_bulb_c: list[float], relative_humidity: float = 0.3, pressure_pa: float = 72_500.0) -> xr.Dataset:
    """Air hour by hour; radiation and wind play no part."""
    count = len(dry_bulb_c)
    values = {
        "dry_bulb_c": np.array(dry_bulb_c), "relative_humidity": np.full(count, relative_humidity),
        "pressure_pa": np.full(count, pressure_pa),
    }  # fmt: skip
    return xr.Dataset({name: ("time", value) for name, value in values.items()})


def cooled(dry_bulb_c: list[float], cards: float, **settings: object):  # type: ignore[no-untyped-def]
    """A center whose halls are cooled; 0.7 MW design."""
    halls = Cooling(kind="indirect-evaporative", design_heat_mw=0.7, **settings)  # type: ignore[arg-type]
    assets = center(air=halls, inference=Service(pool="pool", cards=cards), supply=PowerTrain(design_it_mw=1.0))
    return small(assets, len(dry_bulb_c), weather=outdoor_air(dry_bulb_c))


@pytest.mark.parametrize("cards", [100.0, 330.0, 640.0])
def test_the_mixture_of_points_is_the_plant_within_the_segments_error(cards: float) -> None:
    """Planned cooling power against the full physics at the same heat: within 1.5 % of the design power, hour by hour.

    Weather from −15 to 38 °C. A point laid on another hour, or a mixture with a wrong base load, is off by far more.
    """
    from weather.cooling import indirect_evaporative
    from weather.cooling.psychrometrics import wet_bulb_c

    air = np.linspace(-15, 38, 12)
    site = cooled(air.tolist(), cards, water_price_per_m3=0.0)
    plan = site.plan()
    heat, power = -flow_of(plan, "air", "removed"), -flow_of(plan, "air", "draw")
    weather = outdoor_air(air.tolist())
    wet = wet_bulb_c(air, weather["relative_humidity"].values, weather["pressure_pa"].values)
    modes = [
        mode(heat_mw=heat, dry_bulb_c=air, wet_bulb_c=wet, pressure_pa=weather["pressure_pa"].values, design_heat_mw=0.7,
             plant=MODERN_IEC.air)
        for mode in indirect_evaporative.DRY_OR_WET
    ]  # fmt: skip
    true = np.min([mode.power_mw for mode in modes], axis=0)
    view = inputs_by_asset(site.inputs)["site", "air", 0]
    assert np.abs(power - true).max() <= 0.015 * view["power_mw"].max() + 1e-6
    assert (plan.results["shortfall"].values[:, plan.results["promise_asset"].values == "air"] < 1e-6).all()


def test_heat_beyond_the_plant_is_said_and_priced() -> None:
    """0.7 MW of plant and 0.64 MW of cards are fine; a plant of half the size leaves heat in the halls, at 20,000 a MWh."""
    site = cooled([20.0], 640.0)
    assert site.plan().results["shortfall"].values.sum() == approx(0.0, abs=1e-6)
    small_plant = Cooling(kind="indirect-evaporative", design_heat_mw=0.3)
    assets = center(air=small_plant, inference=Service(pool="pool", cards=640.0, unserved_price_per_card_h=1e5))
    plan = small(assets, 1, weather=outdoor_air([20.0])).plan()
    left = plan.results["shortfall"].values[:, plan.results["promise_quantity"].values == "overheat_mw"].sum()
    assert left > 0.2
    assert plan.bill_by_step["air: overheat penalty"].sum() == approx(left * 20_000)


def pue(plan) -> float:  # type: ignore[no-untyped-def]
    """Facility over IT energy of a plan."""
    from optimizer.plan.bill import key_figures

    return key_figures(plan.results)["pue"]


def test_pue_moves_as_the_physics_says() -> None:
    """Through the whole pipeline: hotter air, a lighter load and thinner air each raise PUE; the numbers lie in 1.02–1.6.

    Weather that did not reach the plant would leave all four equal.
    """
    base = pue(cooled([5.0] * 3, 600.0).plan())
    hot, light = pue(cooled([34.0] * 3, 600.0).plan()), pue(cooled([5.0] * 3, 60.0).plan())
    halls = Cooling(kind="indirect-evaporative", design_heat_mw=0.7)
    assets = center(air=halls, inference=Service(pool="pool", cards=600.0))
    low = pue(small(assets, 3, weather=outdoor_air([5.0] * 3, pressure_pa=101_325.0)).plan())
    assert 1.02 < low < base < hot < 1.6
    assert base < light
