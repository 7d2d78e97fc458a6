"""Provenance of energy by proportional sharing, hour by hour: source to use; storage carries the mix it was charged with.

Of several ensemble members each is traced by itself; what is told are expected values by their weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.accounts.tracing import RESIDUE, Node, Origin, Store, traced_energy
from optimizer.inputs.assemble import calendar_of
from optimizer.quantities.columns import labels_of, matching, weights_of
from optimizer.technologies.flows import BOUGHT, ELECTRICITY, ENERGY_MWH, STORING, Role
from optimizer.technologies.linear import Floats
from optimizer.technologies.tallies import Tally

Key = tuple[str, str]
"""(site, name)."""
Flows = Mapping[tuple[str, str, str, Role], Floats]
"""(site, asset, label, role) → MW on the electricity bus."""
OPENING = "opening stock"
"""Origin of what lay in the stores at the start; where it came from stands in the ledger of the time before."""
NEGLIGIBLE = 1e-9
"""MWh or t below which a figure of a statement is nothing: a thousandth of a watt-hour; the solver's tolerance is 1e-7 MW."""


ORIGIN_OF = {
    Role.GREEN_GENERATION: Origin.GREEN, Role.GENERATION: Origin.FUEL, Role.IMPORT: Origin.GRID,
    Role.OVERLOAD: Origin.GRID,
}  # fmt: skip
"""Kind of origin of every flow that brings energy to a site."""


@dataclass(frozen=True)
class Provenance:
    """Energy by origin and use."""

    time: pd.DatetimeIndex
    step_h: float
    origins: list[Key]
    uses: list[Key]
    mwh: Floats
    """shape (steps, origins, uses)."""
    stored_mwh: Floats
    """In all stores at the END of each step, by origin; shape (steps, origins)."""
    generated_mwh: Floats
    """shape (steps, origins); the opening stock counts as generated in the first step."""
    kinds: list[Origin]
    """Kind of each origin."""
    ends: list[Role]
    """Role of each use: EXPORT and CURTAILMENT leave the site unused, the others are used here (losses are load)."""
    months: list[str]
    """Local calendar month of each step, "2025-01"."""

    def closure_mwh(self) -> float:
        """Largest error of generated = used + put into stores, over all steps and origins."""
        before = np.vstack([np.zeros(len(self.origins)), self.stored_mwh[:-1]])
        return float(np.abs(self.generated_mwh - self.mwh.sum(axis=2) - (self.stored_mwh - before)).max(initial=0.0))


def provenance_of(results: xr.Dataset) -> Provenance:
    """Trace a plan. Raises ValueError if a store gives out more than it can hold."""
    weights = weights_of(results)
    traced = [_of_member(results, member) for member in range(len(weights))]
    return traced[0] if len(traced) == 1 else _expected(traced, weights)


def _of_member(results: xr.Dataset, member: int) -> Provenance:
    step_h = float(results.attrs["step_h"])
    flow = _electric_flows(results, member)
    stores = _stores(results, flow, member)
    sites = sorted({site for site, *_ in flow})
    nodes = {site: _node(results, flow, site, {store.name for store in stores}, member) for site in sites}
    own = [(site, *source) for site in sites for source in nodes[site].sources]
    ends = [(site, *use) for site in sites for use in [*nodes[site].uses, RESIDUE]]
    ends += [(store.site, f"loss of {store.name}", Role.LOAD) for store in stores]
    mwh, stored = traced_energy(nodes, stores, own, ends, step_h)
    generated = np.zeros(stored.shape)
    for number, (site, asset, kind) in enumerate(own):
        generated[:, number] = nodes[site].sources[asset, kind] * step_h
    for number, store in enumerate(stores):
        generated[0, len(own) + number] = store.stored_mwh[0]
    return Provenance(
        time=pd.DatetimeIndex(results.indexes["time"]), step_h=step_h,
        origins=[*_named(own), *((store.site, f"{OPENING}: {store.name}") for store in stores)],
        uses=[(site, name) for site, name, _ in ends],
        mwh=mwh, stored_mwh=stored, generated_mwh=generated,
        kinds=[*(kind for *_, kind in own), *(Origin.STOCK for _ in stores)],
        ends=[role for *_, role in ends],
        months=list(calendar_of(results).local.strftime("%Y-%m")),
    )  # fmt: skip


