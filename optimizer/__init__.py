"""Qaidam: from a scenario of a green data center to an hourly plan, with a proof of how good it is.

The names below are the public ones; they are imported when they are first asked for, so that `qaidam --help` stays quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what an editor and mypy see of the names below
    from optimizer.hubs.transfers import costs_alone, moves_of
    from optimizer.hubs.transfers import totals as move_totals
    from optimizer.nightly.night import Sources as NightSources
    from optimizer.nightly.night import plan_night
    from optimizer.nightly.settings import NightSettings
    from optimizer.plan.optimize import effort_for, optimize, plan_scenario
    from optimizer.plan.outcome import Outcome, Plan
    from optimizer.plan.reading import Reading, UnknownNameError, read_plan, select
    from optimizer.plan.results_file import load_results
    from optimizer.report import figures
    from optimizer.report.headline import headline
    from optimizer.runs.comparison import compare_runs
    from optimizer.runs.folder import write_run
    from optimizer.scenario.file import ScenarioError, load_scenario, load_site
    from optimizer.sharing.settlement import lease_values, settle
    from optimizer.study.catalogue import runs_of as study_runs
    from optimizer.study.conduct import Engine as StudyEngine
    from optimizer.study.conduct import conduct as run_study
    from optimizer.study.load import load_study

_HOMES = {
    "load_scenario": ".scenario.file:load_scenario",
    "load_site": ".scenario.file:load_site",
    "ScenarioError": ".scenario.file:ScenarioError",
    "optimize": ".plan.optimize:optimize",
    "plan_scenario": ".plan.optimize:plan_scenario",
    "effort_for": ".plan.optimize:effort_for",
    "Outcome": ".plan.outcome:Outcome",
    "Plan": ".plan.outcome:Plan",
    "Reading": ".plan.reading:Reading",
    "UnknownNameError": ".plan.reading:UnknownNameError",
    "read_plan": ".plan.reading:read_plan",
    "select": ".plan.reading:select",
    "load_results": ".plan.results_file:load_results",
    "write_run": ".runs.folder:write_run",
    "compare_runs": ".runs.comparison:compare_runs",
    "headline": ".report.headline:headline",
    "plan_night": ".nightly.night:plan_night",
    "NightSettings": ".nightly.settings:NightSettings",
    "NightSources": ".nightly.night:Sources",
    "settle": ".sharing.settlement:settle",
    "lease_values": ".sharing.settlement:lease_values",
    "costs_alone": ".hubs.transfers:costs_alone",
    "moves_of": ".hubs.transfers:moves_of",
    "move_totals": ".hubs.transfers:totals",
    "load_study": ".study.load:load_study",
    "run_study": ".study.conduct:conduct",
    "StudyEngine": ".study.conduct:Engine",
    "study_runs": ".study.catalogue:runs_of",
    "figures": ".report.figures",
}
"""Module of this package and, after the colon, the name there."""
__all__ = [
    "NightSettings",
    "NightSources",
    "Outcome",
    "Plan",
    "Reading",
    "ScenarioError",
    "StudyEngine",
    "UnknownNameError",
    "compare_runs",
    "costs_alone",
    "effort_for",
    "figures",
    "headline",
    "lease_values",
    "load_results",
    "load_scenario",
    "load_site",
    "load_study",
    "move_totals",
    "moves_of",
    "optimize",
    "plan_night",
    "plan_scenario",
    "read_plan",
    "run_study",
    "select",
    "settle",
    "study_runs",
    "write_run",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"optimizer has no public name '{name}'; public are {', '.join(__all__)}")
    module, _, attribute = _HOMES[name].partition(":")
    home: object = importlib.import_module(module, __name__)
    return getattr(home, attribute) if attribute else home


def __dir__() -> list[str]:
    return sorted(__all__)
