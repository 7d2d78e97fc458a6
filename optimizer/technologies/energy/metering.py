"""Monthly metering: tiers and netting: energy in tiers, and export set off against import (net metering)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyomo.environ as pyo

from optimizer.quantities.tariff import Tier
from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import Inputs
from optimizer.technologies.linear import Floats, Linear


def _months(inputs: Inputs) -> list[list[int]]:
    month = inputs.calendar.billing_month
    return [np.flatnonzero(month == number).tolist() for number in range(int(month[-1]) + 1)]


def tier_widths_mwh(tiers: Sequence[Tier], inputs: Inputs, most_mw: float) -> Floats:
    """Energy of each tier in each month, shape (months, tiers + 1); limits by the share of the month planned.

    The first column is the energy below the first tier; `most_mw` bounds the last.
    """
    share = inputs.calendar.month_share
    edges = np.concatenate([[0.0], [tier.above_mwh for tier in tiers]])[None, :] * share[:, None]
    hours = np.bincount(inputs.calendar.billing_month) * inputs.step_h
    top = np.maximum(hours * most_mw, edges[:, -1])
    return np.diff(np.column_stack([edges, top]), axis=1)


def add_tiers(block: Block, inputs: Inputs, tiers: Sequence[Tier], taken: Linear, most_mw: float) -> Linear:
    """Cost of each month's energy above the tiers. Whole numbers only where a later tier is cheaper than an earlier."""
    widths, months = tier_widths_mwh(tiers, inputs, most_mw), _months(inputs)
    prices = [0.0] + [tier.extra_per_mwh for tier in tiers]
    index = [(m, k) for m in range(len(months)) for k in range(len(prices))]
    block.energy_mwh = pyo.Var(index, bounds=lambda _, m, k: (0, widths[m, k]))

    @block.Constraint(range(len(months)))
    def months_energy_lies_in_tiers(b: Block, m: int) -> Expr:
        taken_mwh = (taken.take(months[m]) * inputs.step_h).sum().at(0)
        return sum(b.energy_mwh[m, k] for k in range(len(prices))) == taken_mwh

    falls = [k for k in range(1, len(prices)) if prices[k] < prices[k - 1]]
    if falls:
        block.reached = pyo.Var(index, domain=pyo.Binary)

        @block.Constraint(range(len(months)), range(1, len(prices)))
        def tier_is_used_when_reached(b: Block, m: int, k: int) -> Expr:
            return b.energy_mwh[m, k] <= widths[m, k] * b.reached[m, k]

        @block.Constraint(range(len(months)), range(1, len(prices)))
        def tier_is_reached_when_the_one_below_is_full(b: Block, m: int, k: int) -> Expr:
            return b.energy_mwh[m, k - 1] >= widths[m, k - 1] * b.reached[m, k]

    return Linear.of(block.energy_mwh.values()) * np.array([prices[k] for _, k in index])


def tier_bill(taken_mwh: Floats, tiers: Sequence[Tier], inputs: Inputs, most_mw: float) -> Floats:
    """Tiered energy bill from plain energy, in the last step of each month, shape (steps,)."""
    widths, charged = tier_widths_mwh(tiers, inputs, most_mw), np.zeros(inputs.count)
    prices = np.array([0.0] + [tier.extra_per_mwh for tier in tiers])
    below = np.cumsum(widths, axis=1) - widths
    for number, steps in enumerate(_months(inputs)):
        filled = np.clip(taken_mwh[steps].sum() - below[number], 0.0, widths[number])
        charged[steps[-1]] = float(filled @ prices)
    return charged


def netted_groups(price: Floats, inputs: Inputs) -> list[list[int]]:
    """Steps set off against one another: those of one month at one price."""
    keys = np.column_stack([inputs.calendar.billing_month, np.unique(price, return_inverse=True)[1]])
    _, group = np.unique(keys, axis=0, return_inverse=True)
    return [np.flatnonzero(group == number).tolist() for number in range(int(group.max()) + 1)]


def add_netting(
    block: Block, inputs: Inputs, taken: Linear, given: Linear, price: Floats, surplus_price: Floats, most_mw: float
) -> Linear:
    """Cost of energy when export is set off against import: what is bought, less what is left over at its own price."""
    groups = netted_groups(price, inputs)
    most = [len(steps) * inputs.step_h * most_mw for steps in groups]
    block.bought_mwh = pyo.Var(range(len(groups)), bounds=lambda _, g: (0, most[g]))
    block.surplus_mwh = pyo.Var(range(len(groups)), bounds=lambda _, g: (0, most[g]))

    @block.Constraint(range(len(groups)))
    def export_is_set_off_against_import(b: Block, g: int) -> Expr:
        net_mwh = ((taken - given).take(groups[g]) * inputs.step_h).sum().at(0)
        return b.bought_mwh[g] - b.surplus_mwh[g] == net_mwh

    bought = Linear.of(block.bought_mwh.values()) * np.array([price[steps[0]] for steps in groups])
    credit = np.array([surplus_price[steps].mean() for steps in groups])
    return bought - Linear.of(block.surplus_mwh.values()) * credit


def netting_bill(net_mwh: Floats, price: Floats, surplus_price: Floats, inputs: Inputs) -> Floats:
    """Net-metering bill from plain net energy, in the last step of each group, shape (steps,)."""
    charged = np.zeros(inputs.count)
    for steps in netted_groups(price, inputs):
        net = net_mwh[steps].sum()
        charged[steps[-1]] += max(net, 0.0) * price[steps[0]] - max(-net, 0.0) * surplus_price[steps].mean()
    return charged
