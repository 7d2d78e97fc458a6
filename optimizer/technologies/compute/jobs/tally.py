"""Tally of a job table's cohorts, read off the meters of a plan: counts, what is left, and the laws they hold to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.technologies.base import Inputs, Record
from optimizer.technologies.compute.jobs.cohorts import Cohort
from optimizer.technologies.compute.jobs.counts import most_left
from optimizer.technologies.compute.jobs.forms import JobPrices, cut_off
from optimizer.technologies.compute.jobs.meters import Count, JobMeter, read_job_meter
from optimizer.technologies.compute.jobs.pauses import PauseRules
from optimizer.technologies.compute.jobs.starts import (
    may_start_later,
    price_of_not_starting,
    rest_of_started,
)
from optimizer.technologies.linear import Floats

TOLERANCE_JOBS = 1e-5
"""Counts are whole to 1e-6 in HiGHS."""


@dataclass(frozen=True)
class Tally:
    """Plan of one cohort in numbers."""

    cohort: Cohort
    by_pool: dict[str, Floats]
    """Jobs that run in each step, shape (steps,)."""
    resumes: Floats | None
    """Resumptions in each step, shape (steps,); none where pauses are free."""
    missed_steps: float
    money_left: float
    """Price of the work that is left for after the plan."""
    cut_off: int

    @property
    def running(self) -> Floats:
        """Jobs that run in each step, in all pools."""
        return np.asarray(sum(self.by_pool.values()))


def tally(cohorts: Sequence[Cohort], record: Record, prices: JobPrices, restart_steps: float) -> list[Tally]:
    """Plan of every cohort, from its meters."""
    placed: dict[str, list[tuple[JobMeter, Floats]]] = {}
    for name, values in record.meters.items():
        meter = read_job_meter(name)
        placed.setdefault(meter.cohort, []).append((meter, values))
    made = []
    for cohort in cohorts:
        meters = placed.get(cohort.name, [])
        if any(meter.count == Count.STARTS for meter, _ in meters):
            made.append(_of_starts(cohort, {meter.pool: values for meter, values in meters}, prices))
        else:
            made.append(_of_running(cohort, meters, prices, restart_steps))
    return made


def _of_starts(cohort: Cohort, starts: dict[str, Floats], prices: JobPrices) -> Tally:
    count = prices.count
    by_pool = {pool: np.convolve(values, np.ones(cohort.steps))[:count] for pool, values in starts.items()}
    in_all = np.asarray(sum(starts.values()))
    waiting = cohort.jobs - float(in_all.sum())
    late = max(count - cohort.steps + 1, 0)
    begun = late + np.flatnonzero(in_all[late:])
    left = sum(in_all[step] * rest_of_started(cohort, prices, step) for step in begun.tolist())
    if may_start_later(cohort, count):
        return Tally(
            cohort, by_pool, None, 0.0, left + waiting * price_of_not_starting(cohort, prices), cut_off(cohort, count)
        )
    return Tally(cohort, by_pool, None, max(waiting, 0.0) * cohort.steps, left, cut_off(cohort, count))


def _of_running(
    cohort: Cohort, meters: list[tuple[JobMeter, Floats]], prices: JobPrices, restart_steps: float
) -> Tally:
    by_pool = {meter.pool: values for meter, values in meters if meter.count == Count.RUNNING}
    resumes = next((values for meter, values in meters if meter.count == Count.RESUMES), None)
    lost = 0.0 if resumes is None else restart_steps * float(resumes.sum())
    done = float(sum(values.sum() for values in by_pool.values()))
    short = max(cohort.jobs * cohort.steps + lost - done, 0.0)
    in_time, late = most_left(cohort, prices.count)
    left, left_late = min(short, in_time), min(max(short - in_time, 0.0), late)
    money = left * prices.left(cohort) + left_late * prices.left_late(cohort)
    return Tally(cohort, by_pool, resumes, short - left - left_late, money, cut_off(cohort, prices.count))


def broken_job_laws(tallies: Sequence[Tally], rules: PauseRules, record: Record, inputs: Inputs) -> list[str]:
    """Violated laws of a job plan, recomputed from counts."""
    violations = [f"job {tally.cohort.name}: {law}" for tally in tallies for law in _broken(tally, rules)]
    late, missed = late_and_missed(tallies, inputs)
    if tallies:
        for name, expected_cards in (("late_cards", late), ("missed_cards", missed)):
            wrong = abs(record.shortfalls[name] - expected_cards) > 1e-4 * max(1.0, expected_cards.max())
            if wrong.any():
                violations.append(f"step {int(np.argmax(wrong))}: {name} is not what the jobs' runs say")
    return violations


def late_and_missed(tallies: Sequence[Tally], inputs: Inputs) -> tuple[Floats, Floats]:
    """Cards that run past their deadline, and cards of work that is given up, by step, each shape (steps,)."""
    late, missed = np.zeros(inputs.count), np.zeros(inputs.count)
    for tally in tallies:
        late += np.where(np.arange(inputs.count) >= tally.cohort.due, tally.running * tally.cohort.cards, 0.0)
        missed[tally.cut_off] += tally.missed_steps * tally.cohort.cards
    return late, missed


def _broken(tally: Tally, rules: PauseRules) -> list[str]:
    cohort, running = tally.cohort, tally.running
    outside = running.copy()
    outside[cohort.arrival : cohort.last] = 0.0
    done = running.sum()
    laws = {
        "runs in parts of a job": (abs(running - np.round(running)) > TOLERANCE_JOBS).any(),
        "runs outside its window": (abs(outside) > TOLERANCE_JOBS).any(),
        "more of them run than there are": (running > cohort.jobs + TOLERANCE_JOBS).any(),
        "resumes less often than it pauses": tally.resumes is not None
        and tally.resumes.sum() < _resumptions(tally) - 1e-4,
        "pauses too often": rules.most_pauses is not None and _resumptions(tally) > rules.most_pauses,
        "pauses before its least block": rules.least_block > 1
        and _shortest_block(tally) < min(rules.least_block, cohort.steps),
        "runs longer than it needs": not rules_lengthen(rules) and done > cohort.jobs * cohort.steps + 1e-4,
    }
    return [law for law, broken in laws.items() if broken]


def rules_lengthen(rules: PauseRules) -> bool:
    """Whether the rules make jobs run longer than their own length."""
    return rules.restart_steps > 0 or rules.least_block > 1


def _resumptions(tally: Tally) -> int:
    """Runs of a lone job after its first, within the plan."""
    before = int(tally.cohort.running)
    runs = int((np.diff(np.round(tally.running), prepend=before) > 0).sum())
    return max(runs - (0 if tally.cohort.begun else 1), 0)


def _shortest_block(tally: Tally) -> float:
    """Steps of the shortest run of a lone job that begins and ends within the plan; infinity if there is none."""
    on = np.round(tally.running)
    begins = np.flatnonzero(np.diff(on, prepend=float(tally.cohort.running)) > 0)
    ends = np.append(np.flatnonzero(np.diff(on) < 0) + 1, len(on) + 10**6)
    return min((float(ends[ends > begin][0] - begin) for begin in begins), default=np.inf)
