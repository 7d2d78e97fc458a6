"""Pyomo model: one block per asset, one balance per bus, one objective. Names no technology.

Assets of stage `plan` are built once; assets of stage `recourse` once per weather member, with that member's inputs.
A bus that any recourse asset touches is balanced per member.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyomo.environ as pyo

from optimizer.quantities.calendar import Calendar
from optimizer.solve.pyomo_types import Block, Expr, Steps
from optimizer.technologies.base import Contribution, Inputs, State, Technology
from optimizer.technologies.contract import hold_to_contract
from optimizer.technologies.flows import bus_address
from optimizer.technologies.linear import Linear, total

AssetKey = tuple[str, str]
"""(site, asset)."""


@dataclass(frozen=True)
class Place:
    """Built asset in the model: where it stands, which member it answers, what it contributes. Plan assets have member −1."""

    site: str
    asset: str
    member: int
    technology: Technology
    contribution: Contribution


@dataclass(frozen=True)
class Balance:
    """Bus balance of one site, in one member (−1: decided before the weather is known)."""

    site: str
    bus: str
    member: int


@dataclass(frozen=True)
class Model:
    """A Pyomo model with the names of what is in it."""

    pyomo: Any
    calendar: Calendar
    weights: tuple[float, ...]
    """Probability of each member; sums to 1."""
    places: list[Place] = field(default_factory=list)
    balances: dict[Balance, Any] = field(default_factory=dict)
    """Bus → its indexed balance constraint."""


def build_model(
    assets: Mapping[AssetKey, Technology],
    inputs: Mapping[tuple[str, str, int], Inputs],
    calendar: Calendar,
    *,
    weights: Sequence[float] = (1.0,),
    opening: Mapping[AssetKey, State] | None = None,
) -> Model:
    """Model of all assets on all steps of the calendar.

    `inputs` by (site, asset, member); plan assets read member 0's. `opening` holds the states assets start from.
    """
    root = pyo.ConcreteModel()
    root.steps = pyo.RangeSet(0, calendar.count - 1)
    model = Model(root, calendar, tuple(weights))
    for number, ((site, asset), technology) in enumerate(
        sorted(assets.items(), key=lambda item: item[1].rules_the_site)
    ):
        members = [-1] if technology.stage == "plan" else range(len(weights))
        sizes: dict[str, Any] = {}
        for member in members:
            block = pyo.Block()
            root.add_component(f"asset_{number}_{max(member, 0)}", block)
            own_inputs = inputs[site, asset, max(member, 0)]
            others = _at_site(model, site, member) if technology.rules_the_site else {}
            view = Inputs(own_inputs.asset, calendar, root.steps, own_inputs.values, sizes, others)
            contribution = technology.build(block, view, (opening or {}).get((site, asset), technology.opening_state()))
            hold_to_contract(f"{site} > {asset}", contribution, technology.capacities())
            model.places.append(Place(site, asset, member, technology, contribution))
    _balance_every_bus(model)
    root.expected_cost = pyo.Objective(
        expr=total(cost * _weight(model, place) for place in model.places for cost in place.contribution.cost)
    )
    return model


def _at_site(model: Model, site: str, member: int) -> dict[str, Contribution]:
    """Contributions built at a site so far that act in a member, by asset."""
    return {
        place.asset: place.contribution for place in model.places if place.site == site and place.member in (-1, member)
    }


def _weight(model: Model, place: Place) -> float:
    return 1.0 if place.member < 0 else model.weights[place.member]


def _balance_every_bus(model: Model) -> None:
    flows: dict[tuple[str, str], list[tuple[int, Linear]]] = defaultdict(list)
    for place in model.places:
        for (bus, _, _), flow in place.contribution.flows.items():
            flows[bus_address(place.site, bus)].append((place.member, flow))
    for number, ((site, bus), parts) in enumerate(flows.items()):
        members = sorted({member for member, _ in parts if member >= 0}) or [-1]
        for member in members:
            rows = [flow for owner, flow in parts if owner in (-1, member)]
            constraint = _balance(model.pyomo.steps, rows)
            model.pyomo.add_component(f"balance_{number}_{max(member, 0)}", constraint)
            model.balances[Balance(site, bus, member)] = constraint


def _balance(steps: Steps, parts: Sequence[Linear]) -> Expr:
    everything = parts[0]
    for part in parts[1:]:
        everything = everything + part

    def flows_sum_to_zero(_: Block, t: int) -> Expr:
        return (0.0, everything.at(t), 0.0) if everything.terms else pyo.Constraint.Skip

    if not everything.terms and np.abs(everything.constant).max() > 0:
        raise ValueError("a bus has only fixed flows that do not sum to zero")
    return pyo.Constraint(steps, rule=flows_sum_to_zero)
