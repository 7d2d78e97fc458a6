"""Public unit commitment cases (PyPSA, oemof, Egret) as ordinary assets, against their published or proven optima."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sites import Small, small, tie

from optimizer.inputs.assemble import inputs_by_asset
from optimizer.plan.results import records_of
from optimizer.technologies.base import Record
from optimizer.technologies.energy.genset import Genset
from optimizer.technologies.energy.load import Load

UNIT_COMMITMENT = "data/cases/unit_commitment_micro/"
PYPSA = (
    "test_unit_commitment",
    "test_minimum_up_time",
    "test_minimum_up_time_up_time_before",
    "test_minimum_down_time",
    "test_minimum_down_time_up_time_before",
    "test_start_up_costs",
    "test_shut_down_costs",
)
OEMOF = (
    "test_initial_status_off",
    "test_initial_status_on",
    "test_maximum_startups",
    "test_maximum_shutdowns",
    "test_activity_costs",
    "test_inactivity_costs",
    "test_startup_costs_start_off",
    "test_startup_costs_start_on",
)
TIED = ("test_minimum_down_time", "test_maximum_shutdowns")
"""Two plans of these are equally cheap (coal in hour 0 or 2; on in hours 2 to 4 or 6 to 8): held to cost alone."""
Find = Callable[[str], Path]


def records(plan: Any) -> dict[str, Record]:
    """What each asset of a plan did."""
    return {asset: record for (_, asset, _), record in records_of(plan.results).items()}


def case_of(path: Path, group: str, name: str) -> dict[str, Any]:
    """One case of cases.json."""
    return next(case for case in json.loads(path.read_text())[group] if case["source"].endswith(f"::{name}"))


def pypsa_unit(unit: dict[str, Any]) -> Genset:
    """A generator of PyPSA: up before the plan for `up_time_before` hours (default 1), else down."""
    up = unit.get("up_time_before", 1)
    return Genset(
        power_mw=unit["p_nom"],
        least_load=unit["p_min_pu"],
        cost_per_mwh=unit["marginal_cost"],
        least_up_h=unit.get("min_up_time", 0),
        least_down_h=unit.get("min_down_time", 0),
        start_cost=unit.get("start_up_cost", 0),
        stop_cost=unit.get("shut_down_cost", 0),
        opening_on=up > 0,
        opening_since_h=up if up > 0 else unit.get("down_time_before", 1e4),
    )


def pypsa_site(case: dict[str, Any], load_mw: list[float]) -> Small:
    units = {unit["name"]: pypsa_unit(unit) for unit in case["generators"]}
    load = Load(power_mw=1.0, unserved_price_per_mwh=None)
    return small({**units, "town": load}, len(load_mw), series={("town", "demand_mw"): load_mw})


@pytest.mark.parametrize("name", PYPSA)
def test_pypsa_unit_commitment(shared_file: Find, name: str) -> None:
    """Status and dispatch as PyPSA's own tests state them; a least time that is not held would run the cheap unit alone."""
    case = case_of(shared_file(UNIT_COMMITMENT + "cases.json"), "pypsa", name)
    site = pypsa_site(case, case["load"])
    plan = site.plan()
    did = records(plan)
    for row, unit in enumerate(case["generators"]):
        record = did[unit["name"]]
        if "dispatch" in case["expected"] and name not in TIED:
            # 1e-4 of some thousand MW: rows are held to 1e-7 relative
            np.testing.assert_allclose(record.flow("generation"), case["expected"]["dispatch"][row], atol=1e-4)
            np.testing.assert_allclose(record.meters["on"], case["expected"]["status"][row], atol=1e-6)
    if "dispatch" in case["expected"]:  # no start or stop costs in these cases
        costs = [
            unit["marginal_cost"] * sum(case["expected"]["dispatch"][n]) for n, unit in enumerate(case["generators"])
        ]
        assert plan.cost == pytest.approx(sum(costs), rel=1e-6)
    if "objective" in case["expected"]:
        assert plan.cost == pytest.approx(case["expected"]["objective"], rel=1e-6)


def test_pypsa_rolling_horizon(shared_file: Find) -> None:
    """Windows of 3 h, the first 2 kept, with what was on and how long carried over; forgetting it would restart coal at once."""
    case = case_of(shared_file(UNIT_COMMITMENT + "cases.json"), "pypsa", "test_unit_commitment_rolling_horizon")
    names, opening = [unit["name"] for unit in case["generators"]], None
    status: dict[str, list[float]] = {name: [] for name in names}
    for hours in case["expected"]["windows"]:
        site = pypsa_site(case, [case["load"][hour] for hour in hours])
        did = records(site.plan(opening=opening))
        kept = len(hours) if hours[-1] == len(case["load"]) - 1 else len(hours) - 1
        views = inputs_by_asset(site.inputs)
        state = {}
        for name in names:
            status[name] += list(np.round(did[name].meters["on"][:kept]))
            unit = site.assets["site", name]
            before = (opening or {}).get(("site", name), unit.opening_state())
            state["site", name] = unit.closing_state(did[name], views["site", name, 0], before, kept - 1)
        opening = state
    assert [status[name] for name in names] == case["expected"]["status"]


