"""A published plan checked once more, from its files alone."""

from __future__ import annotations

import json
from pathlib import Path

from optimizer.nightly.expected import load_opening
from optimizer.nightly.folder import RESULTS, SCENARIO, STATES
from optimizer.nightly.record import RECORD, read_record
from optimizer.plan import bill
from optimizer.plan.results import violations
from optimizer.plan.results_file import load_results
from optimizer.scenario.file import scenario_from

BY_RULE_FROM = 3
"""Levels from here on set the work by rule."""


def faults_of_folder(folder: Path) -> list[str]:
    """Everything a published plan breaks; empty for a sound one. Raises OSError, ValueError where files are missing or broken."""
    record = read_record(folder / RECORD)
    if record is None:
        return [f"{folder.name}: no readable {RECORD}"]
    scenario = scenario_from(json.loads((folder / SCENARIO).read_text(encoding="utf-8")), folder=folder)
    opening = load_opening(folder / STATES)
    by_rule = record.level >= BY_RULE_FROM
    assets = {
        key: asset.opened(opening.get(key, {})).as_usual() if by_rule and asset.stage == "plan" else asset
        for key, asset in scenario.assets().items()
    }
    results = load_results(folder / RESULTS)
    weights = [float(weight) for weight in results.attrs["weights"]]
    billed = bill.total_cost(bill.bill_by_step(results, assets, weights=weights, opening=opening))
    found = violations(results, assets, opening)
    # 1e-6 relative: HiGHS' feasibility of 1e-7 on some ten thousand rows, priced
    if abs(billed - record.cost) > 1e-6 * max(abs(record.cost), 1.0):
        found.append(f"its bill is {billed:.4f}, its record says {record.cost:.4f}")
    return found
