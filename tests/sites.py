# ruff: noqa: ARG002  (technologies of the tests keep the signature of the contract)
"""Small sites for tests: no weather, prices hour by hour, a few lines each; planned by the core as it is.

`Demand` and `Drain` are technologies of the tests: that the core plans them shows that it names none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyomo.environ as pyo
import xarray as xr

from optimizer.inputs.assemble import assemble_inputs, inputs_by_asset
from optimizer.plan.bill import bill_by_step, total_cost
from optimizer.plan.model import Model, build_model
from optimizer.plan.optimize import plan_assets
from optimizer.plan.outcome import Plan
from optimizer.plan.results import results_of, violations
from optimizer.quantities.calendar import Calendar
from optimizer.quantities.tariff import Tariff
from optimizer.solve.certified import Certificate, Effort, certified_plan
from optimizer.solve.complementarity import complementary_answer
from optimizer.solve.highs import Compiled, Limits, compile_model
from optimizer.technologies.base import Contribution, Inputs, Record, Site, State, Technology
from optimizer.technologies.compute.cluster import Cluster
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.facility.power_train import PowerTrain
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Linear

PLACE = Site(36.42, 94.90, 2808.0, "UTC+08:00")
EXACT = Effort(gap=1e-9, seconds=20.0, whole_up_to_steps=500)
"""Solve to the end: tests compare optima."""
NO_SKY = xr.Dataset()
"""For assets that need no weather."""


ROLE_OF = {"it": Role.IT_LOAD, "air_heat": Role.HEAT_REMOVAL, "liquid_heat": Role.HEAT_REMOVAL}
"""What a draw on a bus is, where it is no load."""


class Demand(Technology):
    """A fixed draw on a bus, hour by hour, repeated."""

    amount: list[float]
    """Draw per step."""
    bus: str = "electricity"
    """Where it draws."""

    def series(self, outside: Any) -> dict[str, Any]:
        return {"amount": np.resize(self.amount, outside.calendar.count)}

    def build(self, block: Any, inputs: Inputs, opening: State) -> Contribution:
        return Contribution(
            flows={(self.bus, "draw", ROLE_OF.get(self.bus, Role.LOAD)): Linear.fixed(-inputs["amount"], inputs.count)}
        )

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Any]:
        return {}


class Drain(Technology):
    """Takes whatever a bus has too much of, free of charge: a heat sink."""

    bus: str
    """What it drains."""

    def build(self, block: Any, inputs: Inputs, opening: State) -> Contribution:
        block.taken = pyo.Var(inputs.steps, domain=pyo.NonNegativeReals)
        return Contribution(
            flows={(self.bus, "removed", ROLE_OF.get(self.bus, Role.CURTAILMENT)): -Linear.of(block.taken.values())}
        )

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class Small:
    """Assets of one site on some steps, with their series."""

    assets: dict[tuple[str, str], Technology]
    inputs: xr.Dataset
    calendar: Calendar

    def model(self, opening: Mapping[tuple[str, str], State] | None = None) -> Model:
        """The Pyomo model."""
        views = inputs_by_asset(self.inputs)
        empty = {(s, a, 0): Inputs(a, self.calendar, range(self.calendar.count), {}) for s, a in self.assets}
        return build_model(self.assets, empty | views, self.calendar, opening=opening)

    def compiled(self) -> Compiled:
        """The matrix."""
        return compile_model(self.model().pyomo)

    def plan(self, effort: Effort = EXACT, opening: Mapping[tuple[str, str], State] | None = None) -> Plan:
        """The certified, checked and billed plan."""
        return plan_assets(self.assets, self.inputs, effort, opening=opening)


def small(
    assets: Mapping[str, Technology],
    hours: float,
    *,
    series: Mapping[tuple[str, str], Sequence[float]] | None = None,
    start: str = "2025-01-06",
    step_h: float = 1.0,
    weather: xr.Dataset = NO_SKY,
) -> Small:
    """A site of these assets from local midnight of a Monday; `series` puts values in place of an asset's own."""
    calendar = Calendar.at_local_midnight(start, hours / 24, step_h, PLACE.timezone)
    named = {("site", name): technology for name, technology in assets.items()}
    inputs = assemble_inputs(named, {"site": PLACE}, calendar, {"site": [weather]})
    table = inputs["input"].values.copy()
    for (asset, quantity), values in (series or {}).items():
        mine = (inputs["exogenous_asset"].values == asset) & (inputs["exogenous_quantity"].values == quantity)
        assert mine.any(), f"{asset} has no series {quantity}"
        table[:, mine] = np.asarray(values, dtype=float)[:, None]
    return Small(named, inputs.assign(input=(("time", "exogenous"), table)), calendar)


