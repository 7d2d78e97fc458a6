"""Elastic jobs: work that runs on more or fewer nodes, hour by hour, at measured speed and power.

Where speed does not grow ever slower with the nodes, or power ever faster, each step takes exactly one measured point
(one-hot); else the points are mixed with the nodes whole, which needs no choice. Assumes: changing the node count is free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field, model_validator

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.job_changes import JobChanges
from optimizer.quantities.job_table import Job, JobRow, listed_jobs
from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import Contribution, Inputs, Kept, Outside, Record, Settings, State, Technology
from optimizer.technologies.compute.jobs.cohorts import Cohort, cohorts_of, in_order_of_arrival
from optimizer.technologies.compute.jobs.forms import Entry, declare_entries, on_steps, priced, summed
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Floats

LEAST_LEFT_H = 1e-6
"""Work is done to HiGHS' 1e-7 relative; less than this is none."""
CURVATURE_TOLERANCE = 1e-9
"""Relative; measured slopes differ by far more."""


class Point(Settings):
    """A measured point of the scaling curve."""

    nodes: int = Field(gt=0)
    """Nodes that work together."""
    speed: float = Field(gt=0)
    """Work done in an hour, over that of one node."""
    power_kw: float = Field(default=0.0, ge=0)
    """Power of all these nodes; in a pool, what they draw beyond the pool's busy cards."""


