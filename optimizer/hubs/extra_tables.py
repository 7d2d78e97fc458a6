"""Extra tables of a run with several parties (cost split) or several sites (transfers)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import xarray as xr

from optimizer.files.processes import readable
from optimizer.hubs.transfers import costs_alone, moves_of, totals
from optimizer.language.speech import noted
from optimizer.plan.optimize import effort_for
from optimizer.plan.outcome import Outcome
from optimizer.scenario.single_site import Scenario
from optimizer.sharing.games import Coalition
from optimizer.sharing.private_network import statement_of_network, summary_of_network
from optimizer.sharing.settlement import Settlement, lease_values, settle
from optimizer.solve.certified import Effort

COALITIONS = "coalitions.csv"


def with_companions(
    outcome: Outcome, *, workers: int | None = None, gap: float | None = None, last_run: Path | None = None
) -> Outcome:
    """Outcome with the tables and notes its scenario calls for. `last_run`: folder whose coalitions need no new
    plan.
    """
    scenario = outcome.scenario
    joined = not isinstance(scenario, Scenario) and scenario.joined
    if not scenario.parties and not joined:  # one site, or several from which no work moves
        return outcome
    effort = effort_for(scenario, workers=workers, gap=gap)
    inputs = outcome.plan.inputs
    if isinstance(scenario, Scenario):
        return _shared(outcome, scenario, inputs, effort, last_run)
    return _moved(outcome, inputs, effort)


def _moved(outcome: Outcome, inputs: xr.Dataset, effort: Effort) -> Outcome:
    """With what moved between the sites, against every site by itself."""
    alone = costs_alone(outcome.scenario, inputs, effort)
    moves = moves_of(outcome.plan.results)
    table = totals(moves, float(outcome.plan.results.attrs["step_h"]))
    saving = sum(alone.values()) - outcome.plan.cost
    moves_summary = {
        "alone": alone,
        "alone_cost": sum(alone.values()),
        "together_cost": outcome.plan.cost,
        "saving": saving,
    }
    notes = [
        f"with links closed {sum(alone.values()):,.0f}, together {outcome.plan.cost:,.0f}: moving saves {saving:z,.0f}",
        *(
            f"{row.work}: {row.card_hours:,.0f} card-hours from {row.from_site} to {row.to_site}"
            f" (a card-hour is worth {row.card_price_there:.2f} there, {row.card_price_here:.2f} here)"
            for row in table.itertuples()
        ),
    ]
    summary = outcome.summary | {
        "moves": moves_summary | {"totals": table.to_dict(orient="records")},
        "notes": [*outcome.summary.get("notes", []), *notes],
    }
    return replace(outcome, summary=summary, tables=outcome.tables | {"moves": moves, "move_totals": table})


def _shared(outcome: Outcome, scenario: Scenario, inputs: xr.Dataset, effort: Effort, last_run: Path | None) -> Outcome:
    """With the split of the cost among the parties."""
    settlement = settle(scenario, inputs, outcome.plan, effort, known=_known(last_run))
    leases = lease_values(scenario, inputs)
    tables = {
        "parties": settlement.splits.reset_index(),
        "party_statement": settlement.statement,
        "coalitions": settlement.coalition_table(),
        "lease_values": leases,
    }
    notes = [*outcome.summary.get("notes", []), *_notes(settlement, leases)]
    summary = outcome.summary | {"sharing": _figures(settlement, leases)}
    if scenario.private_network is not None:
        network = statement_of_network(scenario, outcome.plan.results, outcome.plan.bill_by_step)
        totals = summary_of_network(network)
        tables["private_network"], summary["private_network"] = network, totals
        notes += [_network_line(party, figures) for party, figures in totals.items()]
    summary["notes"] = notes
    return replace(outcome, summary=summary, tables=outcome.tables | tables)


def _network_line(party: str, figures: Mapping[str, float | None]) -> str:
    """Line for the terminal: a party of a private network, its own energy, certificates and bill."""
    share, money = figures["own_supply_share"], figures["bill"] or 0.0
    own = "uses nothing" if share is None else f"own energy {share:.1%} of {figures['use_mwh']:,.1f} MWh"
    return f"{party}: {own}, {figures['certificates']:,.0f} certificates, pays {money:,.2f}"


def _known(last_run: Path | None) -> dict[str, float]:
    """Costs of coalitions planned before, by digest."""
    path = last_run / COALITIONS if last_run is not None else None
    if path is None or not path.exists():
        return {}
    table = pd.read_csv(readable(path))
    return dict(zip(table["digest"].astype(str), table["cost"].astype(float), strict=True))


def _figures(settlement: Settlement, leases: pd.DataFrame) -> dict[str, object]:
    """For summary.json and the report."""
    alone = float(settlement.splits["alone"].sum())
    return {
        "alone_cost": alone,
        "together_cost": settlement.game.whole,
        "saving": alone - settlement.game.whole,
        "splits": settlement.splits.to_dict(orient="index"),
        "would_leave": {
            rule: {_name(group): amount for group, amount in groups.items()}
            for rule, groups in settlement.leavers.items()
        },
        "stop_leasing_price_per_mwh_year": _stop_prices(leases),
        "statement": settlement.statement.to_dict(orient="records"),
    }


def _stop_prices(leases: pd.DataFrame) -> dict[str, float]:
    if leases.empty:
        return {}
    return {str(key): float(price) for key, price in leases.groupby("party")["price_per_mwh_year"].max().items()}


def _name(group: Coalition) -> str:
    return " + ".join(sorted(group))


BEGINNINGS = (noted("own_bill:"), noted("usage:"), noted("marginal:"), noted("shapley:"), noted("nucleolus:"))
"""How notes on a rule of sharing begin; for their translation."""


def _notes(settlement: Settlement, leases: pd.DataFrame) -> list[str]:
    """Lines for the terminal: the split as a table, who would leave, what a lease is worth."""
    table = settlement.splits.map(lambda money: f"{money:,.0f}")
    saving = settlement.splits["alone"].sum() - settlement.game.whole
    lines = [
        f"together {settlement.game.whole:,.0f}, alone {settlement.splits['alone'].sum():,.0f}: saves {saving:z,.0f}"
    ]
    lines += table.rename_axis(None).to_string().split("\n")
    for rule, groups in settlement.leavers.items():
        worst = max(groups, key=lambda group: groups[group], default=None)
        verdict = (
            noted("nobody would leave")
            if worst is None
            else f"{_name(worst)} would leave, to save {groups[worst]:,.0f}"
        )
        lines.append(f"{rule}: {verdict}")
    lines += [f"{party} would lease up to {price:,.0f} a MWh and year" for party, price in _stop_prices(leases).items()]
    return lines
