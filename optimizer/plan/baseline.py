"""The site that plans nothing: work runs as it arrives, as far as there is room, and storage lies idle. The baseline.

Services come first with their reserve, then jobs, which need all their cards at once, then queues, each in the order of the file; blocks
are switched on as the work needs them. Work that may run in several pools runs in the first by name; work on machines
of its own always has room.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from optimizer.inputs.assemble import inputs_by_asset, with_series
from optimizer.technologies.base import Technology
from optimizer.technologies.linear import Floats

Assets = Mapping[tuple[str, str], Technology]


def as_usual(assets: Assets, inputs: xr.Dataset) -> tuple[dict[tuple[str, str], Technology], xr.Dataset]:
    """The assets as they run without a plan, and the inputs with the cards each work holds (`run_cards`)."""
    held = {place: run for place, (_, run) in on_arrival(assets, inputs).items()}
    usual = {key: technology.as_usual() for key, technology in assets.items()}
    return usual, with_series(inputs, {(site, asset, "run_cards"): run for (site, asset), run in held.items()})


def on_arrival(assets: Assets, inputs: xr.Dataset) -> dict[tuple[str, str], tuple[Floats, Floats]]:
    """(site, asset) → cards free for that work once the work before it runs as it arrives, and the cards it then holds."""
    views = inputs_by_asset(inputs)
    free: dict[tuple[str, str], Floats] = {
        (site, bus): np.full(inputs.sizes["time"], cards)
        for (site, asset), technology in assets.items()
        for bus, cards in technology.offers(asset).items()
    }
    found: dict[tuple[str, str], tuple[Floats, Floats]] = {}
    for (site, asset), technology in assets.items():
        pools = sorted(bus for bus in technology.buses(asset)[1] if (site, bus) in free)
        if (site, asset, 0) not in views:
            continue
        room = free[site, pools[0]] if pools else np.full(inputs.sizes["time"], np.inf)
        run = technology.runs_on_arrival(views[site, asset, 0], room)
        if run is not None:
            if pools:
                free[site, pools[0]] = room - run
            found[site, asset] = room, run
    return found
