"""Resilience: what must be held ready so that the site survives the loss of its grid, at whatever hour it comes.

At the end of every step the energy that stores and tanks hold, within their power, must carry the protected load of the
hours that follow. Assumes: a source gives the same in an hour of an outage, whenever the outage began (exact with one
store; with several it requires a little more than is needed); all services may be cut to the share that is protected,
and cards that serve none of it are switched off; hours beyond the plan are like those a day before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pydantic import Field

from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import Contribution, Inputs, Record, State, Technology
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Floats, Linear
from optimizer.technologies.tallies import Tally

TOLERANCE_MW = 1e-5
"""Reserves sum a dozen terms that HiGHS holds to 1e-7 each."""


class Resilience(Technology):
    """A rule on how long the site survives without the grid."""

    rules_the_site: ClassVar[bool] = True

    hours: float = Field(gt=0, le=24 * 14)
    """Hours to survive, from any hour on."""
    inference_share: float = Field(default=1.0, ge=0, le=1)
    """Share of all services' demand that is served in an outage; batch work rests."""
    load_share: float = Field(default=0.0, ge=0, le=1)
    """Share of other loads that is served in an outage."""
    site_mw_per_it_mw: float = Field(default=1.3, ge=1, le=3)
    """Power the site draws for a MW of IT in an outage: with losses and cooling."""
    count_sun_and_wind: bool = False
    """Whether sun and wind count, as the plan foresees them; else an outage must be survived without."""
    unprotected_price_per_mwh: float = Field(default=20_000.0, gt=0)
    """Penalty for a MWh of protected load, hour by hour, without backup energy."""

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:  # noqa: ARG002
        protected, own = self._protected(inputs), self._own(inputs)
        sources = {
            name: contribution.tallies for name, contribution in inputs.others.items() if _limits(contribution.tallies)
        }
        block.backup_mw = pyo.Var(inputs.steps, list(sources), domain=pyo.NonNegativeReals)
        block.unprotected_mw = pyo.Var(inputs.steps, domain=pyo.NonNegativeReals)
        given = {name: Linear.of(block.backup_mw[t, name] for t in inputs.steps) for name in sources}
        unprotected = Linear.of(block.unprotected_mw.values())
        met = sum(given.values(), own + unprotected - protected)

        @block.Constraint(inputs.steps)
        def protected_load_is_met(_: Block, t: int) -> Expr:
            return met.at(t) >= 0

        self._hold_sources(block, inputs, sources, given)
        cost = [unprotected * (self.unprotected_price_per_mwh * inputs.step_h)]
        meters = {"protected_mw": protected, "own_mw": own}
        for name, tallies in sources.items():
            meters |= {f"{quantity}@{name}": tallies[quantity] for quantity in tallies if quantity.startswith("backup")}
            meters[f"given_mw@{name}"] = given[name]
        return Contribution(flows={}, cost=cost, meters=meters, shortfalls={"unprotected_mw": unprotected})

    def _hold_sources(
        self, block: Block, inputs: Inputs, sources: Mapping[str, Mapping[Tally, Linear]], given: Mapping[str, Linear]
    ) -> None:
        beyond = [
            (t, name, limit) for name, tallies in sources.items() for limit in _limits(tallies) for t in inputs.steps
        ]
        over = {(name, limit): given[name] - sources[name][limit] for _, name, limit in beyond}

        @block.Constraint(range(len(beyond)))
        def backup_within_power(_: Block, k: int) -> Expr:
            t, name, limit = beyond[k]
            return over[name, limit].at(t) <= 0

        finite = [name for name, tallies in sources.items() if Tally.BACKUP_MWH in tallies]
        after = _steps_after(inputs, self.hours)

        @block.Constraint(inputs.steps, finite)
        def backup_lasts_for_its_hours(b: Block, t: int, name: str) -> Expr:
            needed_mwh = sum(b.backup_mw[int(s), name] for s in after[t]) * inputs.step_h
            return needed_mwh <= sources[name][Tally.BACKUP_MWH].at(t)

    def _protected(self, inputs: Inputs) -> Linear:
        """Load that is served in an outage in each step [MW]."""
        total = Linear.fixed(0.0, inputs.count)
        for contribution in inputs.others.values():
            if Tally.SERVICE_CARDS in contribution.tallies:
                pool = next(bus for bus, _, role in contribution.flows if role == Role.SERVED_WORK).rpartition(".")[2]
                per_card = _fixed(inputs.others[pool].tallies[Tally.BUSY_MW_PER_CARD]) * self.site_mw_per_it_mw
                total = total + contribution.tallies[Tally.SERVICE_CARDS] * (self.inference_share * per_card)
            if Tally.LOAD_MW in contribution.tallies:
                total = total + contribution.tallies[Tally.LOAD_MW] * self.load_share
        return total

    def _own(self, inputs: Inputs) -> Linear:
        """Sun and wind that count [MW]."""
        zero = Linear.fixed(0.0, inputs.count)
        if not self.count_sun_and_wind:
            return zero
        tallies = (contribution.tallies for contribution in inputs.others.values())
        green = (tally[Tally.GREEN_AVAILABLE_MWH] for tally in tallies if Tally.GREEN_AVAILABLE_MWH in tally)
        return sum(green, zero) * (1 / inputs.step_h)

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        short = record.shortfalls["unprotected_mw"]
        return {"unprotected load penalty": short * self.unprotected_price_per_mwh * inputs.step_h}

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:  # noqa: ARG002
        meters, after = record.meters, _steps_after(inputs, self.hours)
        given = {name.partition("@")[2]: values for name, values in meters.items() if name.startswith("given_mw@")}
        met = sum(given.values(), meters["own_mw"] + record.shortfalls["unprotected_mw"])
        laws = {"protected load is not met": met < meters["protected_mw"] - TOLERANCE_MW}
        for name, power in given.items():
            for limit in (meter for meter in meters if meter.startswith("backup_mw") and meter.endswith(f"@{name}")):
                if limit != f"backup_mwh@{name}":
                    laws[f"{name} would give more than it can"] = power > meters[limit] + TOLERANCE_MW
            if f"backup_mwh@{name}" in meters:
                needed_mwh = power[after].sum(axis=1) * inputs.step_h
                laws[f"{name} holds too little"] = needed_mwh > meters[f"backup_mwh@{name}"] + TOLERANCE_MW
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def as_baseline(self) -> Resilience:
        """Baseline without promises."""
        return self.model_copy(update={"inference_share": 0.0, "load_share": 0.0})


def _limits(tallies: Iterable[Tally]) -> list[Tally]:
    """Names of the limits on a source's power."""
    return [name for name in tallies if name in (Tally.BACKUP_MW, Tally.BACKUP_MW_BY_RATE)]


def _steps_after(inputs: Inputs, hours: float) -> NDArray[np.int64]:
    """Steps of an outage that begins at the end of each step, shape (steps, steps of the outage)."""
    length, day = int(np.ceil(hours / inputs.step_h - 1e-9)), max(round(24 / inputs.step_h), 1)
    steps = np.arange(inputs.count)[:, None] + 1 + np.arange(length)[None, :]
    over = np.maximum(steps - inputs.count + 1, 0)
    return np.asarray(np.maximum(steps - np.ceil(over / day).astype(int) * day, 0))


def _fixed(line: Linear) -> Floats:
    """Plain numbers of a line without variables."""
    return line.constant
