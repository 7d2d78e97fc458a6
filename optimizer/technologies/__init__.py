"""The technologies: each one file in a wing of this folder, and one field of the scenario that names it.

A technology's key in a scenario file follows from its class: `power_train` is `PowerTrain`.
"""

from __future__ import annotations

import re

from optimizer.technologies.base import Technology


def key_of(technology: type[Technology]) -> str:
    """Key of a technology in a scenario file."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", technology.__name__).lower()
