"""Every named constraint matters: without it the plan gets cheaper, or the checks that do not trust the solver complain.

A constraint that could be taken away unnoticed is either superfluous or untested.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sites import EXACT, Demand, Small, center, pool, small, tie, without_rows

from optimizer.solve.certified import certified_plan
from optimizer.solve.highs import SolverError, compile_model, solve
from optimizer.technologies.base import Size
from optimizer.technologies.compute.cluster import PowerCap
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.compute.service import Service
from optimizer.technologies.energy.lease import Call, Lease
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.energy.wind import Wind


def store_on(prices: list[float], load: list[float], start: float = 0.0, **settings: Any) -> Small:
    """A store between a tie and a load."""
    store = Storage(**{"power_mw": 5.0, "energy_mwh": 10.0, "opening_state_of_charge": start, **settings})
    site = {"tie": tie(import_limit_mw=50.0), "load": Demand(amount=load), "store": store}
    return small(site, len(prices), series={("tie", "import_price_per_mwh"): prices})


def sized_store() -> Small:
    """Power and energy to be found, with a least state of charge."""
    power, energy = Size(max=20, annual_cost=876.0), Size(max=40, annual_cost=876.0)
    return store_on([10.0, 10.0, 500.0], [0, 0, 9.0], 0.1, power_mw=power, energy_mwh=energy, least_state_of_charge=0.1)


def sized_converter() -> Small:
    """One converter whose power is to be found, called in both hours: both ways at once would need it twice."""
    return called_store(one_converter=True, power_mw=Size(max=2.0, annual_cost=876.0))


def rotating(cards: float) -> Small:
    """Switching blocks on burns power, more than leaving them on, and the grid pays for taking it."""
    pools = pool(start_up_kwh_per_block=50.0)
    assets = center(pool=pools, inference=Service(pool="pool", cards=0.0))
    demand = {("inference", "demand_cards"): [cards] * 3, ("tie", "import_price_per_mwh"): [-900.0] * 3}
    return small(assets, 3, series=demand)


def switching(**settings: Any) -> Small:
    """A pool whose demand jumps up and down."""
    demand = [64.0, 640.0, 64.0, 0.0, 320.0, 0.0]
    assets = center(pool=pool(start_up_cost_per_block=1.0, **settings), inference=Service(pool="pool", cards=0.0))
    return small(assets, len(demand), series={("inference", "demand_cards"): demand})


def waiting() -> Small:
    """Work that arrives and has to be done."""
    queue = Queue(pool="pool", arrival_cards=100.0, deadline_h=2, unfinished_price_per_card_h=5.0)
    return small(center(training=queue), 4)


def sized_field() -> Small:
    """A sun field whose size is to be found in whole units of 3 MW."""
    field = Solar(peak_power_mw=Size(max=9, step=3, annual_cost=8760.0 * 50), capacity_factor=0.5)
    return small({"tie": tie(400.0), "load": Demand(amount=[2.0]), "field": field}, 2)


def cooled() -> Small:
    """Halls that must be cooled."""
    from optimizer.technologies.facility.cooling import Cooling
    from tests.technologies.facility.test_power_train import outdoor_air

    halls = Cooling(kind="indirect-evaporative", design_heat_mw=0.7)
    return small(center(air=halls, inference=Service(pool="pool", cards=300.0)), 2, weather=outdoor_air([20.0, 30.0]))


def chilled() -> Small:
    """Halls that three chillers cool in a hot and a cold hour, with a start worth avoiding."""
    from optimizer.technologies.facility.chillers import Chillers
    from optimizer.technologies.facility.cooling import Cooling
    from tests.technologies.facility.test_power_train import outdoor_air

    halls = Cooling(kind="water-economizer", design_heat_mw=0.7, chillers=Chillers(count=3))
    return small(center(air=halls, inference=Service(pool="pool", cards=300.0)), 2, weather=outdoor_air([34.0, 5.0]))


def waiting_for_two_pools() -> Small:
    """Work that two pools may run, on no more cards than one of them has."""
    queue = Queue(
        pool="pool",
        other_pools=["annex"],
        arrival_cards=500.0,
        most_cards=300.0,
        deadline_h=2,
        late_price_per_card_h_h=9.0,
    )
    return small(center(annex=pool(), training=queue), 4)


def called_store(**settings: Any) -> Small:
    """A lossless store that the grid calls at 500 a MWh, up to 2 MW, and that power at 10 refills."""
    lease = Lease(call=Call(price_per_mwh=500.0, most_mw=2.0))
    lossless = {"charge_efficiency": 1.0, "discharge_efficiency": 1.0, "power_mw": 2.0, "energy_mwh": 4.0}
    return store_on([10.0, 10.0], [0.0, 0.0], 0.5, behind_the_meter=True, lease=lease, **{**lossless, **settings})


def sold_wind() -> Small:
    """2 MW of wind that sells at 150 over a meter of its own."""
    wind = Wind(power_mw=2.0, capacity_factor=1.0, cost_per_mwh=0.0, direct_sale_price_per_mwh=150.0)
    return small({"tie": tie(100.0), "load": Demand(amount=[1.0]), "wind": wind}, 2)


def machine(prices: list[float], load: list[float], start: float = 0.5, **settings: Any) -> Small:
    """A lossless store of 4 MW and 4 MWh with a machine's limits."""
    lossless = {"charge_efficiency": 1.0, "discharge_efficiency": 1.0, "power_mw": 4.0, "energy_mwh": 4.0}
    return store_on(prices, load, start, **lossless, **settings)


