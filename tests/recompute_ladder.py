"""Ladder, unit costs and shares of a run, recomputed from its `results.nc` and its tariff alone, without the project's code.

    python -m tests.recompute_ladder out/qaidam out/kunming out/xining

Every rung's bill is summed anew from its flows, stocks and meters with the prices of the scenario (kept in the file's attributes),
import prices from the tariff's rows; then capital, savings, what a kWh and a card-hour cost, and the shares of the energy used are
compared with summary.json. Knows what the shipped sites of one owner have, and refuses anything else.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np

from tests.recompute_bill import KNOWN, Results, Tree, bill, capital, course

RELATIVE = 1e-6
"""HiGHS holds rows to 1e-7; what is printed is a sum of thousands of them."""


def shares(scenario: Tree, run: Results) -> dict[str, float]:
    """Shares of the energy used: every use takes the mix of its hour, a store hands on the mix it was charged with."""
    h, stores = run.step_h, scenario.get("storage", {})
    fed = np.zeros((len(run.local), 5))  # own sun and wind, clean grid, other grid and fuel, opening stock, contract
    fed[:, 0] = run.flow.of(role="green generation", bus="electricity") * h
    fed[:, 2] = run.flow.of(role="generation", bus="electricity") * h
    for name, tie in scenario.get("grid", {}).items():
        bought = (run.flow.of(asset=name, role="import") + run.flow.of(asset=name, role="overload")) * h
        contract = course(tie["green_power"]["power_mw"], run.local) * h if tie["green_power"] else 0.0 * bought
        contracted = np.minimum(contract, bought)
        clean = (bought - contracted) * run.input.of(asset=name, quantity="clean_share")
        fed[:, 1] += clean
        fed[:, 2] += bought - contracted - clean
        fed[:, 4] += contracted
    drawn = -sum(run.flow.of(role=role, bus="electricity") for role in ("load", "cooling", "supply")) * h
    charge = {name: -run.flow.of(asset=name, role="charge") * h for name in stores}
    discharge = {name: run.flow.of(asset=name, role="discharge") * h for name in stores}
    stored = {name: run.stored.of(asset=name) for name in stores}
    # the least content that explains the first step: the account's rule, which knows no efficiencies
    least = {name: max(stored[name][0] + discharge[name][0] - charge[name][0], 0.0) for name in stores}
    inside = {name: np.array([0.0, 0.0, 0.0, least[name], 0.0]) for name in stores}
    used = np.zeros(5)
    for step in range(len(drawn)):
        given = [discharge[k][step] * inside[k] / inside[k].sum() for k in stores if inside[k].sum() > 0]
        mix = fed[step] + np.sum(given, axis=0) if given else fed[step]
        mix = mix / mix.sum() if mix.sum() > 0 else mix
        used += drawn[step] * mix
        for k in stores:
            held = inside[k] + charge[k][step] * mix
            left = held * (1 - discharge[k][step] / held.sum()) if held.sum() > 0 else held
            inside[k] = left * (stored[k][step] / left.sum()) if left.sum() > 0 else left
            used += left - inside[k]  # losses of the store are used energy too
    own, grid_clean, contracted = used[0] / used.sum(), used[1] / used.sum(), used[4] / used.sum()
    return {"own_supply_share": own, "contract_share": contracted, "grid_clean_share": grid_clean,
            "cfe_hourly_share": own + contracted + grid_clean}  # fmt: skip


def energies(run: Results) -> dict[str, float]:
    """What a unit cost is counted by."""
    facility = -sum(run.flow.of(role=role, bus="electricity") for role in ("load", "cooling", "supply"))
    cards = -sum(run.flow.of(role=role) for role in ("served work", "movable work"))
    return {
        "per_it_kwh": 1e3 * float(run.flow.of(role="feed").sum()) * run.step_h,
        "per_facility_kwh": 1e3 * float(np.sum(facility)) * run.step_h,
        "per_card_hour": float(np.sum(cards)) * run.step_h,
    }


def recomputed(path: Path) -> Tree:
    """Rungs, savings, unit costs and shares of a run's results file."""
    with h5py.File(path, "r") as file:
        scenario, steps = json.loads(file.attrs["scenario"]), json.loads(file.attrs["ladder"])
        strange = {name for name, part in scenario.items() if isinstance(part, dict) and _assets(part)} - KNOWN
        if strange:
            raise ValueError(f"{path}: has {', '.join(sorted(strange))}, which this script does not know")
        groups = ["baseline" if number == 0 else step["rung"] for number, step in enumerate(steps[:-1])] + ["/"]
        there = [pair for pair in zip(steps, groups, strict=True) if pair[0]["total"] is not None]  # others cannot be
        runs = {step["rung"]: Results(file, group) for step, group in there}
    rungs = {}
    for rung, run in runs.items():
        stands = rung != "no_store"
        money = bill(scenario, run, with_store=stands), capital(scenario, run, with_store=stands)
        rungs[rung] = {"cost": money[0], "capital": money[1], "total": sum(money)}
    plan, totals = runs["plan"], [rung["total"] for rung in rungs.values()]
    units = {
        name: {"running": rungs["plan"]["cost"] / amount, "total": rungs["plan"]["total"] / amount}
        for name, amount in energies(plan).items()
    }
    saved = [lower - upper for lower, upper in itertools.pairwise(totals)]
    return {"rungs": rungs, "saved": saved, "units": units, "shares": shares(scenario, plan)}


def _assets(part: Mapping[str, object]) -> bool:
    return any(isinstance(value, dict) for value in part.values()) and "latitude" not in part


def differences(folder: Path) -> list[str]:
    """What summary.json says otherwise than comes out of results.nc."""
    said, again = json.loads((folder / "summary.json").read_text(encoding="utf-8")), recomputed(folder / "results.nc")
    pairs = [("saved", list(said["ladder"]["saved"].values()), again["saved"])]
    for step in (step for step in said["ladder"]["rungs"] if step["rung"] in again["rungs"]):
        names = ("cost", "capital", "total")
        pairs.append((step["rung"], [step[n] for n in names], [again["rungs"][step["rung"]][n] for n in names]))
    for name, parts in again["units"].items():
        pairs.append((name, [said["costs"][name][part] for part in parts], list(parts.values())))
    pairs.append(("shares", [said[name] for name in again["shares"]], list(again["shares"].values())))
    scale = abs(again["rungs"]["plan"]["total"])
    return [
        f"{folder.name}: {name}: says {a!r}, comes out as {b!r}"
        for name, reported, own in pairs
        for a, b in zip(reported, own, strict=True)
        if abs(a - b) > RELATIVE * max(abs(a), abs(b), scale if name in ("saved", *again["rungs"]) else 0.0)
    ]


if __name__ == "__main__":
    wrong = [line for name in sys.argv[1:] for line in differences(Path(name))]
    print("\n".join(wrong) or f"{len(sys.argv) - 1} runs: everything comes out as they say")
    sys.exit(bool(wrong))
