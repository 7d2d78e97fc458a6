"""Every technology Qaidam knows. A new one is one new file in this folder and one line here.

A technology's name is its key in a scenario file and its module; `power_train` is the class `PowerTrain` of `power_train.py`.
"""

from __future__ import annotations

import importlib

from optimizer.technologies.base import Technology

NAMES = (
    "solar",
    "wind",
    "storage",
    "station",
    "genset",
    "grid",
    "green_supply",
    "resilience",
    "load",
    "power_train",
    "cooling",
    "cluster",
    "service",
    "jobs",
    "elastic",
    "queue",
)
"""In the order in which a scenario's assets are built, drawn and billed."""


def technology_named(name: str) -> type[Technology]:
    """The class of a technology. Raises ImportError where there is no such module, AttributeError where it has no such class."""
    module = importlib.import_module(f"optimizer.technologies.{name}")
    found: type[Technology] = getattr(module, "".join(part.capitalize() for part in name.split("_")))
    return found


TECHNOLOGIES: dict[str, type[Technology]] = {name: technology_named(name) for name in NAMES}
