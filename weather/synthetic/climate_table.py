"""The climate of a site as numbers: monthly means, deviations, memories and shapes, read from `scenarios/climates/`."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from weather.canonical import WeatherError

SITES: Final[tuple[str, ...]] = (
    "golmud", "delingha", "xining", "kunming", "qingyang", "hohhot", "shanghai", "guangzhou", "beijing",
)  # fmt: skip
"""Names `synthetic_year` knows. Delingha stands with Daqaidam's station, Qingyang with Xifengzhen's."""
CLIMATES: Final[Path] = Path(__file__).resolve().parents[2] / "scenarios" / "climates"
TEXTS: Final[tuple[str, ...]] = ("source", "assumption")
"""Lines of a table's head that are words."""
SHAPE_QUANTILES: Final[np.ndarray] = np.array([0.01, 0.05, *np.arange(0.1, 0.95, 0.1), 0.95, 0.99])
"""Where the shapes of the tables are given."""


@dataclass(frozen=True)
class Climate:
    """Statistics of one site.

    `year` holds the numbers that stand for the whole year, `shapes` distributions at SHAPE_QUANTILES:
    clearness_day_shape (days about their month, in deviations) and clearness_hour_dull, _half and _clear (hours about
    their day), `months` one array of shape (12,) for each column of the
    table: ghi_kwh_per_m2_day, clearness and clearness_day_sd (of clear sky), dry_bulb_c, daily_range_k,
    dry_bulb_day_sd_k, dew_point_c, relative_humidity, pressure_pa, wind_speed_m_per_s (10 m).
    """

    site: str
    year: dict[str, float]
    shapes: dict[str, np.ndarray]
    months: dict[str, np.ndarray]


def climate_of(site: str) -> Climate:
    """Statistics of a shipped site. Raises WeatherError for an unknown name, naming the known ones."""
    if site not in SITES:
        near = difflib.get_close_matches(site.lower(), SITES, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise WeatherError(f"{site}: no synthetic climate of that name; known are {', '.join(SITES)}.{hint}")
    path = CLIMATES / f"{site}.csv"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise WeatherError(f"{path}: climate table of {site} cannot be read ({error}); restore it") from error
    heads = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# ") and ": " in line)
    numbers = {key: np.array(value.split(), float) for key, value in heads.items() if key not in TEXTS}
    year = {key: float(values[0]) for key, values in numbers.items() if len(values) == 1}
    shapes = {key: values for key, values in numbers.items() if len(values) > 1}
    table = [line.split(",") for line in lines if not line.startswith("#")]
    columns = np.array(table[1:], dtype=float).T
    return Climate(site, year, shapes, dict(zip(table[0], columns, strict=True)))
