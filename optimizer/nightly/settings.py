"""Settings of the nightly job: how far it looks, how many members, how long it may solve, what it keeps."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from optimizer.nightly.secondary_objectives import Preferences


class NightSettings(BaseModel):
    """Settings of one night. Those that change the plan are part of its id; the others are not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seen_days: int = Field(default=2, ge=2, le=7)
    """Days the plan looks ahead; the first is kept, the rest is there if tomorrow's job fails."""
    drawn: int = Field(default=50, ge=1, le=500)
    """Members drawn around the forecast."""
    members: int = Field(default=20, ge=1, le=100)
    """Members the plan is made for, chosen from those drawn; 1: the forecast itself, without its errors."""
    few: int = Field(default=12, ge=1, le=100)
    """Members for which whole numbers are sought; cost and bound are those of all members."""
    risk_weight: float = Field(default=0.0, ge=0, le=1)
    """Weight of what the worst members cost against what all cost in the mean."""
    risk_tail: float = Field(default=0.1, gt=0, le=1)
    """Share of the members that count as the worst."""
    change_price_per_card_h: float = Field(default=0.0, ge=0)
    """Price of a card-hour that runs in another hour than last night's plan had it; currency of the scenario."""
    gap: float = Field(default=0.005, gt=0, le=1)
    """Relative gap at which a plan counts as optimised."""
    solve_seconds: float = Field(default=90.0, gt=0)
    """Deadline of the solving child; then it is killed and the best it handed over is taken."""
    rule_seconds: float = Field(default=60.0, gt=0)
    """Deadline of the child that makes the rule-based plans."""
    read_seconds: float = Field(default=60.0, gt=0)
    """Longest that reading one input may take; then it is done without."""
    oldest_forecast_h: float = Field(default=30.0, gt=0)
    """A forecast issued longer ago is not fresh."""
    oldest_tail_h: float = Field(default=78.0, gt=0)
    """A forecast of an earlier night issued longer ago is not used."""
    oldest_telemetry_h: float = Field(default=6.0, gt=0)
    """Telemetry older than this is marked stale; four times as old it is not used."""
    end_values: Path | None = None
    """`end_values.json` of the year's plan; none: stores have the scenario's end values, a month's peak counts by the day."""
    keep_days: int = Field(default=60, ge=2)
    """Plans of nights longer ago are removed."""

    @property
    def whole_seconds(self) -> float:
        """Deadline of the whole night, with reading, both solvers and a second attempt."""
        return self.solve_seconds + 2 * self.rule_seconds + 60.0

    def of_the_plan(self) -> dict[str, float]:
        """Settings that change the plan."""
        return self.model_dump(
            include={
                "seen_days", "drawn", "members", "few", "risk_weight", "risk_tail", "change_price_per_card_h", "gap",
                "oldest_forecast_h", "oldest_tail_h",
            }
        )  # fmt: skip

    def preferences(self) -> Preferences:
        """Secondary objectives beyond the expected cost."""
        return Preferences(self.risk_weight, self.risk_tail, self.change_price_per_card_h)
