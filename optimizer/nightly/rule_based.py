"""Plans whose work is set by rule, so that only a linear problem is left; and what is possible where the rule is not.

`rule-based`: services first, then queues as they arrive, storage and grid at their best for the forecast.
`possible`: in its place where the site cannot run that (too little IT power for the cards): what it can serve, the rest told.
`shifted`: the work of last night's plan for these hours, as far as there is work and room.
`baseline`: as by rule, but without a store: the baseline a plan is measured against, so for the same members.
`store by rule`, `store planned`: the rungs of the ladder between these (plan/ladder.py), for the members too; never published.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import xarray as xr

from optimizer.inputs.assemble import inputs_by_asset, with_series
from optimizer.nightly.decisions import decided, row_shadow_prices
from optimizer.nightly.linear_plans import SolveLinear, possible_answer, rounded_up
from optimizer.nightly.problem import STORE_BY_RULE, STORE_PLANNED, Candidate, Cards, Key, Problem
from optimizer.plan.baseline import as_baseline
from optimizer.plan.bill import bill_by_step, total_cost
from optimizer.plan.case import Case
from optimizer.plan.infeasible import NO_PLAN, explained_error
from optimizer.plan.model import Model
from optimizer.plan.optimize import compiled_assets
from optimizer.plan.results import results_of
from optimizer.solve.deadline import ending_by
from optimizer.solve.highs import Answer, Compiled, Matrix, SolverError
from optimizer.technologies.base import Technology

Assets = Mapping[Key, Technology]
NOT_BY_RULE = "plan: work by rule is not possible, so what the site can serve"
REASON_SECONDS = 10.0
"""For finding out why there is no plan; the plan comes first."""


def rule_based_plans(problem: Problem, solve_linear: SolveLinear) -> Iterator[Candidate]:
    """Rule-based plan, yesterday's plan shifted where there is one, and the baseline, each as soon as it is made.

    The rule-based plan comes first and is made for the forecast alone: it is small, and quick whatever the night is like. A
    plan that cannot be made is left out. Raises InfeasibleError with the reasons where the site can have no plan at all.
    """
    opened = {key: asset.opened(problem.opening.get(key, {})) for key, asset in problem.assets.items()}
    baseline_case, inputs = as_baseline(opened, problem.center)
    work = {key: baseline_case[key] if asset.stage == "plan" else asset for key, asset in problem.assets.items()}
    baseline = {
        key: baseline_case[key] if asset.stage == "plan" else asset.as_baseline()
        for key, asset in problem.assets.items()
    }
    yield from _by_rule_or_possible(work, inputs, problem, solve_linear)
    if problem.yesterday:
        shifted = with_series(
            problem.center, {(*key, "run_cards"): run for key, run in _shifted(opened, problem).items()}
        )
        with contextlib.suppress(SolverError):  # yesterday's work does not fit today; the rule-based plan stands
            yield _plan("shifted", work, shifted, problem, solve_linear)
    _, inputs_of_members = as_baseline(opened, problem.inputs)
    with contextlib.suppress(SolverError):
        if any(asset.draws_when_idle() for asset in problem.assets.values()):
            yield _plan("baseline", baseline, inputs_of_members, problem, solve_linear)
            return
        yield from _rungs(baseline, inputs_of_members, problem, solve_linear)


def _shifted(opened: Assets, problem: Problem) -> Cards:
    """Yesterday's cards for each work, as far as there is work to run and room in its pool."""
    views = inputs_by_asset(problem.center)
    count = problem.center.sizes["time"]
    free = {
        (site, bus): np.full(count, cards)
        for (site, asset), technology in opened.items()
        for bus, cards in technology.offers(asset).items()
    }
    cards_by_asset: Cards = {}
    for (site, asset), technology in opened.items():
        pools = [bus for bus in technology.buses(asset)[1] if (site, bus) in free]
        if not pools or (site, asset, 0) not in views:
            continue
        room = free[site, pools[0]]
        planned_cards = problem.yesterday.get((site, asset), room)
        run = technology.runs_on_arrival(views[site, asset, 0], np.minimum(room, planned_cards))
        if run is not None:
            cards_by_asset[site, asset] = run
            free[site, pools[0]] = room - run
    return cards_by_asset


