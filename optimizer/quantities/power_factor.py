"""Power-factor adjustment of Chinese two-part tariffs (功率因数调整电费办法, 水电财字〔1983〕215号), standard 0.90.

Above the standard the bill falls by 0.15 % for each hundredth, to 0.75 % at 0.95; below it rises by 0.5 % for each
hundredth down to 0.70, by 1 % down to 0.65, and by 2 % below.
"""

from __future__ import annotations

STANDARD = 0.90
STEPS = ((0.90, 0.70, 0.005), (0.70, 0.65, 0.01), (0.65, 0.0, 0.02))
"""(from, down to, rise for each hundredth)."""


def power_factor_multiplier(power_factor: float) -> float:
    """Factor on energy and demand charges (not on funds) for a month's mean power factor, 0..1, read to the hundredth.

    Raises ValueError outside 0..1.
    """
    if not 0 <= power_factor <= 1:
        raise ValueError(f"a power factor lies within 0..1, is {power_factor:g}")
    hundredths = round(power_factor, 2)
    if hundredths >= STANDARD:
        return 1.0 - 0.0015 * round((min(hundredths, 0.95) - STANDARD) * 100)
    return 1.0 + sum(
        rise * round((start - max(hundredths, end)) * 100) for start, end, rise in STEPS if hundredths < start
    )
