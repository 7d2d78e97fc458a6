"""Solving effort: time limit and gap, and where the time went."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """Solving effort: gap, time limit, processes."""

    gap: float = 0.005
    seconds: float = 600.0
    window_steps: int = 72
    workers: int = 1
    window_seconds: float = 15.0
    """Most time for one window; its bound holds all the same."""
    whole_up_to_steps: int = 200
    """Plans up to this length are solved as one problem."""
    fuller_stores: bool = False
    """Whether among plans of equal cost the one with the fuller stores is taken."""


@dataclass(frozen=True)
class TimeBudget:
    """Time budget of one search: seconds from a moment of `time.perf_counter`. The limit of all solves is solve/deadline.py's."""

    seconds: float
    began: float

    def left(self) -> float:
        """Seconds left; below 0 when it has passed."""
        return self.seconds - (time.perf_counter() - self.began)

    def part(self, share: float) -> TimeBudget:
        """Time budget of a share of what is left."""
        return TimeBudget(share * max(self.left(), 0.0), time.perf_counter())


class Laps:
    """Seconds spent by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._began = self._last = time.perf_counter()

    def end(self, phase: str) -> None:
        """Phase that ran since the last call has ended."""
        now = time.perf_counter()
        self.seconds[phase] = round(self.seconds.get(phase, 0.0) + now - self._last, 3)
        self._last = now

    def total(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._began
