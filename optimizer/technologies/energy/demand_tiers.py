"""Tiers of a demand charge: blocks of the billed demand, each with a price of its own.

A tier dearer than the one below fills last by itself; where a later tier is cheaper, whole numbers keep the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pyomo.environ as pyo

from optimizer.quantities.demand_charge import DemandTier
from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.linear import Floats, Linear


def add_demand_tiers(block: Block, tiers: Sequence[DemandTier], billed: Linear, most: Floats, due: Floats) -> Linear:
    """Money of the tiers by period; `most` bounds the billed demand, `due` is the share of a price that is paid.

    Shape (periods x tiers + 1,): entries of the objective, in which the order does not matter.
    """
    edges = [0.0, *(tier.above_mw for tier in tiers)]
    tops = [[*edges[1:], max(float(top), edges[-1])] for top in most]
    extras = [0.0, *(tier.extra_per_mw for tier in tiers)]
    periods, parts = range(len(billed)), range(len(edges))
    index = [(n, k) for n in periods for k in parts]
    block.tier_mw = pyo.Var(index, bounds=lambda _, n, k: (0.0, tops[n][k] - edges[k]))

    @block.Constraint(periods)
    def billed_demand_lies_in_tiers(b: Block, n: int) -> Expr:
        return sum(b.tier_mw[n, k] for k in parts) == billed.at(n)

    if any(later < before for before, later in pairwise(extras)):
        block.tier_reached = pyo.Var([(n, k) for n, k in index if k], domain=pyo.Binary)

        @block.Constraint(periods, parts[1:])
        def demand_tier_is_used_when_reached(b: Block, n: int, k: int) -> Expr:
            return b.tier_mw[n, k] <= (tops[n][k] - edges[k]) * b.tier_reached[n, k]

        @block.Constraint(periods, parts[1:])
        def demand_tier_is_reached_when_the_one_below_is_full(b: Block, n: int, k: int) -> Expr:
            return b.tier_mw[n, k - 1] >= (tops[n][k - 1] - edges[k - 1]) * b.tier_reached[n, k]

    return Linear.of(block.tier_mw.values()) * np.array([extras[k] * due[n] for n, k in index])
