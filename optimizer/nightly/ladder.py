"""Choice of the published plan by levels of fallback. Each is checked from plain numbers before anyone sees it; what fails is passed over.

| level | plan                                                          |
|-------|---------------------------------------------------------------|
| 0     | optimised, gap within the one requested                       |
| 1     | the best found by the deadline, its gap noted                 |
| 2     | relaxed and repaired: whole numbers rounded up                |
| 3     | yesterday's work, shifted                                     |
| 4     | by rule: services first, then queues as they arrive; where    |
|       | the site cannot run that, as much of it as it can serve       |
| 5     | by rule, from the scenario's own start on a typical day       |
| 6     | the last plan's second day: nothing new is published          |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from optimizer.files.processes import ChildError, in_child
from optimizer.language.speech import noted
from optimizer.nightly.problem import STORE_BY_RULE, STORE_PLANNED, Candidate, Problem
from optimizer.nightly.rule_based import rule_based_plans
from optimizer.nightly.solving import SolverPlans
from optimizer.plan import bill
from optimizer.plan.results import violations
from optimizer.solve.highs import SolverError
from optimizer.solve.scipy_solver import solve_by_scipy
from optimizer.technologies.base import Technology

LEVELS = {noted("optimised"): 1, noted("rounded"): 2, noted("shifted"): 3, noted("rule-based"): 4, noted("possible"): 4}
LEVEL_NAMES = (
    noted("optimised"),
    noted("best by the deadline"),
    noted("relaxed and repaired"),
    noted("yesterday's work, shifted"),
    noted("rule-based"),
    noted("by rule from the scenario's own start"),
    noted("the last plan's second day"),
)
RUNGS = (STORE_BY_RULE, STORE_PLANNED)
OF_MEMBERS = ("optimised", "rounded", "baseline", *RUNGS)
"""Origins of the plans that answer all members; the others answer the forecast alone."""
OWN_START = 5
"""Level of a plan that trusts nothing but the scenario."""
SECOND_DAY = 6
"""Level of a night without a plan of its own, whose day the last plan covers."""


@dataclass(frozen=True)
class Chosen:
    """Plan to publish, its level, its baseline, and why nothing better."""

    plan: Candidate
    level: int
    baseline: Candidate
    notes: list[str]
    rungs: list[Candidate]
    """Plans between the baseline and this one; those that are not sound are left out."""
    trusted: bool
    """Whether the solver passed its self-check; where not, the plan is the second solver's."""


def choose(problem: Problem, solver_plans: SolverPlans, seconds: float = 60.0) -> Chosen:
    """Best sound plan. Where the rule's child brought nothing, the rules are solved by the second one,
    in a process of its own and within so many seconds.

    Raises SolverError where no way at all leads to a plan.
    """
    notes = list(solver_plans.notes)
    rungs, unsound = [c for c in solver_plans.rule_based if c.origin in RUNGS], list[str]()
    rungs = _sound(problem, rungs, unsound)
    rule_based = _sound(problem, [c for c in solver_plans.rule_based if c.origin not in RUNGS], notes)
    origins = {candidate.origin for candidate in rule_based}
    if "possible" not in origins and not {"baseline", "rule-based"} <= origins:
        notes.append("solver: the rule-based plans were made by the second solver")
        try:
            second = in_child(lambda: list(rule_based_plans(problem, solve_by_scipy)), seconds)
        except ChildError as error:
            second = []
            notes += [f"solver: the second one: {reason}" for reason in error.problems]
        rule_based = _sound(problem, [c for c in second if c.origin not in RUNGS], notes)
    optimised = _sound(problem, solver_plans.optimised, notes)
    rest = [candidate for candidate in rule_based if candidate.origin != "baseline"]
    if optimised:
        best = _best(optimised)
        level = 0 if best.gap <= problem.gap + 1e-9 else LEVELS[best.origin]
        if level:
            notes.append(f"plan: gap {best.gap:.2%}, more than the {problem.gap:.2%} requested")
    elif rest:
        best = min(reversed(rest), key=lambda candidate: candidate.cost)  # of two alike the later, which has its reason
        level = LEVELS[best.origin]
        notes += best.notes
    else:
        raise SolverError("; ".join(["no plan for this night, neither optimised nor by rule", *notes]))
    return Chosen(best, level, _baseline(rule_based, best, notes), notes, rungs, solver_plans.trusted)


