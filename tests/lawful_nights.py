"""Sixty nights of a small lawful site: the ratios that nights with the year's plan at hand end at, beside those of that plan.

    python -m tests.lawful_nights 60

A field of sun, a battery, a load and a tie under the books of direct supply; the export of the year's plan is held at its limit.
The year is planned once; the nights follow its arrears (`end_values.json`), each from a forecast with the assumed errors, run
against the weather that came. Prints each ratio of plan and nights over the same days, in points. Held to half a point are the
ratios that bind in the year's plan, and all of them where the nights know their weather: a ratio that does not bind moves with the
error of the forecast, and nothing is paid to bring it back as long as the year keeps it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.backtest.outcome import Replay
from optimizer.backtest.replay import Replayed, backtest
from optimizer.inputs.assemble import calendar_of
from optimizer.nightly.settings import NightSettings
from optimizer.plan.end_values import END_VALUES, EndValues, end_values_of
from optimizer.plan.optimize import plan_scenario
from optimizer.plan.outcome import Plan
from optimizer.rulebook.verdicts import ratios_of
from optimizer.scenario.file import scenario_from
from optimizer.scenario.single_site import Scenario

MOST_POINTS = 0.5
POLICIES = ("perfect days", "deterministic")
SITE: dict[str, Any] = {
    "name": "small lawful site",
    "site": {"name": "small", "latitude": 36.42, "longitude": 94.9, "elevation_m": 2808, "timezone": "Asia/Shanghai"},
    "weather": {"synthetic": "golmud", "year": 2025},
    "horizon": {"start": "2025-01-01", "days": 365},
    "solar": {"field": {"peak_power_mw": 3.0}},
    "storage": {"battery": {"power_mw": 0.5, "energy_mwh": 2.0}},
    "grid": {"tie": {"tariff": "qinghai", "import_limit_mw": 3, "export_limit_mw": 3}},
    "load": {"works": {"power_mw": 1.0}},
    "green_supply": {"law": {"books": ["direct-connection"], "spot_runs_continuously": True}},
}
"""3 MW of sun beside 1 MW of use: more could be sold than the fifth that the book lets out."""


def site(days: int = 365) -> Scenario:
    """The site, planned over so many days from New Year on."""
    return scenario_from(SITE | {"horizon": {"start": "2025-01-01", "days": days}})


def taught(plan: Plan, scenario: Scenario, folder: Path) -> Path:
    """File of end values that a plan leaves for its nights."""
    path = folder / END_VALUES
    named = plan.results.assign_attrs(scenario_name=scenario.name)
    path.write_text(json.dumps(end_values_of(named, plan.shadow_prices, scenario.assets())), encoding="utf-8")
    return path


def ratios_between(plan: Plan, scenario: Scenario, start: str, nights: int) -> dict[str, float]:
    """Ratios of a plan over some of its days."""
    local = calendar_of(plan.results).local
    first = pd.Timestamp(start)
    steps = np.flatnonzero((local >= first) & (local < first + pd.Timedelta(days=nights)))
    return ratios_of(plan.results.isel(time=steps), scenario.assets())


def differences(
    nights: int, start: str, folder: Path, *, days: int = 365, policies: tuple[str, ...] = POLICIES
) -> tuple[dict[str, float], dict[str, float], dict[str, Replay]]:
    """Ratios of the year's plan over the days of its nights, what leave of each is worth in it, and the replays by policy."""
    scenario = site(days)
    plan = plan_scenario(scenario, workers=1, gap=1e-4)
    path = taught(plan, scenario, folder)
    settings = NightSettings(members=2, gap=1e-4, end_values=path)
    outcome = backtest(Replayed.of(scenario, start, nights, settings), policies)
    prices = EndValues.read(path).ratio_prices
    worth = {f"{name.split(' ')[0]} {name.split(' ')[2]}": price for name, price in prices.items()}
    return ratios_between(plan, scenario, start, nights), worth, outcome.replays


def lines(planned: dict[str, float], worth: dict[str, float], replays: dict[str, Replay]) -> tuple[list[str], int]:
    """A line for each ratio and policy, and how many ratios that bind in the year's plan are too far from it."""
    said, wrong = [], 0
    for policy, came in replays.items():
        for name, share in planned.items():
            points = 100 * (came.ratios[name] - share)
            binds = worth[name] > 0
            wrong += abs(points) > MOST_POINTS and (binds or policy == "perfect days")
            kind = f"binds, leave is worth {worth[name]:.1f} a MWh" if binds else "does not bind"
            said.append(
                f"  {policy}: {name}: plan {share:.2%}, nights {came.ratios[name]:.2%}, {points:+.2f} points ({kind})"
            )
        said.append(f"  {policy}: cost {came.cost:,.0f}, {came.seconds:.0f} CPU s")
    return said, wrong


if __name__ == "__main__":
    failed = 0
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    for day in ("2025-01-05", "2025-06-01"):
        with tempfile.TemporaryDirectory() as kept:
            text, wrong = lines(*differences(count, day, Path(kept)))
        failed += wrong
        print(f"{count} nights from {day}:", *text, sep="\n")
    sys.exit(failed > 0)
