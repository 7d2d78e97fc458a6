"""Cooling plant: takes heat from a bus, draws electricity and water by the hour's weather.

Air halls: indirect evaporative units, dry or wet, with a compressor as the last resort. Liquid loop: dry coolers with
pumps. A plant is many units side by side, so any share of it may run at any of the hour's operating points: heat, power
and water are a mixture of the points, without binaries (their physics and error: weather/cooling/segments.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import Contribution, Inputs, Outside, Record, State, Technology
from optimizer.technologies.facility.power_train import ORDER_PRICE_PER_MWH
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Amount, Floats, Linear
from optimizer.technologies.tallies import Tally
from weather.cooling import indirect_evaporative, liquid_loop
from weather.cooling.presets import AS_OPERATED, MODERN_IEC
from weather.cooling.psychrometrics import wet_bulb_c
from weather.cooling.segments import plant_segments

REFERENCE_PRICE_PER_MWH = 300.0
"""Electricity price at which water is weighed against power when the cheaper mode is chosen; currency of the scenario."""


class Cooling(Technology):
    """A plant that rejects the heat of the halls or of the liquid loop."""

    kind: Literal["indirect-evaporative", "dry-cooler"]
    """`indirect-evaporative` cools the air halls, `dry-cooler` the liquid loop."""
    design_heat_mw: float = Field(gt=0)
    """Heat it is built for [MW]."""
    preset: Literal["modern", "as-operated"] = "modern"
    """Fans and exchangers as built new, or as in halls of about 2018."""
    water: bool = True
    """Whether evaporation is allowed."""
    water_price_per_m3: float = Field(default=0.0, ge=0)
    """Price of a cubic metre of water."""
    fan_altitude_exponent: float = Field(default=1.0, ge=0, le=2)
    """Growth of fan power in thin air: 0 more units, 1 same pressure drop, 2 same units pushed harder."""
    segments: int = Field(default=3, ge=1, le=12)
    """Pieces the hour's power curve is laid in."""
    overheat_price_per_mwh: float = Field(default=20_000.0, gt=0)
    """Penalty for a MWh of heat that is not removed."""

    @property
    def heat_bus(self) -> str:
        """Bus it takes heat from."""
        return "air_heat" if self.kind == "indirect-evaporative" else "liquid_heat"

    def needs_weather(self) -> bool:
        return True

    def series(self, outside: Outside) -> dict[str, Floats]:
        preset = MODERN_IEC if self.preset == "modern" else AS_OPERATED
        weather = outside.weather
        dry_bulb, pressure = weather["dry_bulb_c"].values, weather["pressure_pa"].values
        wet_bulb = wet_bulb_c(dry_bulb, weather["relative_humidity"].values, pressure)
        if self.kind == "indirect-evaporative":
            modes = indirect_evaporative.DRY_OR_WET if self.water else indirect_evaporative.DRY_ONLY
            plant: Any = replace(preset.air, fan_altitude_exponent=self.fan_altitude_exponent)
        else:
            modes = liquid_loop.DRY_OR_ADIABATIC if self.water else liquid_loop.DRY_COOLER_ONLY
            plant = replace(preset.liquid, fan_altitude_exponent=self.fan_altitude_exponent)
        curve = plant_segments(
            modes, dry_bulb, wet_bulb, pressure, design_heat_mw=self.design_heat_mw, plant=plant, segments=self.segments,
            water_weight_mwh_per_m3=self.water_price_per_m3 / REFERENCE_PRICE_PER_MWH,
        )  # fmt: skip
        return {
            "heat_mw": _nodes(np.zeros(len(dry_bulb)), curve.width_mw, 1.0),
            "power_mw": _nodes(curve.power_at_zero_mw, curve.width_mw, curve.power_slope),
            "water_m3_per_h": _nodes(curve.water_at_zero_m3_per_h, curve.width_mw, curve.water_slope),
        }

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:  # noqa: ARG002
        points = range(inputs["heat_mw"].shape[1])
        block.share = pyo.Var(inputs.steps, points, bounds=(0, 1))
        block.overheat_mw = pyo.Var(inputs.steps, domain=pyo.NonNegativeReals)

        @block.Constraint(inputs.steps)
        def shares_make_the_plant(b: Block, t: int) -> Expr:
            return sum(b.share[t, k] for k in points) == 1

        shares = [Linear.of(block.share[t, k] for t in inputs.steps) for k in points]
        removed, power, water = (_mixed(shares, inputs[name]) for name in ("heat_mw", "power_mw", "water_m3_per_h"))
        overheat = Linear.of(block.overheat_mw.values())
        cost = [power * (ORDER_PRICE_PER_MWH * inputs.step_h), overheat * (self.overheat_price_per_mwh * inputs.step_h)]
        if self.water_price_per_m3:
            cost.append(water * (self.water_price_per_m3 * inputs.step_h))
        return Contribution(
            flows={
                (self.heat_bus, "removed", Role.HEAT_REMOVAL): -removed,
                (self.heat_bus, "overheat", Role.HEAT_REMOVAL): -overheat,
                ("electricity", "draw", Role.COOLING): -power,
            },
            cost=cost,
            meters={f"share_at_point_{k}": share for k, share in enumerate(shares)},
            tallies={Tally.WATER_M3_PER_H: water},
            shortfalls={"overheat_mw": overheat},
        )

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        step_h = inputs.step_h
        return {
            "order": -record.flow("draw") * ORDER_PRICE_PER_MWH * step_h,
            "water": record.meters["water_m3_per_h"] * self.water_price_per_m3 * step_h,
            "overheat penalty": record.shortfalls["overheat_mw"] * self.overheat_price_per_mwh * step_h,
        }

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:  # noqa: ARG002
        shares = [record.meters[f"share_at_point_{k}"] for k in range(inputs["heat_mw"].shape[1])]
        recorded: dict[str, Floats] = {
            "heat_mw": -record.flow("removed"),
            "power_mw": -record.flow("draw"),
            "water_m3_per_h": record.meters["water_m3_per_h"],
        }
        laws = {
            f"{name} does not follow from the shares of the plant": abs(_mixed(shares, inputs[name]) - values) > 1e-6
            for name, values in recorded.items()
        }
        # 1e-6: rows and bounds are held to 1e-7
        laws["the shares of the plant do not make one plant"] = (abs(np.sum(shares, axis=0) - 1) > 1e-6) | (
            np.min(np.stack(shares), axis=0) < -1e-6
        )
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        return set(), {self.heat_bus, "electricity"}


def _nodes(at_zero: Floats, width: Floats, slope: Floats | float) -> Floats:
    """Values at the ends of segments, shape (steps, segments + 1)."""
    return np.column_stack([at_zero, at_zero[:, None] + np.cumsum(width * slope, axis=1)])


def _mixed(shares: Sequence[Amount], points: Floats) -> Amount:
    """Shares of the plant times what each point gives; lines or numbers."""
    total = shares[0] * points[:, 0]
    for number, share in enumerate(shares[1:], start=1):
        total = total + share * points[:, number]
    return total
