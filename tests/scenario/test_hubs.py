"""Work that moves between sites: by hand, never worse, bound by its class and its line; planned by prices it is the
same.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from optimizer.hubs.extra_tables import with_companions
from optimizer.hubs.plan import ByPrices, hires_up_to
from optimizer.hubs.rounds import coordinate, first_search, hold_the_mix, on_workers, one_round, solve_here
from optimizer.hubs.search import Search
from optimizer.hubs.sites import site_problems
from optimizer.hubs.transfers import costs_alone, moves_of, totals
from optimizer.plan.optimize import calendar_for, compiled_assets, inputs_for, plan_assets
from optimizer.plan.outcome import Outcome, Plan
from optimizer.quantities.documents import DocumentError
from optimizer.scenario.file import ScenarioError, load_scenario, scenario_from
from optimizer.scenario.hubs import Hubs, Line, MoveClass
from optimizer.solve.highs import solve
from optimizer.technologies.compute.link import Link
from tests.hub_sites import inputs_of, stand
from tests.sites import EXACT

HOURS = 6


def hubs(west: float = 100.0, east: float = 400.0, *, closed: bool = False, **changes: Any) -> Hubs:
    """Two sites with a line; jobs may go anywhere, requests only over 20 ms. A busy card draws 1 kW."""
    line = {"between": ("east", "west"), "round_trip_ms": 10, "bandwidth_gbit_per_s": 1.0, "energy_kwh_per_gb": 0.0}
    group = {"jobs": ["jobs"], "requests": ["requests"]}
    return Hubs(
        name="two",
        sites={"west": stand(west), "east": stand(east)},
        hosts={"west": "pool", "east": "pool"},
        links={} if closed else {"line": Line(**(line | changes.get("line", {})))},
        classes={
            "training": MoveClass(work=dict.fromkeys(("west", "east"), group["jobs"]), **changes.get("training", {})),
            "national": MoveClass(
                work=dict.fromkeys(("west", "east"), group["requests"]),
                **{"most_round_trip_ms": 20, **changes.get("national", {})},
            ),
        },
    )


def test_sites_without_a_link_are_no_hub_of_moves() -> None:
    """Nothing may leave its site, so nothing is planned with links closed, and no line says what moving saves."""
    apart = hubs(closed=True)
    plan = planned(apart)
    plain = Outcome(apart, plan, plan, {"notes": []})
    assert (hubs().joined, apart.joined, with_companions(plain, workers=1) is plain) == (True, False, True)


def prepared(scenario: Hubs) -> xr.Dataset:
    """Inputs of a hubs scenario for six hours."""
    return inputs_of(scenario, HOURS)


def planned(scenario: Hubs) -> Plan:
    """The plan of all sites."""
    return plan_assets(scenario.assets(), prepared(scenario), EXACT)


def moved(plan: Plan) -> dict[tuple[str, str, str], float]:
    """Card-hours by (work, from, to)."""
    table = totals(moves_of(plan.results), 1.0)
    return {(row.work, row.from_site, row.to_site): row.card_hours for row in table.itertuples()}


def test_work_goes_where_power_is_cheap():
    """East's 150 cards run in the west at 100 instead of 400: 6 h × 300 cards × 1 kW × 0.1 = 180, alone 225 + ... =
    450.
    """
    plan = planned(hubs())
    assert moved(plan) == pytest.approx(
        {("jobs", "east", "west"): 600.0, ("requests", "east", "west"): 300.0}, abs=1e-3
    )
    assert plan.cost == pytest.approx(6 * 0.300 * 100, abs=0.02)  # 0.02: waiting prices of a hundredth of a yuan
    assert sum(costs_alone(hubs(), prepared(hubs()), EXACT).values()) == pytest.approx(6 * 0.150 * 500, abs=0.02)


def test_closed_links_are_the_sites_alone():
    """With no line, and with a line that carries nothing worth its price, the whole costs what the sites cost alone,
    to 1e-6.
    """
    alone = sum(costs_alone(hubs(closed=True), prepared(hubs(closed=True)), EXACT).values())
    assert planned(hubs(closed=True)).cost == pytest.approx(alone, rel=1e-6)
    dear = hubs(training={"data_gb_per_card_h": 1}, national={"data_gb_per_card_h": 1}, line={"price_per_gb": 10})
    assert planned(dear).cost == pytest.approx(alone, rel=1e-6)
    assert moved(planned(dear)) == {}


@pytest.mark.parametrize("seed", range(4))
def test_moving_is_never_worse(seed: int):
    """Random prices, data and lines: together never costs more than alone (1e-6: relative, of optimal solutions)."""
    random = np.random.default_rng(seed)
    data = float(random.uniform(0, 2))
    scenario = hubs(
        *random.uniform(50, 500, 2).tolist(),
        training={"data_gb_per_card_h": data},
        line={"price_per_gb": float(random.uniform(0, 0.2))},
    )
    alone = sum(costs_alone(scenario, prepared(scenario), EXACT).values())
    assert planned(scenario).cost <= alone * (1 + 1e-6)


def test_a_line_carries_no_more_than_its_bandwidth():
    """1 Gbit/s is 450 GB an hour: at 9 GB a card-hour 50 cards of jobs fit, 300 card-hours in six hours; double
    bandwidth 600.
    """
    for bandwidth, hours in ((1.0, 300.0), (2.0, 600.0)):
        scenario = hubs(training={"data_gb_per_card_h": 9}, line={"bandwidth_gbit_per_s": bandwidth})
        assert moved(planned(scenario))["jobs", "east", "west"] == pytest.approx(hours, abs=1e-3)


def test_data_cost_power_at_home():
    """1 kWh a GB and 0.1 GB a card-hour add 0.1 kWh × 400 to each card-hour moved: 600 × 0.1 × 0.4 = 24 more for the
    jobs alone.
    """
    free, paid = (
        planned(hubs(training={"data_gb_per_card_h": 0.1}, line={"energy_kwh_per_gb": energy})).cost
        for energy in (0.0, 1.0)
    )
    assert paid - free == pytest.approx(24.0, abs=1e-3)


def test_requests_stay_within_their_round_trip():
    """A line of 30 ms is too long for requests that bear 20 ms: jobs move, requests do not; at 20 ms they do."""
    assert ("requests", "east", "west") not in moved(planned(hubs(line={"round_trip_ms": 30})))
    assert ("requests", "east", "west") in moved(planned(hubs(line={"round_trip_ms": 20})))


def test_the_table_of_moves_says_why():
    """Every row of a move from a dear to a cheap site says both prices of power: east's is what it would pay for the next MWh,
    though it draws nothing once its work has gone.
    """
    moves = moves_of(planned(hubs()).results)
    assert len(moves)
    assert set(moves["reason"]) == {"power is worth 100 money/MWh at west, 400 at east"}


def test_prices_find_the_plan_of_the_one_problem():
    """Coordinated by prices, two sites with a narrow line cost within 0.5 % of the one problem, and the bound lies
    below both.
    """
    scenario = hubs(training={"data_gb_per_card_h": 9})
    whole = planned(scenario).cost
    coordinated = coordinate(scenario, prepared(scenario), gap=1e-3)
    assert coordinated.bound <= whole * (1 + 1e-6)
    assert whole * (1 - 1e-6) <= coordinated.cost <= whole * 1.005


def test_a_plan_by_prices_is_a_plan_of_the_whole():
    """A narrow line: the plan, checked and billed as any other, hires what the one problem hires to 1 %, costs no less and
    at most the asked 0.1 % more, and says how it was made.
    """
    scenario = hubs(training={"data_gb_per_card_h": 9})
    whole, effort = planned(scenario), replace(EXACT, gap=1e-3)
    plan = ByPrices.of(scenario).plan(scenario.assets(), prepared(scenario), effort)
    assert plan.certificate.bound <= whole.cost * (1 + 1e-6)
    assert whole.cost * (1 - 1e-6) <= plan.cost <= whole.cost * (1 + 1e-3)
    assert moved(plan) == pytest.approx(moved(whole), rel=0.01)
    assert "by prices" in plan.notes[0]


def test_held_trades_bind_the_whole():
    """With room for 20 of east's jobs and requests in the west, 120 card-hours move instead of 900."""
    scenario, most = hubs(), np.full(HOURS, 20.0)
    fixed_hires = hires_up_to({"east": {"west": most}, "west": {"east": most}})
    plan = plan_assets(scenario.assets(), prepared(scenario), EXACT, amend=fixed_hires)
    assert sum(moved(plan).values()) == pytest.approx(120.0, abs=1e-3)


