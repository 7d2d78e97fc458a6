"""Several owners, one station: what each coalition would cost, how the cost of all is split, who would leave, what a
lease is worth.

Every coalition is planned with its members' assets and their part of the station; the whole is the plan itself. Splits:
by usage (the saving in proportion to energy moved through the station), by marginal value (each pays its own bill and
the price of what it drew on its own bus, the rest goes to the owners), Shapley, nucleolus. Each sums to the whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.accounts.carbon import without_nothing
from optimizer.files.processes import worker_processes
from optimizer.inputs.assemble import calendar_of
from optimizer.plan.optimize import Assets, compiled_assets, plan_assets
from optimizer.plan.outcome import Plan
from optimizer.plan.results import records_of
from optimizer.quantities.columns import mean
from optimizer.scenario.single_site import Scenario
from optimizer.sharing.games import Coalition, Game, coalitions, nucleolus, shapley, would_leave
from optimizer.solve.certified import Effort
from optimizer.solve.highs import solve
from optimizer.technologies.base import Record, Technology
from optimizer.technologies.energy.station import PARTS, Station
from optimizer.technologies.linear import Floats
from optimizer.technologies.plant import Plant
from optimizer.technologies.rules.green_supply import GreenSupply


@dataclass(frozen=True)
class Settlement:
    """Settlement of a plan's cost among its parties."""

    game: Game
    splits: pd.DataFrame
    """One row a party: alone, own_bill, usage, marginal, shapley, nucleolus; money of the plan's span."""
    leavers: dict[str, dict[Coalition, float]]
    """By rule: groups that would rather leave, and what they would save."""
    statement: pd.DataFrame
    """One row a party and local month: money and energy of its account."""
    keys: dict[Coalition, str]
    """What each coalition was planned from, as a digest; the same digest has the same cost."""

    def coalition_table(self) -> pd.DataFrame:
        """Coalition table: cost and digest of each; a later settlement reads it as its cache."""
        rows = [
            {"coalition": " + ".join(sorted(group)), "cost": cost, "digest": self.keys[group]}
            for group, cost in self.game.cost.items()
        ]
        return pd.DataFrame(rows)


def assets_of(scenario: Scenario, group: Coalition) -> dict[tuple[str, str], Technology]:
    """Assets a coalition plans with: its members' assets, assets without an owner, its part of the stations."""
    owner = {asset: name for name, party in scenario.parties.items() for asset in party.assets}
    kept: dict[tuple[str, str], Technology] = {}
    for (site, asset), technology in scenario.assets().items():
        if isinstance(technology, Station):
            part = technology.of(group)
            if part.accounts:
                kept[site, asset] = part
        elif owner.get(asset) is None or owner[asset] in group:
            kept[site, asset] = technology
    if scenario.private_network is not None and not _is_direct_connection(kept, owner):
        return {key: asset for key, asset in kept.items() if not isinstance(asset, GreenSupply)}
    return kept


def _is_direct_connection(kept: Assets, owner: Mapping[str, str]) -> bool:
    """Whether a group has plants and users of its own; one without either is an ordinary user or plant of the public grid."""
    kinds = {isinstance(technology, Plant) for (_, asset), technology in kept.items() if asset in owner}
    return kinds == {True, False}


def settle(
    scenario: Scenario, inputs: xr.Dataset, whole: Plan, effort: Effort, *, known: Mapping[str, float] | None = None
) -> Settlement:
    """Plan every coalition (in `effort.workers` processes; costs in `known` by digest are not planned again) and
    split.
    """
    players = tuple(scenario.parties)
    plans = {group: assets_of(scenario, group) for group in coalitions(players)}
    keys = {group: digest(assets, inputs, effort) for group, assets in plans.items()}
    cost = {group: known[key] for group, key in keys.items() if key in known} if known else {}
    cost[frozenset(players)] = whole.cost
    open_groups = [group for group in plans if group not in cost]
    single = replace(effort, workers=1)
    if effort.workers > 1 and len(open_groups) > 1:
        with worker_processes(min(effort.workers, len(open_groups))) as pool:
            futures = {group: pool.submit(cost_of, plans[group], inputs, single) for group in open_groups}
            cost |= {group: future.result() for group, future in futures.items()}
    else:
        cost |= {group: cost_of(plans[group], inputs, single) for group in open_groups}
    game = Game(players, {group: cost[group] for group in plans})
    splits = _splits(scenario, game, whole)
    rules = ("usage", "marginal", "shapley", "nucleolus")
    leavers = {
        rule: would_leave(game, {str(name): float(paid) for name, paid in splits[rule].items()}) for rule in rules
    }
    return Settlement(game, splits, leavers, statement_of(scenario, whole), keys)


