"""Moist air against psychrolib (ASHRAE Fundamentals 2017) on random states from the plateau to the sea."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np

from weather.cooling.psychrometrics import humidity_ratio, wet_bulb_c

SOURCE = "psychrolib, after ASHRAE Handbook of Fundamentals 2017"
STATES, SEED = 600, 7
FREEZING_K = 1.0
"""This near to 0 °C a wick may be wet or iced, and both answers are right."""


def rows(_shared: Path) -> list[dict[str, str]]:
    """The comparison as rows of the validation table. Raises ImportError where psychrolib is not installed."""
    oracle = importlib.import_module("psychrolib")
    oracle.SetUnitSystem(oracle.SI)
    random = np.random.default_rng(SEED)
    dry_bulb, humidity = random.uniform(-40, 45, STATES), random.uniform(0.01, 1, STATES)
    pressure = random.uniform(60_000, 103_000, STATES)
    states = list(zip(dry_bulb.tolist(), humidity.tolist(), pressure.tolist(), strict=True))
    ours = wet_bulb_c(dry_bulb, humidity, pressure)
    theirs = np.array([oracle.GetTWetBulbFromRelHum(*state) for state in states])
    clear = (np.abs(theirs) > FREEZING_K) & (np.abs(ours) > FREEZING_K)
    ratios = np.array([oracle.GetHumRatioFromRelHum(*state) for state in states])
    wet = float(np.abs(ours - theirs)[clear].max())
    moist = float(np.abs(humidity_ratio(dry_bulb, humidity, pressure) - ratios).max())
    data = f"{STATES} states, -40..45 °C, 1..100 %, 600..1,030 hPa"
    return [
        {"data": data, "metric": f"wet bulb, largest error of {clear.sum()} states, K", "ours": f"{wet:.4f}",
         "bar": "<= 0.001", "source": SOURCE},
        {"data": data, "metric": "humidity ratio, largest error, kg/kg", "ours": f"{moist:.8f}",
         "bar": "<= 0.0000001", "source": SOURCE},
    ]  # fmt: skip
