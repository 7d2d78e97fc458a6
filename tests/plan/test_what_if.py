"""What if: the duals' estimate and its proven limits, against plans made anew."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from optimizer.cli import main
from optimizer.plan.optimize import calendar_for, optimize
from optimizer.plan.what_if import base_of, what_if
from optimizer.quantities.documents import DocumentError
from optimizer.runs.folder import write_run
from optimizer.scenario.file import load_scenario, load_site
from tests.plan.test_sensitivity import SITE

WHOLE = SITE.replace(
    "horizon: {start: 2025-06-02, days: 1}", "horizon: {start: 2025-06-02, days: 1}\nplanning: {gap: 1.0e-9}"
)
PATHS = (
    "solar.field.peak_power_mw", "storage.box.energy_mwh", "storage.box.wear_cost_per_mwh", "grid.tie.import_limit_mw",
    "grid.tie.tariff.energy_price_per_mwh",
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whatif") / "site.yaml"
    path.write_text(WHOLE, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("share", ["+10%", "-10%", "+60%"])
def test_the_cost_of_a_plan_made_anew_lies_between_the_limits(site: Path, path: str, share: str) -> None:
    """However far the value moves; 1e-6 of the cost is what HiGHS leaves open. The day's cost is near 15,000."""
    scenario = load_scenario(site)
    base = base_of(scenario.model_dump(mode="json"), site.parent, calendar_for(scenario))
    change = what_if(base, path, share, solved=True)
    assert change.solved is not None
    room = 1e-6 * abs(base.plan.cost)
    assert change.at_least - room <= change.solved <= change.at_most + room
    assert change.at_least - room <= change.estimate
    assert change.at_least > -0.5 * abs(base.plan.cost)


def test_a_dearer_price_is_bounded_on_both_sides(site: Path) -> None:
    """The plan can be kept at the new price, so that is the most; 10 % less sun would leave it short, so nothing is known there."""
    scenario = load_scenario(site)
    base = base_of(scenario.model_dump(mode="json"), site.parent, calendar_for(scenario))
    dearer = what_if(base, "grid.tie.tariff.energy_price_per_mwh", "+10%")
    assert math.isfinite(dearer.at_most)
    assert 0.8 * dearer.estimate < dearer.at_least <= dearer.at_most  # with the duals as they are it would be 0
    assert math.isinf(what_if(base, "solar.field.peak_power_mw", "-10%").at_most)
    assert what_if(base, "grid.tie.tariff.energy_price_per_mwh", "500").after == 500


def test_a_path_that_leads_nowhere_and_a_value_that_cannot_grow(site: Path) -> None:
    """Each with what is known there."""
    scenario = load_scenario(site)
    base = base_of(scenario.model_dump(mode="json"), site.parent, calendar_for(scenario))
    with pytest.raises(DocumentError, match="'bix' is not in the scenario; known here: box"):
        what_if(base, "storage.bix.energy_mwh", "+10%")
    with pytest.raises(DocumentError, match="no number that could grow"):
        what_if(base, "site.timezone", "+10%")


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["whatif", *map(str, arguments)])


def test_the_command_takes_a_run_or_its_scenario(site: Path) -> None:
    """The same figures from both, and nothing written; a change without a value is refused."""
    run = write_run(site.parent / "run", optimize(load_site(site), workers=1))
    before = set(run.iterdir())
    change = "grid.tie.tariff.energy_price_per_mwh=+10%"
    told = [json.loads(call(target, change, "--json").output) for target in (run, site)]
    assert told[0]["changes"] == [{**told[1]["changes"][0], "estimate": pytest.approx(told[1]["changes"][0]["estimate"]),
                                   "at_least": pytest.approx(told[1]["changes"][0]["at_least"]),
                                   "at_most": pytest.approx(told[1]["changes"][0]["at_most"])}]  # fmt: skip
    assert set(run.iterdir()) == before
    shown = call(site, change, "jobs=1", "--solve")
    assert shown.exit_code == 2
    assert call(site, "grid.tie").exit_code == 2
    assert "planned anew: +" in call(site, change, "--solve").output
