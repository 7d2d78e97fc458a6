"""Made-up runs, and pages written from them, shared by the tests of the report."""

from __future__ import annotations

from pathlib import Path

import pytest
import xarray as xr
from made_up_results import made_up_bill, made_up_results, made_up_summary

from optimizer.report.page import write_report


@pytest.fixture(scope="session")
def plan() -> xr.Dataset:
    return made_up_results()


@pytest.fixture(scope="session")
def baseline() -> xr.Dataset:
    """The same year with nothing planned."""
    return made_up_results(planned=False)


@pytest.fixture(scope="session")
def year_page(plan: xr.Dataset, baseline: xr.Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("year") / "report.html"
    write_report(path, plan, baseline, made_up_bill(plan), made_up_bill(baseline), made_up_summary())
    return path


@pytest.fixture(scope="session")
def two_days_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """48 h, no baseline, no bill, measured weather."""
    path = tmp_path_factory.mktemp("days") / "report.html"
    results = made_up_results(days=2, synthetic=False)
    write_report(path, results, None, None, None, made_up_summary(baseline_cost=None, saving=None, repairs=[]))
    return path
