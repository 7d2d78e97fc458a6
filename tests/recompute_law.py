"""Ratios of the law of a run, recomputed from its `results.nc` alone, without the project's code.

    python -m tests.recompute_law out/qaidam

What the clauses count is summed anew from flows by role and bus; each ratio, and whether it keeps its limit, is compared with
summary.json to 1e-6.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import h5py

from tests.recompute_bill import Results, Tree

RELATIVE = 1e-6
AT_LEAST = ("self_use", "own_supply", "green_share", "clean_share", "funds_on_self_use")


def ratios(path: Path) -> dict[str, float]:
    """Ratios of a site by the kinds of clauses."""
    with h5py.File(path, "r") as file:
        run, funds = Results(file, "/"), _funds(json.loads(file.attrs["scenario"]))
    h = run.step_h

    def energy(bus: str, *roles: str) -> float:
        return abs(sum(float(run.flow.of(bus=bus, role=role).sum()) for role in roles)) * h

    available = float(run.metered.of(quantity="green_available_mwh").sum())
    generated = energy("electricity", "green generation")
    exported = energy("electricity", "export") + energy("carried_out", "carriage")
    used, contracted = (
        energy("electricity", "load", "cooling", "supply"),
        float(run.metered.of(quantity="contract_used_mwh").sum()),
    )
    certified = float(run.metered.of(quantity="certificates_mw").sum()) * h
    kept = generated - exported
    carbon, it = float(run.metered.of(quantity="emitted_t").sum()), energy("it", "feed")
    made = {
        "self_use": (kept, available), "own_supply": (kept, used), "export": (exported, available),
        "export_of_given": (exported, generated), "green_share": (kept + contracted + certified, used), "pue": (used, it),
        "carbon_intensity": (carbon, used * 0.1229), "within_capacity": (energy("electricity", "overload"), 1.0),
    }  # fmt: skip
    made["funds_on_self_use"] = (funds, 1.0)
    if not run.stored.values.size:  # what stores give out has the mix of what charged them: tests/recompute_ladder.py
        clean = float(run.metered.of(quantity="grid_clean_mwh").sum())
        made["clean_share"] = (kept + contracted + clean, used)
    return {kind: part / whole for kind, (part, whole) in made.items() if whole > 0}


def _funds(scenario: Tree) -> float:
    """Funds that a scenario pays for a self-used MWh: its fee, else the strictest of its books."""
    paid = 0.0
    for law in scenario.get("green_supply", {}).values():
        asked = [
            clause["limit"]
            for book in law["books"]
            for clause in book["clauses"].values()
            if clause["kind"] == "funds_on_self_use"
        ]
        paid += law["self_use_fee_per_mwh"] or (max(asked, default=0.0) if law["books_are"] == "promised" else 0.0)
    return paid


def differences(folder: Path) -> list[str]:
    """Verdicts of summary.json that come out otherwise."""
    said = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["law"]
    again, wrong = ratios(folder / "results.nc"), []
    for verdict in said:
        kind, told = verdict["kind"], verdict["value"]
        if kind not in again or told is None:
            continue
        slack = RELATIVE * max(1.0, abs(verdict["limit"]))
        kept = again[kind] >= verdict["limit"] - slack if kind in AT_LEAST else again[kind] <= verdict["limit"] + slack
        if abs(again[kind] - told) > RELATIVE * max(1.0, abs(told)) or kept != verdict["holds"]:
            wrong.append(f"{folder.name}: {verdict['clause']}: says {told!r}, comes out as {again[kind]!r}")
    return wrong


if __name__ == "__main__":
    faults = [line for name in sys.argv[1:] for line in differences(Path(name))]
    print("\n".join(faults) or f"{len(sys.argv) - 1} runs: the law's ratios come out as they say")
    sys.exit(bool(faults))
