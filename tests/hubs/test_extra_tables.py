"""What a run of several parties tells beyond its plan: tables, notes, figures for the report, and a cache for the next
run.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from optimizer.hubs.extra_tables import with_companions
from optimizer.plan.outcome import Outcome
from optimizer.report.together import together
from tests.sharing.test_station import market, planned


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A planned market with its companions."""
    scenario, _, plan = planned(market(tmp_path_factory.mktemp("market")))
    return with_companions(Outcome(scenario, plan, plan, {"currency": "CNY"}), workers=1)


def test_tables_and_figures_tell_the_same(outcome: Outcome):
    """Two parties save 12,500; the summary, the tables and the lines for the terminal say so, and nobody would leave."""
    assert outcome.summary["sharing"]["saving"] == pytest.approx(12_500, abs=1e-3)
    assert set(outcome.tables) == {"parties", "party_statement", "coalitions", "lease_values"}
    assert outcome.tables["parties"]["shapley"].sum() == pytest.approx(outcome.plan.cost, abs=1e-6)
    assert "saves 12,500" in outcome.summary["notes"][0]
    assert "shapley: nobody would leave" in outcome.summary["notes"]


def test_the_report_shows_the_parties(outcome: Outcome):
    """One part with one figure: six bars a party, of which the first is its cost alone."""
    ((title, lead, tabs),) = together(outcome.summary, "CNY")
    figure = tabs[0][1][0]
    assert title == "The parties"
    assert "Under none of the rules" in lead
    assert len(figure.data) == 6
    assert list(figure.data[0].y) == pytest.approx([-2400.0, 16_700.0])


def test_the_last_run_is_the_cache(outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """With the coalitions of the last run in its folder nothing is planned again."""
    outcome.tables["coalitions"].to_csv(tmp_path / "coalitions.csv", index=False)
    monkeypatch.setattr("optimizer.sharing.settlement.cost_of", lambda *_: pytest.fail("planned again"))
    plain = Outcome(outcome.scenario, outcome.plan, outcome.baseline, {"currency": "CNY"})
    again = with_companions(plain, workers=1, last_run=tmp_path)
    pd.testing.assert_frame_equal(again.tables["parties"], outcome.tables["parties"])
