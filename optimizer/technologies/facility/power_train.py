"""Power train: transformer and UPS between the electricity bus and the IT bus, with the small constant loads of halls.

Losses are a parabola of the load, laid as convex segments (error 0.02 % of design IT power with two). UPS losses and
half of the small loads become heat in the halls; the transformer stands outside. Assumes: modules share the load
evenly, so that a segment fills before the next begins, whatever power is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from optimizer.solve.pairs import never_both
from optimizer.solve.pyomo_types import Block
from optimizer.technologies.base import Contribution, Inputs, Outside, Record, State, Technology
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Amount, Floats, Linear
from weather.cooling.power_losses import loss_heat_to_air_mw, power_loss_segments
from weather.cooling.presets import AS_OPERATED, MODERN_IEC

ORDER_PRICE_PER_MWH = 0.01
"""Keeps losses from being inflated in hours in which power is free; a hundredth of a yuan a MWh changes no decision."""


class PowerTrain(Technology):
    """Transformer, UPS and small constant loads."""

    design_it_mw: float = Field(gt=0)
    """IT power it is built for [MW]."""
    ups: Literal["modern", "as-operated"] = "modern"
    """`modern`: N+1 double conversion. `as-operated`: 2N transformer type of about 2018."""
    small_loads: float = Field(default=0.012, ge=0, le=0.2)
    """Lights, controls and the like as a share of design IT power, constant."""

    def series(self, outside: Outside) -> dict[str, Floats]:
        preset = MODERN_IEC if self.ups == "modern" else AS_OPERATED
        width, slope, at_zero = power_loss_segments(
            design_it_mw=self.design_it_mw, ups=preset.ups, transformer=preset.transformer
        )
        edges = np.concatenate([[0.0], np.cumsum(width)])
        heat = loss_heat_to_air_mw(edges, design_it_mw=self.design_it_mw, ups=preset.ups)
        count = outside.calendar.count
        small = self.small_loads * self.design_it_mw
        return {
            "width_mw": np.tile(width, (count, 1)),
            "loss_slope": np.tile(slope, (count, 1)),
            "heat_slope": np.tile(np.diff(heat) / width, (count, 1)),
            "loss_at_zero_mw": np.full(count, at_zero + small),
            "heat_at_zero_mw": np.full(count, float(heat[0]) + preset.misc_heat_to_air * small),
        }

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:  # noqa: ARG002
        widths = inputs["width_mw"][0].tolist()
        block.fed_mw = pyo.Var(inputs.steps, range(len(widths)), bounds=lambda _b, _t, k: (0, widths[k]))
        segments = [[block.fed_mw[t, k] for t in inputs.steps] for k in range(len(widths))]
        for below, above in pairwise(segments):
            never_both(block, above, below, from_top=True)
        parts = [Linear.of(segment) for segment in segments]
        fed, drawn, heat = _totals(parts, inputs)
        return Contribution(
            flows={
                ("electricity", "draw", Role.SUPPLY): -drawn,
                ("it", "feed", Role.FEED): fed,
                ("air_heat", "loss heat", Role.HEAT): heat,
            },
            cost=[drawn * (ORDER_PRICE_PER_MWH * inputs.step_h)],
            meters={f"fed_segment_{k}_mw": part for k, part in enumerate(parts)},
        )

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        return {"order": -record.flow("draw") * ORDER_PRICE_PER_MWH * inputs.step_h}

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:  # noqa: ARG002
        widths = inputs["width_mw"]
        parts = [record.meters[f"fed_segment_{k}_mw"] for k in range(widths.shape[1])]
        fed, drawn, heat = _totals(parts, inputs)
        table = np.column_stack(parts)
        laws = {  # 1e-6: rows and bounds are held to 1e-7
            "feeds other than its segments": abs(fed - record.flow("feed")) > 1e-6,
            "a segment outside its width": ((table < -1e-6) | (table > widths + 1e-6)).any(axis=1),
            # 1e-5: columns of a pair may be a millionth of their width from rest
            "a segment is used before the one below is full": np.any(
                (table[:, 1:] > 1e-5 * (1 + widths[:, 1:])) & (widths - table > 1e-5 * (1 + widths))[:, :-1], axis=1
            ),
            "draws other than feed plus loss": abs(drawn + record.flow("draw")) > 1e-6,
            "loss heat does not follow from the load": abs(heat - record.flow("loss heat")) > 1e-6,
        }
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        return {"it", "air_heat"}, {"electricity"}


def _totals(parts: Sequence[Amount], inputs: Inputs) -> tuple[Amount, Amount, Amount]:
    """IT power fed, electricity drawn and heat given to the halls, from the use of each segment; lines or numbers."""
    fed = parts[0]
    drawn = parts[0] * (1.0 + inputs["loss_slope"][:, 0]) + inputs["loss_at_zero_mw"]
    heat = parts[0] * inputs["heat_slope"][:, 0] + inputs["heat_at_zero_mw"]
    for number, part in enumerate(parts[1:], start=1):
        fed = part + fed
        drawn = part * (1.0 + inputs["loss_slope"][:, number]) + drawn
        heat = part * inputs["heat_slope"][:, number] + heat
    return fed, drawn, heat