def cost_of(assets: Assets, inputs: xr.Dataset, effort: Effort) -> float:
    """Cost of the plan of some assets."""
    return plan_assets(assets, inputs, effort).cost


def digest(assets: Assets, inputs: xr.Dataset, effort: Effort) -> str:
    """SHA-256 of everything a coalition's cost follows from."""
    running = hashlib.sha256(f"{effort.gap}".encode())
    for (site, asset), technology in sorted(assets.items(), key=lambda item: item[0]):
        running.update(f"{site}/{asset}/{type(technology).__name__}/{technology.model_dump_json()}".encode())
    running.update(np.ascontiguousarray(inputs["input"].values).tobytes())
    return running.hexdigest()


def _stations(scenario: Scenario) -> dict[tuple[str, str], Station]:
    return {key: technology for key, technology in scenario.assets().items() if isinstance(technology, Station)}


def _splits(scenario: Scenario, game: Game, whole: Plan) -> pd.DataFrame:
    """Cost splits, a row a party; every rule's column sums to the whole."""
    alone = {name: game.of(frozenset({name})) for name in game.players}
    own = own_bills(scenario, whole)
    moved = _moved_mwh(scenario, whole)
    total_moved = sum(moved.values()) or 1.0
    saving = sum(alone.values()) - game.whole
    usage = {name: alone[name] - saving * moved[name] / total_moved for name in game.players}
    rules = {"own_bill": own, "usage": usage, "marginal": _marginal(scenario, game, whole, own)}
    rules |= {"shapley": shapley(game), "nucleolus": nucleolus(game)}
    table = pd.DataFrame({"alone": alone, **rules}, index=pd.Index(game.players, name="party"))
    for rule in rules:  # what the bill of assets without an owner leaves is shared alike
        table[rule] += (game.whole - table[rule].sum()) / len(game.players)
    return table


def own_bills(scenario: Scenario, plan: Plan) -> dict[str, float]:
    """Money of each party's own assets and its items of the stations, before any transfer."""
    return {name: float(money.sum()) for name, money in _party_money(scenario, plan).items()}


def _party_money(scenario: Scenario, plan: Plan) -> dict[str, pd.Series[float]]:
    """Money of each party by step."""
    owner = {asset: name for name, party in scenario.parties.items() for asset in party.assets}
    money_by_party = {name: pd.Series(0.0, index=plan.bill_by_step.index) for name in scenario.parties}
    for column in plan.bill_by_step:
        where, *rest = str(column).split(": ")
        party = owner.get(where.split("/")[-1]) or (rest[0] if rest[0] in money_by_party else None)
        if party is not None:
            money_by_party[party] = money_by_party[party] + plan.bill_by_step[column]
    return money_by_party


def _records(scenario: Scenario, plan: Plan) -> dict[tuple[str, str], Record]:
    records = records_of(plan.results)
    return {key: records[(*key, 0)] for key in _stations(scenario)}


def _moved_mwh(scenario: Scenario, plan: Plan) -> dict[str, float]:
    """Energy each party moved through the stations."""
    step_h = float(plan.results.attrs["step_h"])
    return {
        name: sum(
            float(sum(record.meters[f"{part}_{name}_mw"].sum() for part in PARTS)) * step_h
            for key, record in _records(scenario, plan).items()
            if name in _stations(scenario)[key].accounts
        )
        for name in scenario.parties
    }


def _marginal(scenario: Scenario, game: Game, plan: Plan, own: Mapping[str, float]) -> dict[str, float]:
    """Own bill, and what it drew less what it charged at its bus's price; the stations' surplus goes to the owners by
    share.
    """
    paid = {name: own[name] + float(sum(_traded_money(scenario, plan, name))) for name in game.players}
    surplus = sum(paid.values()) - game.whole
    shares = {
        name: sum(station.accounts.get(name, 0.0) for station in _stations(scenario).values()) for name in game.players
    }
    whole = sum(shares.values()) or 1.0
    return {name: paid[name] - surplus * shares[name] / whole for name in game.players}


def _traded_money(scenario: Scenario, plan: Plan, party: str) -> Floats:
    """Price of a party's bus times what it drew from the stations less what it charged, shape (steps,)."""
    step_h, money = float(plan.results.attrs["step_h"]), np.zeros(plan.results.sizes["time"])
    for key, record in _records(scenario, plan).items():
        station = _stations(scenario)[key]
        if party in station.accounts:
            price = mean(plan.results["price"], site=station.meters.get(party, party), bus="electricity")
            money += price * step_h * station.drawn_mw(record, party)
    return money


