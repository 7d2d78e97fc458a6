"""Baseline of a site that plans nothing: work runs as it arrives, as far as there is room; stores are neither used nor paid for.

Services come first with their reserve, then jobs, which need all their cards at once, then queues, each in the order of the file; blocks
are switched on as the work needs them. Work that may run in several pools runs in the first by name; work on machines
of its own always has room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from optimizer.inputs.assemble import inputs_by_asset, with_series
from optimizer.technologies.base import Technology
from optimizer.technologies.linear import Floats

Assets = Mapping[tuple[str, str], Technology]


def as_baseline(assets: Assets, inputs: xr.Dataset) -> tuple[dict[tuple[str, str], Technology], xr.Dataset]:
    """Assets as they run without a plan and a store, and the inputs with the cards each work holds (`run_cards`)."""
    baseline = {key: technology.as_baseline() for key, technology in assets.items()}
    return baseline, with_run_cards(assets, inputs)


def with_run_cards(assets: Assets, inputs: xr.Dataset) -> xr.Dataset:
    """Inputs with the cards each work holds when it runs as it arrives."""
    run_cards = {place: work.run_cards for place, work in on_arrival(assets, inputs).items()}
    return with_series(inputs, {(site, asset, "run_cards"): run for (site, asset), run in run_cards.items()})


@dataclass(frozen=True)
class WorkOnArrival:
    """Work on arrival of one asset: free cards and the cards it runs."""

    free_cards: Floats
    """Cards of its first pool left by the work before it, shape (steps,)."""
    run_cards: Floats
    """Cards it then holds, shape (steps,)."""
    offered_cards: dict[str, float]
    """All cards of each of its pools, by bus."""


def on_arrival(assets: Assets, inputs: xr.Dataset) -> dict[tuple[str, str], WorkOnArrival]:
    """Work run as it arrives, without a plan, by site and asset."""
    views = inputs_by_asset(inputs)
    offered = {
        (site, bus): cards
        for (site, asset), technology in assets.items()
        for bus, cards in technology.offers(asset).items()
    }
    free = {pool: np.full(inputs.sizes["time"], cards) for pool, cards in offered.items()}
    works: dict[tuple[str, str], WorkOnArrival] = {}
    for (site, asset), technology in assets.items():
        pools = sorted(bus for bus in technology.buses(asset)[1] if (site, bus) in free)
        if (site, asset, 0) not in views:
            continue
        room = free[site, pools[0]] if pools else np.full(inputs.sizes["time"], np.inf)
        run = technology.runs_on_arrival(views[site, asset, 0], room)
        if run is not None:
            if pools:
                free[site, pools[0]] = room - run
            works[site, asset] = WorkOnArrival(room, run, {bus: offered[site, bus] for bus in pools})
    return works
