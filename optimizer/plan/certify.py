"""Certified plan of some assets: their model, its matrix, a proved answer, checked results, a bill that is the objective."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import xarray as xr
from pyomo.common.gc_manager import PauseGC

from optimizer.files.processes import freeze_imports
from optimizer.inputs.assemble import calendar_of, inputs_by_asset
from optimizer.plan import bill
from optimizer.plan.baseline import on_arrival
from optimizer.plan.billed_plan import Plan
from optimizer.plan.coefficient_ranges import notes_on_ranges
from optimizer.plan.end_values import stock_shadow_prices
from optimizer.plan.fuller_stores import with_fuller_stores
from optimizer.plan.infeasible import explained_error
from optimizer.plan.marginal_prices import notes_on_prices
from optimizer.plan.model import Model, build_model
from optimizer.plan.results import ResultError, checked, results_of
from optimizer.quantities.columns import weights_of
from optimizer.solve.certified import Certificate, Effort, Progress, certified_plan
from optimizer.solve.highs import Compiled, SolverError, compile_model
from optimizer.technologies.base import Inputs, State, Technology

Assets = Mapping[tuple[str, str], Technology]


def model_of(assets: Assets, inputs: xr.Dataset, opening: Mapping[tuple[str, str], State] | None = None) -> Model:
    """Model of some assets on the hours, members and weights of their inputs."""
    views = _with_empty(inputs_by_asset(inputs), assets, inputs)
    for (site, asset), work in on_arrival(assets, inputs).items():
        first = views[site, asset, 0]
        pools = {f"cards_of:{bus}": np.array(cards) for bus, cards in work.offered_cards.items()}
        views[site, asset, 0] = replace(first, values={**first.values, "free_cards": work.free_cards, **pools})
    weights = weights_of(inputs)
    return build_model(assets, views, calendar_of(inputs), weights=weights, opening=opening)


def nothing_more(_: Model) -> None:
    """Model as its assets make it."""


def compiled_assets(
    assets: Assets,
    inputs: xr.Dataset,
    *,
    opening: Mapping[tuple[str, str], State] | None = None,
    amend: Callable[[Model], None] = nothing_more,
) -> tuple[Model, Compiled]:
    """Model of some assets and its matrix; `amend` may add constraints of its own to the model before it is compiled.

    What earlier models left behind goes first. Then garbage is not looked for: among millions of objects, all in use,
    that took half of the time.
    """
    freeze_imports()
    gc.collect()
    with PauseGC():
        model = model_of(assets, inputs, opening)
        amend(model)
        return model, compile_model(model.pyomo)


def plan_assets(
    assets: Assets,
    inputs: xr.Dataset,
    effort: Effort,
    *,
    opening: Mapping[tuple[str, str], State] | None = None,
    progress: Progress = lambda *_: None,
    amend: Callable[[Model], None] = nothing_more,
) -> Plan:
    """Certified, checked and billed plan of some assets.

    Raises DocumentError where a number dwarfs all others, InfeasibleError with the reasons where there can be no plan,
    SolverError where none was found in time, ResultError when the answer
    breaks a law or its bill is not its objective.
    """
    model, compiled = compiled_assets(assets, inputs, opening=opening, amend=amend)
    notes = notes_on_ranges(model, compiled, assets, inputs)
    try:
        certificate = certified_plan(compiled.matrix, effort, progress)
    except SolverError as error:
        raise explained_error(error, model, compiled) from None
    if effort.fuller_stores:
        certificate = replace(certificate, values=with_fuller_stores(model, compiled, certificate))
    plan = billed_plan(model, compiled, certificate, assets, inputs, opening)
    shadow_prices = stock_shadow_prices(model, compiled, certificate.row_dual)
    return replace(plan, shadow_prices=shadow_prices, notes=(*notes, *notes_on_prices(plan.results)))


def billed_plan(
    model: Model,
    compiled: Compiled,
    certificate: Certificate,
    assets: Assets,
    inputs: xr.Dataset,
    opening: Mapping[tuple[str, str], State] | None = None,
) -> Plan:
    """Checked and billed plan of an answer. Raises ResultError when it breaks a law or its bill is not its objective."""
    results = checked(results_of(model, compiled, certificate.values, certificate.row_dual, inputs), assets, opening)
    table = bill.bill_by_step(results, assets, weights=model.weights, opening=opening)
    _bill_is_objective(bill.total_cost(table), certificate.cost)
    return Plan(results, certificate, table)


def _with_empty(
    views: Mapping[tuple[str, str, int], Inputs], assets: Assets, inputs: xr.Dataset
) -> dict[tuple[str, str, int], Inputs]:
    """Views for every asset and member, also for assets that need no series."""
    calendar = calendar_of(inputs)
    members = range(len(weights_of(inputs)))
    return {
        (site, asset, member): views.get((site, asset, member), Inputs(asset, calendar, range(calendar.count), {}))
        for site, asset in assets
        for member in members
    }


def _bill_is_objective(billed: float, objective: float) -> None:
    """Double entry: the bill from plain numbers must be the solver's objective."""
    # 1e-6 relative: HiGHS' feasibility of 1e-7 on some hundred thousand rows, priced
    if abs(billed - objective) > 1e-6 * max(abs(objective), 1.0):
        raise ResultError([f"the bill is {billed:.6f}, the objective {objective:.6f}; they must be equal"])
