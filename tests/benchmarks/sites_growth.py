"""CPU time of a round of price coordination against the number of sites: small sites in a ring, each hosting its neighbours."""

from __future__ import annotations

import math
import statistics
import time
from itertools import pairwise

import numpy as np

from optimizer.hubs.rounds import first_search, one_round, solve_here
from optimizer.hubs.sites import site_problems
from optimizer.inputs.assemble import calendar_of
from optimizer.quantities.series import DailyCourse
from optimizer.scenario.hubs import Hubs, Line, MoveClass
from tests.hub_sites import inputs_of, stand

SITES = (10, 20, 50, 100)
HOURS = 48
ROUNDS = 12
SEED = 20250106


def ring(count: int) -> Hubs:
    """So many small sites with prices of their own each hour, each with a line to the next and to the next but one."""
    random = np.random.default_rng(SEED)
    names = [f"site_{number}" for number in range(count)]
    pairs = [(here, names[(number + step) % count]) for number, here in enumerate(names) for step in (1, 2)]
    line = {"round_trip_ms": 10, "bandwidth_gbit_per_s": 1.0, "energy_kwh_per_gb": 0.0, "price_per_gb": 0.01}
    return Hubs(
        name="ring",
        sites={name: stand(DailyCourse(hourly=random.uniform(100, 500, 24).tolist())) for name in names},
        hosts=dict.fromkeys(names, "pool"),
        links={f"{here}_{there}": Line(between=(here, there), **line) for here, there in pairs},
        classes={"training": MoveClass(work={name: ["jobs"] for name in names}, data_gb_per_card_h=2)},
    )


def seconds_a_round(count: int) -> float:
    """CPU seconds of one round, the middle one of those after the first four."""
    scenario = ring(count)
    inputs = inputs_of(scenario, HOURS)
    search = first_search(site_problems(scenario, inputs), calendar_of(inputs), solve_here)
    trial, stamps = search.best, [time.process_time()]
    for _ in range(ROUNDS):
        trial = one_round(search, trial, solve_here)
        stamps.append(time.process_time())
    return statistics.median(after - before for before, after in list(pairwise(stamps))[4:])


def rows() -> list[tuple[str, str, str]]:
    """Seconds of a round by number of sites, and the exponent n of seconds ~ sites^n."""
    spent = {count: seconds_a_round(count) for count in SITES}
    exponent = math.log(spent[SITES[-1]] / spent[SITES[0]]) / math.log(SITES[-1] / SITES[0])
    told = [("sites-growth", f"{count} sites: CPU of a round [s]", f"{each:.2f}") for count, each in spent.items()]
    return [*told, ("sites-growth", "exponent of time over sites", f"{exponent:.2f}")]
