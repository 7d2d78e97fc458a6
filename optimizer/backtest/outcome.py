"""Backtest outcome: costs of all policies between their brackets, the share captured, and where the rest went."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field

from optimizer.language.numbers import currency_name, grouped, listed
from optimizer.language.speech import noted, say
from optimizer.language.terminal import padded
from optimizer.language.words import words

COLUMNS = {
    noted("cost"): 12, noted("captured"): 10, noted("regret: rule"): 14, noted("two days"): 11, noted("forecast"): 11,
    noted("missed card-h"): 15, noted("churn card-h"): 14, noted("CPU s"): 8,
}  # fmt: skip
"""Columns of the table of policies, and their widths on the terminal."""


@dataclass
class Replay:
    """Cost and promises of one policy over the whole span."""

    cost: float
    late_card_h: float
    churn_card_h: float
    """Card-hours that the next night planned otherwise than the night before had."""
    seconds: float
    """CPU spent."""
    ratios: dict[str, float] = field(default_factory=dict)
    """Promised ratios of energy over the span, as they came: "site ratio" → share."""


@dataclass(frozen=True)
class Backtest:
    """Policies of a backtest between their brackets, in the scenario's currency."""

    baseline: float | None
    """No store, no plan; none: that site cannot be."""
    hindsight: float
    hindsight_gap: float
    hindsight_by_rule: float
    """Plan of the whole span, run by the rule that runs the others."""
    hindsight_late_card_h: float
    """Lateness that even that plan cannot avoid."""
    store_by_rule: float | None = None
    """Work as it arrives, the store by rule: what is had without a plan and a forecast; none: there is no store, or no such rule."""
    store_planned: float | None = None
    """Work as it arrives, store and tie planned with hindsight."""
    hindsight_ratios: dict[str, float] = field(default_factory=dict)
    """Promised ratios of the plan of the whole span."""
    replays: dict[str, Replay] = field(default_factory=dict)

    def unplanned(self) -> tuple[str, float] | None:
        """What a policy is measured against, and its cost: the store by rule where there is one; none: only a plan can run this site."""
        for name, cost in (("store by rule", self.store_by_rule), ("no store, no plan", self.baseline)):
            if cost is not None:
                return name, cost
        return None

    def share(self, policy: str) -> float:
        """Share captured of what hindsight saves over the site without a plan, 0..1; NaN where it saves nothing."""
        base = self.unplanned()
        if base is None or base[1] - self.hindsight <= 1e-9 * abs(self.hindsight):
            return math.nan
        return (base[1] - self.replays[policy].cost) / (base[1] - self.hindsight)

    def regret(self, policy: str) -> dict[str, float]:
        """Regret of a policy against hindsight, by cause; adds up to all of it.

        `rule`: storage and grid answer hour by hour by the plan's prices. `two days`: nothing is seen behind the plan's
        end but its end values. `forecast`: the two days come otherwise than forecast (only where `perfect days` was run).
        """
        whole = self.replays[policy].cost - self.hindsight
        rule = self.hindsight_by_rule - self.hindsight
        if "perfect days" not in self.replays:
            return {"rule": rule, "two days and forecast": whole - rule}
        known = self.replays["perfect days"].cost - self.hindsight
        return {"rule": rule, "two days": known - rule, "forecast": whole - known}

    def missed_card_h(self, policy: str) -> float:
        """Late card-hours that were feasible in time."""
        return max(self.replays[policy].late_card_h - self.hindsight_late_card_h, 0.0)


def report_text(outcome: Backtest, currency: str) -> str:
    """Text table of a backtest: cost, captured share and regret by policy."""
    rungs = {
        noted("no store, no plan"): outcome.baseline,
        noted("store by rule"): outcome.store_by_rule,
        noted("store planned"): outcome.store_planned,
    }
    base = outcome.unplanned()
    begin = say(
        "{rungs} {currency}, with hindsight {hindsight} (gap {gap}), hindsight by rule {by_rule}",
        rungs=listed([f"{say(name)} {grouped(cost)}" for name, cost in rungs.items() if cost is not None]),
        currency=currency_name(currency), hindsight=grouped(outcome.hindsight), gap=f"{outcome.hindsight_gap:.2%}",
        by_rule=grouped(outcome.hindsight_by_rule),
    )  # fmt: skip
    captured = (
        say("captured: of what hindsight saves against {base}", base=say(base[0]))
        if base
        else say("captured: nothing to compare with")
    )
    columns = [padded(say(name), width) for name, width in COLUMNS.items()]
    lines = [begin, captured, padded(say("policy"), -15) + "".join(columns)]
    for name, replay in outcome.replays.items():
        causes = outcome.regret(name)
        rest = [
            f"{grouped(causes[cause]):>11}" if cause in causes else f"{'-':>11}" for cause in ("two days", "forecast")
        ]
        lines.append(
            f"{padded(say(name), -15)}{grouped(replay.cost):>12}{outcome.share(name):>10.1%}{grouped(causes['rule']):>14}{''.join(rest)}"
            f"{grouped(outcome.missed_card_h(name), ',.1f'):>15}{grouped(replay.churn_card_h):>14}{replay.seconds:>8.0f}"
        )
    courses = {"hindsight": outcome.hindsight_ratios} | {
        name: replay.ratios for name, replay in outcome.replays.items()
    }
    lines += [
        say(
            "ratios, {name}: {ratios}",
            name=say(name),
            ratios=listed([f"{words(ratio)} {share:.2%}" for ratio, share in ratios.items()]),
        )
        for name, ratios in courses.items()
        if ratios
    ]
    return "\n".join(lines)


def summary(outcome: Backtest) -> dict[str, object]:
    """Summary of a backtest as plain data."""
    policies = {
        name: asdict(replay)
        | {
            "captured": outcome.share(name), "regret": outcome.regret(name), "missed_card_h": outcome.missed_card_h(name),
        }
        for name, replay in outcome.replays.items()
    }  # fmt: skip
    return asdict(outcome) | {"replays": policies}
