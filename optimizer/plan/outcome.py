"""Outcome of a scenario: the plan beside what the site would have done without one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import xarray as xr

from optimizer.accounts.carbon import Account
from optimizer.plan.billed_plan import Plan as Plan
from optimizer.plan.ladder import Ladder
from optimizer.plan.reading import Answers
from optimizer.scenario.hubs import Hubs
from optimizer.scenario.notebook_view import glance, summary_rows
from optimizer.scenario.single_site import Scenario


@dataclass(frozen=True)
class Outcome(Answers):
    """A plan beside what the site would have done without one; its answers are the plan's."""

    scenario: Scenario | Hubs
    plan: Plan
    baseline: Plan
    """Lowest rung of the ladder; the plan itself where there is none."""
    summary: dict[str, Any]
    account: Account | None = None
    """Carbon, green share and certificates of the plan, and which source fed which use."""
    ladder: Ladder = field(default_factory=Ladder)
    """Plans below this one, from a site without store and plan up."""
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    """Further tables of the run, each written as a CSV file of its name."""

    def _dataset(self) -> xr.Dataset:
        return self.plan.results

    def _repr_html_(self) -> str:
        weather = f"weather: {self.summary['weather']}"
        return glance(str(self.summary["scenario"]), summary_rows(self.summary), weather)