def _rungs(baseline: Assets, inputs: xr.Dataset, problem: Problem, solve_linear: SolveLinear) -> Iterator[Candidate]:
    """Baseline and the rungs above it, from one model: stores at rest and not paid for, by rule, and at their best."""
    assets = {key: baseline[key] if asset.stage == "plan" else asset.by_rule() for key, asset in problem.assets.items()}
    case = Case(assets, inputs, *compiled_assets(assets, inputs, opening=problem.opening), problem.opening)
    stores = case.storing()
    lowest = _candidate("baseline", case, case.matrix.with_fixed(stores, np.zeros(len(stores))), solve_linear)
    table = bill_by_step(lowest.results, baseline, opening=problem.opening)
    yield replace(lowest, cost=total_cost(table))
    if len(stores):
        with contextlib.suppress(SolverError):  # a ramp or the tie may forbid what the rule asks for
            held = case.matrix.with_fixed(*case.by_rule(lowest.results))
            yield _candidate(STORE_BY_RULE, case, held, solve_linear)
        yield _candidate(STORE_PLANNED, case, case.matrix, solve_linear)


def _candidate(origin: str, case: Case, matrix: Matrix, solve_linear: SolveLinear) -> Candidate:
    """A candidate of a case under further bounds, whole numbers rounded up."""
    answer = rounded_up(matrix, solve_linear)
    assert answer.row_dual is not None
    results = results_of(case.model, case.compiled, answer.values, answer.row_dual, case.inputs)
    return Candidate(origin, results, answer.cost, -np.inf, decisions=decided(case.model, case.compiled, answer.values))


def _plan(origin: str, assets: Assets, inputs: xr.Dataset, problem: Problem, solve_linear: SolveLinear) -> Candidate:
    """Best plan with that work, whole numbers rounded up. Raises SolverError."""
    began = time.perf_counter()
    model, compiled = compiled_assets(assets, inputs, opening=problem.opening)
    answer = rounded_up(compiled.matrix, solve_linear)
    return _planned(origin, model, compiled, answer, inputs, began)


def _by_rule_or_possible(
    work: Assets, inputs: xr.Dataset, problem: Problem, solve_linear: SolveLinear
) -> Iterator[Candidate]:
    """Rule-based plan; where there is none, the plan of what the site can serve, then the same with the reason."""
    began = time.perf_counter()
    by_rule = compiled_assets(work, inputs, opening=problem.opening)
    try:
        answer = possible_answer(by_rule[1].matrix, solve_linear)
    except SolverError as error:
        fault = error
    else:
        yield _planned("rule-based", *by_rule, answer, inputs, began)
        return
    model, compiled = compiled_assets(work, problem.center, opening=problem.opening)
    try:
        answer = possible_answer(compiled.matrix, solve_linear)
    except SolverError as error:
        raise _explained(error, model, compiled) from None
    possible = _planned("possible", model, compiled, answer, problem.center, began)
    yield replace(possible, notes=(f"{NOT_BY_RULE}: {fault}",))
    reason = str(_explained(fault, *by_rule)).removeprefix(NO_PLAN)
    yield replace(possible, notes=(f"{NOT_BY_RULE}: {reason}",))


def _explained(error: SolverError, model: Model, compiled: Compiled) -> SolverError:
    """Error with its reasons, as far as they are found in a part of the night."""
    with ending_by(time.monotonic() + REASON_SECONDS):
        return explained_error(error, model, compiled)


def _planned(
    origin: str, model: Model, compiled: Compiled, answer: Answer, inputs: xr.Dataset, began: float
) -> Candidate:
    """Candidate of an answer, its seconds since `began`."""
    assert answer.row_dual is not None
    return Candidate(
        origin=origin,
        results=results_of(model, compiled, answer.values, answer.row_dual, inputs),
        cost=answer.cost,
        bound=-np.inf,
        decisions=decided(model, compiled, answer.values),
        shadow_prices=row_shadow_prices(model, compiled, answer.row_dual),
        seconds=time.perf_counter() - began,
    )
