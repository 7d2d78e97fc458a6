"""The ceiling of a published plan: cards and IT power per pool and hour. What every export is made from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from optimizer.files.processes import readable
from optimizer.plan.results_file import load_results


@dataclass(frozen=True)
class Caps:
    """Ceilings of one plan. Beyond `expires` nobody holds anything back: a job that died last night caps nothing."""

    plan: str
    """Name of the plan folder."""
    table: pd.DataFrame
    """One row an hour and pool: time_utc, end_utc, time_local, site, pool, cards, pool_cards, kw_per_card, it_kw, price."""
    timezone: str
    """Site's clock."""

    @property
    def expires(self) -> pd.Timestamp:
        """End of the last hour (UTC)."""
        return pd.Timestamp(self.table["end_utc"].max())

    @property
    def pools(self) -> list[str]:
        """Names of the pools."""
        return sorted(self.table["pool"].unique())

    def of(self, pool: str) -> pd.DataFrame:
        """Rows of one pool by time."""
        return self.table[self.table["pool"] == pool].sort_values("time_utc")


def caps_of(folder: Path) -> Caps:
    """Ceilings of a run or plan folder. Raises OSError, ValueError where it is none."""
    schedule = pd.read_csv(readable(folder / "schedule.csv"))
    scenario, timezone = _scenario(folder)
    grouped = schedule.groupby(["time_utc", "time_local", "site", "pool"], sort=True)
    table = grouped.agg(
        cards=("cap_cards", "sum"), it_mw=("it_mw", "sum"), price=("electricity_price", "first")
    ).reset_index()
    start = pd.to_datetime(table["time_utc"]).dt.tz_localize(None)
    if not np.isfinite(table[["cards", "it_mw"]].to_numpy(dtype=float)).all():
        raise ValueError("schedule: ceilings that are no numbers")
    stamps = np.sort(start.unique())
    step = pd.Timedelta(stamps[1] - stamps[0]) if len(stamps) > 1 else pd.Timedelta(hours=1)
    clusters = scenario.get("cluster", {})
    sizes = {name: int(pool["cards"]) for name, pool in clusters.items()}
    power = {name: float(pool["busy_kw_per_card"]) for name, pool in clusters.items()}
    table = table.assign(
        time_utc=start,
        end_utc=start + step,
        cards=table["cards"].astype(int),
        it_kw=np.ceil(table["it_mw"] * 1000 - 1e-6).astype(int),
        pool_cards=[sizes.get(pool, int(table.loc[table["pool"] == pool, "cards"].max())) for pool in table["pool"]],
        kw_per_card=[power.get(pool, 1.0) for pool in table["pool"]],
    )
    return Caps(folder.resolve().name, _sound(table.drop(columns="it_mw")), timezone)


def _sound(table: pd.DataFrame) -> pd.DataFrame:
    """Checked ceilings. Raises ValueError for a cap below zero or above the pool."""
    numbers = table[["cards", "it_kw", "price", "pool_cards", "kw_per_card"]].to_numpy(dtype=float)
    if not len(table) or not np.isfinite(numbers).all():
        raise ValueError("schedule: no hours, or ceilings that are no numbers")
    wrong = (table["cards"] < 0) | (table["cards"] > table["pool_cards"]) | (table["it_kw"] < 0)
    if wrong.any():
        first = table[wrong].iloc[0]
        raise ValueError(
            f"schedule: {first['time_local']} {first['pool']}: a ceiling of {first['cards']} of {first['pool_cards']} cards"
        )
    return table


def _scenario(folder: Path) -> tuple[dict[str, dict[str, dict[str, float]]], str]:
    """Scenario's data and its clock, from the plan's own copy or from the results of a run."""
    path = folder / "scenario.json"
    if path.is_file():
        data = json.loads(readable(path).read_text(encoding="utf-8"))
    else:
        data = load_results(folder / "results.nc").attrs["scenario"]
    return data, str(data["site"]["timezone"])


def changes(caps: Caps, before: Caps | None) -> list[str]:
    """Changes of caps against the plan before, in the hours both know; one line each."""
    if before is None:
        return ["no earlier plan to compare with"]
    both = caps.table.merge(before.table, on=["time_utc", "site", "pool"], suffixes=("", "_before"))
    moved = both[both["cards"] != both["cards_before"]]
    return [
        f"{row.time_local} {row.pool}: {row.cards_before} -> {row.cards} cards"
        for row in moved.sort_values(["time_utc", "pool"]).itertuples()
    ]
