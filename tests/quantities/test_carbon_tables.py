"""The grid emission factors that ship: units, confidence marks, and one factor for a region and year."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest


def factors(project: Path) -> pd.DataFrame:
    return pd.read_csv(project / "scenarios" / "carbon" / "grid_factors.csv", comment="#")


def test_one_factor_for_each_region_and_year(project):
    """A second row for the same region and year would make the account depend on the row order."""
    table = factors(project)
    assert list(table.columns) == ["region", "year", "carbon_t_per_mwh", "confidence", "source"]
    assert not table.duplicated(["region", "year"]).any()
    assert not table.isna().any().any()


def test_factors_are_tonnes_per_mwh(project):
    """kg/MWh would be a thousand times larger; coal alone is about 0.8-1.0 t/MWh, hydropower provinces above 0.1."""
    assert factors(project)["carbon_t_per_mwh"].between(0.1, 0.9).all()


@pytest.mark.parametrize(("region", "factor"), [
    ("qinghai", 0.1796), ("yunnan", 0.1333), ("gansu", 0.4471), ("inner_mongolia", 0.6479), ("china", 0.5306),
])  # fmt: skip
def test_published_2023_factors(project, region, factor):
    """The default year as the notice No. 47/2025 prints it; 2022 of Qinghai is .1567, so a mixed-up year shows."""
    table = factors(project).set_index(["region", "year"])
    assert table.loc[(region, 2023), "carbon_t_per_mwh"] == factor
    assert table.loc[(region, 2023), "confidence"] == "official"


def test_confidence_is_one_of_three_and_unseen_numbers_are_assumptions(project):
    """The national 2021 figure was not seen in print; printed as official it would claim a source it has not."""
    table = factors(project)
    assert set(table["confidence"]) <= {"official", "secondary", "assumption"}
    assert table.loc[table["year"] == 2021, "confidence"].tolist() == ["assumption"]