def statement_of(scenario: Scenario, plan: Plan) -> pd.DataFrame:
    """Settlement statement, a row a party and local month: bill, energy through its account, losses by throughput and their transfer
    [money].
    """
    months = np.asarray(calendar_of(plan.results).local.strftime("%Y-%m"))
    step_h, rows = float(plan.results.attrs["step_h"]), []
    money, prices = (
        _party_money(scenario, plan),
        {name: mean(plan.results["price"], site=name, bus="electricity") for name in scenario.parties},
    )
    for key, record in _records(scenario, plan).items():
        station = _stations(scenario)[key]
        shared = _shared_losses(station, record, step_h)
        mean_price = np.mean([prices[name] for name in station.accounts], axis=0)
        for name in station.accounts:
            part = {f"{item}_mwh": record.meters[f"{item}_{name}_mw"] * step_h for item in PARTS}
            columns: dict[str, Any] = {"own_bill": money[name].to_numpy(), **part}
            columns["loss_mwh"] = shared[name]
            columns["loss_transfer"] = (shared[name] - _own_loss(station, record, name, step_h)) * mean_price
            table = pd.DataFrame(columns).groupby(months).sum()
            table["account_end_mwh"] = pd.Series(record.meters[f"account_{name}_mwh"]).groupby(months).last()
            table.insert(0, "station", key[1])
            table.insert(0, "party", name)
            rows.append(table.rename_axis("month").reset_index())
    return without_nothing(pd.concat(rows, ignore_index=True)) if rows else pd.DataFrame()


def _own_loss(station: Station, record: Record, party: str, step_h: float) -> Floats:
    """Storage losses on a party's own energy [MWh]."""
    meters = record.meters
    into, out = meters[f"stored_in_{party}_mw"], meters[f"taken_out_{party}_mw"] + meters[f"call_{party}_mw"]
    return np.asarray(step_h * (into * (1 - station.charge_efficiency) + out * (1 / station.discharge_efficiency - 1)))


def _shared_losses(station: Station, record: Record, step_h: float) -> dict[str, Floats]:
    """Storage losses of each hour in proportion to what every party moved in it, netted energy too [MWh]."""
    names = list(station.accounts)
    lost = sum(_own_loss(station, record, name, step_h) for name in names)
    moved = {name: sum(record.meters[f"{part}_{name}_mw"] for part in PARTS) for name in names}
    whole = np.maximum(sum(moved.values()), 1e-12)
    return {name: np.asarray(lost * moved[name] / whole) for name in names}


def lease_values(scenario: Scenario, inputs: xr.Dataset, points: int = 5) -> pd.DataFrame:
    """Value of a leased MWh to each party by itself: one row a party and step of its demand curve.

    Columns: party, station, leased_mwh (up to), price_per_mwh_year (at which it would give up the last of them). The first
    row's price is where it would stop leasing at all. Without whole numbers, so that the curve falls.
    """
    years, rows = calendar_of(inputs).years, []
    for (site, asset), station in _stations(scenario).items():
        sizes = np.concatenate([[0.0, 1.0], np.linspace(0, station.energy_mwh, points)[1:]])
        for party in station.accounts:
            assets = assets_of(scenario, frozenset({party}))
            cost = [_relaxed_cost(assets | {(site, asset): _leased(station, party, size)}, inputs) for size in sizes]
            for before, after, size, more in zip(cost, cost[1:], sizes[1:], np.diff(sizes), strict=False):
                price = max((before - after) / more / years, 0.0)
                rows.append({"party": party, "station": asset, "leased_mwh": size, "price_per_mwh_year": price})
    return pd.DataFrame(rows)


def _leased(station: Station, party: str, energy_mwh: float) -> Station:
    """A station of that energy, with power in proportion, for one party, without calls and standing costs."""
    small = max(energy_mwh, 1e-9)
    changes = {"power_mw": station.power_mw * small / station.energy_mwh, "energy_mwh": small, "accounts": {party: 1.0}}
    free = {"rights": "pooled", "yearly_cost": 0.0, "capacity_payment_per_mw_year": 0.0, "opening_state_of_charge": 0.0}
    return station.model_copy(update={**changes, **free, "calls": None})


def _relaxed_cost(assets: Assets, inputs: xr.Dataset) -> float:
    return solve(compiled_assets(assets, inputs)[1].matrix.relaxed()).cost
