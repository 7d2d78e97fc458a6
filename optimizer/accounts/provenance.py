"""Which source fed which use, hour by hour, by proportional sharing; storage carries the mix it was charged with.

On every electricity bus each use takes from each origin in proportion to what that origin feeds in. A store hands out
what lies in it, mixed; its losses are a use. With several buses (a shared station, many sites) the mixes x of all buses
in a step follow from one small linear system, because a store may be charged on one bus and emptied on another:
T x = S + Σ_k d_k m_k with m_k = (E_k + Σ c_k x) / (e_k + Σ c_k); T: power fed in, S: origins' own power, E: content.
Source of the sharing rule: J. Bialek, "Tracing the flow of electricity", IEE Proc. 143 (1996) 313-320.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.inputs.assemble import calendar_of
from optimizer.technologies.flows import ELECTRICITY, STORING, Role
from optimizer.technologies.linear import Floats

Key = tuple[str, str]
"""(site, name)."""
Flows = Mapping[tuple[str, str, str, Role], Floats]
"""(site, asset, label, role) → MW on the electricity bus."""
OPENING = "opening stock"
"""Origin of what lay in the stores at the start; where it came from stands in the ledger of the time before."""
NEGLIGIBLE_MWH = 1e-12


@dataclass(frozen=True)
class Node:
    """What happens on one electricity bus: power by origin, by use and by store, each of shape (steps,) [MW]."""

    sources: dict[str, Floats]
    uses: dict[str, Floats]
    residue: Floats
    """What the solver's tolerance leaves unbalanced; kept as a use of its own, so that every sum closes."""


@dataclass(frozen=True)
class Store:
    """A store of power, what it takes from and gives to each bus (steps, buses) [MW], its content (steps + 1,)."""

    name: str
    site: str
    charge: Floats
    discharge: Floats
    stored_mwh: Floats


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
    is_green: Floats
    """1 for origins that only the sky feeds, else 0; shape (origins,)."""
    carbon_t_per_mwh: Floats
    """Location-based factor, shape (steps, origins)."""
    months: list[str]
    """Local calendar month of each step, "2025-01"."""

    def closure_mwh(self) -> float:
        """Largest error of generated = used + put into stores, over all steps and origins."""
        before = np.vstack([np.zeros(len(self.origins)), self.stored_mwh[:-1]])
        return float(np.abs(self.generated_mwh - self.mwh.sum(axis=2) - (self.stored_mwh - before)).max(initial=0.0))


def provenance_of(results: xr.Dataset) -> Provenance:
    """Trace a plan (member 0 where there are several). Raises ValueError if a store gives out more than it can hold."""
    step_h = float(results.attrs["step_h"])
    flow = _electric_flows(results)
    stores = _stores(results, flow)
    sites = sorted({site for site, *_ in flow})
    nodes = {site: _node(results, flow, site, {store.name for store in stores}) for site in sites}
    own = [(site, name) for site in sites for name in nodes[site].sources]
    origins = [*own, *((store.site, f"{OPENING}: {store.name}") for store in stores)]
    uses = [(site, name) for site in sites for name in [*nodes[site].uses, "residue"]]
    uses += [(store.site, f"loss of {store.name}") for store in stores]
    mwh, stored = _traced(nodes, stores, origins, uses, step_h)
    generated = np.zeros(stored.shape)
    for number, (site, name) in enumerate(own):
        generated[:, number] = nodes[site].sources[name] * step_h
    for number, store in enumerate(stores):
        generated[0, len(own) + number] = store.stored_mwh[0]
    green, carbon = _kinds(results, origins)
    months = list(calendar_of(results).local.strftime("%Y-%m"))
    return Provenance(
        pd.DatetimeIndex(results.indexes["time"]), step_h, origins, uses, mwh, stored, generated, green, carbon, months
    )


