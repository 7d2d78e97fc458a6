"""Case of a site whose work is set: its model and matrix, whose bounds make the lower rungs of the ladder; and stores run by rule."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from optimizer.plan import bill
from optimizer.plan.billed_plan import Plan
from optimizer.plan.certify import Assets, billed_plan, compiled_assets
from optimizer.plan.coefficient_ranges import notes_on_ranges
from optimizer.plan.model import Model
from optimizer.plan.results import records_of, views_of
from optimizer.quantities.columns import matching, total
from optimizer.solve.certified import Certificate
from optimizer.solve.highs import Compiled, Floats, Integers, Matrix
from optimizer.solve.pyomo_types import Variable
from optimizer.technologies.base import State
from optimizer.technologies.flows import BOUGHT, ELECTRICITY, STORING, Role
from optimizer.technologies.tallies import Tally

PLANTS = STORING | {Role.GREEN_GENERATION, Role.GENERATION}
"""Flows of what is built at a site: sources and stores."""
Held = tuple[Integers, Floats]
"""Columns and the values they are held at."""


@dataclass(frozen=True)
class Case:
    """Model of a site whose work is set, with its matrix."""

    assets: Assets
    inputs: xr.Dataset
    model: Model
    compiled: Compiled
    opening: Mapping[tuple[str, str], State] | None = None

    @staticmethod
    def of(assets: Assets, inputs: xr.Dataset, opening: Mapping[tuple[str, str], State] | None = None) -> Case:
        """Case of some assets. Raises DocumentError where a number dwarfs all others."""
        model, compiled = compiled_assets(assets, inputs, opening=opening)
        notes_on_ranges(model, compiled, assets, inputs)
        return Case(assets, inputs, model, compiled, opening)

    @property
    def matrix(self) -> Matrix:
        return self.compiled.matrix

    def columns_of(self, variable: Variable) -> list[int]:
        """Column of a variable; none where the compiler has dropped it."""
        number = self.compiled.column_of.get(id(variable))
        return [] if number is None else [number]

    def storing(self) -> Integers:
        """Columns of what goes into and out of stores."""
        variables = [
            variable
            for place in self.model.places
            for (_, _, role), line in place.contribution.flows.items()
            if role in STORING
            for _, variables in line.terms
            for variable in variables
        ]
        return np.unique(np.array([column for each in variables for column in self.columns_of(each)], dtype=np.int64))

    def plants(self) -> dict[tuple[str, str, str], int]:
        """Columns of the capacities that are sought, of sources and stores, by (site, asset, quantity)."""
        return {
            (place.site, place.asset, quantity): column
            for place in self.model.places
            if any(role in PLANTS for _, _, role in place.contribution.flows)
            for quantity, size in place.contribution.sizes.items()
            if not isinstance(size, float | int)
            for column in self.columns_of(size)
        }

    def held_at(self, sizes: Mapping[tuple[str, str, str], float]) -> Held:
        """Capacities held at given sizes."""
        plants = self.plants()
        return np.array(list(plants.values()), dtype=np.int64), np.array([sizes[name] for name in plants], dtype=float)

    def by_rule(self, results: xr.Dataset, *, sent_out: bool = True) -> Held:
        """Columns of the stores and what the rule has them do, in every member.

        `sent_out`: whether what the site does not use may be stored on the public grid.
        """
        records, values = records_of(results), dict.fromkeys(self.storing().tolist(), 0.0)
        views = views_of(results, records)
        left: dict[tuple[str, int], tuple[Floats, Floats]] = {}
        for place in self.model.places:
            key = place.site, place.asset, place.member
            state = (self.opening or {}).get(key[:2], place.technology.opening_state())
            at = place.site, place.member
            if not any(role in STORING for _, _, role in place.contribution.flows):
                continue
            surplus, deficit = left[at] if at in left else _surplus_and_deficit(results, *at)
            outside = any(role == Role.CARRIED for _, _, role in place.contribution.flows)
            offered = surplus if sent_out or not outside else np.zeros_like(surplus)
            done = place.technology.charged_by_rule(records[key], views[key], state, offered, deficit)
            if done is None:
                continue
            left[at] = surplus - done[0], deficit - done[1]
            for (_, _, role), line in place.contribution.flows.items():
                if role in STORING:
                    ((coefficients, variables),) = line.terms
                    power = done[0] * -1.0 if role == Role.CHARGE else done[1]
                    for variable, value in zip(variables, power / coefficients, strict=True):
                        values.update(dict.fromkeys(self.columns_of(variable), float(value)))
        return np.array(list(values), dtype=np.int64), np.array(list(values.values()))

    def plan(self, certificate: Certificate, assets: Assets) -> Plan:
        """Checked plan of an answer, billed as `assets` pay for it."""
        plan = billed_plan(self.model, self.compiled, certificate, self.assets, self.inputs, self.opening)
        return plan if assets is self.assets else rebilled(plan, assets, self.opening)


def rebilled(plan: Plan, assets: Assets, opening: Mapping[tuple[str, str], State] | None = None) -> Plan:
    """Same plan with the bill of assets that pay otherwise: an idle store with its lease, or without."""
    table = bill.bill_by_step(plan.results, assets, opening=opening)
    cost = bill.total_cost(table)
    return replace(plan, bill_by_step=table, certificate=replace(plan.certificate, cost=cost, bound=-math.inf))


def _surplus_and_deficit(results: xr.Dataset, site: str, member: int) -> tuple[Floats, Floats]:
    """What a site has too much or too little of by itself [MW]: own power it could have, less what it uses.

    Own power left unused because the grid was cheaper counts as used first: a rule knows no prices.
    """
    step_h = float(results.attrs["step_h"])
    metered, flow = (matching(results[name], site=site, member=max(member, 0)) for name in ("metered", "flow"))
    available = total(metered, quantity=Tally.GREEN_AVAILABLE_MWH) / step_h
    unused = available - total(flow, role=Role.GREEN_GENERATION)
    given = -total(flow, role=[Role.EXPORT, Role.CURTAILMENT], bus=ELECTRICITY)
    bought = total(flow, role=list(BOUGHT))
    left = np.maximum(unused, 0.0) + np.maximum(given, 0.0) - np.maximum(bought, 0.0)
    return np.maximum(left, 0.0), np.maximum(-left, 0.0)
