"""Ladder of a saving: checked plans from a site without store and plan up to the plan, and what each step up saves.

| rung            | what runs                                                             |
|-----------------|-----------------------------------------------------------------------|
| `no_investment` | where sizes are sought: nothing new is built, no store, no plan       |
| `no_store`      | work as it arrives; the store is neither used nor paid for            |
| `by_rule`       | work as it arrives; the store takes every surplus, covers deficits    |
| `unmoved`       | work as it arrives; store and tie are planned                         |
| `plan`          | all of it is planned, work moves                                      |

A rung that cannot be says why, and the step over it is one with the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

import xarray as xr

from optimizer.language.numbers import money, money_to_the_unit, share, whole
from optimizer.language.recognition import shown
from optimizer.language.speech import is_chinese, noted, say
from optimizer.plan.billed_plan import Plan
from optimizer.plan.costs import fixed_costs
from optimizer.technologies.base import Technology

Assets = Mapping[tuple[str, str], Technology]
NO_INVESTMENT, NO_STORE, BY_RULE, UNMOVED, PLANNED = "no_investment", "no_store", "by_rule", "unmoved", "plan"
NAMES = {
    NO_INVESTMENT: noted("nothing built, no store, no plan"),
    NO_STORE: noted("no store, no plan"),
    BY_RULE: noted("store by rule, no plan"),
    UNMOVED: noted("store and tie planned, work as it arrives"),
    PLANNED: noted("the plan"),
}
"""What people read of a rung."""
SAVED_BY = {
    NO_STORE: noted("what is built"),
    BY_RULE: noted("the store"),
    UNMOVED: noted("its planning"),
    PLANNED: noted("moving work"),
}
"""What saves the step up to a rung."""
NOT_POSSIBLE = noted("{name}: not possible: {reason}")


@dataclass(frozen=True)
class Rung:
    """One plan of the ladder, or the reason why there is none."""

    key: str
    plan: Plan | None
    reason: str = ""
    cost: float | None = None
    """Bill of its hours; none: it cannot be."""
    capital: float = 0.0
    """What its plants cost beside the bill: the hours' share of what stands."""

    @staticmethod
    def of(key: str, plan: Plan, assets: Assets) -> Rung:
        """Rung of a plan, with its bill and what its assets cost beside it."""
        return Rung(key, plan, cost=plan.cost, capital=sum(fixed_costs(plan.results, assets).values()))


class Step(TypedDict):
    """Rung as summary.json holds it."""

    rung: str
    name: str
    cost: float | None
    capital: float
    total: float | None
    reason: str


@dataclass(frozen=True)
class Ladder:
    """Rungs from the baseline up; the plan is the last."""

    rungs: Sequence[Rung] = field(default=())

    def saving(self) -> float | None:
        """What the plan saves against the lowest rung, capital included; none: that rung cannot be."""
        lowest, highest = self.steps()[0]["total"], self.steps()[-1]["total"]
        return None if lowest is None or highest is None else lowest - highest

    def summary(self) -> dict[str, object]:
        """Rungs and savings with the names of summary.json."""
        return {"rungs": [step_of(rung) for rung in self.rungs], "saved": saved(self.steps())}

    def results(self) -> dict[str, xr.Dataset]:
        """Results of the rungs between the lowest one and the plan, by name."""
        between = [rung for rung in self.rungs[1:] if rung.key != PLANNED]
        return {rung.key: rung.plan.results for rung in between if rung.plan is not None}

    def steps(self) -> list[Step]:
        """Rungs as plain data."""
        return [step_of(rung) for rung in self.rungs]


def assets_of(rung: str, assets: Assets) -> Assets:
    """Assets as they run, and are paid for, on a rung."""
    if rung in (NO_INVESTMENT, NO_STORE):
        return {key: asset.as_baseline() for key, asset in assets.items()}
    if rung == BY_RULE:
        return {key: asset.by_rule() for key, asset in assets.items()}
    return {key: asset.unmoved() for key, asset in assets.items()} if rung == UNMOVED else assets


def step_of(rung: Rung) -> Step:
    """A rung as plain data."""
    total = None if rung.cost is None else rung.cost + rung.capital
    return {
        "rung": rung.key,
        "name": NAMES[rung.key],
        "cost": rung.cost,
        "capital": rung.capital,
        "total": total,
        "reason": rung.reason,
    }


