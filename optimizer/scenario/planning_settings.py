"""Planning settings: gap, time limit, rolling horizon."""

from __future__ import annotations

from pydantic import Field, model_validator

from optimizer.technologies.base import Settings


class Planning(Settings):
    """Planning settings: how well and how long to solve."""

    gap: float = Field(default=0.005, gt=0, le=1)
    """Certified relative gap to stop at."""
    seconds: float = Field(default=600.0, gt=0)
    """Time after which the best plan so far is taken."""
    window_days: float = Field(default=1.0, gt=0, le=60)
    """Length of the windows a long plan is split into."""
    fuller_stores: bool = False
    """Whether among plans of equal cost the one with the fuller stores is taken: a second, smaller problem after each plan."""
    rolling_seen_h: float = Field(default=48.0, gt=0, le=24 * 366)
    """Hours each plan looks ahead when hours are planned one window after another (`--rolling`)."""
    rolling_kept_h: float = Field(default=24.0, gt=0, le=24 * 366)
    """Hours of each such plan that are kept, until the next takes over."""

    @model_validator(mode="after")
    def _keeps_what_it_sees(self) -> Planning:
        if self.rolling_kept_h > self.rolling_seen_h:
            raise ValueError("rolling_kept_h is above rolling_seen_h; a plan cannot keep more than it sees")
        return self
