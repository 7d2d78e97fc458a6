"""Backtest outcome: costs of all policies between their brackets, the share captured, and where the rest went."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field


@dataclass
class Replay:
    """Cost and promises of one policy over the whole span."""

    cost: float
    late_card_h: float
    churn_card_h: float
    """Card-hours that the next night planned otherwise than the night before had."""
    seconds: float
    """CPU spent."""


@dataclass(frozen=True)
class Backtest:
    """Policies of a backtest between their brackets, in the scenario's currency."""

    baseline: float
    hindsight: float
    hindsight_gap: float
    hindsight_by_rule: float
    """The plan of the whole span, run by the rule that runs the others."""
    hindsight_late_card_h: float
    """Lateness that even that plan cannot avoid."""
    replays: dict[str, Replay] = field(default_factory=dict)

    def share(self, policy: str) -> float:
        """Share of the saving by hindsight that a policy captures."""
        return (self.baseline - self.replays[policy].cost) / max(self.baseline - self.hindsight, 1e-9)

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
    lines = [
        f"without a plan {outcome.baseline:,.0f} {currency}, with hindsight {outcome.hindsight:,.0f} (gap {outcome.hindsight_gap:.2%}),"
        f" hindsight by rule {outcome.hindsight_by_rule:,.0f}",
        f"{'policy':<15}{'cost':>12}{'captured':>10}{'regret: rule':>14}{'two days':>11}{'forecast':>11}"
        f"{'missed card-h':>15}{'churn card-h':>14}{'CPU s':>8}",
    ]
    for name, replay in outcome.replays.items():
        causes = outcome.regret(name)
        rest = [f"{causes[cause]:>11,.0f}" if cause in causes else f"{'-':>11}" for cause in ("two days", "forecast")]
        lines.append(
            f"{name:<15}{replay.cost:>12,.0f}{outcome.share(name):>10.1%}{causes['rule']:>14,.0f}{''.join(rest)}"
            f"{outcome.missed_card_h(name):>15,.1f}{replay.churn_card_h:>14,.0f}{replay.seconds:>8.0f}"
        )
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