def saved(steps: Sequence[Step]) -> dict[str, float]:
    """Saving of each step up, by what brings it; a step over rungs that cannot be is one: "the store and its planning"."""
    savings: dict[str, float] = {}
    causes: list[str] = []
    last: float | None = None
    for step in steps:
        causes += [SAVED_BY[step["rung"]]] if step["rung"] in SAVED_BY and (last is not None or causes) else []
        if step["total"] is None:
            continue
        if last is not None:
            savings[" and ".join(causes)] = last - step["total"]
        last, causes = step["total"], []
    return savings


def steps_in(summary: Mapping[str, object]) -> list[Step]:
    """Rungs of a summary that was read from a file; none in those of earlier versions."""
    ladder = summary.get("ladder")
    rungs = ladder.get("rungs") if isinstance(ladder, Mapping) else None
    return list(rungs) if isinstance(rungs, list) else []


def base_of(steps: Sequence[Step]) -> Step | None:
    """Lowest rung that can be: what a saving is stated against."""
    return next((step for step in steps if step["total"] is not None and step["rung"] != PLANNED), None)


def saving_in_words(cost: float, base: float, currency: str) -> str:
    """A saving in words: a share of the base only where there is a base to take a share of, else money.

    With a base below zero or so small that more than all of it is gained or lost, a share says nothing.
    """
    gain = base - cost
    if base > 0 and abs(gain) <= base:
        part = share(abs(gain) / base)
        return say("{share} saved", share=part) if gain >= 0 else say("{share} more", share=part)
    amount = money(abs(gain), currency) if is_chinese() else f"{currency} {abs(gain):,.0f}"
    return say("{money} gained", money=amount) if gain >= 0 else say("{money} lost", money=amount)


def gains_and_losses(steps: Sequence[Step]) -> tuple[dict[str, float], dict[str, float]]:
    """What each cause saves, and what each one costs, above zero both: a step up that costs money saves nothing."""
    savings = saved(steps)
    gains = {cause: max(money, 0.0) for cause, money in savings.items() if money >= -NO_MONEY}
    return gains, {cause: -money for cause, money in savings.items() if money < -NO_MONEY}


def not_possible(step: Step) -> str:
    """Sentence that a rung cannot be, and why; in English, as summaries keep it."""
    return NOT_POSSIBLE.format(name=step["name"], reason=step["reason"])


def cause_in_words(cause: str) -> str:
    """What saves a step up, or several as one: "the store and its planning"."""
    return say(" and ").join(say(part) for part in cause.split(" and "))


NO_MONEY = 0.5
"""Half a unit of the currency: it is printed as nothing, which is neither gained nor lost."""
SAME_MONEY = 1e-6
"""Relative: rungs this near to each other cost the same, as those of a store of no size do."""


def store_at_a_loss(steps: Sequence[Step]) -> float | None:
    """Money by which a store that is planned costs more than it saves, rent and capital included; none where it pays or none stands.

    Both rungs serve work as it arrives: without the store, and with the store and the tie planned.
    """
    totals = {step["rung"]: step["total"] for step in steps}
    without, planned = totals.get(NO_STORE), totals.get(UNMOVED)
    if without is None or planned is None or planned - without <= SAME_MONEY * abs(without):
        return None
    return planned - without


def on_the_store(steps: Sequence[Step], currency: str) -> str:
    """Sentence that the store does not pay, rent and capital included; empty where it does or where there is none."""
    loss = store_at_a_loss(steps)
    if loss is None:
        return ""
    amount = money(loss, currency) if is_chinese() else f"{currency} {loss:,.0f}"
    return say("the store costs {money} more than it saves, planned, with work as it arrives", money=amount)


def in_words(saved_money: float, currency: str) -> str:
    """Saving as "1,200 less", or what is lost as "1,200 more"."""
    amount = money_to_the_unit(abs(saved_money), currency) if is_chinese() else whole(abs(saved_money))
    return say("{money} less", money=amount) if saved_money >= -NO_MONEY else say("{money} more", money=amount)


def lines(steps: Sequence[Step], currency: str) -> Iterator[str]:
    """Lines of the ladder for a terminal: cost of each rung and what the step up to it saved."""
    last: float | None = None
    for step in steps:
        if step["total"] is None:
            yield shown(not_possible(step))
            continue
        name, total = say(step["name"]), money_to_the_unit(step["total"], currency)
        if last is None:
            yield say("{name}: {money}", name=name, money=total)
        else:
            gain = in_words(last - step["total"], currency)
            yield say("{name}: {money} ({gain})", name=name, money=total, gain=gain)
        last = step["total"]
