"""Chillers of a cooling plant as machines that are switched: how many run, starts, least times, power at part load.

The plant's points hold the power of as many chillers as is cheapest in each hour. Machines that are switched take that and, at
another number, what it costs more: every machine that runs draws at no load an eighth of its full power, and one that runs full is
dearer than two that share. Power is the greatest of straight lines in heat and machines, so the relaxed problem stays linear.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from optimizer.quantities.strict import Settings
from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import Inputs, Record, State
from optimizer.technologies.energy.commitment import (
    SwitchingRules,
    broken_switching_rules,
    hold_to_switching_rules,
    recent_switching,
    steps_of,
    switched,
)
from optimizer.technologies.linear import Floats, Linear, mixture
from weather.cooling.chilled_water import ChilledWaterPlant
from weather.cooling.chiller import best_chillers_power, machine_pieces

TOLERANCE_MW = 1e-6
"""HiGHS holds rows to 1e-7."""


class Chillers(Settings):
    """Chillers that are switched one by one; without this block the plan runs any number of them, without a start."""

    count: int = Field(default=5, ge=1, le=60)
    """Like machines; together they carry 1.25 times the design heat, so that one in five stands by."""
    start_cost: float = Field(default=100.0, ge=0)
    """Wear of a start; an assumption, range 20 to 500 CNY a machine of 1 to 2 MW."""
    least_up_h: float = Field(default=2.0, ge=0, le=48)
    """Once started a chiller runs at least so long; 2 to 4 h are usual."""
    least_down_h: float = Field(default=1.0, ge=0, le=48)
    """Once stopped a chiller rests at least so long; an assumption."""

    def rules(self, step_h: float) -> SwitchingRules:
        """Switching rules in steps."""
        return SwitchingRules(self.count, steps_of(self.least_up_h, step_h), steps_of(self.least_down_h, step_h))

    def series(
        self,
        wet_bulb_c: Floats,
        free_share: Floats,
        heat_mw: Floats,
        *,
        design_heat_mw: float,
        plant: ChilledWaterPlant,
    ) -> dict[str, Floats]:
        """Heat and power of the chillers by hour; `heat_mw`: what the plant removes at its points, shape (steps, points)."""
        size_mw, water_c = plant.chillers_mw(design_heat_mw), plant.condenser_water_c(wet_bulb_c)
        share = (1 - free_share) / plant.sensible_heat_ratio
        intercept, slope = machine_pieces(water_c)
        best = best_chillers_power(share[:, None] * heat_mw / size_mw, water_c[:, None])
        return {
            "chilled_share": share,
            "chiller_size_mw": np.full(len(share), size_mw / self.count),
            "chiller_no_load_mw": intercept * size_mw / self.count / plant.cop_factor,
            "chiller_slope": slope / plant.cop_factor,
            "best_chillers_mw": best * size_mw / plant.cop_factor,
        }

    def build(self, block: Block, inputs: Inputs, opening: State, shares: Sequence[Linear]) -> dict[str, Linear]:
        """Add the machines to a plant's block; what is metered: chillers on, starts, and what their number costs more [MW].

        `shares`: parts of the plant at each of its points.
        """
        steps, count = inputs.steps, self.count
        block.chillers_on = pyo.Var(steps, domain=pyo.Integers, bounds=(0, count))
        block.chiller_starts = pyo.Var(steps, bounds=(0, count))
        block.more_chiller_mw = pyo.Var(steps, domain=pyo.NonNegativeReals)
        chilled_mw = inputs["heat_mw"] * inputs["chilled_share"][:, None]
        chilled = mixture(shares, chilled_mw)
        size = inputs["chiller_size_mw"].tolist()
        no_load, slope = inputs["chiller_no_load_mw"], inputs["chiller_slope"]

        @block.Constraint(steps)
        def chilled_heat_within_running_chillers(b: Block, t: int) -> Expr:
            return chilled.at(t) <= size[t] * b.chillers_on[t]

        lines = [
            mixture(shares, chilled_mw * slope[:, [piece]] - inputs["best_chillers_mw"])
            for piece in range(slope.shape[1])
        ]

        @block.Constraint(steps, range(slope.shape[1]))
        def running_chillers_take_their_power(b: Block, t: int, piece: int) -> Expr:
            return b.more_chiller_mw[t] >= lines[piece].at(t) + float(no_load[t, piece]) * b.chillers_on[t]

        rules = self.rules(inputs.step_h)
        hold_to_switching_rules(block, steps, block.chillers_on, block.chiller_starts, rules, past(opening))
        return {
            "chillers_on": Linear.of(block.chillers_on.values()),
            "chiller_starts": Linear.of(block.chiller_starts.values()),
            "more_chiller_mw": Linear.of(block.more_chiller_mw.values()),
        }

    def broken(self, record: Record, inputs: Inputs, opening: State, shares: Sequence[Floats]) -> dict[str, np.ndarray]:
        """Law → whether each step breaks it, from the record alone; `shares` as in `build`."""
        on, chilled = record.meters["chillers_on"], -record.flow("removed") * inputs["chilled_share"]
        lines = inputs["chiller_no_load_mw"] * on[:, None] + inputs["chiller_slope"] * chilled[:, None]
        more = np.maximum(lines.max(axis=1) - mixture(shares, inputs["best_chillers_mw"]), 0.0)
        slack = TOLERANCE_MW * (1 + inputs["chiller_size_mw"])
        starts, _ = switched(on, past(opening).get("on"))
        return {
            "chillers carry more heat than those that run can": chilled > inputs["chiller_size_mw"] * on + slack,
            "power of the chillers does not follow from heat and number": abs(record.meters["more_chiller_mw"] - more)
            > slack,
            "a chiller runs in part": abs(on - np.round(on)) > 1e-5,  # HiGHS accepts 1e-6
            "starts are not chillers switched on": abs(record.meters["chiller_starts"] - starts) > 1e-5,
            **broken_switching_rules(on, self.rules(inputs.step_h), past(opening)),
        }

    def closing(self, record: Record, inputs: Inputs, opening: State, step: int) -> State:
        """State the next window must know."""
        state = recent_switching(record.meters["chillers_on"], step, self.rules(inputs.step_h), past(opening))
        return {"chillers_on": state.pop("on"), **state}


def past(opening: State) -> State:
    """Opening in the words of the switching rules."""
    return {("on" if name == "chillers_on" else name): value for name, value in opening.items()}
