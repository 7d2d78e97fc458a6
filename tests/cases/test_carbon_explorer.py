"""Carbon Explorer (ASPLOS'23): coverage, a load that moves within the day, and sizes of least carbon."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from carbon_explorer import flexible_cell, joint_sizing, load_mw, uncovered
from energy_cases import energy, planned, read_json, sizes

SharedFile = Callable[[str], Path]


@pytest.fixture
def case(shared_file: SharedFile) -> Path:
    """The case's folder."""
    return shared_file("data/cases/carbon_explorer")


@pytest.mark.parametrize(
    ("site", "fuel", "power_mw", "percent"), [("OR", "WND", 500, 74.0192), ("NC", "SUN", 410, 50.4290)]
)
def test_coverage(site: str, fuel: str, power_mw: float, percent: float, case: Path, tmp_path: Path) -> None:
    """500 MW of wind cover 74.0192 % of the load in Oregon, 410 MW of sun 50.4290 % in North Carolina."""
    plan = planned(uncovered(case, site, fuel, power_mw, tmp_path), tmp_path)
    share = 1 - energy(plan, "tie", "import") / float(load_mw(case, site).sum())
    assert 100 * share == pytest.approx(percent, abs=1e-3)


def test_flexible_load_cells(case: Path, tmp_path: Path) -> None:
    """40 cells of extra capacity (0, 30, 60, 100 %) and flexible share (10 to 100 %), each an equality with the greedy sweep.

    Energy kept over the whole plan instead of each day, or a share of the peak instead of each hour, would raise them.
    """
    expected = np.array(read_json(case / "expected.json")["reference_lp"]["cas_coverage_pct_LP_equals_greedy"])
    total = float(load_mw(case, "OR", "2021-05-10").iloc[:120].sum())
    assert expected.shape == (11, 10)
    rows = [0, 3, 6, 10]
    found = np.zeros((4, 10))
    for number, column in np.ndindex(found.shape):
        plan = planned(flexible_cell(case, rows[number] / 10, (column + 1) / 10, tmp_path), tmp_path)
        found[number, column] = 100 * (1 - plan.cost / total)
    assert found == pytest.approx(expected[rows], abs=1e-4)  # four decimals are given


PUBLISHED = "cell40_optimum_kt_per_MW_10y"
CASES = [
    ("OR", {}, "OR:ren", "ren"),
    ("OR", {"battery_mwh": 1e5}, "OR:ren+bat", "ren_bat"),
    ("OR", {"share": 0.4}, "OR:ren+cas40", "ren_cas"),
    ("OR", {"battery_mwh": 1e5, "share": 0.4}, "OR:ren+bat+cas40", "ren_bat_cas"),
    ("NC", {}, "NC:ren", "ren"),
    ("NC", {"battery_mwh": 1e5}, "NC:ren+bat", "ren_bat"),
    ("NC", {"share": 0.4}, "NC:ren+cas40", "ren_cas"),
    ("NC", {"battery_mwh": 1e5, "share": 0.4}, "NC:ren+bat+cas40", "ren_bat_cas"),
]


@pytest.mark.parametrize(("site", "options", "reference", "published"), CASES)
def test_joint_sizing(
    site: str, options: dict[str, Any], reference: str, published: str, case: Path, tmp_path: Path
) -> None:
    """Sizes chosen together reach the reference optimum, never more carbon than the published sweep (1.84 to 8.62)."""
    known = read_json(case / "expected.json")
    optimum = known["reference_lp"]["lp_joint_sizing_unbounded"][reference]
    total = kilotonnes_per_mw(case, site, tmp_path, **options)
    assert total == pytest.approx(optimum["total_kt_per_MW"], rel=1e-4)
    assert total <= known["published"][PUBLISHED][site][published]["total"] + 0.005  # published to two decimals


def test_joint_sizing_with_a_limited_battery(case: Path, tmp_path: Path) -> None:
    """North Carolina with at most 900 MWh: 7.7986 kt/MW, against the published sweep's 8.62."""
    assert kilotonnes_per_mw(case, "NC", tmp_path, battery_mwh=900, share=0.4) == pytest.approx(7.7986, abs=1e-3)


def test_joint_sizing_on_the_published_grid(case: Path, tmp_path: Path) -> None:
    """On the paper's own points (45 MW of sun, 100 MWh, 10 % of servers) 7.9861 kt/MW against 8.61: 180 MW, 700 MWh."""
    steps = {"sun": 45.0, "battery": 100.0, "extra": 0.1}
    data = joint_sizing(case, "NC", tmp_path, battery_mwh=900, share=0.4, steps=steps)
    plan = planned(data, tmp_path)
    assert plan.cost / 1e3 / float(load_mw(case, "NC").mean()) == pytest.approx(7.9861, abs=1e-3)
    found = sizes(plan)
    assert (found["sun"], found["battery energy_mwh"]) == pytest.approx((180.0, 700.0))


def kilotonnes_per_mw(case: Path, site: str, folder: Path, **options: Any) -> float:
    """Least carbon over ten years by MW of mean load."""
    plan = planned(joint_sizing(case, site, folder, **options), folder)
    return plan.cost / 1e3 / float(load_mw(case, site).mean())
