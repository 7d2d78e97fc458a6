"""Sentence and cards of a run's first screen: earnings, penalties apart from money, what broke."""

from __future__ import annotations

import numpy as np
import pandas as pd
from made_up_results import made_up_results, made_up_summary

from optimizer.language import summary_names
from optimizer.plan.costs import PENALTIES, penalties_in
from optimizer.report.curtailment import curtailed_mw
from optimizer.report.energy import energy_stack
from optimizer.report.glance import at_a_glance
from optimizer.report.opening import Penalties, answer, opening_cards

PRICES = {"costs": {"total": 90.0, "per_it_kwh": {"total": 0.5}, "per_card_hour": {"total": 0.2}}}
LADDER = {"ladder": {"rungs": [
    {"rung": "no_store", "name": "no store, no plan", "total": 1000.0}, {"rung": "plan", "name": "the plan", "total": 90.0},
]}}  # fmt: skip


def test_the_sentence_answers_in_the_order_of_the_questions():
    """Cost of a kWh and a card-hour, the saving and its rung, the green share, the promises."""
    text = answer(made_up_summary(shortfalls={}, **PRICES, **LADDER), Penalties())
    wanted = (
        "a kWh of IT costs CNY 0.5",
        "card-hour CNY 0.2",
        "91.0 % saved against “no store, no plan”",
        "71.0 %",
        "every promise is kept",
    )
    places = [text.lower().index(part.lower()) for part in wanted]
    assert places == sorted(places)


def test_penalties_are_no_money():
    """A baseline of 1,000, of which 880 are penalties: 25 % of money is saved and 880 of penalties; in one sum it would read 91 %."""
    text = answer(made_up_summary(shortfalls={"a > late_card_h": 3.0}, **PRICES, **LADDER), Penalties(0.0, 880.0))
    assert "25.0 % saved in money and CNY 880 fewer penalties" in text
    assert "91" not in text
    assert "one promise is broken: a: late 3 card-h" in text


def test_income_is_called_so():
    """Below zero a kWh earns; no minus sign stands before a price."""
    earning = {"costs": {"total": -90.0, "per_it_kwh": {"total": -0.5}, "per_card_hour": {"total": -0.2}}}
    summary = made_up_summary(**earning)
    assert "earns CNY 0.500 a kWh of IT" in answer(summary, Penalties())
    cards = opening_cards(summary, Penalties())
    assert (cards[0].label, cards[0].value) == ("Earned a kWh of IT", "CNY 0.500")
    assert len(cards) == 5


def test_every_named_penalty_of_a_bill_counts():
    """All names of bill items with the word, as pages translate them, end as `penalties_in` expects; energy does not."""
    named = [name for name in summary_names.NAMES if "penalty" in name]
    assert len(named) > 8
    assert all(name.endswith(PENALTIES) for name in named)
    bill = pd.DataFrame({"a: overload penalty": [3.0, 4.0], "a: energy": [10.0, 10.0], "b: work not done": [1.0, 0.0]})
    assert penalties_in(bill) == 8.0


def test_curtailment_is_drawn_in_the_hours_and_at_a_glance():
    """A meter of 20 MWh available in each hour: what is drawn is 20 less the generation, in both figures."""
    results = made_up_results(days=2)
    meters = results["metered"].copy(deep=True)
    labels = dict(zip(meters.dims, meters.shape, strict=True))
    assert labels["time"] == 48
    name = next(str(key) for key in meters.coords if str(key).endswith("quantity"))
    quantities = meters.coords[name].values.astype(object)
    quantities[0] = "green_available_mwh"
    meters.values[:, 0] = 20.0
    results = results.assign(metered=meters).assign_coords({name: (meters.dims[1], quantities)})
    unused = curtailed_mw(results)
    assert unused.min() > 0
    for figure in (energy_stack(results), at_a_glance(results)):
        drawn = next(trace for trace in figure.data if trace.name == "curtailed")
        np.testing.assert_allclose(np.asarray(drawn.y, dtype=float)[:-1], unused, atol=1e-4)