def oemof_unit(case: dict[str, Any]) -> tuple[Genset, dict[str, Any]]:
    """oemof's non-convex flow: an initial status counts as switched just before the first step."""
    count, series = case["steps"], {}
    names = {"variable_costs": "cost_per_mwh", "minimum": "least_load", "maximum": "availability"}
    names |= {"activity_costs": "on_cost_per_h", "inactivity_costs": "off_cost_per_h"}
    for key, quantity in names.items():
        if key in case:
            series["unit", quantity] = np.broadcast_to(np.asarray(case[key], dtype=float), count)
    unit = Genset(
        power_mw=case["nominal_capacity"],
        least_load=0.01 if "minimum" in case else 0.0,  # the series is put in its place
        least_up_h=case.get("minimum_uptime", 0),
        least_down_h=case.get("minimum_downtime", 0),
        most_starts=case.get("maximum_startups"),
        most_stops=case.get("maximum_shutdowns"),
        start_cost=case.get("startup_costs", 0),
        on_cost_per_h=1.0 if "activity_costs" in case else 0.0,
        off_cost_per_h=1.0 if "inactivity_costs" in case else 0.0,
        opening_on=bool(case.get("initial_status", 0)),
        opening_since_h=0.0 if "initial_status" in case else 1e4,
    )
    return unit, series


@pytest.mark.parametrize("name", OEMOF)
def test_oemof_non_convex_flow(shared_file: Find, name: str) -> None:
    """Flows and states as oemof-solph's tests state them, hour by hour; each dies with the law its name tells."""
    case = case_of(shared_file(UNIT_COMMITMENT + "cases.json"), "oemof_nonconvex", name)
    unit, series = oemof_unit(case)
    assets = {"unit": unit, "out": tie(0.0, import_limit_mw=0.0, export_limit_mw=10.0)}
    site = small(assets, case["steps"], series=series)
    plan = site.plan()
    record = records(plan)["unit"]
    if "expected_flow" in case:
        np.testing.assert_allclose(record.flow("generation"), case["expected_flow"], atol=1e-6)
    elif name in TIED:
        price, on = np.array(case["variable_costs"]), np.array(case["expected_status"])
        best = np.where(price < 0, 10.0 * price, 5.0 * price)  # at full output where it pays, else at the least
        assert plan.cost == pytest.approx((on * best).sum())
    else:
        np.testing.assert_allclose(record.meters["on"], case["expected_status"], atol=1e-6)


def egret_unit(generator: dict[str, Any]) -> Genset:
    """Egret's thermal unit on the first segment of its fuel curve (the one both cases run on)."""
    (mw, fuel), (next_mw, next_fuel) = generator["p_fuel"]["values"][:2]
    slope, power = (next_fuel - fuel) / (next_mw - mw), generator["p_max"]
    return Genset(
        power_mw=power,
        least_load=generator["p_min"] / power,
        efficiency=min(1 / slope, 1.0),
        idle_fuel_mw=fuel - slope * mw,
        fuel_price_per_mwh=generator["fuel_cost"],
        least_up_h=generator["min_up_time"],
        least_down_h=generator["min_down_time"],
        ramp_per_h=generator["ramp_up_60min"] / power,
        start_load=generator["startup_capacity"] / power,
        stop_load=generator["shutdown_capacity"] / power,
        opening_on=generator["initial_status"] > 0,
        opening_since_h=abs(generator["initial_status"]),
    )


@pytest.mark.parametrize(("number", "total"), [(9, 52_800.0), (12, 44_002_633.1250836)])
def test_egret_tiny_unit_commitment(shared_file: Find, number: int, total: float) -> None:
    """Case 9 follows a flat load; case 12 must stay on 2 h without any load and pays the mismatch, as a surplus sold at a loss."""
    case = json.loads(shared_file(f"{UNIT_COMMITMENT}egret_tiny_uc_{number}.json").read_text())
    (unit,) = case["elements"]["generator"].values()
    hours = len(case["system"]["time_keys"])
    loads = [load["p_load"]["values"] for load in case["elements"]["load"].values()] or [[0.0] * hours]
    mismatch = case["system"].get("load_mismatch_cost", 1e6)  # Egret's default
    assets = {
        "unit": egret_unit(unit),
        "town": Load(power_mw=1.0, unserved_price_per_mwh=mismatch),
        "surplus": tie(0.0, import_limit_mw=0.0, export_limit_mw=1000.0, export_price=-mismatch),
    }
    site = small(assets, hours, series={("town", "demand_mw"): loads[0]})
    # 1e-6, as the fuel of the case is given to five digits only; upstream asks for 1e-4
    assert site.plan().cost == pytest.approx(total, rel=1e-6)
