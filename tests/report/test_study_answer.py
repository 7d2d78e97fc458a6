"""Answer of a study: sizes by design and assumption, money of years and of hours apart, the chosen design first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optimizer.report.study_answer import Choice, study_opening


@pytest.fixture
def runs() -> pd.DataFrame:
    """A baseline and a battery at two prices in two weathers: at the high price the battery loses, and is half as large."""
    rows = [
        {
            "id": f"{case}-{price}-{year}", "part": "grid", "case": case, "weather": year, "factor.price": price, "hours": 168.0,
            "cost": 1000.0 - 400 * (case == "battery") + price / 1000, "size.store.energy_mwh": size + (year == "2024") * (size > 0),
            "investment": 1e5 * size, "running_cost": 52e3 - 2e4 * (case == "battery"),
            "net_present_value": np.nan if case == "without" else gain, "payback_years": np.nan if case == "without" else 4.0,
        }
        for price, size_of, gain in ((8000.0, 4.0, 5e4), (30000.0, 2.0, -3e4))
        for case, size in (("without", 0.0), ("battery", size_of)) for year in ("2023", "2024")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_the_answer_names_design_size_and_gain(runs):
    """The chosen run's size 4 MWh, its gain of 50,000 and payback of 4 years; the battery is best at one price of two."""
    opening = study_opening(runs, Choice("battery-8000.0-2023", "the cheapest", "without"), "CNY")
    for text in (
        "“battery · price 8,000”",
        "energy 4 MWh",
        "gain a present value of CNY 50,000 against “without”",
        "best in 1 of 2",
    ):
        assert text in opening.sentence, text
    assert len(opening.cards) == 5
    assert ("Paid back in", "4.0 years") in [(card.label, card.value) for card in opening.cards]


def test_money_of_hours_and_of_years_never_share_a_table(runs):
    """With years' money the bill of the 168 h is left out; without it the bill stands alone, and says its hours."""
    choice = Choice("battery-8000.0-2023", "the cheapest", "without")
    _, table = study_opening(runs, choice, "CNY").tables[0]
    assert "running cost a year [CNY]" in table.columns
    assert not [name for name in table.columns if "run's hours" in name]
    assert [row[2] for row in table.rows if row[0] == "battery"] == ["4.5 (4 to 5)", "2.5 (2 to 3)"]
    bare = runs.drop(columns=["investment", "running_cost", "net_present_value", "payback_years"])
    opening = study_opening(bare, choice, "CNY")
    assert [name for name in opening.tables[0][1].columns if "[CNY]" in name] == ["cost of the run's hours [CNY]"]
    assert "in 168 h" in opening.sentence
