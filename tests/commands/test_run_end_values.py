"""End values of a year's run for a shorter one, from its file or its folder."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from optimizer.commands.run import valued
from optimizer.scenario.single_site import Scenario

DOCUMENT = {
    "name": "a",
    "site": {"latitude": 36.0, "longitude": 95.0, "elevation_m": 2000},
    "grid": {"tie": {"tariff": {"energy_price_per_mwh": 400.0}, "import_limit_mw": 1.0}},
    "storage": {"battery": {"power_mw": 1.0, "energy_mwh": 2.0, "end_value_per_mwh": 250.0}},
}


def test_a_store_is_worth_at_the_end_what_the_year_says_of_that_hour(tmp_path: Path) -> None:
    """A week from 1 June ends on 8 June at 0 h: June's value of that hour, 100, in place of the scenario's 250."""
    scenario = Scenario.model_validate(DOCUMENT)
    stocks = {f"{scenario.site.name} battery energy_mwh": {"6": [100.0 + hour for hour in range(24)]}}
    file = tmp_path / "end_values.json"
    file.write_text(json.dumps({"scenario": "a", "stocks": stocks, "monthly": {}}), encoding="utf-8")
    for path in (file, tmp_path):
        changed = valued(scenario, path, "2025-06-01", 7)
        assert isinstance(changed, Scenario)
        assert changed.storage["battery"].end_value_per_mwh == pytest.approx(100.0)
    assert valued(scenario, file, "2025-07-01", 7).storage["battery"].end_value_per_mwh == pytest.approx(250.0)  # type: ignore[union-attr]


def test_hubs_have_no_end_values_of_one_site(tmp_path: Path) -> None:
    """Refused with what to do."""
    from optimizer.scenario.hubs import Hubs

    with pytest.raises(click.UsageError, match="one site"):
        valued(Hubs.model_construct(), tmp_path, None, None)
