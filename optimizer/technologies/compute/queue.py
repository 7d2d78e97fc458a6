"""Queue: work that arrives as a stream and must be done within a deadline. A store on the compute bus.

Backlog is a stock of card-hours. "Done within `deadline_h`" means that the backlog never exceeds what arrived in the last
`deadline_h` hours: a bound that moves with time, so no pairs of arrival and service hour are needed. What exceeds it is late.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from optimizer.quantities.series import Series, values_on
from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import Contribution, Inputs, Kept, Outside, Record, State, Technology
from optimizer.technologies.flows import Role
from optimizer.technologies.limits import Limit, Scarcity
from optimizer.technologies.linear import Floats, Linear

TOLERANCE_CARD_H = 1e-3
"""Backlogs are some ten thousand card-hours; rows are held to 1e-7 relative."""
MOST_BACKLOG_CARD_H = 1e9
"""A hundred thousand cards for a year: whoever measures more has a fault in the meter."""


class Queue(Technology):
    """Deferrable work without identity: training that queues, nightly batch."""

    stage: ClassVar[Literal["plan", "recourse"]] = "plan"
    never_negative: ClassVar[frozenset[str]] = frozenset({"arrival_cards"})

    pool: str
    """Cluster that runs it."""
    other_pools: list[str] = Field(default=[])
    """Further clusters that may run it; their cards do as much work. In the baseline the first of all by name runs it."""
    arrival_cards: Series
    """Work that arrives, in card-hours per hour."""
    deadline_h: float = Field(gt=0, le=24 * 31)
    """Hours within which arrived work must be done."""
    most_cards: float | None = Field(default=None, gt=0)
    """Most cards it may use at once; none: the whole pool."""
    delay_price_per_card_h_h: float = Field(default=0.0, ge=0)
    """Price of keeping a card-hour waiting for an hour."""
    late_price_per_card_h_h: float = Field(default=5.0, gt=0)
    """Penalty for each hour that a card-hour is past its deadline."""
    unfinished_price_per_card_h: float = Field(default=0.1, ge=0)
    """What a card-hour still to do at the end of the plan costs later."""
    opening_backlog_card_h: float = Field(default=0.0, ge=0)
    """Work already waiting at the start."""

    def series(self, outside: Outside) -> dict[str, Floats]:
        return {"arrival_cards": values_on(self.arrival_cards, outside.calendar)}

    def _due(self, inputs: Inputs, opening: State) -> tuple[Floats, float]:
        """Most backlog at the end of each step that is still in time (steps,), and the backlog at the start."""
        opened = float(opening.get("backlog_card_h", self.opening_backlog_card_h))
        wait = max(round(self.deadline_h / inputs.step_h), 1)
        # without a measured one, the opening backlog comes due in equal parts over the deadline
        earlier = opening.get("in_time_card_h", opened * (1 - np.arange(1, wait) / wait))
        return _in_time(inputs["arrival_cards"] * inputs.step_h, np.asarray(earlier, dtype=float), wait), opened

    def _more_in_time(self, inputs: Inputs, opening: State) -> Floats:
        """Work at the end of each step that one more hour of deadline would leave in time, shape (steps,)."""
        later = self.model_copy(update={"deadline_h": self.deadline_h + max(1.0, inputs.step_h)})
        known = {name: value for name, value in opening.items() if name != "in_time_card_h"}
        now = self._due(inputs, known)[0]
        # where nothing can wait, a plan has no flow whose price could be read
        return np.where(now > 0, later._due(inputs, known)[0] - now, 0.0) / max(1.0, inputs.step_h)

    def _wait_price(self, inputs: Inputs) -> float:
        """Price of a card-hour waiting through one step."""
        return inputs.step_h * self.delay_price_per_card_h_h

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:
        in_time, opened = self._due(inputs, opening)
        bound = in_time.tolist()
        given = self._given(inputs)
        block.run_cards = pyo.Var(
            inputs.steps,
            bounds=(0, self.most_cards) if given is None else lambda _, t: (given[self.pool][t], given[self.pool][t]),
        )
        block.waiting_card_h = pyo.Var(inputs.steps, bounds=lambda _, t: (0, bound[t]))
        block.late_card_h = pyo.Var(inputs.steps, domain=pyo.NonNegativeReals)
        elsewhere = self._run_elsewhere(block, inputs)
        step_h, arrival = inputs.step_h, (inputs["arrival_cards"] * inputs.step_h).tolist()

        @block.Constraint(inputs.steps)
        def work_is_conserved(b: Block, t: int) -> Expr:
            before = b.waiting_card_h[t - 1] + b.late_card_h[t - 1] if t else opened
            return b.waiting_card_h[t] + b.late_card_h[t] == before + arrival[t] - step_h * (
                b.run_cards[t] + elsewhere(t)
            )

        run, waiting = Linear.of(block.run_cards.values()), Linear.of(block.waiting_card_h.values())
        late, last = Linear.of(block.late_card_h.values()), inputs.count - 1
        backlog_left = Linear.of([block.waiting_card_h[last]]) + Linear.of([block.late_card_h[last]])
        return Contribution(
            flows={
                (f"compute.{self.pool}", "run", Role.MOVABLE_WORK): -run,
                **{
                    (f"compute.{pool}", "run", Role.MOVABLE_WORK): -Linear.of(
                        block.run_elsewhere_cards[t, pool] for t in inputs.steps
                    )
                    for pool in self.other_pools
                },
            },
            cost=[
                waiting * self._wait_price(inputs),
                late * (self.late_price_per_card_h_h * step_h + self._wait_price(inputs)),
                backlog_left * self.unfinished_price_per_card_h,
            ],
            stored={"backlog_card_h": waiting + late},
            shortfalls={"late_card_h": late},
            limits={"deadline_h": waiting * self._more_in_time(inputs, opening)},
            scarcity={Limit.WAITING: Scarcity(upper=waiting)},
        )

    def _given(self, inputs: Inputs) -> dict[str, Floats] | None:
        """Cards by pool where nothing is left to plan."""
        if "run_cards" not in inputs.values:
            return None
        pools = sorted([self.pool, *self.other_pools])
        return {pool: inputs["run_cards"] * (pool == pools[0]) for pool in pools}

    def _run_elsewhere(self, block: Block, inputs: Inputs) -> Callable[[int], Expr]:
        """Cards in other pools by step; with those of its own within the most it may use."""
        if not self.other_pools:
            return lambda _: 0.0
        given = self._given(inputs)
        block.run_elsewhere_cards = pyo.Var(
            inputs.steps,
            self.other_pools,
            bounds=(0, self.most_cards) if given is None else lambda _, t, pool: (given[pool][t], given[pool][t]),
        )

        def elsewhere(t: int) -> Expr:
            return sum(block.run_elsewhere_cards[t, pool] for pool in self.other_pools)

        if self.most_cards is not None:

            @block.Constraint(inputs.steps)
            def all_pools_within_most_cards(b: Block, t: int) -> Expr:
                return b.run_cards[t] + elsewhere(t) <= self.most_cards

        return elsewhere

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        backlog, late = record.stored["backlog_card_h"], record.shortfalls["late_card_h"]
        left = np.zeros(inputs.count)
        left[-1] = backlog[-1] * self.unfinished_price_per_card_h
        return {
            "waiting": backlog * self._wait_price(inputs),
            "lateness penalty": late * self.late_price_per_card_h_h * inputs.step_h,
            "work left": left,
        }

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        in_time, opened = self._due(inputs, opening)
        run = -np.asarray(sum(values for (_, _, role), values in record.flows.items() if role == Role.MOVABLE_WORK))
        backlog, late = record.stored["backlog_card_h"], record.shortfalls["late_card_h"]
        before = np.concatenate([[opened], backlog[:-1]])
        change = (inputs["arrival_cards"] - run) * inputs.step_h
        laws = {
            "backlog does not follow from arrivals and work done": abs(backlog - before - change) > TOLERANCE_CARD_H,
            "work is late and not said to be": backlog - late > in_time + TOLERANCE_CARD_H,
            "work is in time and said to be late": late > np.maximum(backlog - in_time, 0.0) + TOLERANCE_CARD_H,
            "runs on fewer than no cards": run < -TOLERANCE_CARD_H,
            "runs on more cards than it may": run > (self.most_cards or np.inf) + TOLERANCE_CARD_H,
        }
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def state_after(self, record: Record, step: int) -> State:
        return {"backlog_card_h": float(record.stored["backlog_card_h"][step])}

    def closing_state(self, record: Record, inputs: Inputs, opening: State, step: int) -> State:
        wait = max(round(self.deadline_h / inputs.step_h), 1)
        longer = np.zeros(step + wait)
        longer[: step + 1] = inputs["arrival_cards"][: step + 1]
        later = Inputs(inputs.asset, inputs.calendar, range(len(longer)), {"arrival_cards": longer})
        return self.state_after(record, step) | {"in_time_card_h": self._due(later, opening)[0][step + 1 :].tolist()}

    def over_windows(self, record: Record, parts: Sequence[Kept], inputs: Inputs, opening: State) -> Record:  # noqa: ARG002
        late = np.maximum(record.stored["backlog_card_h"] - self._due(inputs, opening)[0], 0.0)
        return replace(record, shortfalls={"late_card_h": late})

    def state_limits(self) -> dict[str, tuple[float, float]]:
        return {"backlog_card_h": (0.0, MOST_BACKLOG_CARD_H)}

    def opened(self, state: State) -> Queue:
        backlog = float(state.get("backlog_card_h", self.opening_backlog_card_h))
        return self.model_copy(update={"opening_backlog_card_h": backlog})

    def runs_on_arrival(self, inputs: Inputs, free_cards: Floats) -> Floats:
        run, backlog, most = np.zeros(inputs.count), self.opening_backlog_card_h, self.most_cards or np.inf
        for step, arrived in enumerate(inputs["arrival_cards"] * inputs.step_h):
            backlog += arrived
            run[step] = min(backlog / inputs.step_h, free_cards[step], most)
            backlog -= run[step] * inputs.step_h
        return run

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        return set(), {f"compute.{pool}" for pool in (self.pool, *self.other_pools)}


def _in_time(arrived_card_h: Floats, earlier_card_h: Floats, wait: int) -> Floats:
    """Work at the end of each step that came less than `wait` steps ago, shape (steps,).

    `earlier_card_h`: the same for work that came before the plan, shape (wait − 1,).
    """
    count, arrived = len(arrived_card_h), np.cumsum(arrived_card_h)
    in_time = arrived - np.concatenate([np.zeros(min(wait, count)), arrived[:-wait]])[:count]
    in_time[: wait - 1] += earlier_card_h[:count]
    return np.asarray(in_time)
