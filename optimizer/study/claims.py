"""Claims put to the test: what the runs say, over the range of every assumption, and which assumption decides.

One assumption moves at a time, all else at its base: another weather, another plant (`variants`), a factor that was run low and
high (`sensitivity`), or a value of the money, which needs no run. The break-even is the value at which the claim just holds:
exact for money, on straight lines between three runs for a factor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from optimizer.quantities.documents import DocumentError
from optimizer.scenario.file import set_by_path
from optimizer.study.break_even import crossing, number_at, root_beyond
from optimizer.study.frame import frame_of
from optimizer.study.load import LoadedStudy
from optimizer.study.metrics import MONEY
from optimizer.study.money import money_of
from optimizer.study.money_settings import Assumption, Claim, Money
from optimizer.study.store import manifest_of

FAR = 1e3
"""Stands for a payback that never comes, so that a difference of two paybacks has a sign."""
PAYBACK_POINTS = 41
"""Points of a range at which a payback is looked at."""
ABOVE_ALL = 1e30
"""A limit that nothing reaches: for ranges without a claim."""


@dataclass(frozen=True)
class Effect:
    """What one assumption does to a claimed quantity."""

    assumption: str
    found: tuple[float, ...]
    """Quantity at the ends of its range, or in each alternative."""
    ends: tuple[float, float] | None = None
    """Range of the assumption; None: alternatives without a number."""
    break_even: float | None = None
    """Value of the assumption at which the claim just holds."""
    until: float | None = None
    """Value from which the claim holds no more, where it holds only in between."""
    exclusive: bool = False
    """Whether it is one of several plants that cannot stand at once."""

    def swing(self, base: float) -> float:
        """Width of what it does."""
        return max(*self.found, base) - min(*self.found, base)


@dataclass(frozen=True)
class Finding:
    """What became of a claim for one case, against one other."""

    claim: Claim
    case: str
    against: str
    base: float
    effects: tuple[Effect, ...]

    def holds_at(self, value: float) -> bool:
        """Whether the claim holds at a value of its quantity."""
        return value <= self.claim.value if self.claim.kind == "below" else value >= self.claim.value

    @property
    def values(self) -> list[float]:
        """Base and every end of every assumption."""
        return [self.base, *(value for effect in self.effects for value in effect.found)]

    @property
    def together(self) -> tuple[float, float]:
        """Least and most if all assumptions moved the same way at once: the sum of their single effects, of plants the one
        that does most."""
        ends = []
        for furthest in (min, max):
            moves = [furthest(*effect.found, self.base) - self.base for effect in self.effects if not effect.exclusive]
            plants = [furthest(*effect.found, self.base) - self.base for effect in self.effects if effect.exclusive]
            ends.append(self.base + sum(moves) + furthest(plants, default=0.0))
        if self.claim.metric.endswith("_share") and self.claim.kind in (
            "below",
            "above",
        ):  # a sum may leave what a share can be
            ends = [min(max(end, 0.0), 1.0) for end in ends]
        return ends[0], ends[1]

    @property
    def verdict(self) -> str:
        """`holds`, `holds if`, `fails unless` or `fails`, over one assumption at a time."""
        if any(math.isnan(value) for value in self.values):
            return "not known"
        kept = [self.holds_at(value) for value in self.values]
        if all(kept):
            return "holds"
        if not any(kept):
            return "fails"
        return "holds if" if kept[0] else "fails unless"

    @property
    def deciding(self) -> Effect | None:
        """Assumption that turns the verdict, else the one that moves the quantity most; None: there is none."""
        turning = [
            e for e in self.effects if any(self.holds_at(value) != self.holds_at(self.base) for value in e.found)
        ]
        return max(turning or self.effects, key=lambda effect: effect.swing(self.base), default=None)


class Bench:
    """Runs of a study with its money, from which claimed quantities are read."""

    def __init__(self, study: LoadedStudy, root: Path, runs: pd.DataFrame) -> None:
        self.study, self.root, self.runs = study, root, runs

    @cached_property
    def money(self) -> Money:
        """Money of the study. Raises DocumentError without any."""
        if self.study.settings.money is None:
            raise DocumentError([f"{self.study.path.name}: has no money section, so no claims; add one"])
        return self.study.settings.money

    def run(self, case: str, weather: str | None = None, factor: tuple[str, float] | None = None) -> pd.Series | None:
        """Run of a case in a weather (none: the first), with a factor moved to a value; None: there is none."""
        rows = self.runs[self.runs["case"] == case]
        if factor is not None:
            column = f"factor.{factor[0]}"
            moved = rows[rows["part"] == "sensitivity"] if column in rows else rows.iloc[:0]
            rows = moved[moved[column] == factor[1]] if len(moved) else moved
        else:
            rows = rows[rows["part"] == "grid"]
            rows = rows if weather is None else rows[rows["weather"] == weather]
        return None if rows.empty else rows.iloc[0]

    def metric(self, claim: Claim, money: Money, run: pd.Series) -> float:
        """Claimed metric of a run."""
        if claim.metric not in MONEY:
            return float(run.get(claim.metric, math.nan))
        kept = {name: bought for name, bought in money.buy.items() if name not in claim.without}
        values = {str(name): value for name, value in run.items() if isinstance(value, float)}
        scenario = manifest_of(self.root, str(run["id"]))["scenario"] if _has_paths(money) else {}
        found = money_of(money.model_copy(update={"buy": kept}), str(run["case"]), values, scenario)
        return (
            float(np.clip(found.get(claim.metric, math.nan), -FAR, FAR))
            if "payback" in claim.metric
            else float(found.get(claim.metric, math.nan))
        )

    def quantity(self, claim: Claim, money: Money, own: pd.Series | None, other: pd.Series | None) -> float:
        """Claimed quantity: the metric itself, or how far it lies below that of another run."""
        if own is None or (claim.against and other is None):
            return math.nan
        value = self.metric(claim, money, own)
        if other is None:
            return value
        against = self.metric(claim, money, other)
        return against - value if claim.kind == "earlier_by" else 1.0 - value / against

    def findings(self) -> Iterator[Finding]:
        """What became of each claim, for each of its cases against each other one."""
        for claim in self.money.claims:
            for case in claim.cases:
                for other in claim.against or [""]:
                    yield self._finding(claim, case, other)

    def range_of(self, case: str, metric: str) -> Finding:
        """What a metric of a case is, over every assumption that any claim on the case is tried over."""
        variants: dict[str, dict[str, str]] = {}
        for claim in self.money.claims:
            for name, instead in claim.variants.items():
                if case in instead:
                    variants[name.removesuffix(" on both sides").removesuffix(" everywhere")] = {case: instead[case]}
        always = Claim(says=metric, metric=metric, cases=[case], kind="below", value=ABOVE_ALL, variants=variants)
        return self._finding(always, case, "")

    def _finding(self, claim: Claim, case: str, against: str) -> Finding:
        def at(money: Money = self.money, **which: object) -> float:
            return self.quantity(claim, money, self.run(case, **which), self.run(against, **which) if against else None)  # type: ignore[arg-type]

        base = at()
        effects = [*self._weathers(at), *self._variants(claim, case, against)]
        effects += list(self._factors(claim, case, against, base))
        if claim.metric in MONEY:
            for name, assumption in self.money.assumptions.items():
                effects.append(self._priced(claim, name, assumption, at))
        moving = [effect for effect in effects if effect.swing(base) > 1e-9 * max(abs(base), 1e-9)]
        return Finding(claim, case, against, base, tuple(moving))

    def _weathers(self, at: Callable[..., float]) -> Iterator[Effect]:
        names = list(dict.fromkeys(self.runs.loc[self.runs["part"] == "grid", "weather"]))
        if len(names) > 1:
            yield Effect(f"weather year ({', '.join(names)})", tuple(at(weather=name) for name in names))

    def _variants(self, claim: Claim, case: str, against: str) -> Iterator[Effect]:
        for name, instead in claim.variants.items():
            if case in instead or against in instead:
                own, other = self.run(instead.get(case, case)), self.run(instead.get(against, against))
                yield Effect(name, (self.quantity(claim, self.money, own, other if against else None),), exclusive=True)

    def _factors(self, claim: Claim, case: str, against: str, base: float) -> Iterator[Effect]:
        """Effects of the factors that were run low and high, in both cases where both have them."""
        for name, swing in self.study.settings.sensitivity.items():
            ends = []
            for value in (swing.low, swing.high):
                pair = [self.run(each, factor=(name, value)) for each in (case, against) if each]  # type: ignore[arg-type]
                if all(run is None for run in pair):
                    break
                own, other = [
                    *(
                        run if run is not None else self.run(each)
                        for run, each in zip(pair, (case, against), strict=False)
                    ),
                    None,
                ][:2]
                ends.append(self.quantity(claim, self.money, own, other if against else None))
            if len(ends) == 2:
                yield self._along_factor(claim, name, (swing.low, swing.high), (case, against), ends, base)

    def _along_factor(
        self,
        claim: Claim,
        name: str,
        ends: tuple[object, object],
        cases: tuple[str, str],
        found: list[float],
        base: float,
    ) -> Effect:
        swing = self.study.settings.sensitivity[name]
        if swing.paths == ["weather.year"]:
            return Effect(f"{name.replace('_', ' ')} ({ends[0]}, {ends[1]})", tuple(found))
        if not all(isinstance(end, int | float) and not isinstance(end, bool) for end in ends):
            return Effect(f"{name.replace('_', ' ')} ({ends[0]} to {ends[1]})", tuple(found))
        low, high = float(ends[0]), float(ends[1])  # type: ignore[arg-type]
        moved = next(each for each in cases if not swing.cases or each in swing.cases)
        middle = number_at(self.study.bases[moved][0], swing.paths[0])
        known = sorted([(low, found[0]), (high, found[1]), *([(middle, base)] if middle is not None else [])])
        ends_known = (known[0][0], known[-1][0])  # the base may lie beyond both runs
        values = tuple(value for _, value in known)
        return Effect(name.replace("_", " "), values, ends_known, crossing(known, claim.value))

    def _priced(self, claim: Claim, name: str, assumption: Assumption, at: Callable[..., float]) -> Effect:
        def beyond(value: float) -> float:
            return at(_with(self.money, assumption, value)) - claim.value

        low, high = assumption.low, assumption.high
        # a payback may be earlier in the middle of a range only: where one center pays and the other never does
        points = np.linspace(low, high, PAYBACK_POINTS if "payback" in claim.metric else 2).tolist()
        values = [at(_with(self.money, assumption, point)) for point in points]
        found = (values[0], min(values), max(values), values[-1])
        if any(math.isnan(value) for value in values) or min(values) == max(values):
            return Effect(name.replace("_", " "), found, (low, high))
        over = [value - claim.value for value in values]
        sides = [
            float(brentq(beyond, *pair, xtol=1e-6 * max(abs(high), 1e-3)))
            for pair, ends in zip(pairwise(points), pairwise(over), strict=True)
            if ends[0] * ends[1] < 0
        ]
        if not sides:
            return Effect(name.replace("_", " "), found, (low, high), root_beyond(beyond, low, high))
        return Effect(name.replace("_", " "), found, (low, high), sides[0], sides[-1] if len(sides) > 1 else None)


def bench_of(study: LoadedStudy, root: Path) -> Bench:
    """Bench of a study's finished runs. Raises DocumentError where none is done, OSError."""
    runs = frame_of(study, root)
    if runs.empty:
        raise DocumentError([f"{root}: no run is done; run the study first: qaidam study {study.path}"])
    return Bench(study, root, runs)


def _has_paths(money: Money) -> bool:
    return any(isinstance(bought.unit_cost, str) for bought in money.buy.values())


def _with(money: Money, assumption: Assumption, value: float) -> Money:
    """Money with an assumption at a value. Raises DocumentError for a path that leads nowhere."""
    data = money.model_dump(mode="json")
    for path in assumption.paths:
        set_by_path(data, path, value)
    return Money.model_validate(data)