def _electric_flows(results: xr.Dataset) -> Flows:
    flow = results["flow"]
    labels = [flow.coords[name].values for name in ("site", "asset", "series_flow", "role", "bus", "member")]
    return {
        (str(site), str(asset), str(label), Role(role)): flow.values[:, number]
        for number, (site, asset, label, role, bus, member) in enumerate(zip(*labels, strict=True))
        if bus == ELECTRICITY and member <= 0
    }


def _stores(results: xr.Dataset, flow: Flows) -> list[Store]:
    sites, owners = sorted({site for site, *_ in flow}), {key[:2] for key in flow}
    labels = [results[f"store_{name}"].values for name in ("site", "asset", "quantity", "member")]
    found = []
    for number, (home, asset, quantity, member) in enumerate(zip(*labels, strict=True)):
        if quantity != "energy_mwh" or member > 0:
            continue
        stored = results["stored"].values[:, number]
        charge, discharge = np.zeros((len(stored), len(sites))), np.zeros((len(stored), len(sites)))
        for (site, name, _, role), power in flow.items():
            if role in STORING and name == asset and (site == home or (str(home), str(asset)) not in owners):
                charge[:, sites.index(site)] += np.maximum(-power, 0.0)
                discharge[:, sites.index(site)] += np.maximum(power, 0.0)
        opened = _opening(results, str(home), str(asset), stored, charge, discharge)
        content = np.concatenate([[opened], np.maximum(stored, 0.0)])
        found.append(Store(str(asset), str(home), charge, discharge, content))
    return found


def _opening(results: xr.Dataset, site: str, asset: str, stored: Floats, charge: Floats, discharge: Floats) -> float:
    """What lay in the store at the start: told by the results, else the least that explains the first step."""
    known = results.attrs.get("opening_mwh", {})
    told = known.get(f"{site}/{asset}") if isinstance(known, dict) else None
    step_h = float(results.attrs["step_h"])
    least = stored[0] + (discharge[0].sum() - charge[0].sum()) * step_h
    return float(told) if told is not None else max(float(least), 0.0)


def _node(results: xr.Dataset, flow: Flows, site: str, stores: set[str]) -> Node:
    sources: dict[str, Floats] = {}
    uses: dict[str, Floats] = {}
    total = np.zeros(results.sizes["time"])
    for (place, asset, label, role), power in flow.items():
        if place != site:
            continue
        total = total + power
        if asset in stores and role in STORING:
            continue
        given, taken = np.maximum(power, 0.0), np.maximum(-power, 0.0)
        if given.max(initial=0.0) > 0:
            sources[asset] = sources.get(asset, 0.0) + given
        named = _split(results, site, asset, taken) if role == Role.SUPPLY else {_use(asset, label, role): taken}
        for use, part in named.items():
            uses[use] = uses.get(use, 0.0) + part
    return Node(sources, {use: part for use, part in uses.items() if part.max(initial=0.0) > 0}, total)


def _use(asset: str, label: str, role: Role) -> str:
    """What a use is called in the ledger: plants by their name alone, others by what they do."""
    return asset if role == Role.COOLING else f"{label} {asset}"


def _split(results: xr.Dataset, site: str, asset: str, taken: Floats) -> dict[str, Floats]:
    """What a power train draws by where it ends: passed on to the pools, or lost on the way."""
    fed = np.zeros(len(taken))
    pools: dict[str, Floats] = {}
    flow = results["flow"]
    labels = [flow.coords[label].values for label in ("site", "bus", "asset", "member")]
    for number, (place, bus, owner, member) in enumerate(zip(*labels, strict=True)):
        if (place, bus) == (site, "it") and member <= 0:
            if owner == asset:
                fed = fed + np.maximum(flow.values[:, number], 0.0)
            elif (flow.values[:, number] < 0).any():
                pools[f"pool {owner}"] = pools.get(f"pool {owner}", 0.0) + np.maximum(-flow.values[:, number], 0.0)
    if not fed.any():
        return {str(asset): taken}
    whole = np.maximum(sum(pools.values()), 1e-300)
    passed = np.minimum(fed, taken)
    return {f"loss of {asset}": taken - passed, **{pool: passed * part / whole for pool, part in pools.items()}}


