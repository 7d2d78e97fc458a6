"""Results made up from a few electricity flows, for tests of the accounts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.technologies.flows import Role

ROLES = {"draw": Role.COOLING, "output": Role.GREEN_GENERATION}
"""Roles of labels that are not called as their role is."""


def made_up(
    flows: dict[tuple[str, str, str], list[float]],
    stored: dict[tuple[str, str], list[float]],
    bought: float = 0.0,
) -> xr.Dataset:
    """A results Dataset of electricity flows {(site, asset, flow): MW} and contents {(site, asset): MWh}; imports put out
    0.5 t/MWh. `bought`: certificates, evenly over the steps.
    """
    steps = len(next(iter(flows.values())))
    metered = {(*key[:2], "emitted_t"): 0.5 * np.array(mw) for key, mw in flows.items() if key[2] == "import"}
    metered[next(iter(flows))[0], "rules", "certificates_mw"] = np.full(steps, bought / steps)
    labels = {
        "series": _labels(flows, ("site", "asset", "flow")) | {
            "role": [ROLES.get(label) or Role(label.split(" ")[0]) for *_, label in flows],
            "bus": ["electricity"] * len(flows),
            "technology": [asset for _, asset, _ in flows],
        },
        "store": _labels(stored, ("site", "asset")) | {"quantity": ["energy_mwh"] * len(stored)},
        "meter": _labels(metered, ("site", "asset", "quantity")),
    }  # fmt: skip
    plain = ("site", "asset", "role", "bus", "technology")
    coords = {
        name if dimension == "series" and name in plain else f"{dimension}_{name}": (
            dimension,
            np.array(values, dtype=object),
        )
        for dimension, names in labels.items()
        for name, values in names.items()
    }
    members = {"series": "member", "store": "store_member", "meter": "meter_member"}
    coords |= {
        name: (dimension, np.zeros(len(labels[dimension]["site"]), dtype=int)) for dimension, name in members.items()
    }
    values = {"flow": ("series", flows), "stored": ("store", stored), "metered": ("meter", metered)}
    results = xr.Dataset(
        {
            name: (("time", dimension), np.array(list(table.values()), dtype=float).reshape(len(table), steps).T)
            for name, (dimension, table) in values.items()
        },
        coords={"time": pd.date_range("2025-01-31 14:00", periods=steps, freq="h"), **coords},
    )
    return results.assign_attrs(step_h=1.0, timezone="Asia/Shanghai")


def _labels(keys: Iterable[tuple[str, ...]], names: tuple[str, ...]) -> dict[str, list[object]]:
    return {name: [key[at] for key in keys] for at, name in enumerate(names)}
