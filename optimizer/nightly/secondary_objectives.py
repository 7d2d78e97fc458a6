"""Secondary objectives of a night's plan beyond its expected cost: what bad members cost, and how far it leaves last night's plan.

Both are part of what is minimised and of the bound, not of the bill. CVaR: Rockafellar & Uryasev, Journal of Risk 2
(2000), doi 10.21314/JOR.2000.038: the mean cost of the worst `risk_tail` of the members, as a linear program.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyomo.environ as pyo

from optimizer.plan.model import Model
from optimizer.solve.highs import Compiled, Floats
from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Linear, total


@dataclass(frozen=True)
class Preferences:
    """Weights of the secondary objectives; all zero: the expected cost alone."""

    risk_weight: float = 0.0
    """Weight of the mean cost of the worst members against the expected cost, 0..1."""
    risk_tail: float = 0.1
    """Share of the members (by weight) that count as the worst."""
    change_price_per_card_h: float = 0.0
    """Price of a card-hour that runs in another hour than last night's plan had it."""

    def amend(self, model: Model, yesterday: dict[tuple[str, str], Floats]) -> None:
        """Add the secondary objectives to a model's objective. `yesterday`: cards of each work in these hours; infinite where unknown."""
        root = model.pyomo
        objective = root.expected_cost.expr
        if self.risk_weight and len(model.weights) > 1:
            objective = (1 - self.risk_weight) * objective + self.risk_weight * self._worst(model)
        if self.change_price_per_card_h:
            objective = objective + self.change_price_per_card_h * model.calendar.step_h / 2 * _changed(
                model, yesterday
            )
        root.expected_cost.set_value(objective)

    def _worst(self, model: Model) -> Expr:
        """Mean cost of the worst members: what all share, and the least (value at risk + mean excess over it / tail)."""
        root, members = model.pyomo, range(len(model.weights))
        by_member = [_cost(model, member) for member in members]
        root.value_at_risk = pyo.Var()
        root.excess = pyo.Var(members, domain=pyo.NonNegativeReals)

        @root.Constraint(members)
        def excess_over_the_value_at_risk(b: Block, m: int) -> Expr:
            return b.excess[m] >= by_member[m] - b.value_at_risk

        mean_excess = sum(model.weights[m] * root.excess[m] for m in members)
        return _cost(model, -1) + root.value_at_risk + mean_excess / self.risk_tail


def _cost(model: Model, member: int) -> Expr:
    """Cost of one member's assets, not weighted (−1: of what is decided before the weather is known)."""
    return total(cost for place in model.places if place.member == member for cost in place.contribution.cost)


def _changed(model: Model, yesterday: dict[tuple[str, str], Floats]) -> Expr:
    """Cards that run in another hour than in last night's plan, summed over steps and works."""
    root, parts = model.pyomo, []
    for place in model.places:
        before = yesterday.get((place.site, place.asset))
        if before is None or place.member >= 0:
            continue
        run = [-flow for (_, _, role), flow in place.contribution.flows.items() if role == Role.MOVABLE_WORK]
        known = [int(step) for step in np.flatnonzero(np.isfinite(before))]
        parts.append((sum(run[1:], start=run[0]) - np.where(np.isfinite(before), before, 0.0)).take(known))
    root.changes = pyo.RangeSet(0, sum(map(len, parts)) - 1)
    root.changed_cards = pyo.Var(root.changes, domain=pyo.NonNegativeReals)
    lines = [part.at(entry) for part in parts for entry in range(len(part))]

    @root.Constraint(root.changes)
    def more_than_last_night(b: Block, k: int) -> Expr:
        return b.changed_cards[k] >= lines[k]

    @root.Constraint(root.changes)
    def less_than_last_night(b: Block, k: int) -> Expr:
        return b.changed_cards[k] >= -lines[k]

    return sum(root.changed_cards.values()) if parts else 0.0


def expected_cost(model: Model, compiled: Compiled, values: Floats) -> float:
    """Expected cost of a plan without its secondary objectives."""
    money = 0.0
    for place in model.places:
        weight = 1.0 if place.member < 0 else model.weights[place.member]
        for cost in place.contribution.cost:
            money += weight * _valued(cost, compiled, values)
    return money


def _valued(line: Linear, compiled: Compiled, values: Floats) -> float:
    amount = float(line.constant.sum())
    for coefficients, variables in line.terms:
        for coefficient, variable in zip(coefficients.tolist(), variables, strict=True):
            if coefficient:
                column = compiled.column_of.get(id(variable))
                amount += coefficient * (float(values[column]) if column is not None else float(variable.lb or 0.0))
    return amount
