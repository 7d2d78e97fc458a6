"""Power-factor adjustment of Chinese two-part tariffs (功率因数调整电费办法, 水电财字〔1983〕215号), standards 0.90 and 0.85.

Standard 0.90 (high-voltage industry above 160 kVA): the bill falls by 0.15 % for each hundredth above, to 0.75 % at 0.95; below
it rises by 0.5 % for each hundredth down to 0.70, by 1 % down to 0.65, and by 2 % below. Standard 0.85 (other industry and
commerce): it falls by 0.1 % a hundredth to 0.90 and 0.15 % to 0.94; it rises by 0.5 % down to 0.65, 1 % down to 0.60, then 2 %.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

RISES = {90: ((70, 0.005), (65, 0.01), (0, 0.02)), 85: ((65, 0.005), (60, 0.01), (0, 0.02))}
"""By standard in hundredths: (down to, rise for each hundredth), from the standard on."""
FALLS = {90: ((95, 0.0015),), 85: ((90, 0.001), (94, 0.0015))}
"""By standard in hundredths: (up to, fall for each hundredth), from the standard on."""


def power_factor_multiplier(power_factor: float, standard: float = 0.90) -> float:
    """Factor on energy and demand charges (not on funds) for a month's mean power factor, 0..1, read to the hundredth, half up.

    Raises ValueError outside 0..1 and for a standard other than 0.90 and 0.85.
    """
    if not 0 <= power_factor <= 1:
        raise ValueError(f"a power factor lies within 0..1, is {power_factor:g}")
    read = int((Decimal(repr(float(power_factor))) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    at = standard_hundredths(standard)
    change, start = 0.0, at
    for down_to, rise in RISES[at]:
        change += rise * max(start - max(read, down_to), 0)
        start = down_to
    start = at
    for up_to, fall in FALLS[at]:
        change -= fall * max(min(read, up_to) - start, 0)
        start = up_to
    return 1.0 + change


def standard_hundredths(standard: float) -> int:
    """Standard in hundredths. Raises ValueError for one that the rule does not have."""
    hundredths = round(standard * 100)
    if hundredths not in RISES or abs(hundredths - standard * 100) > 1e-9:
        raise ValueError(f"standard is {standard:g}; the rule has 0.90 and 0.85")
    return hundredths
