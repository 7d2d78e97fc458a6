"""Synthetic spot prices of Gansu for a month, written to scenarios/prices: `python -m tests.spot_series`.

No hourly prices of Gansu may be shipped, so these are made up and say so. Sourced: what may be cleared, 40 to 1,000 CNY/MWh
(draft of 14 July 2025, secondary). Assumptions: the course of the day (near the floor while the sun shines, dear in the evening),
a mean near the energy price of tariffs/gansu.yaml (267), noise of 30 that lasts some hours, days of 15 % more or less, three
futures of a day (as usual, windy x 0.7, scarce x 1.4), and a day-ahead price of their mean and 2 %.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimizer.quantities.documents import SCENARIOS

PATH = SCENARIOS / "prices" / "gansu_spot_synthetic.csv"
START, DAYS, SEED = "2025-03-01", 31, 2025
LEAST, MOST = 40.0, 1000.0
COURSE = np.array(
    [
        280,
        270,
        265,
        265,
        270,
        290,
        330,
        340,
        260,
        150,
        90,
        60,
        55,
        55,
        65,
        100,
        190,
        330,
        440,
        470,
        450,
        400,
        340,
        300.0,
    ]
)
FUTURES = {"usual": (0.6, 1.0), "windy": (0.2, 0.7), "scarce": (0.2, 1.4)}
"""Future of a day: its probability, and the factor on its prices."""
LASTING, NOISE, DAY_TO_DAY, PREMIUM = 0.8, 30.0, 0.15, 1.02


def _lasting(rng: np.random.Generator, count: int, deviation: float) -> NDArray[np.float64]:
    """Noise of that deviation of which a share lasts from one to the next."""
    noise, steps = np.zeros(count), rng.normal(0.0, deviation * np.sqrt(1 - LASTING**2), count)
    noise[0] = rng.normal(0.0, deviation)
    for number in range(1, count):
        noise[number] = LASTING * noise[number - 1] + steps[number]
    return noise


def spot_prices() -> pd.DataFrame:
    """Hourly prices [CNY/MWh]: day ahead, and real time in each future."""
    rng, hours = np.random.default_rng(SEED), DAYS * 24
    level = np.repeat(1.0 + _lasting(rng, DAYS, DAY_TO_DAY), 24)
    usual = np.tile(COURSE, DAYS) * level
    table = {"time": pd.date_range(START, periods=hours, freq="h").strftime("%Y-%m-%d %H:%M")}
    real = {
        name: np.clip(usual * factor + _lasting(rng, hours, NOISE), LEAST, MOST)
        for name, (_, factor) in FUTURES.items()
    }
    mean = usual * sum(share * factor for share, factor in FUTURES.values())
    table["day_ahead"] = np.clip(mean * PREMIUM, LEAST, MOST).round(1)
    return pd.DataFrame(table | {f"real_time_{name}": prices.round(1) for name, prices in real.items()})


def text() -> str:
    """File as it is shipped."""
    csv: str = spot_prices().to_csv(index=False, lineterminator="\n")
    return csv


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(text(), encoding="utf-8")