def test_sites_without_hosts_are_not_planned_by_prices(project: Path):
    """A single site, and hubs that host nobody, are refused with what to do instead."""
    for name, changes in (("qaidam", {}), ("hubs", {"hosts": {}, "links": {}})):
        with pytest.raises(DocumentError, match="without --coordinated"):
            ByPrices.of(load_scenario(project / "scenarios" / f"{name}.yaml", changes))


def test_workers_of_a_cluster_find_the_same_plan():
    """Two worker processes on this machine answer as this process does: same cost, bound and prices, to the digit."""
    from distributed import Client, LocalCluster

    scenario = hubs(training={"data_gb_per_card_h": 9})
    local = coordinate(scenario, prepared(scenario), gap=1e-3)
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    )
    with cluster, Client(cluster) as client:
        remote = coordinate(scenario, prepared(scenario), gap=1e-3, solver=on_workers(client))
    assert (remote.cost, remote.bound) == (local.cost, local.bound)
    for host, price in local.prices.items():
        np.testing.assert_array_equal(remote.prices[host], price)


def test_mixed_days_are_plans_the_sites_can_run():
    """Stores filled on one day and emptied on the next: the mix meets every row of each site to 1e-6 (HiGHS: 1e-7, of
    sums of ten proposals), and is hired no more than offered beyond the cards the search still lacks.
    """
    scenario, inputs = hubs(training={"data_gb_per_card_h": 9}), prepared(hubs(training={"data_gb_per_card_h": 9}))
    problems = site_problems(scenario, inputs)
    start = {site_problem.name: np.full(HOURS, 0.2) for site_problem in problems}
    search = Search(problems, start, 1.0, np.array([2, 4]))
    trial = start
    for _ in range(10):
        trial = one_round(search, trial, solve_here)
    for problem, values in zip(search.problems, search.mix, strict=True):
        matrix = problem.matrix
        activity = matrix.rows @ values
        assert (activity >= matrix.row_lower - 1e-6).all()
        assert (activity <= matrix.row_upper + 1e-6).all()
        assert (values >= matrix.lower - 1e-6).all()
        assert (values <= matrix.upper + 1e-6).all()


