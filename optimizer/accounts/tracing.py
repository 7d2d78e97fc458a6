"""Proportional sharing of power on buses that stores connect: the linear system of one step, and the steps in turn.

On every electricity bus each use takes from each origin in proportion to what that origin feeds in. A store hands out
what lies in it, mixed; its losses are a use. With several buses (a shared station, many sites) the mixes x of all buses
in a step follow from one small linear system, because a store may be charged on one bus and emptied on another:
T x = S + Σ_k d_k m_k with m_k = (E_k + Σ c_k x) / (e_k + Σ c_k); T: power fed in, S: origins' own power, E: content.
Source of the sharing rule: J. Bialek, "Tracing the flow of electricity", IEE Proc. 143 (1996) 313-320.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Floats

NO_POWER_MW = 1e-12
"""A bus that is fed less has no mix: a microwatt is far below the solver's 1e-7, and a quotient of less may overflow."""
RESIDUE = ("residue", Role.LOAD)
"""What the solver's tolerance leaves unbalanced."""


class Origin(StrEnum):
    """Kind of source that energy comes from."""

    GREEN = "green"
    """Own sun, wind and the like."""
    FUEL = "fuel"
    """Any other own source."""
    CONTRACT = "green power"
    """Contracted green power over the public grid."""
    CLEAN_GRID = "clean grid"
    """Carbon-free part of what else the public grid delivers."""
    GRID = "grid"
    """Rest of the public grid."""
    STOCK = "opening stock"
    """What lay in the stores at the start; the ledger of the time before knows where it came from, this one does not."""


@dataclass(frozen=True)
class Node:
    """Power on one electricity bus by origin, by use and by store, each of shape (steps,) [MW]."""

    sources: dict[tuple[str, Origin], Floats]
    """By asset and kind."""
    uses: dict[tuple[str, Role], Floats]
    """By name and role."""
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


def traced_energy(
    nodes: dict[str, Node],
    stores: list[Store],
    own: list[tuple[str, str, Origin]],
    uses: list[tuple[str, str, Role]],
    step_h: float,
) -> tuple[Floats, Floats]:
    """Energy by origin and use (steps, origins, uses), and content of the stores by origin (steps, origins) [MWh]."""
    sites, steps = list(nodes), len(next(iter(nodes.values())).residue)
    origins = len(own) + len(stores)
    mwh, stored = np.zeros((steps, origins, len(uses))), np.zeros((steps, origins))
    fed = np.zeros((steps, len(sites), origins))
    for number, (site, asset, kind) in enumerate(own):
        fed[:, sites.index(site), number] = nodes[site].sources[asset, kind]
    content = np.zeros((len(stores), origins))
    for number, store in enumerate(stores):
        content[number, len(own) + number] = store.stored_mwh[0]
    named = {site: {RESIDUE: node.residue, **node.uses} for site, node in nodes.items()}
    taken = np.stack([named.get(site, {}).get((name, role), np.zeros(steps)) for site, name, role in uses])
    bus_of_use = np.array([sites.index(site) if site in nodes else 0 for site, *_ in uses])
    for t in range(steps):
        mix = _mixes(fed[t], stores, content, t, step_h)
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
        if inside < NO_POWER_MW:
            continue
        system += np.diag(discharge) - np.outer(discharge, charge) / inside
        right += np.outer(discharge, content[number]) / inside
    dead = np.abs(system).sum(axis=1) < NO_POWER_MW
    system[dead, dead] = 1.0
    return np.asarray(np.linalg.solve(system, right))


def _store_step(store: Store, content: Floats, mix: Floats, t: int, step_h: float) -> tuple[Floats, Floats]:
    """Store content by origin after step t, and its losses [MWh]."""
    filled_mwh = content + step_h * store.charge[t] @ mix
    total_before_mwh, discharged_mwh = filled_mwh.sum(), step_h * store.discharge[t].sum()
    left_mwh = filled_mwh * (1 - discharged_mwh / total_before_mwh) if total_before_mwh > 0 else filled_mwh
    if left_mwh.min(initial=0.0) < -1e-6:  # a thousandth of a watt-hour; solver tolerance is 1e-7
        raise ValueError(
            f"step {t}: store {store.name} gives out {discharged_mwh:g} MWh and holds {total_before_mwh:g}"
        )
    total_left_mwh = left_mwh.sum()
    after = left_mwh * (store.stored_mwh[t + 1] / total_left_mwh) if total_left_mwh > 0 else left_mwh
    return after, left_mwh - after