def _baseline(rule_based: list[Candidate], best: Candidate, notes: list[str]) -> Candidate:
    """Site without a plan; where it cannot run so, the rule-based plan stands in for it, and that is noted."""
    for origin in (noted("baseline"), "rule-based"):
        for candidate in rule_based:
            if candidate.origin == origin:
                if origin != "baseline":
                    notes.append("baseline: not possible with stores idle; the rule-based plan stands in for it")
                return candidate
    notes.append("baseline: not possible; the plan itself stands in for it")
    return best


def _best(candidates: list[Candidate]) -> Candidate:
    """Cheapest, the later of two alike, with the best bound of all: each bound holds for the same problem."""
    least = min(candidate.objective for candidate in candidates)
    alike = [candidate for candidate in candidates if candidate.objective <= least + 1e-9 * max(abs(least), 1.0)]
    bound = max(candidate.bound for candidate in candidates)
    return replace(alike[-1], bound=min(bound, alike[-1].objective))


def _sound(problem: Problem, candidates: list[Candidate], notes: list[str]) -> list[Candidate]:
    passed = []
    for candidate in candidates:
        wrong = faults(problem, candidate)
        if wrong:
            notes.append(f"check: the {candidate.origin} plan is not sound and was passed over: {wrong[0]}")
        else:
            passed.append(candidate)
    return passed


def faults(problem: Problem, candidate: Candidate) -> list[str]:
    """Laws a plan breaks, from its results alone: balances, laws of its assets, its bill, the requested hours and inputs."""
    requested = problem.inputs if candidate.origin in OF_MEMBERS else problem.center
    results = candidate.results
    if not results.indexes["time"].equals(requested.indexes["time"]) or not _carries_inputs(requested, results):
        return ["it is for other hours or inputs than requested"]
    if not all(np.isfinite(results[name].values).all() for name in results.data_vars):
        return ["it holds values that are no numbers"]
    assets = assets_of(problem, candidate)
    faults_found = violations(results, assets, problem.opening)
    weights = [float(weight) for weight in results.attrs["weights"]]
    billed = bill.total_cost(bill.bill_by_step(results, assets, weights=weights, opening=problem.opening))
    # 1e-6 relative: HiGHS' feasibility of 1e-7 on some ten thousand rows, priced
    if abs(billed - candidate.cost) > 1e-6 * max(abs(candidate.cost), 1.0):
        faults_found.append(f"its bill is {billed:.4f}, its cost {candidate.cost:.4f}")
    return faults_found


def _carries_inputs(requested: object, results: object) -> bool:
    """Whether results carry the requested inputs (work set by rule comes on top)."""
    requested_series, result_series = requested["input"].values, results["input"].values  # type: ignore[index]
    return result_series.shape[1] >= requested_series.shape[1] and bool(
        np.array_equal(result_series[:, : requested_series.shape[1]], requested_series)
    )


def assets_of(problem: Problem, candidate: Candidate) -> Mapping[tuple[str, str], Technology]:
    """Assets as that plan runs them."""
    if candidate.origin in ("optimised", "rounded"):
        return problem.assets
    baseline, rung = candidate.origin == "baseline", candidate.origin in RUNGS
    return {
        key: asset.opened(problem.opening.get(key, {})).as_baseline()
        if baseline or asset.stage == "plan"
        else (asset.by_rule() if rung else asset)
        for key, asset in problem.assets.items()
    }