def test_the_shipped_hubs_with_closed_links_are_the_sites_alone(project: Path):
    """Half a day of hubs.yaml without whole numbers: with no line the one problem costs what its five sites cost, to 1e-6;
    with the lines it costs less, and prices find it within 0.5 %.
    """
    opened = load_scenario(project / "scenarios" / "hubs.yaml")
    closed = load_scenario(project / "scenarios" / "hubs.yaml", {"links": {}})
    inputs = inputs_for(opened, calendar_for(opened, days=0.5))
    alone = sum(
        relaxed_cost({key: technology for key, technology in opened.assets_alone().items() if key[0] == site}, inputs)
        for site in opened.sites
    )
    together = relaxed_cost(opened.assets(), inputs)
    assert relaxed_cost(closed.assets(), inputs_for(closed, calendar_for(closed, days=0.5))) == pytest.approx(
        alone, rel=1e-6
    )
    assert together < alone * (1 - 1e-3)
    problems = site_problems(opened, inputs)
    search = first_search(problems, calendar_for(opened, days=0.5), solve_here)
    trial = search.best
    for _ in range(20):
        trial = one_round(search, trial, solve_here)
    hold_the_mix(search, solve_here)
    assert search.bound <= together * (1 + 1e-6)
    assert together * (1 - 1e-6) <= search.mixed_cost <= together * 1.005


def relaxed_cost(assets: Any, inputs: xr.Dataset) -> float:
    """Cost of the one problem without whole numbers."""
    return solve(compiled_assets(assets, inputs)[1].matrix.relaxed()).cost


def test_wrong_hubs_are_reported_at_once(project: Path):
    """Unknown sites, pools and work are named together, each with its path."""
    with pytest.raises(ScenarioError) as error:
        load_scenario(
            project / "scenarios" / "hubs.yaml",
            {
                "links.qaidam_xining.between": ["qaidam", "mars"],
                "hosts.xining": "abacus",
                "classes.training.work.horinger": ["sleep"],
            },
        )
    for part in ("'mars' is no site", "'abacus' is no cluster", "'sleep' is no work of that site"):
        assert part in str(error.value)


def test_the_shipped_hubs_survive_their_own_form(project: Path):
    """hubs.yaml has five sites; written out as plain data and read again it is the same, as a run's report needs."""
    scenario = load_scenario(project / "scenarios" / "hubs.yaml")
    assert list(scenario.sites) == ["qaidam", "xining", "kunming", "qingyang", "horinger"]
    again = scenario_from(scenario.model_dump(mode="json"), folder=project / "scenarios")
    assert again == scenario
    local = {
        lane.work
        for key, technology in scenario.assets().items()
        if isinstance(technology, Link) and technology.to
        for lane in technology.lanes
    }
    assert "south_and_south_east_asia" not in local
