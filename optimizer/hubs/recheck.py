"""Extra tables of a finished run checked once more: transfers between its sites, or the split of its cost among its parties."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from optimizer.files.processes import problems_of, readable
from optimizer.hubs.extra_tables import COALITIONS
from optimizer.hubs.transfers import moves_of, totals
from optimizer.plan.bill import bill_by_step
from optimizer.plan.recheck import figures_that_differ, is_near, table_differs
from optimizer.plan.results_file import load_results
from optimizer.quantities.spreadsheet import without_formulas
from optimizer.scenario.file import scenario_from
from optimizer.scenario.single_site import Scenario
from optimizer.sharing.games import Game, coalitions, nucleolus, shapley
from optimizer.sharing.private_network import statement_of_network

SHARING_RULES = ("own_bill", "usage", "marginal", "shapley", "nucleolus")


def faults_of_tables(folder: Path) -> list[str]:
    """Faults of a run's moves or cost split against its results; none for a run of one owner and one site."""
    try:
        results = load_results(folder / "results.nc")
        scenario = scenario_from(results.attrs["scenario"], folder=folder)
        summary = json.loads(readable(folder / "summary.json").read_text(encoding="utf-8"))
        if not isinstance(scenario, Scenario):
            return _move_faults(folder, results, summary) if scenario.joined or "moves" in summary else []
        faults = _network_faults(folder, scenario, results)
        return faults + (
            _split_faults(folder, tuple(scenario.parties), float(results.attrs["cost"])) if scenario.parties else []
        )
    except Exception as error:  # whatever is in the files
        return [f"{folder.name}: its extra tables cannot be checked: {problem}" for problem in problems_of(error)]


def _move_faults(folder: Path, results: xr.Dataset, summary: dict[str, Any]) -> list[str]:
    """Faults of the table of moves, its totals, and what moving is said to save."""
    moves, cost = moves_of(results), float(results.attrs["cost"])
    faults = table_differs(folder / "moves.csv", without_formulas(moves))
    faults += table_differs(folder / "move_totals.csv", without_formulas(totals(moves, float(results.attrs["step_h"]))))
    alone = sum(float(money) for money in summary["moves"]["alone"].values())
    again = {"alone_cost": alone, "together_cost": cost, "saving": alone - cost}
    return faults + figures_that_differ(summary["moves"], again, "summary.json > moves")


def _network_faults(folder: Path, scenario: Scenario, results: xr.Dataset) -> list[str]:
    """Faults of a private network's statement against the results; none where there is no such network."""
    if scenario.private_network is None:
        return []
    statement = statement_of_network(scenario, results, bill_by_step(results, scenario.assets()))
    return table_differs(folder / "private_network.csv", without_formulas(statement))


def _split_faults(folder: Path, players: tuple[str, ...], cost: float) -> list[str]:
    """Faults of the parties' payments against the costs of their coalitions, and of those against the plan's cost."""
    table = pd.read_csv(readable(folder / COALITIONS))
    known = {
        frozenset(str(name).split(" + ")): float(money)
        for name, money in zip(table["coalition"], table["cost"], strict=True)
    }
    if known.keys() != set(coalitions(players)):
        return [f"{COALITIONS}: has not every coalition of {', '.join(players)} once"]
    game = Game(players, known)
    faults = [] if is_near(game.whole, cost) else [f"{COALITIONS}: all together cost {game.whole}, the plan {cost}"]
    paid = pd.read_csv(readable(folder / "parties.csv")).set_index("party")
    again = {"alone": {name: game.of(frozenset({name})) for name in players}}
    again |= {"shapley": shapley(game), "nucleolus": nucleolus(game)}
    for rule, amounts in again.items():
        faults += figures_that_differ(
            {str(name): money for name, money in paid[rule].items()}, amounts, f"parties.csv > {rule}"
        )
    return faults + [
        f"parties.csv > {rule}: sums to {paid[rule].sum()}, the plan costs {cost}"
        for rule in SHARING_RULES
        if not is_near(float(paid[rule].sum()), cost)
    ]
