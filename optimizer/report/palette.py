"""A colour per asset, the same in every figure of a run."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from optimizer.report.strands import described
from optimizer.report.style import colour, words

POOL = "compute."
"""How the names of compute buses begin."""


def asset_colours(results: xr.Dataset) -> dict[str, str]:
    """Colour of each asset: its technology's, another shade for each further asset of the technology.

    Assets that differ by their pool's name only ("ascend_training", "sugon_training") do the same work: one shade.
    """
    chosen: dict[str, str] = {}
    labels: dict[str, list[str]] = {}
    for variable in ("flow", "stored", "metered"):
        table = (
            described(results[variable].transpose("time", ...)) if variable in results else pd.DataFrame(columns=NAMES)
        )
        for asset, technology, bus in table[NAMES].astype(str).itertuples(index=False):
            if asset not in chosen:
                known = labels.setdefault(technology, [])
                label = without_pool(asset, bus)
                known += [label] if label not in known else []
                chosen[asset] = colour(technology, known.index(label))
    return chosen


NAMES = ["asset", "technology", "bus"]


def without_pool(asset: str, bus: str) -> str:
    """ "ascend_inference" on the bus "compute.ascend" -> "inference": a row of a figure already says which pool."""
    kept = [part for part in asset.split("_") if part != bus.removeprefix(POOL)]
    return words("_".join(kept) or asset)
