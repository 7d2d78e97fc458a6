"""Cold: how much of a battery's power is left at an air temperature, as its maker tells it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from optimizer.technologies.base import Settings
from optimizer.technologies.linear import Floats


class ColdPoint(Settings):
    """Power left at an air temperature; straight lines between points, constant outside them."""

    temperature_c: float = Field(ge=-60, le=60)
    """Air temperature."""
    charge: float = Field(ge=0, le=1)
    """Share of the power it can still take in."""
    discharge: float = Field(ge=0, le=1)
    """Share of the power it can still give."""


def power_left(points: Sequence[ColdPoint], dry_bulb_c: Floats) -> dict[str, Floats]:
    """Shares of the power, `charge_share` and `discharge_share`, at each air temperature [°C]; each of its shape."""
    rising = sorted(points, key=lambda point: point.temperature_c)
    at = [point.temperature_c for point in rising]
    return {
        "charge_share": np.interp(dry_bulb_c, at, [point.charge for point in rising]),
        "discharge_share": np.interp(dry_bulb_c, at, [point.discharge for point in rising]),
    }
