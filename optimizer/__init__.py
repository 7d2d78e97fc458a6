"""Qaidam: from a scenario of a green data center to an hourly plan, with a proof of how good it is.

The names below are the public ones; they are imported when they are first asked for, so that `qaidam --help` stays quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what an editor and mypy see of the names below
    from optimizer.nightly.night import plan_night
    from optimizer.plan.optimize import Outcome, Plan, optimize
    from optimizer.plan.results_file import load_results
    from optimizer.runs.folder import write_run
    from optimizer.scenario.file import ScenarioError, load_scenario, load_site
    from optimizer.study.conduct import conduct as run_study
    from optimizer.study.load import load_study

_HOMES = {
    "load_scenario": "optimizer.scenario.file",
    "load_site": "optimizer.scenario.file",
    "ScenarioError": "optimizer.scenario.file",
    "optimize": "optimizer.plan.optimize",
    "Outcome": "optimizer.plan.optimize",
    "Plan": "optimizer.plan.optimize",
    "write_run": "optimizer.runs.folder",
    "load_results": "optimizer.plan.results_file",
    "plan_night": "optimizer.nightly.night",
    "load_study": "optimizer.study.load",
    "run_study": "optimizer.study.conduct",
}
_ELSEWHERE = {"run_study": "conduct"}
"""Public names that are called otherwise at home."""
__all__ = [
    "Outcome",
    "Plan",
    "ScenarioError",
    "load_results",
    "load_scenario",
    "load_site",
    "load_study",
    "optimize",
    "plan_night",
    "run_study",
    "write_run",
]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), _ELSEWHERE.get(name, name))
    raise AttributeError(f"optimizer has no public name '{name}'; public are {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
