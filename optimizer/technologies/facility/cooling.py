"""Cooling plant: takes heat from a bus, draws electricity and water by the hour's weather.

What a center may be built with stands in weather/cooling/kinds.py. A plant is many units side by side, so any share of it
may run at any of the hour's operating points: heat, power and water are a mixture of the points, without binaries (their
physics and error: weather/cooling/segments.py). Chillers may be switched as machines on top of it (chillers.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field, model_validator

from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import Contribution, Inputs, Outside, Record, State, Technology
from optimizer.technologies.facility.chillers import Chillers
from optimizer.technologies.facility.power_train import ORDER_PRICE_PER_MWH
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Floats, Linear, mixture
from optimizer.technologies.tallies import Tally
from weather.cooling.altitude import CLASS_A1, HIGHEST_CLASS_ELEVATION_M, warmest_inlet_c
from weather.cooling.kinds import KINDS, Plant, adjusted, chilled_part, hall_air
from weather.cooling.psychrometrics import wet_bulb_c
from weather.cooling.segments import plant_segments

REFERENCE_PRICE_PER_MWH = 300.0
"""Electricity price at which water is weighed against power when the cheaper mode is chosen; currency of the scenario."""


class Cooling(Technology):
    """A plant that rejects the heat of the halls or of the liquid loop."""

    kind: Literal[
        "indirect-evaporative", "direct-air", "air-economizer", "water-economizer", "chilled-water", "air-cooled",
        "dry-cooler", "warm-water",
    ]  # fmt: skip
    """Plant. For the air of the halls: `indirect-evaporative` units, dry or sprayed, a compressor for the rest; `direct-air`:
    outside air with wetted pads, a compressor for the rest; `air-economizer`: outside air within limits of humidity, else
    chillers and towers; `water-economizer`: chillers and towers with a plate exchanger for free cooling; `chilled-water`:
    chillers and towers alone; `air-cooled`: air-cooled chillers or direct expansion. For the liquid loop: `dry-cooler`, with
    wetted pads where there is water; `warm-water`: towers with a plate exchanger, chillers for the rest.
    """
    design_heat_mw: float = Field(gt=0)
    """Heat it is built for [MW]."""
    preset: Literal["modern", "as-operated"] = "modern"
    """Fans and exchangers as built new, or as in halls of about 2018."""
    water: bool = True
    """Whether evaporation is allowed; plants with towers need it."""
    water_price_per_m3: float = Field(default=0.0, ge=0)
    """Price of a cubic metre of water."""
    fan_altitude_exponent: float = Field(default=1.0, ge=0, le=2)
    """Growth of fan power in thin air: 0 more units, 1 same pressure drop, 2 same units pushed harder."""
    cop_factor: float = Field(default=1.0, ge=0.4, le=1.5)
    """Performance of the compressors against the preset's; published ranges are 0.6 to 1.1."""
    supply_water_c: float | None = Field(default=None, ge=5, le=45)
    """Temperature of the water given to halls or servers by plants with chillers; none: the preset's (17 °C as new and 12 °C as
    operated in halls, 32 and 23.2 °C in a liquid loop; assumptions, but for the last, which is measured).
    """
    chillers: Chillers | None = None
    """Chillers as machines that are switched; none: any number runs, without starts. Only for plants with chillers."""
    segments: int = Field(default=3, ge=1, le=12)
    """Pieces the hour's power curve is laid in."""
    overheat_price_per_mwh: float = Field(default=20_000.0, gt=0)
    """Penalty for a MWh of heat that is not removed."""

    @model_validator(mode="after")
    def _plant_has_its_parts(self) -> Cooling:
        kind = KINDS[self.kind]
        if not self.water and not kind.dry_modes:
            raise ValueError(
                f"{self.kind} evaporates water in its towers; set water: true, or take {_without_water(kind.heat)}"
            )
        for name, value in (("chillers", self.chillers), ("supply_water_c", self.supply_water_c)):
            if value is not None and chilled_part(kind.plant(self.preset)) is None:
                with_them = ", ".join(
                    word for word, one in KINDS.items() if chilled_part(one.plant(self.preset)) is not None
                )
                raise ValueError(f"{self.kind} has no central chillers; leave {name} away, or take one of {with_them}")
        return self

    @property
    def heat_bus(self) -> str:
        """Bus it takes heat from."""
        return f"{KINDS[self.kind].heat}_heat"

    def plant(self) -> Plant:
        """Plant with its settings."""
        return adjusted(
            KINDS[self.kind].plant(self.preset),
            fan_altitude_exponent=self.fan_altitude_exponent,
            cop_factor=self.cop_factor,
            supply_water_c=self.supply_water_c,
        )

    def needs_weather(self) -> bool:
        return True

    def series(self, outside: Outside) -> dict[str, Floats]:
        kind, plant, weather = KINDS[self.kind], self.plant(), outside.weather
        dry_bulb, pressure = weather["dry_bulb_c"].values, weather["pressure_pa"].values
        wet_bulb = wet_bulb_c(dry_bulb, weather["relative_humidity"].values, pressure)
        modes = kind.modes if self.water else kind.dry_modes
        curve = plant_segments(
            modes, dry_bulb, wet_bulb, pressure, design_heat_mw=self.design_heat_mw, plant=plant, segments=self.segments,
            water_weight_mwh_per_m3=self.water_price_per_m3 / REFERENCE_PRICE_PER_MWH,
        )  # fmt: skip
        heat_mw = _nodes(np.zeros(len(dry_bulb)), curve.width_mw, 1.0)
        machines: dict[str, Floats] = {}
        chilled = chilled_part(plant)
        if self.chillers and chilled and kind.free_share:
            free = kind.free_share(dry_bulb, wet_bulb, pressure, plant=plant)
            machines = self.chillers.series(wet_bulb, free, heat_mw, design_heat_mw=self.design_heat_mw, plant=chilled)
        return {
            **machines,
            "heat_mw": heat_mw,
            "power_mw": _nodes(curve.power_at_zero_mw, curve.width_mw, curve.power_slope),
            "water_m3_per_h": _nodes(curve.water_at_zero_m3_per_h, curve.width_mw, curve.water_slope),
        }

    def remarks(self, outside: Outside, offered: Mapping[str, float]) -> list[str]:  # noqa: ARG002
        """Remarks on servers that may not stand so high, or not in air so warm."""
        height, air = outside.site.elevation_m, hall_air(self.plant())
        if air is None:
            return []
        if height > HIGHEST_CLASS_ELEVATION_M:
            return [f"at {height:,.0f} m no thermal class of servers holds (they end at 3,050 m); ask their maker"]
        warmest_c = warmest_inlet_c(height, thermal_class=CLASS_A1)
        if air.supply_temperature_c <= warmest_c:
            return []
        return [
            f"gives air of {air.supply_temperature_c:g} °C, and at {height:,.0f} m servers of class A1 allow {warmest_c:.1f} °C"
        ]

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:
        points = range(inputs["heat_mw"].shape[1])
        block.share = pyo.Var(inputs.steps, points, bounds=(0, 1))
        block.overheat_mw = pyo.Var(inputs.steps, domain=pyo.NonNegativeReals)

        @block.Constraint(inputs.steps)
        def shares_make_the_plant(b: Block, t: int) -> Expr:
            return sum(b.share[t, k] for k in points) == 1

        shares = [Linear.of(block.share[t, k] for t in inputs.steps) for k in points]
        removed, power, water = (mixture(shares, inputs[name]) for name in ("heat_mw", "power_mw", "water_m3_per_h"))
        machines = self.chillers.build(block, inputs, opening, shares) if self.chillers else {}
        if machines:
            power = power + machines["more_chiller_mw"]
        overheat = Linear.of(block.overheat_mw.values())
        cost = [power * (ORDER_PRICE_PER_MWH * inputs.step_h), overheat * (self.overheat_price_per_mwh * inputs.step_h)]
        if self.water_price_per_m3:
            cost.append(water * (self.water_price_per_m3 * inputs.step_h))
        if self.chillers:
            cost.append(machines["chiller_starts"] * self.chillers.start_cost)
        return Contribution(
            flows={
                (self.heat_bus, "removed", Role.HEAT_REMOVAL): -removed,
                (self.heat_bus, "overheat", Role.HEAT_REMOVAL): -overheat,
                ("electricity", "draw", Role.COOLING): -power,
            },
            cost=cost,
            meters={**{f"share_at_point_{k}": share for k, share in enumerate(shares)}, **machines},
            tallies={Tally.WATER_M3_PER_H: water},
            shortfalls={"overheat_mw": overheat},
        )

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        step_h = inputs.step_h
        starts = {}
        if self.chillers:
            starts = {"chiller starts": record.meters["chiller_starts"] * self.chillers.start_cost}
        return {
            **starts,
            "order": -record.flow("draw") * ORDER_PRICE_PER_MWH * step_h,
            "water": record.meters["water_m3_per_h"] * self.water_price_per_m3 * step_h,
            "overheat penalty": record.shortfalls["overheat_mw"] * self.overheat_price_per_mwh * step_h,
        }

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        shares = [record.meters[f"share_at_point_{k}"] for k in range(inputs["heat_mw"].shape[1])]
        recorded: dict[str, Floats] = {
            "heat_mw": -record.flow("removed"),
            "power_mw": -record.flow("draw") - (record.meters["more_chiller_mw"] if self.chillers else 0.0),
            "water_m3_per_h": record.meters["water_m3_per_h"],
        }
        laws = {
            f"{name} does not follow from the shares of the plant": abs(mixture(shares, inputs[name]) - values) > 1e-6
            for name, values in recorded.items()
        }
        # 1e-6: rows and bounds are held to 1e-7
        laws["the shares of the plant do not make one plant"] = (abs(np.sum(shares, axis=0) - 1) > 1e-6) | (
            np.min(np.stack(shares), axis=0) < -1e-6
        )
        if self.chillers:
            laws |= self.chillers.broken(record, inputs, opening, shares)
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def state_after(self, record: Record, step: int) -> State:
        return {"chillers_on": float(np.round(record.meters["chillers_on"][step]))} if self.chillers else {}

    def closing_state(self, record: Record, inputs: Inputs, opening: State, step: int) -> State:
        return self.chillers.closing(record, inputs, opening, step) if self.chillers else {}

    def state_limits(self) -> dict[str, tuple[float, float]]:
        return {"chillers_on": (0.0, float(self.chillers.count))} if self.chillers else {}

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        return set(), {self.heat_bus, "electricity"}


def _nodes(at_zero: Floats, width: Floats, slope: Floats | float) -> Floats:
    """Values at the ends of segments, shape (steps, segments + 1)."""
    return np.column_stack([at_zero, at_zero[:, None] + np.cumsum(width * slope, axis=1)])


def _without_water(heat: str) -> str:
    """Kinds for that heat that can do without water."""
    return ", ".join(name for name, kind in KINDS.items() if kind.heat == heat and kind.dry_modes)
