"""Jobs: a table of work with identities: arrival, deadline, cards (a gang), hours. Each runs whole or not at all.

Alike jobs are counted together (cohorts.py) and handed back to their ids afterwards (timetable.py). Assumes: a job
holds its cards to the end of its last step; a job needs all its cards at once; cards of all its pools are equally fast.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from optimizer.quantities.job_changes import JobChanges
from optimizer.quantities.job_table import Job, JobRow, JobTable, listed_jobs
from optimizer.solve.pyomo_types import Block
from optimizer.technologies.base import Contribution, Inputs, Kept, Outside, Record, State, Technology
from optimizer.technologies.compute.jobs.account import deadlines_that_bind_nothing, jobs_not_run, remarks_on_jobs
from optimizer.technologies.compute.jobs.cohorts import Cohort, cohorts_of, in_order_of_arrival
from optimizer.technologies.compute.jobs.counts import build_counts
from optimizer.technologies.compute.jobs.forms import JobPrices, Placed, Work
from optimizer.technologies.compute.jobs.pauses import PauseRules, build_pauses
from optimizer.technologies.compute.jobs.starts import build_starts
from optimizer.technologies.compute.jobs.tally import Tally, broken_job_laws, tally
from optimizer.technologies.compute.jobs.timetable import over_windows, state_of, timetable
from optimizer.technologies.flows import Flow, Role
from optimizer.technologies.linear import Floats, Linear

OWN = "own"
"""Stands for a job's own machines where it runs in no pool."""