def _named(own: Sequence[tuple[str, str, Origin]]) -> list[Key]:
    """Origins by their asset; with their kind too where an asset has several."""
    names = [(site, asset) for site, asset, _ in own]
    return [(s, a if names.count((s, a)) == 1 else f"{a} {kind}") for s, a, kind in own]


def _expected(traced: Sequence[Provenance], weights: Sequence[float]) -> Provenance:
    """Expected energy over the members; an origin or use that a member lacks is zero there."""
    origins = {key: kind for member in traced for key, kind in zip(member.origins, member.kinds, strict=True)}
    uses = {key: role for member in traced for key, role in zip(member.uses, member.ends, strict=True)}
    rows, columns = list(origins), list(uses)
    steps = len(traced[0].time)
    mwh = np.zeros((steps, len(rows), len(columns)))
    stored, generated = np.zeros((steps, len(rows))), np.zeros((steps, len(rows)))
    for member, weight in zip(traced, weights, strict=True):
        at, to = [rows.index(key) for key in member.origins], [columns.index(key) for key in member.uses]
        mwh[:, np.array(at)[:, None], np.array(to)[None, :]] += weight * member.mwh
        stored[:, at] += weight * member.stored_mwh
        generated[:, at] += weight * member.generated_mwh
    return replace(
        traced[0], origins=rows, uses=columns, mwh=mwh, stored_mwh=stored, generated_mwh=generated,
        kinds=list(origins.values()), ends=list(uses.values()),
    )  # fmt: skip


def _electric_flows(results: xr.Dataset, member: int) -> Flows:
    table = matching(results["flow"], bus=ELECTRICITY, member=member)
    labels = labels_of(table)[["site", "asset", "quantity", "role"]].itertuples(index=False, name=None)
    return {
        (str(site), str(asset), str(label), Role(role)): table.values[:, number]
        for number, (site, asset, label, role) in enumerate(labels)
    }


def _stores(results: xr.Dataset, flow: Flows, member: int) -> list[Store]:
    sites = sorted({site for site, *_ in flow})
    table = matching(results["stored"], quantity=ENERGY_MWH, member=member)
    names = list(labels_of(table)["asset"])
    stores = []
    for number, (home, asset) in enumerate(labels_of(table)[["site", "asset"]].itertuples(index=False, name=None)):
        stored = table.values[:, number]
        charge, discharge = np.zeros((len(stored), len(sites))), np.zeros((len(stored), len(sites)))
        for (site, name, _, role), power in flow.items():
            # a store of a name of its own may be filled and emptied at other sites too: a shared station
            if role in STORING and name == asset and (site == home or names.count(name) == 1):
                charge[:, sites.index(site)] += np.maximum(-power, 0.0)
                discharge[:, sites.index(site)] += np.maximum(power, 0.0)
        opened = _opening(results, str(home), str(asset), stored, charge, discharge)
        content = np.concatenate([[opened], np.maximum(stored, 0.0)])
        stores.append(Store(str(asset), str(home), charge, discharge, content))
    return stores


def _opening(results: xr.Dataset, site: str, asset: str, stored: Floats, charge: Floats, discharge: Floats) -> float:
    """Opening content of a store: from the results, else the least that explains the first step."""
    known = results.attrs.get("opening_mwh", {})
    reported_mwh = known.get(f"{site}/{asset}") if isinstance(known, dict) else None
    step_h = float(results.attrs["step_h"])
    least = stored[0] + (discharge[0].sum() - charge[0].sum()) * step_h
    return float(reported_mwh) if reported_mwh is not None else max(float(least), 0.0)


