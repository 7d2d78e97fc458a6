"""Altitude derating of a wind turbine's converter and transformer."""

from __future__ import annotations

from typing import Final

DERATES_FROM_M: Final[float] = 1000.0
CONVERTER_PER_100_M: Final[float] = 0.01
"""Full current to 1,000 m, then about 1 % per 100 m (practice of converter makers; secondary)."""
TRANSFORMER_PER_100_M: Final[float] = 0.003
"""Dry-type transformers: 0.3 % (Eaton) to 0.5 % per 100 m above 1,000 m, IEC 60076-11 (secondary)."""


def highest_output(elevation_m: float, *, plateau_version: bool) -> float:
    """Share of nameplate power that the electrical train carries at a height above sea [m], 0..1.

    A plateau version (NB/T 31074, above 2,000 m) has its converter built for the height; its transformer still derates.
    """
    hundreds = max(elevation_m - DERATES_FROM_M, 0.0) / 100.0
    transformer = 1.0 - TRANSFORMER_PER_100_M * hundreds
    converter = 1.0 if plateau_version else 1.0 - CONVERTER_PER_100_M * hundreds
    return max(min(transformer, converter), 0.0)