def exact_cost(matrix: Any) -> float:
    """The true optimum of a small problem."""
    return complementary_answer(matrix, Limits(gap=0.0, seconds=60.0)).cost


def tie(price: float = 400.0, *, demand_price: float = 0.0, **settings: Any) -> Grid:
    """A grid tie of 10 MW with a flat price."""
    export_price = settings.pop("export_price", 0.0)
    tariff = Tariff(
        energy_price_per_mwh=price, demand_price_per_mw_month=demand_price, export_price_per_mwh=export_price
    )
    return Grid(**{"tariff": tariff, "import_limit_mw": 10.0, **settings})


def pool(cards: int = 640, per_block: int = 64, **settings: Any) -> Cluster:
    """A card pool of ten blocks, 1 kW a busy card."""
    power = {"busy_kw_per_card": 1.0, "idle_kw_per_card": 0.3, "off_kw_per_card": 0.01}
    return Cluster(cards=cards, cards_per_block=per_block, **{**power, **settings})


def center(**more: Technology) -> dict[str, Technology]:
    """Tie, power train, one pool and drains for its heat; further assets by name, which may replace these."""
    base: dict[str, Technology] = {
        "tie": tie(),
        "supply": PowerTrain(design_it_mw=1.0),
        "pool": pool(),
        "air": Drain(bus="air_heat"),
    }
    return {**base, **more}


def flow_of(plan: Plan, asset: str, flow: str) -> np.ndarray:
    """One flow of an asset, shape (steps,)."""
    table = plan.results["flow"]
    mine = (table["asset"].values == asset) & (table["series_flow"].values == flow)
    assert mine.sum() == 1, f"{asset} has {mine.sum()} flows {flow}"
    return np.asarray(table.values[:, mine][:, 0])


def meter_of(plan: Plan, asset: str, quantity: str) -> np.ndarray:
    """One meter of an asset, shape (steps,)."""
    table = plan.results["metered"]
    mine = (table["meter_asset"].values == asset) & (table["meter_quantity"].values == quantity)
    assert mine.sum() == 1, f"{asset} has {mine.sum()} meters {quantity}"
    return np.asarray(table.values[:, mine][:, 0])


def without_rows(site: Small, name: str) -> tuple[float, list[str]]:
    """Cost of the plan without the rows of that name, and the laws it breaks. Raises SolverError where nothing bounds it then."""
    model, compiled, freed = _freed(site, name)
    return freed.cost, violations(results_of(model, compiled, freed.values, freed.row_dual, site.inputs), site.assets)


def refused_without(site: Small, name: str) -> list[str]:
    """What a plan without the rows of that name is refused for: laws it breaks, and a bill that is not its objective."""
    model, compiled, freed = _freed(site, name)
    results = results_of(model, compiled, freed.values, freed.row_dual, site.inputs)
    billed = total_cost(bill_by_step(results, site.assets))
    wrong = abs(billed - freed.cost) > 1e-3  # money; optima are exact to 1e-6
    return [*violations(results, site.assets), *(["the bill is not the objective"] if wrong else [])]


def _freed(site: Small, name: str) -> tuple[Model, Compiled, Certificate]:
    model = site.model()
    rows = [row for row in model.pyomo.component_objects() if row.local_name == name and len(row)]
    assert rows, f"the site has no rows {name}"
    for row in rows:
        row.deactivate()
    compiled = compile_model(model.pyomo)
    return model, compiled, certified_plan(compiled.matrix, EXACT)
