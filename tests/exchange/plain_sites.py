"""A made-up site of a day that Qaidam and PyPSA both say, with every part a network has here."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.exchange.plain_site import Consumer, PlainSite, Source, Store, Tie, same

HOURS = 24


def made_site(**changes: object) -> PlainSite:
    """Sun that must not be wasted, wind, an engine, a leaky battery with a floor, an end and an end value, a tie that sells, a load."""
    hour = np.arange(HOURS)
    sun = np.clip(np.sin((hour - 6) / 12 * np.pi), 0, None)
    wind = 0.35 + 0.25 * np.cos(hour / 5)
    price = np.where((hour >= 17) & (hour < 22), 120.0, np.where(hour < 7, 35.0, 70.0))
    parts: dict[str, object] = {
        "sources": (
            Source("field", "solar", 6.0, sun, same(-4.0, HOURS)),
            Source("farm", "wind", 3.0, wind, same(2.0, HOURS)),
            Source("engine", "genset", 1.0, same(1.0, HOURS), same(95.0, HOURS)),
        ),
        "stores": (
            Store(
                "battery", 5.0, same(1.5, HOURS), np.where(hour < 20, 2.0, 1.0), opening_mwh=2.0, least_share=0.1,
                charge_efficiency=0.94, discharge_efficiency=0.9, standby_loss_per_h=0.004, charge_cost_per_mwh=1.0,
                discharge_cost_per_mwh=6.0, keep_cost_per_mwh_h=0.02, end_value_per_mwh=40.0, final_mwh=1.5,
            ),
        ),
        "ties": (Tie("tie", np.where(hour == 19, 1.0, 3.0), same(2.0, HOURS), price, price * 0.4, 5_000.0),),
        "consumers": (Consumer("halls", 4.0 + np.sin(hour / 3), None), Consumer("pumps", same(0.5, HOURS), 110.0)),
    }  # fmt: skip
    time = pd.date_range("2025-03-01 07:00", periods=HOURS, freq="h")
    fields: dict[str, object] = {
        "name": "made up",
        "time": time,
        "step_h": 1.0,
        "timezone": "America/Denver",
        "currency": "USD",
    }
    return PlainSite(**(fields | parts | changes))  # type: ignore[arg-type]