class Elastic(Technology):
    """Jobs with a measured scaling curve. `hours` of a job: its length on one node; `cards` of a job: cards of one node."""

    stage: ClassVar[Literal["plan", "recourse"]] = "plan"

    pool: str | None = None
    """Cluster that runs them; none: machines of their own, on the electricity bus."""
    curve: list[Point] = Field(min_length=1)
    """Measured points, with rising nodes."""
    jobs: list[JobRow] = Field(min_length=1)
    """Jobs."""
    deadline_h: float = Field(default=24.0, gt=0, le=24 * 366)
    """Hours after arrival within which a job must be done, where it has no deadline of its own."""
    changes: JobChanges = Field(default=JobChanges())
    """Changes to these jobs by rule: deadlines, arrivals, priorities."""
    baseline_nodes: int | None = Field(default=None, gt=0)
    """Nodes of a job in the baseline, without planning; none: the fewest measured."""
    missed_price_per_node_h: float = Field(default=500.0, gt=0)
    """Penalty for an hour of one node's work that is not done by the deadline, times the job's priority."""
    unfinished_price_per_node_h: float = Field(default=1.0, ge=0)
    """What an hour of one node's work still to do at the end of the plan costs later."""

    @model_validator(mode="after")
    def _fits_together(self) -> Elastic:
        nodes = [point.nodes for point in self.curve]
        if nodes != sorted(set(nodes)):
            raise ValueError("nodes of the curve must rise from point to point")
        if self.baseline_nodes is not None and self.baseline_nodes not in nodes:
            raise ValueError(f"baseline_nodes {self.baseline_nodes} is no point of the curve")
        if self.missed_price_per_node_h < self.unfinished_price_per_node_h:
            raise ValueError("missing work must cost at least as much as leaving it for later")
        return self

    @property
    def needs_choice(self) -> bool:
        """Whether points must be chosen one by one: mixing them would be better than measured, or skip node counts."""
        nodes = np.array([0, *(point.nodes for point in self.curve)], dtype=float)
        speed = np.diff([0.0, *(point.speed for point in self.curve)]) / np.diff(nodes)
        power = np.diff([0.0, *(point.power_kw for point in self.curve)]) / np.diff(nodes)
        slower = (np.diff(speed) <= CURVATURE_TOLERANCE * speed[0]).all()
        dearer = (np.diff(power) >= -CURVATURE_TOLERANCE * max(power.max(), 1e-12)).all()
        return not (slower and dearer and (np.diff(nodes) == 1).all())

    def _cohorts(self, calendar: Calendar, opening: State) -> list[Cohort]:
        """Cohorts of one job each; a job that cannot be in time even on all nodes is still planned as far as it gets."""
        jobs: list[Job] = self.changes.applied(listed_jobs(self.jobs, calendar), self.deadline_h)
        return cohorts_of(jobs, calendar, deadline_h=self.deadline_h, most_late_h=0.0, opening=opening, alike=False)

    def _work(self, cohorts: list[Cohort], calendar: Calendar, opening: State) -> list[float]:
        """Node-hours of work of each job, exactly as written, or what is left of them."""
        hours = {job.id: job.hours for job in listed_jobs(self.jobs, calendar)} | opening.get("left_h", {})
        return [hours[cohort.name] for cohort in cohorts]

    def _window(self, cohort: Cohort, count: int) -> range:
        return range(cohort.arrival, max(min(cohort.due, count), cohort.arrival + 1))

    def series(self, outside: Outside) -> dict[str, Floats]:
        arriving = np.zeros(outside.calendar.count)
        cohorts = self._cohorts(outside.calendar, {})
        for cohort, work in zip(cohorts, self._work(cohorts, outside.calendar, {}), strict=True):
            arriving[cohort.arrival] += cohort.cards * work / outside.calendar.step_h
        return {"arrival_cards": arriving}

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:
        cohorts, count = self._cohorts(inputs.calendar, opening), inputs.count
        if not cohorts:
            return Contribution(flows={})
        work = self._work(cohorts, inputs.calendar, opening)
        points, fastest = range(len(self.curve)), max(point.speed for point in self.curve)
        entries = [(t, c) for c, cohort in enumerate(cohorts) for t in self._window(cohort, count)]
        index = declare_entries(block, "job_steps", entries)
        choices = declare_entries(block, "choices", [(t, c, k) for t, c in entries for k in points])
        given = self._as_they_arrive(cohorts, work, inputs)
        block.at_point = pyo.Var(
            choices,
            domain=pyo.Integers if self.needs_choice else pyo.NonNegativeReals,
            bounds=(0, 1) if given is None else lambda _, t, c, k: (float(given.get((t, c)) == k),) * 2,
        )

        @block.Constraint(index)
        def at_one_point_at_most(b: Block, t: int, c: int) -> Expr:
            return sum(b.at_point[t, c, k] for k in points) <= 1

        if not self.needs_choice:
            block.nodes = pyo.Var(index, domain=pyo.Integers, bounds=(0, self.curve[-1].nodes))

            @block.Constraint(index)
            def nodes_are_whole(b: Block, t: int, c: int) -> Expr:
                return b.nodes[t, c] == sum(self.curve[k].nodes * b.at_point[t, c, k] for k in points)

        cuts = [(self._window(cohort, count)[-1], c) for c, cohort in enumerate(cohorts)]
        block.undone_node_h = pyo.Var(declare_entries(block, "cut_offs", cuts), bounds=lambda *at: (0, work[at[-1]]))

        @block.Constraint(range(len(cohorts)))
        def work_is_done_or_not(b: Block, c: int) -> Expr:
            done = sum(
                self.curve[k].speed * inputs.step_h * b.at_point[t, c, k]
                for t in self._window(cohorts[c], count)
                for k in points
            )
            # a job's last step may go beyond its work, by a whole step at the fastest point
            return (work[c], done + b.undone_node_h[cuts[c]], work[c] + fastest * inputs.step_h)

        return self._contribution(block, inputs, cohorts, cuts)

    def _contribution(
        self, block: Block, inputs: Inputs, cohorts: list[Cohort], cuts: list[tuple[int, int]]
    ) -> Contribution:
        count, nodes = inputs.count, [point.nodes for point in self.curve]

        def entries(amounts: list[float], *, cards: bool) -> list[Entry]:
            return [
                (t, amounts[k] * (cohorts[c].cards if cards else 1.0), v) for (t, c, k), v in block.at_point.items()
            ]

        power = summed(block, "power_kw", entries([point.power_kw for point in self.curve], cards=False), inputs) * 1e-3
        flows = {("electricity", "use", Role.LOAD): -power}
        if self.pool is not None:
            cards = summed(block, "run_cards", entries([float(n) for n in nodes], cards=True), inputs)
            flows = {
                (f"compute.{self.pool}", "run", Role.MOVABLE_WORK): -cards,
                ("it", "draw", Role.IT_LOAD): -power,
                ("air_heat", "job heat", Role.HEAT): power,
            }
        undone = block.undone_node_h
        meters = {
            f"at_{nodes[k]}_nodes:{cohort.name}": on_steps(
                ((t, 1.0, block.at_point[t, c, k]) for t in self._window(cohort, count)), count
            )
            for c, cohort in enumerate(cohorts)
            for k in range(len(nodes))
        }
        return Contribution(
            flows=flows,
            cost=[priced([(self._undone_price(cohorts[c], count), undone[cut]) for c, cut in enumerate(cuts)])],
            meters=meters
            | {f"undone_node_h:{cohorts[c].name}": on_steps([(t, 1.0, undone[t, c])], count) for t, c in cuts},
            shortfalls={
                "missed_cards": on_steps(
                    ((t, cohorts[c].cards / inputs.step_h, undone[t, c]) for t, c in cuts if cohorts[c].due <= count),
                    count,
                )
            },
        )

    def _undone_price(self, cohort: Cohort, count: int) -> float:
        if cohort.due > count:
            return self.unfinished_price_per_node_h
        return self.missed_price_per_node_h * cohort.priority

    def _baseline_cohorts(self, cohorts: list[Cohort], work: list[float], step_h: float) -> tuple[int, list[Cohort]]:
        """Baseline operating point without planning, and each job as it would run there."""
        nodes = self.baseline_nodes or self.curve[0].nodes
        k = next(number for number, point in enumerate(self.curve) if point.nodes == nodes)
        speed = self.curve[k].speed
        return k, [
            replace(
                cohort,
                steps=(length := max(int(np.ceil(hours / speed / step_h - 1e-9)), 1)),
                cards=cohort.cards * nodes,
                last=max(cohort.due, cohort.arrival + length),
            )
            for cohort, hours in zip(cohorts, work, strict=True)
        ]

    def _as_they_arrive(
        self, cohorts: list[Cohort], work: list[float], inputs: Inputs
    ) -> dict[tuple[int, int], int] | None:
        if "run_cards" not in inputs.values:
            return None
        k, baseline = self._baseline_cohorts(cohorts, work, inputs.step_h)
        return {
            (step, c): k
            for c, starts in enumerate(in_order_of_arrival(baseline, inputs["run_cards"]))
            for start in starts
            for step in range(start, start + baseline[c].steps)
        }

    def runs_on_arrival(self, inputs: Inputs, free_cards: Floats) -> Floats:
        cohorts, cards = self._cohorts(inputs.calendar, {}), np.zeros(inputs.count)
        _, baseline = self._baseline_cohorts(cohorts, self._work(cohorts, inputs.calendar, {}), inputs.step_h)
        for cohort, starts in zip(baseline, in_order_of_arrival(baseline, free_cards), strict=True):
            for start in starts:
                cards[start : start + cohort.steps] += cohort.cards
        return cards

    def nodes_of(self, record: Record, job: str) -> Floats:
        """Nodes one job runs on in each step, shape (steps,)."""
        return np.asarray(sum(point.nodes * record.meters[f"at_{point.nodes}_nodes:{job}"] for point in self.curve))

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:
        money = np.zeros(inputs.count)
        for cohort in self._cohorts(inputs.calendar, opening):
            money += record.meters[f"undone_node_h:{cohort.name}"] * self._undone_price(cohort, inputs.count)
        return {"work not done": money}

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        cohorts, violations = self._cohorts(inputs.calendar, opening), []
        power, cards = np.zeros(inputs.count), np.zeros(inputs.count)
        for cohort, work in zip(cohorts, self._work(cohorts, inputs.calendar, opening), strict=True):
            used = [record.meters[f"at_{point.nodes}_nodes:{cohort.name}"] for point in self.curve]
            nodes, undone = self.nodes_of(record, cohort.name), record.meters[f"undone_node_h:{cohort.name}"]
            beyond_h = self._done_h(record, cohort.name, inputs).sum() + undone.sum() - work
            window_of = np.isin(np.arange(inputs.count), self._window(cohort, inputs.count))
            laws = {
                "runs on a part of a node": (abs(nodes - np.round(nodes)) > 1e-5).any(),
                "runs at two points at once": self.needs_choice and (np.max(used, axis=0) < sum(used) - 1e-5).any(),
                "runs at more than one point": (np.sum(used, axis=0) > 1 + 1e-5).any(),
                "runs outside its window": (nodes[~window_of] > 1e-5).any(),
                "does less work than it says": beyond_h < -1e-5,
                "goes on when its work is done": beyond_h
                > max(point.speed for point in self.curve) * inputs.step_h + 1e-5,
            }
            violations += [f"job {cohort.name}: {law}" for law, broken in laws.items() if broken]
            power += 1e-3 * sum(use * p.power_kw for use, p in zip(used, self.curve, strict=True))
            cards += nodes * cohort.cards
        return violations + self._flows_broken(record, power, cards) if cohorts else []

    def _flows_broken(self, record: Record, power_mw: Floats, cards: Floats) -> list[str]:
        drawn = record.flow("use" if self.pool is None else "draw")
        laws = {"power does not follow from its nodes": abs(power_mw + drawn) > 1e-6}
        if self.pool is not None:
            # 1e-3 cards: points are chosen to 1e-6, times some hundred cards a node
            laws["cards do not follow from its nodes"] = abs(cards + record.flow("run")) > 1e-3
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def _done_h(self, record: Record, job: str, inputs: Inputs) -> Floats:
        """Node-hours of work done on a job in each step, shape (steps,)."""
        speeds = (point.speed * record.meters[f"at_{point.nodes}_nodes:{job}"] for point in self.curve)
        return np.asarray(sum(speeds)) * inputs.step_h

    def closing_state(self, record: Record, inputs: Inputs, opening: State, step: int) -> State:
        cohorts, left_h = self._cohorts(inputs.calendar, opening), {}
        for cohort, work in zip(cohorts, self._work(cohorts, inputs.calendar, opening), strict=True):
            left = work - float(self._done_h(record, cohort.name, inputs)[: step + 1].sum())
            if cohort.arrival <= step and cohort.due > step + 1 and left > LEAST_LEFT_H:
                left_h[cohort.name] = left
        return {"left_h": left_h}

    def over_windows(self, record: Record, parts: Sequence[Kept], inputs: Inputs, opening: State) -> Record:  # noqa: ARG002
        cohorts, count, meters = self._cohorts(inputs.calendar, opening), inputs.count, dict(record.meters)
        missed = np.zeros(count)
        for cohort, work in zip(cohorts, self._work(cohorts, inputs.calendar, opening), strict=True):
            undone, cut = np.zeros(count), self._window(cohort, count)[-1]
            undone[cut] = max(work - float(self._done_h(record, cohort.name, inputs).sum()), 0.0)
            meters[f"undone_node_h:{cohort.name}"] = undone
            missed += undone * (cohort.cards / inputs.step_h if cohort.due <= count else 0.0)
        return replace(record, meters=meters, shortfalls={"missed_cards": missed})

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        if self.pool is None:
            return set(), {"electricity"}
        return {"air_heat"}, {f"compute.{self.pool}", "it"}
