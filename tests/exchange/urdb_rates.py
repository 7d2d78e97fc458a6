"""Two published rates of the U.S. Utility Rate Database, retyped: figures and hours only, as its API gives them.

LADWP: Los Angeles Department of Water & Power, Subtransmission Service A-3 (A), label 67c1f1c74737dd843e060fe8, in force from
2025-01-01. GS3: Virginia Electric & Power Co, GS-3 (Large General Service Secondary Voltage), label 64fa78e8f757c94ea209a3a1, in
force 2023-09-01 to 2023-12-31. Both read in the form of apps.openei.org/IURDB.
"""

from __future__ import annotations

from typing import Any

SUMMER = range(5, 9)
"""June to September, from 0."""


def by_season(winter: list[int], summer: list[int]) -> list[list[int]]:
    """A row a month."""
    return [summer if month in SUMMER else winter for month in range(12)]


def hours(*spans: tuple[int, int]) -> list[int]:
    """24 numbers from (how many hours, period)."""
    return [period for count, period in spans for _ in range(count)]


def tiers(*prices: tuple[float, float]) -> list[list[dict[str, float]]]:
    """A tier a period, from (rate, adjustment)."""
    return [[{"rate": rate, "adj": adjustment}] for rate, adjustment in prices]


LADWP: dict[str, Any] = {
    "label": "67c1f1c74737dd843e060fe8",
    "utility": "Los Angeles Department of Water & Power",
    "name": "Subtransmission Service A-3 (A)",
    "sector": "Commercial",
    "flatdemandunit": "kW",
    "flatdemandstructure": tiers((4.56, 4.291)),
    "flatdemandmonths": [0] * 12,
    "demandrateunit": "kW",
    "demandratestructure": tiers((0, 0), (3.3, 0), (4.3, 0), (9.7, 0)),
    "demandweekdayschedule": by_season(
        hours((13, 0), (4, 2), (7, 0)), hours((10, 0), (3, 1), (4, 3), (3, 1), (4, 0))
    ),
    "demandweekendschedule": by_season([0] * 24, [0] * 24),
    "energyratestructure": tiers(
        (0.03798, 0.10499), (0.05464, 0.10499), (0.05464, 0.10499), (0.03356, 0.10499), (0.05365, 0.10499), (0.05991, 0.10499)
    ),
    "energyweekdayschedule": by_season(
        hours((10, 0), (3, 1), (4, 2), (3, 1), (4, 0)), hours((10, 3), (3, 4), (4, 5), (3, 4), (4, 3))
    ),
    "energyweekendschedule": by_season([0] * 24, [3] * 24),
    "dgrules": "Net Metering",
    "fixedchargefirstmeter": 75,
    "fixedchargeunits": "$/month",
}  # fmt: skip
GS3_WEEKDAY = by_season(hours((7, 0), (15, 1), (2, 0)), hours((10, 0), (12, 1), (2, 0)))
GS3: dict[str, Any] = {
    "label": "64fa78e8f757c94ea209a3a1",
    "utility": "Virginia Electric & Power Co",
    "name": "GS-3 (Large General Service Secondary Voltage)",
    "demandrateunit": "kW",
    "demandratestructure": tiers((2.007, 4.114), (14.094, 4.114)),
    "demandweekdayschedule": GS3_WEEKDAY,
    "demandweekendschedule": [[0] * 24] * 12,
    "demandreactivepowercharge": 0.141,
    "energyratestructure": tiers((0.002412, 0.034252), (0.00355, 0.034252)),
    "energyweekdayschedule": GS3_WEEKDAY,
    "energyweekendschedule": [[0] * 24] * 12,
    "fixedchargefirstmeter": 112.58,
    "fixedchargeunits": "$/month",
}