def _node(results: xr.Dataset, flow: Flows, site: str, stores: set[str], member: int) -> Node:
    sources: dict[tuple[str, Origin], Floats] = {}
    uses: dict[tuple[str, Role], Floats] = {}
    total = np.zeros(results.sizes["time"])
    for (place, asset, label, role), power in flow.items():
        if place != site:
            continue
        total = total + power
        if asset in stores and role in STORING:
            continue
        fed_mw, drawn_mw = np.maximum(power, 0.0), np.maximum(-power, 0.0)
        for kind, part in _by_kind(results, site, asset, role, fed_mw, member).items():
            sources[asset, kind] = sources.get((asset, kind), 0.0) + part
        named = (
            _split(results, site, asset, drawn_mw, member)
            if role == Role.SUPPLY
            else {_use(asset, label, role): drawn_mw}
        )
        for use, part in named.items():
            uses[use, role] = uses.get((use, role), 0.0) + part
    return Node(sources, {use: part for use, part in uses.items() if part.max(initial=0.0) > 0}, total)


def _by_kind(
    results: xr.Dataset, site: str, asset: str, role: Role, fed_mw: Floats, member: int
) -> dict[Origin, Floats]:
    """What a flow feeds in by kind of origin [MW]; energy of the grid by its contract and its mix. Kinds without any are left out."""
    if role not in ORIGIN_OF:
        return {}
    if role not in BOUGHT:
        parts = {ORIGIN_OF[role]: fed_mw}
    else:
        contracted, clean = shares_of_grid(results, site, asset, member)
        parts = {
            Origin.CONTRACT: fed_mw * contracted,
            Origin.CLEAN_GRID: fed_mw * (1 - contracted) * clean,
            Origin.GRID: fed_mw * (1 - contracted) * (1 - clean),
        }
    return {kind: part for kind, part in parts.items() if part.max(initial=0.0) > 0}


def shares_of_grid(results: xr.Dataset, site: str, asset: str, member: int) -> tuple[Floats, Floats]:
    """Share of what a tie takes that its contract covers, and the clean share of the grid's mix, each of shape (steps,)."""
    step_h = float(results.attrs["step_h"])
    taken = matching(results["flow"], site=site, asset=asset, role=list(BOUGHT), member=member).values.sum(axis=1)
    energy = np.maximum(taken, 0.0) * step_h

    def share(tally: Tally) -> Floats:
        amount = matching(results["metered"], site=site, asset=asset, quantity=tally, member=member).values.sum(axis=1)
        return np.asarray(
            np.divide(np.minimum(amount, energy), energy, out=np.zeros(len(energy)), where=energy > NEGLIGIBLE)
        )

    return share(Tally.CONTRACTED_MWH), np.clip(share(Tally.GRID_CLEAN_MWH), 0.0, 1.0)


def _use(asset: str, label: str, role: Role) -> str:
    """Ledger name of a use: plants by their name alone, others by what they do."""
    return asset if role == Role.COOLING else f"{label} {asset}"


def _split(results: xr.Dataset, site: str, asset: str, taken: Floats, member: int) -> dict[str, Floats]:
    """Draw of a power train split by its end uses: passed on to the pools, or lost on the way."""
    fed = matching(results["flow"], site=site, asset=asset, role=Role.FEED, member=member).values.sum(axis=1)
    drawn = matching(results["flow"], site=site, role=Role.IT_LOAD, member=member)
    pools: dict[str, Floats] = {}
    for number, owner in enumerate(labels_of(drawn)["asset"]):
        if (drawn.values[:, number] < 0).any():
            pools[f"pool {owner}"] = pools.get(f"pool {owner}", 0.0) + np.maximum(-drawn.values[:, number], 0.0)
    if not fed.any():
        return {asset: taken}
    whole = np.maximum(sum(pools.values()), 1e-300)
    passed = np.minimum(np.maximum(fed, 0.0), taken)
    return {f"loss of {asset}": taken - passed, **{pool: passed * part / whole for pool, part in pools.items()}}
