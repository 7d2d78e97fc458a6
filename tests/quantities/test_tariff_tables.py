"""The shipped tariffs: complete in every hour, true to the published ratios, and no money for nothing."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean

import pytest
from ruamel.yaml import YAML

KEYS = {
    "name", "document", "currency", "energy_price_per_mwh", "line_loss", "line_loss_floats", "line_loss_grossed_up",
    "transmission_price_per_mwh", "system_fee_per_mwh", "funds_per_mwh", "demand_price_per_mw_month",
    "capacity_price_per_mva_month",
    "minimum_demand_share", "export_price_per_mwh", "periods",
}  # fmt: skip
WINDY, CALM, ALL_YEAR = (1, 2, 3, 4, 5, 9, 10, 11, 12), (6, 7, 8), tuple(range(1, 13))
PUBLISHED_SHIFTS = [
    ("qinghai", ALL_YEAR, {"peak": 0.63, "flat": 0.0, "valley": -0.65}),
    ("gansu", ALL_YEAR, {"peak": 0.50, "flat": 0.0, "valley": -0.50}),
    ("inner_mongolia_west", WINDY, {"peak": 0.68, "flat": 0.0, "valley": -0.52}),
    ("inner_mongolia_west", CALM, {"peak": 0.54, "flat": 0.0, "valley": -0.56,
                                   "super_peak": 1.54 * 1.2 - 1, "deep_valley": 0.44 * 0.8 - 1}),
    ("yunnan", ALL_YEAR, {"peak": 0.50, "flat": 0.0, "valley": -0.50}),
]  # fmt: skip
BANDS_PER_MWH = {"qinghai": (380, 450), "gansu": (420, 500), "inner_mongolia_west": (350, 420), "yunnan": (400, 480)}
TARIFFS = sorted(BANDS_PER_MWH)


def tariff(project: Path, name: str) -> dict:
    return YAML(typ="safe").load(project / "scenarios" / "tariffs" / f"{name}.yaml")


def bands_by_hour(periods: list[dict], month: int) -> list[list[str]]:
    """For each of the 24 local hours of a month the bands that claim it."""
    return [
        [
            period["band"]
            for period in periods
            if month in period["months"] and any(start <= hour < end for start, end in period["hours"])
        ]
        for hour in range(24)
    ]


def energy_prices(table: dict) -> list[float]:
    """Energy price of the months."""
    price = table["energy_price_per_mwh"]
    return price["monthly"] if isinstance(price, dict) else [price] * 12


def import_prices(table: dict, of_months=fmean) -> list[float]:
    """What one imported MWh costs in each band, without the demand charge, in the mean month or the one `of_months` picks."""
    energy, loss = of_months(energy_prices(table)), table["line_loss"]
    fixed = table["transmission_price_per_mwh"] + table["system_fee_per_mwh"] + table["funds_per_mwh"]
    factors = [period["factor"] for period in table["periods"]]
    return [energy * (f + loss / (1 - loss) * (f if table["line_loss_floats"] else 1)) + fixed for f in factors]


def test_yunnan_is_cheap_in_the_wet_season(project):
    """June to October below the mean of 219 and within the market's 170-200, December to April within 240-280 CNY/MWh."""
    prices = energy_prices(tariff(project, "yunnan"))
    assert fmean(prices) == pytest.approx(219.0)
    assert all(170 <= price <= 200 for price in prices[5:10])
    assert all(240 <= price <= 280 for price in [*prices[:4], prices[11]])


def test_each_shipped_tariff_is_tested(project):
    """A new file without a row in this module's tables would be shipped unseen."""
    assert sorted(path.stem for path in (project / "scenarios" / "tariffs").glob("*.yaml")) == TARIFFS


@pytest.mark.parametrize("name", TARIFFS)
def test_tariff_has_exactly_the_known_keys(project, name):
    """A misspelt or missing key would be seen by a user only when the scenario is read."""
    assert set(tariff(project, name)) == KEYS


@pytest.mark.parametrize("name", TARIFFS)
@pytest.mark.parametrize("month", ALL_YEAR)
def test_every_hour_has_one_band(project, name, month):
    """288 month-hours, each claimed once: [17, 23] read as inclusive would claim hour 23 twice, a gap leaves none."""
    claims = bands_by_hour(tariff(project, name)["periods"], month)
    assert {hour: bands for hour, bands in enumerate(claims) if len(bands) != 1} == {}


@pytest.mark.parametrize(("name", "months", "shifts"), PUBLISHED_SHIFTS)
def test_factors_are_the_published_shifts(project, name, months, shifts):
    """Qinghai: peak +63 %, valley -65 % on the energy price; Inner Mongolia's super peak is its peak x 1.2."""
    periods = [p for p in tariff(project, name)["periods"] if set(p["months"]) & set(months)]
    assert all(set(p["months"]) == set(months) for p in periods)
    assert {p["band"]: p["factor"] - 1 for p in periods} == pytest.approx(shifts, abs=1e-9)  # rounding only


@pytest.mark.parametrize(("name", "hour", "band"), [
    ("qinghai", 12, "valley"), ("qinghai", 22, "peak"), ("qinghai", 23, "flat"), ("gansu", 9, "flat"),
    ("gansu", 20, "peak"), ("inner_mongolia_west", 14, "deep_valley"), ("inner_mongolia_west", 20, "super_peak"),
    ("yunnan", 23, "peak"), ("yunnan", 3, "valley"),
])  # fmt: skip
def test_hours_are_local_and_published(project, name, hour, band):
    """Read as UTC the Qinghai midday valley would fall on 1-9 h local; July stands for the calm season."""
    assert bands_by_hour(tariff(project, name)["periods"], 7)[hour] == [band]


@pytest.mark.parametrize("name", TARIFFS)
def test_all_in_price_lies_in_the_usual_band(project, name):
    """Flat price plus demand charge at 70 % load is what such users pay; Qinghai 415 of 380-450 CNY/MWh.
    A price per kWh in one line, or a loss in percent, would miss by a factor."""
    table = tariff(project, name)
    flat = next(p for p, period in zip(import_prices(table), table["periods"], strict=True) if period["band"] == "flat")
    low, high = BANDS_PER_MWH[name]
    assert low < flat + table["demand_price_per_mw_month"] / (0.7 * 730) < high


@pytest.mark.parametrize("name", TARIFFS)
def test_no_money_for_importing_and_exporting_at_once(project, name):
    """The export price stays below the cheapest import: at the coal benchmark (324.7 in Qinghai) a plan could buy in
    the valley at 201 and sell the same MWh at once."""
    table = tariff(project, name)
    assert 0 < table["export_price_per_mwh"] < min(import_prices(table, min))
    lowest = min(period["factor"] for period in table["periods"])
    assert table["export_price_per_mwh"] == pytest.approx(lowest * fmean(energy_prices(table)), abs=0.06)  # one digit


@pytest.mark.parametrize("name", TARIFFS)
def test_every_figure_names_its_source_or_says_assumption(project, name):
    """A figure without a comment cannot be checked by a reader."""
    lines = (project / "scenarios" / "tariffs" / f"{name}.yaml").read_text().splitlines()
    marks = ("official", "secondary", "assumption")
    figures = [line for line in lines if "_" in line.split(":")[0] and not line.startswith((" ", "#"))]
    assert [line for line in figures if not any(mark in line.partition("#")[2] for mark in marks)] == []
    assert len(figures) == 11