class Jobs(Technology):
    """A class of jobs that share pools, rules and prices."""

    stage: ClassVar[Literal["plan", "recourse"]] = "plan"

    pools: list[str] = Field(default=[])
    """Clusters that may run them; none: they run on machines of their own."""
    kw_per_card: float = Field(default=0.0, ge=0)
    """Power of a card of their own machines, all that it needs, from the electricity bus; only without pools."""
    table: JobTable | None = None
    """File with the jobs."""
    jobs: list[JobRow] = Field(default=[])
    """Jobs written out here."""
    deadline_h: float = Field(default=24.0, gt=0, le=24 * 366)
    """Hours after arrival within which a job must be done, where it has no deadline of its own."""
    changes: JobChanges = Field(default=JobChanges())
    """Changes to these jobs by rule: deadlines, arrivals, priorities."""
    most_late_h: float = Field(default=6.0, ge=0, le=24 * 31)
    """Hours past its deadline within which a job may still run; after that it is missed."""
    interruptible: bool = False
    """Whether a job may pause and go on later."""
    least_block_h: float = Field(default=0.0, ge=0, le=24 * 7)
    """Hours an interruptible job runs at least before it pauses."""
    most_pauses: int | None = Field(default=None, ge=0)
    """Most pauses of one job; none: any number."""
    checkpoint_kwh_per_card: float = Field(default=0.0, ge=0)
    """Energy of writing a checkpoint, a card."""
    restart_kwh_per_card: float = Field(default=0.0, ge=0)
    """Energy of restarting from a checkpoint, a card."""
    restart_minutes: float = Field(default=0.0, ge=0, le=24 * 60)
    """Run time lost with each pause: work since the checkpoint and loading it."""
    late_price_per_card_h_h: float = Field(default=5.0, ge=0)
    """Penalty for each hour that a card-hour is run past its deadline, times the job's priority."""
    missed_price_per_card_h: float = Field(default=50.0, ge=0)
    """Penalty for a card-hour that is not run at all, times the job's priority."""
    unfinished_price_per_card_h: float = Field(default=0.1, ge=0)
    """What a card-hour still to do at the end of the plan costs later."""

    @model_validator(mode="after")
    def _fits_together(self) -> Jobs:
        if (self.table is None) == (not self.jobs):
            raise ValueError("give the jobs either as table (a file) or as jobs (written out)")
        if twice := sorted(name for name, times in Counter(row.id for row in self.jobs).items() if times > 1):
            raise ValueError(f"job id '{twice[0]}' stands there more than once; give every job its own id")
        if self.pools and self.kw_per_card:
            raise ValueError("kw_per_card is for jobs on machines of their own; the pool's cards have their own power")
        if self.pauses_cost and not self.interruptible:
            raise ValueError("rules for pauses need interruptible: true")
        if self.missed_price_per_card_h < self.unfinished_price_per_card_h:
            raise ValueError("missing work must cost at least as much as leaving it for later")
        return self

    @property
    def pauses_cost(self) -> bool:
        """Whether a pause costs anything, or is held to a rule."""
        costs = (self.least_block_h, self.checkpoint_kwh_per_card, self.restart_kwh_per_card, self.restart_minutes)
        return any(costs) or self.most_pauses is not None

    @property
    def places(self) -> list[str]:
        """Pools in the order of their names; the first is where a site that plans nothing runs them."""
        return sorted(self.pools) or [OWN]

    def given(self, inputs: Inputs | Outside) -> list[Job]:
        """Jobs as the file or the scenario has them."""
        return self.table.jobs(inputs.calendar) if self.table else listed_jobs(self.jobs, inputs.calendar)

    def listed(self, inputs: Inputs | Outside) -> list[Job]:
        """Jobs after the changes by rule."""
        return self.changes.applied(self.given(inputs), self.deadline_h)

    def cohorts(self, inputs: Inputs, opening: State) -> list[Cohort]:
        """Cohorts to plan, in the order of their first steps."""
        return cohorts_of(
            self.listed(inputs),
            inputs.calendar,
            deadline_h=self.deadline_h,
            most_late_h=self.most_late_h,
            opening=opening,
            alike=not self.pauses_cost,
        )

    def series(self, outside: Outside) -> dict[str, Floats]:
        arriving = np.zeros(outside.calendar.count)
        view = Inputs("", outside.calendar, range(outside.calendar.count), {})
        for cohort in self.cohorts(view, {}):
            arriving[cohort.arrival] += cohort.jobs * cohort.cards * cohort.steps
        return {"arrival_cards": arriving}

    def remarks(self, outside: Outside, offered: Mapping[str, float]) -> list[str]:
        listed = self.listed(outside)
        unmet = self.changes.unmet(self.given(outside), listed)
        file = [*(self.table.account(outside.calendar) if self.table else []), *unmet]
        most = max((offered.get(f"compute.{pool}", 0.0) for pool in self.pools), default=None)
        named = file + remarks_on_jobs(listed, outside.calendar, deadline_h=self.deadline_h, most_cards=most)
        return [f"{self.table.file.name}: {text}" for text in named] if self.table else named

    def prices(self, inputs: Inputs) -> JobPrices:
        """Prices of late, missed and left work."""
        return JobPrices(
            self.late_price_per_card_h_h,
            self.missed_price_per_card_h,
            self.unfinished_price_per_card_h,
            inputs.step_h,
            inputs.count,
        )

    def pause_rules(self, inputs: Inputs) -> PauseRules:
        """Pause rules, in steps."""
        block = max(int(np.ceil(self.least_block_h / inputs.step_h - 1e-9)), 1)
        return PauseRules(self.restart_minutes / 60 / inputs.step_h, block, self.most_pauses)

    def _pools_of(self, cohorts: list[Cohort], opening: State) -> dict[int, list[str]]:
        """Running jobs that may not be interrupted stay where they are."""
        pool_of_cohort = opening.get("pool", {})
        stays = not self.interruptible
        return {
            c: [pool_of_cohort.get(cohort.name, self.places[0])] if stays and cohort.running else self.places
            for c, cohort in enumerate(cohorts)
        }

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:
        cohorts = self.cohorts(inputs, opening)
        if not cohorts:
            return Contribution(flows={})
        pools, prices = self._pools_of(cohorts, opening), self.prices(inputs)
        placed = self._given_or_begin(cohorts, inputs)
        if not self.interruptible:
            work = build_starts(block, inputs, cohorts, pools, prices, placed)
        elif not self.pauses_cost:
            work = build_counts(block, inputs, cohorts, pools, prices, placed)
        else:
            work = build_pauses(block, inputs, cohorts, pools, prices, placed, self.pause_rules(inputs))
        return Contribution(
            flows=self._flows(work, inputs.step_h),
            cost=work.cost,
            meters=work.meters,
            shortfalls={"late_cards": work.late_cards, "missed_cards": work.missed_cards},
        )

    def _flows(self, work: Work, step_h: float) -> dict[Flow, Linear]:
        flows: dict[Flow, Linear] = {}
        for pool, cards in work.run_cards.items():
            if self.pools:
                flows[f"compute.{pool}", "run", Role.MOVABLE_WORK] = -cards
            else:
                flows["electricity", "use", Role.LOAD] = cards * (-1e-3 * self.kw_per_card)
        pause_kwh = self.checkpoint_kwh_per_card + self.restart_kwh_per_card
        if work.resumed_cards is not None and pause_kwh:
            pause_mw = work.resumed_cards * (1e-3 * pause_kwh / step_h)
            if self.pools:
                flows["it", "pauses", Role.IT_LOAD] = -pause_mw
                flows["air_heat", "pause heat", Role.HEAT] = pause_mw
            else:
                flows["electricity", "use for pauses", Role.LOAD] = -pause_mw
        return flows

    def _given_or_begin(self, cohorts: list[Cohort], inputs: Inputs) -> Placed:
        """Opening of the jobs, given or at their start, if nothing is left to plan; else where a search may begin: each as soon as it finds room."""
        if "run_cards" in inputs.values:
            return Placed(self._as_they_arrive(cohorts, inputs["run_cards"]), fixed=True)
        if "free_cards" in inputs.values:
            return Placed(self._as_they_arrive(cohorts, inputs["free_cards"]), fixed=False)
        return Placed({}, fixed=False)

    def _as_they_arrive(self, cohorts: list[Cohort], cards: Floats) -> dict[tuple[int, int, str], int]:
        """(step, cohort, pool) → jobs that start there (or run there, where jobs are counted while they run)."""
        placed: dict[tuple[int, int, str], int] = {}
        for number, starts in enumerate(in_order_of_arrival(cohorts, cards)):
            cohort, end = cohorts[number], min(cohorts[number].last, len(cards))
            for start in starts:
                length = min(cohort.steps, end - start) if self.interruptible else 1
                for step in range(start, start + length):
                    key = (step, number, self.places[0])
                    placed[key] = placed.get(key, 0) + 1
        return placed

    def runs_on_arrival(self, inputs: Inputs, free_cards: Floats) -> Floats:
        cards = np.zeros(inputs.count)
        cohorts = self.cohorts(inputs, self.opening_state())
        for cohort, starts in zip(cohorts, in_order_of_arrival(cohorts, free_cards), strict=True):
            for start in starts:
                cards[start : start + cohort.steps] += cohort.cards
        return cards

    def tally(self, record: Record, inputs: Inputs, opening: State) -> list[Tally]:
        """Tally of each cohort, as plain numbers."""
        return tally(self.cohorts(inputs, opening), record, self.prices(inputs), self.pause_rules(inputs).restart_steps)

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:
        prices, late, missed, left = (
            self.prices(inputs),
            np.zeros(inputs.count),
            np.zeros(inputs.count),
            np.zeros(inputs.count),
        )
        for cohort_tally in self.tally(record, inputs, opening):
            late += cohort_tally.running * prices.late(cohort_tally.cohort)
            missed[cohort_tally.cut_off] += cohort_tally.missed_steps * prices.missed(cohort_tally.cohort)
            left[-1] += cohort_tally.money_left
        return {"lateness penalty": late, "missed work penalty": missed, "work left": left}

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        violations = broken_job_laws(self.tally(record, inputs, opening), self.pause_rules(inputs), record, inputs)
        used = -sum(values for (_, label, _), values in record.flows.items() if label in ("run", "use"))
        cards = np.zeros(inputs.count)
        for cohort_tally in self.tally(record, inputs, opening):
            cards += cohort_tally.running * cohort_tally.cohort.cards
        scale = 1.0 if self.pools else 1e-3 * self.kw_per_card
        # 1e-3 cards: counts are whole to 1e-6, times a gang of some hundred cards
        if (abs(used - cards * scale) > 1e-3 * max(scale, 1e-6)).any():
            violations.append(
                f"step {int(np.argmax(abs(used - cards * scale)))}: the cards in use are not those of the jobs that run"
            )
        return violations

    def unserved(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        return jobs_not_run(self, record, inputs, opening)

    def remarks_on_plan(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        return deadlines_that_bind_nothing(self, record, inputs, opening)

    def timetable(self, record: Record, inputs: Inputs, opening: State) -> pd.DataFrame:
        return timetable(self, record, inputs, opening)

    def closing_state(self, record: Record, inputs: Inputs, opening: State, step: int) -> State:
        return state_of(self, record, inputs, opening, step)

    def over_windows(self, record: Record, parts: Sequence[Kept], inputs: Inputs, opening: State) -> Record:
        return over_windows(self, record, parts, inputs, opening)

    def needs_foresight(self) -> str | None:
        if self.most_pauses is not None:
            return "most_pauses"
        return "least_block_h" if self.least_block_h else None

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        if not self.pools:
            return set(), {"electricity"}
        pausing = self.checkpoint_kwh_per_card + self.restart_kwh_per_card > 0
        drawn = {f"compute.{pool}" for pool in self.pools} | ({"it"} if pausing else set())
        return ({"air_heat"} if pausing else set()), drawn