def _traced(
    nodes: dict[str, Node], stores: list[Store], origins: list[Key], uses: list[Key], step_h: float
) -> tuple[Floats, Floats]:
    """Energy by origin and use (steps, origins, uses), and content of the stores by origin (steps, origins) [MWh]."""
    sites, steps = list(nodes), len(next(iter(nodes.values())).residue)
    mwh, stored = np.zeros((steps, len(origins), len(uses))), np.zeros((steps, len(origins)))
    own = np.zeros((steps, len(sites), len(origins)))
    for number, (site, name) in enumerate(origins):
        if site in nodes and name in nodes[site].sources:
            own[:, sites.index(site), number] = nodes[site].sources[name]
    content = np.zeros((len(stores), len(origins)))
    for number, store in enumerate(stores):
        content[number, len(origins) - len(stores) + number] = store.stored_mwh[0]
    named = {site: {"residue": node.residue, **node.uses} for site, node in nodes.items()}
    taken = np.stack([named.get(site, {}).get(use, np.zeros(steps)) for site, use in uses])
    bus_of_use = np.array([sites.index(site) if site in nodes else 0 for site, _ in uses])
    for t in range(steps):
        mix = _mixes(own[t], stores, content, t, step_h)
        mwh[t] = (mix[bus_of_use] * taken[:, t, None]).T * step_h
        for number, store in enumerate(stores):
            after, lost = _store_step(store, content[number], mix, t, step_h)
            content[number] = after
            mwh[t, :, len(uses) - len(stores) + number] = lost
        stored[t] = content.sum(axis=0)
    return mwh, stored


def _mixes(own: Floats, stores: list[Store], content: Floats, t: int, step_h: float) -> Floats:
    """Share of each origin on each bus in step t (buses, origins); rows sum to 1, or to 0 where nothing is fed in."""
    system, right = np.diag(own.sum(axis=1)), own.copy()
    for number, store in enumerate(stores):
        charge, discharge = store.charge[t] * step_h, store.discharge[t]
        inside = content[number].sum() + charge.sum()
        if inside <= 0:
            continue
        system += np.diag(discharge) - np.outer(discharge, charge) / inside
        right += np.outer(discharge, content[number]) / inside
    dead = np.abs(system).sum(axis=1) <= 0
    system[dead, dead] = 1.0
    return np.asarray(np.linalg.solve(system, right))


def _store_step(store: Store, content: Floats, mix: Floats, t: int, step_h: float) -> tuple[Floats, Floats]:
    """Content by origin after step t, and what was lost on the way [MWh]."""
    inside = content + step_h * store.charge[t] @ mix
    whole, given = inside.sum(), step_h * store.discharge[t].sum()
    left = inside * (1 - given / whole) if whole > 0 else inside
    if left.min(initial=0.0) < -1e-6:  # a thousandth of a watt-hour; solver tolerance is 1e-7
        raise ValueError(f"step {t}: store {store.name} gives out {given:g} MWh and holds {whole:g}")
    total = left.sum()
    after = left * (store.stored_mwh[t + 1] / total) if total > 0 else left
    return after, left - after


def _kinds(results: xr.Dataset, origins: list[Key]) -> tuple[Floats, Floats]:
    """Whether the sky feeds an origin (it has a capacity factor), and its carbon factor by step."""
    table = results["input"]
    labels = [table.coords[f"exogenous_{name}"].values for name in ("site", "asset", "quantity", "member")]
    green, carbon = np.zeros(len(origins)), np.zeros((results.sizes["time"], len(origins)))
    for number, (site, asset, quantity, member) in enumerate(zip(*labels, strict=True)):
        if (site, asset) in origins and member == 0:
            at = origins.index((str(site), str(asset)))
            if quantity == "capacity_factor":
                green[at] = 1.0
            elif quantity == "carbon_t_per_mwh":
                carbon[:, at] = table.values[:, number]
    return green, carbon