WEAK_ENDS = (
    {"state_of_charge": 0.0, "charge": 1.0, "discharge": 0.2},
    {"state_of_charge": 0.5, "charge": 1.0, "discharge": 1.0},
    {"state_of_charge": 1.0, "charge": 0.2, "discharge": 1.0},
)


BINDING: dict[str, Callable[[], Small]] = {
    "charge_falls_near_full": lambda: machine([10.0, 500.0], [0, 4.0], 0.0, power_by_state_of_charge=WEAK_ENDS),
    "discharge_falls_near_empty": lambda: machine([500.0], [4.0], 1.0, power_by_state_of_charge=WEAK_ENDS),
    "power_needs_the_converter": lambda: machine([10.0, 500.0], [0, 4.0], converter_loss_mw=0.1),
    "power_rises_no_faster": lambda: machine([100.0, 500.0], [0, 4.0], ramp_up_mw_per_h=1.0),
    "power_falls_no_faster": lambda: machine([500.0, 10.0], [4.0, 0], ramp_down_mw_per_h=1.0),
    "ends_with_its_final_energy": lambda: machine([10.0, 500.0], [0, 4.0], final_state_of_charge="opening"),
    "all_pools_within_most_cards": waiting_for_two_pools,
    "called_power_is_discharged": lambda: called_store(power_mw=1.0),
    "sold_power_is_generated": sold_wind,
    # power is paid for taking: a converter said to work would burn its loss
    "working_converter_carries_its_loss": lambda: machine([-500.0, -500.0], [0.0], 1.0, converter_loss_mw=0.2),
    "energy_balance": lambda: store_on([10.0, 500.0], [0.0, 4.0]),
    "charge_within_power": sized_store,
    "discharge_within_power": sized_store,
    "stored_within_energy": sized_store,
    "stored_above_least": sized_store,
    "busy_cards_are_on": switching,
    "on_changes_by_starts_and_stops": lambda: switching(least_up_h=3),
    "started_units_stay_on": lambda: switching(least_up_h=3),
    "stopped_units_stay_off": lambda: switching(least_down_h=3),
    "starts_within_ramp": lambda: switching(ramp_blocks_per_h=2),
    "stops_within_ramp": lambda: switching(ramp_blocks_per_h=2),
    "work_is_conserved": waiting,
    "output_within_available_power": sized_field,
    "size_mw_in_whole_units": sized_field,
    "shares_make_the_plant": cooled,
    "chilled_heat_within_running_chillers": chilled,
    "running_chillers_take_their_power": chilled,
}


TIGHTENING: dict[str, Callable[[], Small]] = {
    "converter_within_power": sized_converter,
    "started_units_are_on": lambda: rotating(0.0),
    "started_units_were_off": lambda: rotating(320.0),
}
"""Rows that whole numbers and complementary pairs imply: they bring the relaxed optimum nearer to the true one."""


@pytest.mark.parametrize("name", TIGHTENING)
def test_a_row_that_only_tightens_raises_the_relaxed_optimum(name: str) -> None:
    """Without it the optimum is the same and the bound that the relaxed problem gives is lower."""
    site = TIGHTENING[name]()
    model = site.model()
    relaxed = solve(compile_model(model.pyomo).matrix.relaxed()).cost
    rows = [row for row in model.pyomo.component_objects() if row.local_name == name and len(row)]
    assert rows, f"the site has no rows {name}"
    for row in rows:
        row.deactivate()
    without = compile_model(model.pyomo).matrix
    assert solve(without.relaxed()).cost < relaxed - 1e-3  # money; optima are exact to 1e-6
    assert certified_plan(without, EXACT).cost == pytest.approx(site.plan().cost, rel=1e-6)


@pytest.mark.parametrize("name", BINDING)
def test_a_constraint_that_is_taken_away_is_missed(name: str) -> None:
    """Cost falls by more than the solver's tolerance, or the checks find what it forbade, or nothing bounds the plan."""
    site = BINDING[name]()
    try:
        freed, broken = without_rows(site, name)
    except SolverError:
        return  # unbounded: a money machine
    assert freed < site.plan().cost - 1e-3 or broken  # money; optima are exact to 1e-6


def named_constraints() -> set[str]:
    """Names of all constraints in the source of the technologies."""
    folder = Path(__file__).parents[2] / "optimizer" / "technologies"
    return {
        node.name
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and any("Constraint" in ast.dump(mark) for mark in node.decorator_list)
    }


def test_every_named_constraint_is_taken_away_somewhere() -> None:
    """A constraint written without such a test is found by its name."""
    tests = "\n".join(file.read_text(encoding="utf-8") for file in Path(__file__).parents[1].rglob("test_*.py"))
    assert {name for name in named_constraints() if f'"{name}"' not in tests} == set()


def test_a_cheaper_cap_needs_its_cards() -> None:
    """Caps share the cards that are on: two caps cannot each use all of them."""
    capped = pool(power_caps=[PowerCap(speed=1, power=1), PowerCap(speed=0.5, power=0.2)])
    plan = small(center(pool=capped, inference=Service(pool="pool", cards=640.0)), 1).plan()
    from sites import meter_of

    assert meter_of(plan, "pool", "busy_cards_at_cap_1")[0] == pytest.approx(0.0, abs=1e-6)
