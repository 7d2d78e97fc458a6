"""Elastic jobs: measured points against every choice of nodes, whole nodes where the curve is concave, pool and usual order."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sites import EXACT, Small, center, flow_of, pool, small, tie, without_rows

from optimizer.plan.baseline import as_baseline
from optimizer.plan.optimize import plan_assets
from optimizer.plan.results import records_of
from optimizer.scenario.file import ScenarioError, scenario_from
from optimizer.technologies.compute.elastic import Elastic

CONCAVE = [{"nodes": n, "speed": s, "power_kw": float(n)} for n, s in ((1, 1.0), (2, 1.9), (3, 2.6))]
BUMPY = [{"nodes": n, "speed": s, "power_kw": p} for n, s, p in ((1, 1.0, 1.0), (2, 1.2, 2.2), (3, 2.9, 2.6))]
PRICES = [300.0, 100.0, 200.0, 120.0, 400.0]


def job(hours: float, *, due: int = 5, cards: float = 1.0, name: str = "train") -> dict[str, Any]:
    """A job of so many hours on one node."""
    return {
        "id": name,
        "arrival": "2025-01-06 00:00",
        "deadline": f"2025-01-06 {due:02d}:00",
        "hours": hours,
        "cards": cards,
    }


def lone(curve: list[dict[str, Any]], *jobs: dict[str, Any], **more: Any) -> Small:
    """Elastic jobs on machines of their own."""
    work = Elastic(curve=curve, jobs=list(jobs), **more)
    site = {"tie": tie(), "work": work}
    return small(site, len(PRICES), series={("tie", "import_price_per_mwh"): PRICES})


def best_choice(curve: list[dict[str, Any]], hours: float) -> float:
    """Least cost over all node counts of all hours."""
    points = [(0.0, 0.0), *((point["speed"], point["power_kw"]) for point in curve)]
    return min(
        sum(price * point[1] for price, point in zip(PRICES, choice, strict=True)) / 1000
        for choice in itertools.product(points, repeat=len(PRICES))
        if sum(point[0] for point in choice) >= hours - 1e-9
    )


@pytest.mark.parametrize("curve", [CONCAVE, BUMPY], ids=["concave", "bumpy"])
@pytest.mark.parametrize("hours", [1.0, 2.3, 4.0, 6.5])
def test_against_every_choice_of_nodes(curve: list[dict[str, Any]], hours: float) -> None:
    """All 4^5 plans are tried; a mixture of points, as the relaxed problem takes it, would cost less for most lengths."""
    assert lone(curve, job(hours)).plan().cost == pytest.approx(best_choice(curve, hours))


def test_only_a_bumpy_curve_needs_choices() -> None:
    """Speed that grows ever slower at power that grows ever faster is mixed with one whole number an hour instead of three."""
    concave, bumpy = lone(CONCAVE, job(4.0)), lone(BUMPY, job(4.0))
    assert not concave.assets["site", "work"].needs_choice
    assert bumpy.assets["site", "work"].needs_choice
    assert concave.compiled().matrix.is_integer.sum() == 5
    assert bumpy.compiled().matrix.is_integer.sum() == 15


def test_measured_simulation_curve_is_concave(shared_file: Callable[[str], Path]) -> None:
    """N-body, 100,000 bodies, 1 to 7 nodes: speed is concave, power is not convex, so points must be chosen."""
    table = pd.read_csv(shared_file("data/compute/elastic_scaling_profiles/nbody100k.csv"))[1:]
    single_node = table["throughput"].iloc[0]
    points = [
        {"nodes": int(n), "speed": t / single_node, "power_kw": p / 1000}
        for n, t, p in table[["nodes", "throughput", "power"]].itertuples(index=False)
    ]
    speed_alone = [{**point, "power_kw": float(point["nodes"])} for point in points]
    assert not Elastic(curve=speed_alone, jobs=[job(1)]).needs_choice
    assert Elastic(curve=points, jobs=[job(1)]).needs_choice


def test_work_beyond_all_nodes_is_missed_at_its_price() -> None:
    """20 h of work, 5 h at 2.9: 5.5 are missed at 500 each and told as missed cards."""
    plan = lone(BUMPY, job(20.0)).plan()
    assert plan.bill_by_step["work: work not done"].sum() == pytest.approx(5.5 * 500.0)
    assert records_of(plan.results)["site", "work", -1].shortfalls["missed_cards"].sum() == pytest.approx(5.5)


def test_in_a_pool_it_holds_cards_and_draws_its_extra_power() -> None:
    """8 cards a node: 3 nodes hold 24 cards; 2.6 kW more are drawn from the IT bus and given off as heat."""
    work = Elastic(curve=BUMPY, jobs=[job(2.9, cards=8.0)], pool="pool")
    site = small(center(pool=pool(64, 64), work=work), 5, series={("tie", "import_price_per_mwh"): PRICES})
    plan = site.plan()
    np.testing.assert_allclose(flow_of(plan, "work", "run"), [0, -24, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(flow_of(plan, "work", "draw"), [0, -0.0026, 0, 0, 0], atol=1e-9)
    np.testing.assert_allclose(flow_of(plan, "work", "job heat"), [0, 0.0026, 0, 0, 0], atol=1e-9)


@pytest.mark.parametrize("baseline_nodes", [None, 3])
def test_without_a_plan_it_runs_on_its_baseline_nodes(baseline_nodes: int | None) -> None:
    """4 h of work from the start: on 1 node 4 h, on 3 nodes 2 h (2.9 an hour); the plan is cheaper than both."""
    site = lone(BUMPY, job(4.0), baseline_nodes=baseline_nodes)
    baseline = plan_assets(*as_baseline(site.assets, site.inputs), EXACT)
    expected = sum(PRICES[:4]) / 1000 if baseline_nodes is None else 2.6 * sum(PRICES[:2]) / 1000
    assert baseline.cost == pytest.approx(expected)
    assert site.plan().cost < baseline.cost


def test_two_jobs_have_windows_of_their_own() -> None:
    """One is due at 2, one at 5: together what they cost alone."""
    both = lone(BUMPY, job(2.0, due=2, name="a"), job(2.0, name="b")).plan().cost
    assert both == pytest.approx(lone(BUMPY, job(2.0, due=2)).plan().cost + lone(BUMPY, job(2.0)).plan().cost)


@pytest.mark.parametrize(
    ("name", "curve"),
    [("at_one_point_at_most", BUMPY), ("nodes_are_whole", CONCAVE), ("work_is_done_or_not", BUMPY)],
)
def test_a_constraint_that_is_taken_away_is_missed(name: str, curve: list[dict[str, Any]]) -> None:
    """Without it the plan gets cheaper, or the checks that do not trust the solver complain."""
    site = lone(curve, job(2.3 if name == "nodes_are_whole" else 12.0))
    freed, broken = without_rows(site, name)
    assert freed < site.plan().cost - 1e-6 or broken


WRONG = (
    ({"curve": [BUMPY[1], BUMPY[0]], "jobs": [job(1)]}, "nodes of the curve must rise"),
    ({"curve": BUMPY, "jobs": [job(1)], "baseline_nodes": 7}, "baseline_nodes 7 is no point of the curve"),
    ({"curve": BUMPY, "jobs": []}, "at least 1 entries"),
    ({"curve": BUMPY, "jobs": [job(1)], "pool": "nowhere"}, "pool 'nowhere', which no cluster is"),
)


@pytest.mark.parametrize(("settings", "message"), WRONG, ids=[message for _, message in WRONG])
def test_wrong_settings_are_reported(settings: dict[str, Any], message: str) -> None:
    """What a user may get wrong is told in words that name it."""
    data = {"name": "x", "site": {"latitude": 36.0, "longitude": 95.0, "elevation_m": 2800}, "elastic": {"w": settings}}
    with pytest.raises(ScenarioError, match=message):
        scenario_from(data)
