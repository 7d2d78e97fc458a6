"""Rolling plans: hours planned one window after another, each seeing a little ahead, as operation will have it.

A window knows what the ones before it left: stored energy, what is on and since when, unfinished work, the month's peak
so far, and how far each promise is behind. The kept hours of all windows are checked and billed as one plan. What a
window does not know of the past, and the bill counts all the same: earlier months of a ratchet, energy of earlier hours
in tiers and in net metering.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from optimizer.inputs.assemble import part_of
from optimizer.plan import bill
from optimizer.plan.optimize import compiled_assets, plan_assets
from optimizer.plan.outcome import Outcome, Plan
from optimizer.plan.results import checked
from optimizer.plan.results_file import load_results
from optimizer.plan.rolling_results import Assets, Window, joined
from optimizer.quantities.columns import weights_of
from optimizer.quantities.documents import DocumentError
from optimizer.scenario.hubs import Hubs
from optimizer.scenario.single_site import Scenario
from optimizer.solve.certified import Certificate, Effort, Progress
from optimizer.solve.highs import SolverError, solve
from optimizer.technologies.base import Size, State

NO_VALUES = np.zeros(0)
"""Many problems have no common columns."""


@dataclass(frozen=True)
class Rolling:
    """Rolling horizon: how far each plan sees, and how much of it is kept [steps]."""

    seen: int
    kept: int

    @staticmethod
    def of(scenario: Scenario | Hubs) -> Rolling:
        """As the scenario's planning settings say."""
        planning, step_h = scenario.planning, scenario.horizon.step_h
        return Rolling(max(round(planning.rolling_seen_h / step_h), 1), max(round(planning.rolling_kept_h / step_h), 1))

    def spans(self, steps: int) -> list[tuple[int, int, int]]:
        """(first step, end of what is seen, end of what is kept) of every window."""
        firsts = range(0, steps, self.kept)
        return [(first, min(first + self.seen, steps), min(first + self.kept, steps)) for first in firsts]

    def plan(self, assets: Assets, inputs: xr.Dataset, effort: Effort, *, progress: Progress = lambda *_: None) -> Plan:
        """Rolled plan, checked and billed as a whole; its bound is that of a plan with foresight.

        Raises DocumentError for settings that need foresight, SolverError, ResultError.
        """
        _refuse_what_needs_foresight(assets, inputs)
        began, windows = time.perf_counter(), self.windows(assets, inputs, effort, progress)
        results = checked(joined(windows, inputs, assets), assets)
        table = bill.bill_by_step(results, assets)
        cost, rolled = bill.total_cost(table), time.perf_counter()
        bound = foresight_bound(assets, inputs)
        seconds = {"windows": rolled - began, "bound": time.perf_counter() - rolled}
        certificate = Certificate(
            "rolling", cost, min(bound, cost), NO_VALUES, NO_VALUES, bound, len(windows), seconds
        )  # fmt: skip
        notes = dict.fromkeys(note for window in windows for note in window.notes)
        return Plan(results, certificate, table, notes=tuple(notes))

    def windows(self, assets: Assets, inputs: xr.Dataset, effort: Effort, progress: Progress) -> list[Window]:
        """Planned windows, each from the state the one before it left."""
        spans, windows = self.spans(inputs.sizes["time"]), list[Window]()
        opening: dict[tuple[str, str], State] = {}
        for number, (first, seen, kept) in enumerate(spans):
            try:
                plan = plan_assets(assets, part_of(inputs, first, seen), effort, opening=opening)
            except SolverError as error:
                raise SolverError(f"window {number + 1} of {len(spans)}: {error}") from error
            windows.append(Window(plan.results, opening, kept - first, plan.notes))
            opening = states_after(windows[-1], assets)
            progress("windows", number + 1, len(spans))
        return windows


def states_after(window: Window, assets: Assets) -> dict[tuple[str, str], State]:
    """States that every asset hands to the next window."""
    return {
        place: assets[place].closing_state(record, inputs, opening, kept - 1)
        for place, (record, inputs, opening, kept) in window.parts(assets).items()
    }


def foresight_bound(assets: Assets, inputs: xr.Dataset) -> float:
    """Lower bound by perfect foresight of all hours at once: its optimum without whole numbers. Raises SolverError."""
    _, compiled = compiled_assets(assets, inputs)
    return solve(compiled.matrix.relaxed()).bound


def beside_foresight(outcome: Outcome, folders: Sequence[Path]) -> Outcome:
    """Outcome of a rolled plan, reported as such, beside the plan with foresight of the same hours if a folder has one."""
    rolling, plan = Rolling.of(outcome.scenario), outcome.plan
    step_h = outcome.scenario.horizon.step_h
    rolling_summary: dict[str, Any] = {
        "seen_h": rolling.seen * step_h,
        "kept_h": rolling.kept * step_h,
        "windows": plan.certificate.windows,
    }
    notes = [
        f"rolling: {rolling_summary['seen_h']:g} h seen, {rolling_summary['kept_h']:g} h kept, {rolling_summary['windows']} windows"
    ]
    costs = [cost for folder in folders if (cost := _cost_with_foresight(folder, outcome)) is not None]
    if costs:
        more = (plan.cost - costs[0]) / max(abs(costs[0]), 1e-9)
        rolling_summary |= {"foresight_cost": costs[0], "more_than_foresight": more}
        notes.append(f"all hours planned at once cost {costs[0]:,.0f}: rolling costs {more:.2%} more")
    notes += outcome.summary.get("notes", [])
    return replace(outcome, summary=outcome.summary | {"rolling": rolling_summary, "notes": notes})


def _cost_with_foresight(folder: Path, outcome: Outcome) -> float | None:
    """Cost of a run of the same scenario, hours and weather that was planned at once; None: the folder has none."""
    try:
        earlier = load_results(folder / "results.nc")
    except OSError:
        return None
    ours, attrs = outcome.plan.results, earlier.attrs
    same = (
        attrs.get("status") != "rolling"
        and attrs.get("scenario") == outcome.scenario.model_dump(mode="json")
        and attrs.get("weather") == ours.attrs["weather"]
        and earlier.indexes["time"].equals(ours.indexes["time"])
    )
    return float(attrs["cost"]) if same else None


def _refuse_what_needs_foresight(assets: Assets, inputs: xr.Dataset) -> None:
    problems = []
    if len(weights_of(inputs)) > 1:
        problems.append("members: a rolling plan sees one future; leave members out, or plan without --rolling")
    for (_, asset), technology in assets.items():
        sized = [name for name in type(technology).model_fields if isinstance(getattr(technology, name), Size)]
        whole = [*sized, *([name] if (name := technology.needs_foresight()) else [])]
        problems += [
            f"{asset} > {name}: needs the whole plan at once; give a number, or plan without --rolling"
            for name in whole
        ]  # fmt: skip
    if problems:
        raise DocumentError(problems)
