"""Every technology Qaidam knows. A new one is one new file in a wing of this folder and one line here.

A technology's name is its key in a scenario file; `power_train` is the class `PowerTrain`.
"""

from __future__ import annotations

import importlib

from optimizer.technologies.base import Technology

MODULES = {
    "solar": "energy.solar",
    "wind": "energy.wind",
    "storage": "energy.storage",
    "station": "energy.station",
    "genset": "energy.genset",
    "grid": "energy.grid",
    "green_supply": "rules.green_supply",
    "resilience": "rules.resilience",
    "load": "energy.load",
    "power_train": "facility.power_train",
    "cooling": "facility.cooling",
    "cluster": "compute.cluster",
    "service": "compute.service",
    "jobs": "compute.jobs.settings",
    "elastic": "compute.elastic",
    "queue": "compute.queue",
}
"""Module of each technology within this folder, in the order in which a scenario's assets are built, drawn and billed."""


def technology_named(name: str) -> type[Technology]:
    """The class of a technology. Raises ImportError where there is no such module, AttributeError where it has no such class."""
    module = importlib.import_module(f"optimizer.technologies.{MODULES[name]}")
    technology: type[Technology] = getattr(module, "".join(part.capitalize() for part in name.split("_")))
    return technology


TECHNOLOGIES: dict[str, type[Technology]] = {name: technology_named(name) for name in MODULES}
