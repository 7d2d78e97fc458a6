"""Work as it arrives: one model of the site with its work set, whose bounds make the lower rungs of the ladder.

Assumes: whole numbers (blocks on, starts) of the lowest rung serve the others, since the same work runs in all of them;
short plans are solved to the end instead. The rule of a store sees the surplus and the deficit of the site without it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np
import xarray as xr

from optimizer.plan.baseline import with_run_cards
from optimizer.plan.billed_plan import Plan
from optimizer.plan.case import Case, Held
from optimizer.plan.case import rebilled as rebilled
from optimizer.plan.certify import Assets
from optimizer.plan.infeasible import NO_PLAN, explained_error
from optimizer.plan.ladder import BY_RULE, NO_INVESTMENT, NO_STORE, UNMOVED, Rung, assets_of
from optimizer.plan.results import ResultError
from optimizer.quantities.columns import total
from optimizer.solve.certified import Certificate, Effort, Progress, certified_plan
from optimizer.solve.deadline import seconds_left
from optimizer.solve.highs import Answer, Floats, InfeasibleError, Integers, SolverError
from optimizer.solve.relaxation import Relaxation
from optimizer.technologies.base import Size

INTEGER_TOLERANCE = 1e-6
"""HiGHS' own."""


@dataclass
class Arrival:
    """Lower rungs of a site's ladder: the lowest first, the others once the plan and its sizes are known."""

    baseline: Assets
    case: Case
    idle: Case
    """Site without its stores: as `case`, unless they draw power when idle."""
    upper: Assets
    effort: Effort
    whole: Floats | None = None
    """Values of the lowest rung, for its whole numbers."""
    first: Rung = field(default_factory=lambda: Rung(NO_STORE, None))

    @staticmethod
    def of(assets: Assets, inputs: xr.Dataset, effort: Effort) -> Arrival:
        """Work as it arrives at a site. Raises DocumentError where a number dwarfs all others."""
        baseline, with_work = assets_of(NO_STORE, assets), with_run_cards(assets, inputs)
        case = Case.of(assets_of(BY_RULE, assets), with_work)
        heated = any(asset.draws_when_idle() for asset in assets.values())
        return Arrival(
            baseline, case, Case.of(baseline, with_work) if heated else case, assets_of(UNMOVED, assets), effort
        )

    def lowest(self, progress: Progress = lambda *_: None) -> Rung:
        """Lowest rung: no store, no plan, and nothing built where sizes are sought. Raises ResultError."""
        key = NO_INVESTMENT if self.case.plants() else NO_STORE
        self.first = self._without_store(key, self._existing(), progress)
        return self.first

    def _existing(self) -> Held:
        return self.case.held_at({name: _existing(self.case.assets, name) for name in self.case.plants()})

    def _without_store(self, key: str, sizes: Held, progress: Progress = lambda *_: None) -> Rung:
        stores = self.idle.storing()
        matrix = self.idle.matrix.with_fixed(stores, np.zeros(len(stores))).with_fixed(*sizes)
        try:
            certificate = certified_plan(matrix, self.effort, progress)
        except SolverError as error:
            explained = explained_error(error, self.idle.model, replace(self.idle.compiled, matrix=matrix))
            return Rung(key, None, str(explained).removeprefix(NO_PLAN))
        if len(certificate.values) == len(self.case.matrix.cost):
            self.whole = certificate.values
        return Rung.of(key, self.idle.plan(certificate, self.baseline), self.baseline)

    def rungs(self, plan: Plan) -> list[Rung]:
        """Rungs below a plan, at the sizes it has. Raises ResultError."""
        found = {name: _size(plan.results, name) for name in self.case.plants()}
        rungs, sizes = [self.first], self.case.held_at(found)
        if found:
            rungs.append(self._without_store(NO_STORE, sizes))
        if not len(self.case.storing()):
            return rungs
        if seconds_left() <= 0:
            return [*rungs, *(Rung(key, None, "there was no time left") for key in (BY_RULE, UNMOVED))]
        relaxation = self._relaxation(sizes)
        rungs.append(self._by_rule(rungs[-1], relaxation))
        return [*rungs, self._unmoved(sizes, relaxation, rungs[-1])]

    def _relaxation(self, sizes: Held) -> Relaxation:
        """Open problem at these sizes; what is decided comes later."""
        relaxation = Relaxation(self.case.matrix)
        relaxation.keep_complementary(self.case.matrix)
        relaxation.hold(*sizes)
        return relaxation

    def _by_rule(self, without: Rung, relaxation: Relaxation) -> Rung:
        """Stores run by rule; the rest follows: what is bought, sold and curtailed."""
        if without.plan is None or self.whole is None:
            return Rung(BY_RULE, None, "the site without a store, whose surplus the rule stores, cannot be")
        try:
            answer = self._ruled(without.plan, relaxation)
            return Rung.of(BY_RULE, self.case.plan(_certificate("by rule", answer), self.case.assets), self.case.assets)
        except InfeasibleError:
            return Rung(BY_RULE, None, "the tie, or a law of the store, does not allow what the rule asks for")
        except SolverError as error:
            return Rung(BY_RULE, None, "there was no time left" if seconds_left() <= 0 else str(error))
        except ResultError as error:
            return Rung(BY_RULE, None, f"the rule breaks a law: {error.violations[0]}")

    def _ruled(self, without: Plan, relaxation: Relaxation) -> Answer:
        """Optimum of what the rule leaves open. Raises InfeasibleError; stores on the public grid rest where the tie lets nothing out."""
        try:
            relaxation.hold(*self.case.by_rule(without.results))
            return self._settled(relaxation)
        except InfeasibleError:
            relaxation.hold(*self.case.by_rule(without.results, sent_out=False))
            return self._settled(relaxation)

    def _settled(self, relaxation: Relaxation) -> Answer:
        """Optimum with the whole numbers of the lowest rung; those of the stores themselves are rounded up, choices come last."""
        assert self.whole is not None
        whole, own = self._whole_numbers()
        values = np.round(self.whole[whole])
        answer = relaxation.solve_fixed(whole, values)
        if len(own):
            up = np.ceil(answer.values[own] - INTEGER_TOLERANCE)
            answer = relaxation.solve_fixed(np.append(whole, own), np.append(values, up))
        answer = self._with_choices(relaxation, answer)
        for columns in (own, self._choices()):
            relaxation.free(columns, self.case.matrix.lower[columns], self.case.matrix.upper[columns])
        return answer

    def _with_choices(self, relaxation: Relaxation, answer: Answer) -> Answer:
        """Answer whose choices over months or the whole plan (a discount, a way of paying) are whole: not taken, or the lowest rung's."""
        assert self.whole is not None
        choices = self._choices()
        broken = np.abs(answer.values[choices] - np.round(answer.values[choices])) > INTEGER_TOLERANCE
        if not broken.any():
            return answer
        answers = []
        for values in (np.floor(answer.values[choices] + INTEGER_TOLERANCE), np.round(self.whole[choices])):
            with suppress(InfeasibleError):  # a discount whose use this rung does not reach
                answers.append(relaxation.solve_fixed(choices, values))
        if not answers:
            raise InfeasibleError("no choice over the months holds on this rung")
        return min(answers, key=lambda each: each.cost)

    def _choices(self) -> Integers:
        """Whole numbers that belong to no hour; units of a size are among them, and whole once the size is held."""
        return np.flatnonzero(self.case.matrix.is_integer & (self.case.matrix.step < 0))

    def _whole_numbers(self) -> tuple[Integers, Integers]:
        """Whole numbers of the hours, and those of them that stand in a row with the power of a store."""
        matrix = self.case.matrix  # units of a size belong to no hour and follow from it
        hourly = matrix.is_integer & (matrix.step >= 0)
        rows = np.zeros(len(matrix.row_lower), dtype=bool)
        rows[np.unique(matrix.rows[:, self.case.storing()].indices)] = True
        beside = np.asarray(matrix.rows[rows].astype(bool).sum(axis=0)).ravel() > 0
        return np.flatnonzero(hourly & ~beside), np.flatnonzero(hourly & beside)

    def _unmoved(self, sizes: Held, relaxation: Relaxation, by_rule: Rung) -> Rung:
        """Stores and tie at their best for work as it arrives."""
        plans, reason = [], ""
        try:
            for plan in self._unmoved_plans(sizes, relaxation):
                plans.append(plan)
        except SolverError as error:
            reason = str(error).removeprefix(NO_PLAN)
        except ResultError as error:  # a rung that cannot be shown must not cost the plan
            reason = f"it breaks a law: {error.violations[0]}"
        if self.upper == self.case.assets and by_rule.plan is not None:
            plans.append(by_rule.plan)
        if not plans:
            return Rung(UNMOVED, None, reason)
        return Rung.of(UNMOVED, min(plans, key=lambda plan: plan.cost), self.upper)

    def _unmoved_plans(self, sizes: Held, relaxation: Relaxation) -> Iterator[Plan]:
        """Candidates: the lowest rung's whole numbers with the stores free, and for short plans the proved optimum."""
        matrix, alike = self.case.matrix, self.upper == self.case.assets
        if alike and self.whole is not None:
            stores = self.case.storing()
            relaxation.free(stores, matrix.lower[stores], matrix.upper[stores])
            yield self.case.plan(_certificate("gap", self._settled(relaxation)), self.case.assets)
            if int(matrix.step.max()) + 1 > self.effort.whole_up_to_steps:
                return
        if seconds_left() <= 0:  # a model of its own takes as long to build as the first
            raise SolverError("there was no time left")
        case = self.case if alike else Case.of(self.upper, self.case.inputs, self.case.opening)
        held = case.matrix.with_fixed(
            *(sizes if alike else case.held_at(dict(zip(case.plants(), sizes[1], strict=True))))
        )
        try:
            certificate = certified_plan(held, self.effort)
        except SolverError as error:
            raise explained_error(error, case.model, replace(case.compiled, matrix=held)) from None
        yield case.plan(certificate, case.assets)


def ladder_below(plan: Plan, assets: Assets, inputs: xr.Dataset, effort: Effort) -> list[Rung]:
    """All rungs below a plan that is known. Raises ResultError, DocumentError."""
    arrival = Arrival.of(assets, inputs, effort)
    arrival.lowest()
    return arrival.rungs(plan)


def _certificate(status: str, answer: Answer) -> Certificate:
    """Certificate of an answer nobody has a bound for."""
    assert answer.row_dual is not None
    return Certificate(status, answer.cost, -math.inf, answer.values, answer.row_dual, math.nan, 1)


def _existing(assets: Assets, name: tuple[str, str, str]) -> float:
    """What stands of a capacity before anything is built."""
    site, asset, quantity = name
    capacity = assets[site, asset].capacities()[quantity]
    return capacity.existing if isinstance(capacity, Size) else float(capacity)


def _size(results: xr.Dataset, name: tuple[str, str, str]) -> float:
    site, asset, quantity = name
    return float(total(results["size"], site=site, asset=asset, quantity=quantity, member=0))
