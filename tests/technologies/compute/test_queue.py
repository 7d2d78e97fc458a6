"""Queues: the bound on the backlog says exactly what pairing each arrival with its hours would say."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize
from pytest import approx  # noqa: PT013  (reads as a sentence)
from sites import center, flow_of, pool, small

from optimizer.technologies.base import Record
from optimizer.technologies.compute.queue import Queue

PAIRS = 8
"""Steps of the brute force: 36 pairs of arrival and service step."""


def least_late(arrived: np.ndarray, most: np.ndarray, deadline: int) -> float:
    """Most work that can be done in time, by pairs: work of step s runs in steps s .. s + deadline; what is left is late."""
    pairs = [(s, r) for s in range(len(arrived)) for r in range(s, min(s + deadline, len(arrived) - 1) + 1)]
    due = arrived[: max(len(arrived) - deadline, 0)].sum()  # what is not due within the plan may be left
    gain = [1.0 if s + deadline <= len(arrived) - 1 else 0.0 for s, _ in pairs]
    rows = [[float(s == at) for s, _ in pairs] for at in range(len(arrived))]
    rows += [[float(r == at) for _, r in pairs] for at in range(len(arrived))]
    optimum = scipy.optimize.linprog(-np.array(gain), A_ub=rows, b_ub=[*arrived, *most], method="highs")
    return float(due + optimum.fun)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("deadline", [1, 2, 4])
def test_a_bound_on_the_backlog_is_as_good_as_pairing(seed: int, deadline: int) -> None:
    """No lateness in the plan exactly where pairs of arrival and service hour find a place for all work due.

    Random arrivals on a pool of 64 cards; a deadline one hour off in the bound makes one of the two say otherwise.
    """
    rng = np.random.default_rng(seed)
    arrived = (rng.integers(0, 140, PAIRS) * (rng.random(PAIRS) < 0.6)).astype(float)
    queue = Queue(pool="pool", arrival_cards=0.0, deadline_h=deadline, most_cards=64, late_price_per_card_h_h=500.0)
    plan = small(center(training=queue), PAIRS, series={("training", "arrival_cards"): arrived}).plan()
    late = plan.results["shortfall"].values[:, plan.results["promise_quantity"].values == "late_card_h"].sum()
    by_pairs = least_late(arrived, np.full(PAIRS, 64.0), deadline)
    assert (late > 1e-3) == (by_pairs > 1e-3)  # card-hours; backlogs are held to 1e-7 relative


def test_work_moves_to_the_cheap_hour_within_its_deadline() -> None:
    """100 card-hours of hour 0 run in the cheap hour 3 with a deadline of 3 h, and before it with a deadline of 2 h."""
    prices = [500.0, 500.0, 400.0, 10.0, 10.0, 10.0]
    arrivals = [100.0, 0, 0, 0, 0, 0]
    for deadline, hour in ((3, 3), (2, 2)):
        queue = Queue(pool="pool", arrival_cards=0.0, deadline_h=deadline, unfinished_price_per_card_h=5.0)
        series = {("training", "arrival_cards"): arrivals, ("tie", "import_price_per_mwh"): prices}
        ran = -flow_of(small(center(training=queue), 6, series=series).plan(), "training", "run")
        assert ran[hour] == approx(100.0)
        assert ran.sum() == approx(100.0)


def test_lateness_is_priced_by_the_hour() -> None:
    """200 card-hours due after an hour, 64 cards: 136, 72 and 8 are late at the ends of hours 1.. and pay 5 each hour."""
    queue = Queue(pool="pool", arrival_cards=0.0, deadline_h=1, most_cards=64, late_price_per_card_h_h=5.0)
    plan = small(center(training=queue), 5, series={("training", "arrival_cards"): [200.0, 0, 0, 0, 0]}).plan()
    # by the end of hour 0, 136 wait in time; of the end of hour 1, 72 are late; of hour 2, 8
    assert plan.bill_by_step["training: lateness penalty"].tolist() == approx([0, 72 * 5.0, 8 * 5.0, 0, 0], abs=1e-4)


def test_work_left_at_the_end_has_its_price() -> None:
    """50 card-hours that arrive in the last hour and cost less later than now are left, and billed at 0.1 each."""
    queue = Queue(pool="pool", arrival_cards=0.0, deadline_h=4, unfinished_price_per_card_h=0.1)
    site = small(center(training=queue), 2, series={("training", "arrival_cards"): [0.0, 50.0]})
    assert site.plan().bill_by_step["training: work left"].tolist() == approx([0.0, 5.0])


def test_opening_work_comes_due_in_equal_parts() -> None:
    """120 card-hours waiting at the start, deadline 4 h: 90, 60 and 30 may wait at the ends of the first hours."""
    queue = Queue(
        pool="pool", arrival_cards=0.0, deadline_h=4, opening_backlog_card_h=120.0, unfinished_price_per_card_h=9
    )
    prices = [904.0, 903.0, 902.0, 1.0]
    idle_free = pool(idle_kw_per_card=0.01)  # a block that is on costs nothing, so that nothing runs before it must
    plan = small(center(pool=idle_free, training=queue), 4, series={("tie", "import_price_per_mwh"): prices}).plan()
    assert -flow_of(plan, "training", "run") == approx([30.0] * 4)


def test_on_arrival_work_runs_as_there_is_room() -> None:
    """The baseline: 100 card-hours and 64 free cards give 64, then 36. Work that vanished would sum to less."""
    queue = Queue(pool="pool", arrival_cards=0.0, deadline_h=4)
    site = small(center(training=queue), 3, series={("training", "arrival_cards"): [100.0, 0, 0]})
    from optimizer.inputs.assemble import inputs_by_asset

    ran = queue.runs_on_arrival(inputs_by_asset(site.inputs)["site", "training", 0], np.full(3, 64.0))
    assert ran == approx([64.0, 36.0, 0.0])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"run": 5.0}, "does not follow from arrivals"),
        ({"late": 0.0}, "late and not said"),
        ({"run": -70.0}, "more cards than it may"),
    ],
)
def test_the_check_sees_what_is_wrong(change: dict[str, float], words: str) -> None:
    """Late work hidden, work from nowhere and too many cards are each found in plain numbers."""
    from optimizer.inputs.assemble import inputs_by_asset
    from optimizer.plan.results import records_of

    queue = Queue(pool="pool", arrival_cards=0.0, deadline_h=1, most_cards=64)
    site = small(center(training=queue), 4, series={("training", "arrival_cards"): [300.0, 0, 0, 0]})
    record: Record = records_of(site.plan().results)["site", "training", -1]
    for name, value in change.items():
        if name == "run":
            record.flow("run")[1] = -value if value > 0 else value
        else:
            record.shortfalls["late_card_h"][:] = value
    view = inputs_by_asset(site.inputs)["site", "training", 0]
    assert any(words in violation for violation in queue.check(record, view, {}))
