"""A site that cannot be planned says why: bus, hour, amount, and the assets in the way; a plan that can be is written."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.plan.optimize import optimize
from optimizer.scenario.file import load_scenario, scenario_from
from optimizer.solve.highs import InfeasibleError

GENSET = {"power_mw": 2, "least_load": 0.3, "efficiency": 0.4, "fuel_price_per_mwh": 80}


def island(days: float = 1, **assets: Any) -> Any:
    """A site without a grid on 3 March."""
    return scenario_from(
        {
            "name": "island",
            "site": {"name": "isle", "latitude": 48, "longitude": 12, "elevation_m": 0, "timezone": "Europe/Berlin"},
            "horizon": {"start": "2025-03-03", "days": days},
            "planning": {"gap": 1e-6},
            **assets,
        }
    )


def test_a_surplus_that_nobody_takes_is_named() -> None:
    """A set that must run its first five hours at 0.6 MW beside a load of 0.1 MW: 0.5 MW too much from midnight on."""
    diesel = GENSET | {"opening_on": True, "opening_since_h": 1, "least_up_h": 6}
    scenario = island(load={"hall": {"power_mw": 0.1}}, genset={"diesel": diesel})
    with pytest.raises(InfeasibleError) as error:
        optimize(scenario, workers=1)
    message = str(error.value)
    assert "isle > electricity: 2025-03-03 00:00: 0.5 MW too much" in message
    assert "in 4 more steps" in message
    assert "genset > diesel gives 0.6" in message


def test_a_load_that_must_be_served_is_named_with_hour_and_amount() -> None:
    """A load of 1 MW that jumps to 3.2 at 17:00, a set of 2 MW that runs all the time: 1.2 MW are lacking then."""
    load = {"power_mw": {"hourly": [1.0] * 17 + [3.2] + [1.0] * 6}, "unserved_price_per_mwh": None}
    with pytest.raises(InfeasibleError) as error:
        optimize(island(load={"mine": load}, genset={"diesel": GENSET}), workers=1)
    message = str(error.value)
    assert "2025-03-03 17:00: 1.2 MW too little; load > mine draws 3.2" in message
    assert "genset > diesel" in message


def test_a_ramp_that_is_too_slow_is_named() -> None:
    """The load doubles to 1 MW at noon; a set that must stay on gains 0.2 MW an hour at most: 0.7 of 1 MW at noon, 0.9 the
    hour after. Less in all, 0.3 MW, would be to begin an hour early with 0.1 too much: not where the fault is."""
    diesel = GENSET | {
        "least_load": 0.05,
        "ramp_per_h": 0.1,
        "opening_on": True,
        "least_up_h": 24,
        "opening_since_h": 1,
    }
    load = {"power_mw": {"hourly": [0.5] * 12 + [1.0] * 12}, "unserved_price_per_mwh": None}
    with pytest.raises(InfeasibleError) as error:
        optimize(island(load={"hall": load}, genset={"diesel": diesel}), workers=1)
    message = str(error.value)
    assert "2025-03-03 12:00: 0.3 MW too little, and in 1 more step" in message
    assert "genset > diesel (rises_no_faster)" in message


def test_the_first_hour_that_cannot_be_is_named() -> None:
    """From 0.1 to 1 MW at noon behind a ramp of 0.2 MW an hour: 0.7 MW are lacking at noon. Least in all would be to be off at
    eleven, 0.1 MW, since a set that starts has no ramp: that tells nothing of the ramp."""
    load = {"power_mw": {"hourly": [0.1] * 12 + [1.0] * 12}, "unserved_price_per_mwh": None}
    diesel = GENSET | {"least_load": 0.05, "ramp_per_h": 0.1}
    with pytest.raises(InfeasibleError) as error:
        optimize(island(load={"hall": load}, genset={"diesel": diesel}), workers=1)
    message = str(error.value)
    assert "2025-03-03 12:00: 0.7 MW too little, and in 3 more steps too; load > hall draws 1" in message
    assert "genset > diesel (rises_no_faster)" in message


def test_too_small_a_power_train_is_named() -> None:
    """Cards that draw megawatts behind a train built for one: the plan leaves work undone, without one the IT bus lacks
    power, and the train is in the way."""
    outcome = optimize(
        load_scenario("scenarios/qaidam.yaml", {"power_train.supply.design_it_mw": 1.0}), days=2, workers=1
    )
    note = next(note for note in outcome.summary["notes"] if note.startswith("no store, no plan: not possible"))
    assert "qaidam > it: " in note
    assert "MW too little" in note
    assert "power_train > supply" in note


def test_a_plan_is_written_though_the_baseline_is_impossible() -> None:
    """Sun by day, a load of 1 MW that must be served, a store for the night: free of charge with a plan, impossible with
    the store idle."""
    sun = {"hourly": [0.0] * 6 + [0.2, 0.4] + [0.5] * 8 + [0.4, 0.2] + [0.0] * 6}
    outcome = optimize(
        island(
            days=2,
            load={"mine": {"power_mw": 1, "unserved_price_per_mwh": None}},
            solar={"field": {"peak_power_mw": 10, "capacity_factor": sun}},
            storage={"battery": {"power_mw": 5, "energy_mwh": 30}},
        ),
        workers=1,
    )
    assert outcome.summary["status"] == "optimal"
    assert outcome.summary["baseline_cost"] is None
    assert outcome.summary["saving"] is None
    note = next(note for note in outcome.summary["notes"] if note.startswith("no store, no plan: not possible"))
    assert "2025-03-03 00:00: 1 MW too little" in note
    assert "load > mine draws 1" in note
