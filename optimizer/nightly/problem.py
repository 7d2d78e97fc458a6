"""Two-stage problem of a night, and the candidates its solver hands back: plain data that can go to another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from optimizer.nightly.secondary_objectives import Preferences
from optimizer.solve.highs import Floats
from optimizer.technologies.base import State, Technology

Key = tuple[str, str]
Cards = dict[Key, Floats]
"""Cards each work holds, by (site, asset), shape (steps,)."""


STORE_BY_RULE, STORE_PLANNED = "store by rule", "store planned"
"""Origins of the candidates that are rungs of the ladder only: they are never published."""


@dataclass(frozen=True)
class Problem:
    """Two-stage problem of one night: assets, inputs of all members, of the forecast alone and of a few members, opening states, last night's work."""

    assets: Mapping[Key, Technology]
    inputs: xr.Dataset
    center: xr.Dataset
    few: xr.Dataset
    """Inputs of the few members that represent all best: whole numbers are sought for them, and judged by all."""
    opening: dict[Key, State]
    yesterday: Cards
    """Cards that the last plan would run in these hours; empty without one."""
    gap: float
    seconds: float
    preferences: Preferences = field(default_factory=Preferences)


@dataclass(frozen=True)
class Candidate:
    """A plan that may be published once it has passed the independent check."""

    origin: str
    """`optimised`, `rounded` (relaxed and repaired), `shifted` (yesterday's work), `rule-based`, `possible` (what can be
    served where the rule cannot), `baseline` (the baseline), or a rung."""
    results: xr.Dataset
    cost: float
    bound: float
    """Proven lower bound of cost and `secondary_cost`; −inf where none is known."""
    secondary_cost: float = 0.0
    """Secondary objectives (bad members, changes) beyond the plan's cost."""
    decisions: dict[str, Floats] = field(default_factory=dict)
    """First-stage decisions, made before the weather is known: variable → values per step."""
    shadow_prices: dict[str, Floats] = field(default_factory=dict)
    """Expected shadow prices of recourse rows: row → per step."""
    levels: dict[str, float] = field(default_factory=dict)
    """Expected values of untimed recourse variables (a month's peak)."""
    expected: dict[str, Floats] = field(default_factory=dict)
    """Expected values of recourse variables (stored energy): variable → values per step."""
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    """Why it is not a better one, for the record."""
    iterations: int = 0
    """Simplex iterations of the search up to here: what it cost, whatever else the machine did."""

    @property
    def gap(self) -> float:
        """Relative gap, (objective − bound) / |objective|; infinite where nothing is known."""
        if not np.isfinite(self.bound):
            return float("inf")
        return max(self.objective - self.bound, 0.0) / max(abs(self.objective), 1e-9)

    @property
    def objective(self) -> float:
        """Objective value of a candidate."""
        return self.cost + self.secondary_cost
