"""Rates of the utility rate database: a year's bill to the cent of a computation of our own, and nothing dropped in silence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from optimizer.cli import main
from optimizer.exchange.urdb import tariff_of_urdb
from optimizer.inputs.assemble import assemble_inputs, inputs_by_asset
from optimizer.quantities.calendar import Calendar
from optimizer.quantities.documents import DocumentError
from optimizer.quantities.tariff import Tariff
from optimizer.technologies.base import Record, Site
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.flows import Role
from tests.exchange.urdb_rates import GS3, LADWP
from tests.sites import NO_SKY

ZONE = "America/Los_Angeles"
A_CENT = 0.01
TIERED: dict[str, Any] = GS3 | {
    "name": "made up: tiers and memory",
    "energyratestructure": [
        [{"rate": 0.10, "max": 800_000}, {"rate": 0.08, "max": 900_000}, {"rate": 0.05}],
        [{"rate": 0.30, "max": 800_000}, {"rate": 0.28, "max": 900_000}, {"rate": 0.25}],
    ],
    "flatdemandstructure": [[{"rate": 9.0, "max": 2_000}, {"rate": 7.0}]],
    "flatdemandmonths": [0] * 12,
    "lookbackpercent": 0.85, "lookbackrange": 3,
    "demandreactivepowercharge": None,
}  # fmt: skip
"""Tiers of a month's energy and of demand, and a memory of three months."""


def tariff_of(rate: dict[str, Any], folder: Path) -> tuple[Tariff, tuple[str, ...]]:
    """The tariff file of a rate, read as a scenario reads it."""
    path = folder / "rate.json"
    path.write_text(json.dumps({"items": [rate]}), encoding="utf-8")
    text, notes = tariff_of_urdb(path)
    return Tariff.model_validate(YAML(typ="safe").load(text)), notes


def year_of_import(seed: int = 7) -> tuple[Calendar, np.ndarray]:
    """A year on the clock of Los Angeles, 0.4 to 2.6 MW."""
    calendar = Calendar.at_local_midnight("2025-01-01", 365, 1.0, ZONE)
    noise = np.random.default_rng(seed).uniform(-0.5, 0.5, calendar.count)
    return calendar, np.clip(1.4 + 0.7 * np.sin(calendar.hour / 24 * 2 * np.pi - 2) + noise, 0.4, 2.6)


def billed(tariff: Tariff, calendar: Calendar, import_mw: np.ndarray) -> float:
    """A year's bill by the tie's own account."""
    tie = Grid(tariff=tariff, import_limit_mw=5.0)
    site = {"here": Site(34.0, -118.0, 70.0, ZONE)}
    inputs = inputs_by_asset(assemble_inputs({("here", "tie"): tie}, site, calendar, {"here": [NO_SKY]}))[
        "here", "tie", 0
    ]
    flows = {
        ("electricity", "import", Role.IMPORT): import_mw, ("electricity", "overload", Role.OVERLOAD): np.zeros(calendar.count)
    }  # fmt: skip
    items = tie.bill(Record(flows, {}, {}, {}, {}), inputs, {})
    return float(sum(item.sum() for item in items.values()))


def own_bill(rate: dict[str, Any], calendar: Calendar, import_mw: np.ndarray) -> float:
    """The same from the rate's own arrays, hour by hour and month by month, in kWh and kW."""
    table = pd.DataFrame({"kw": import_mw * 1000, "month": calendar.month - 1, "hour": calendar.hour.astype(int)})
    table["free"] = calendar.weekday >= 5
    total, peaks = 0.0, list[float]()
    for month, rows in table.groupby("month"):
        grids = {kind: rate[f"{kind}weekdayschedule"][month] for kind in ("energy", "demand")}
        free = {kind: rate[f"{kind}weekendschedule"][month] for kind in ("energy", "demand")}
        of = {
            kind: np.array(
                [(free if off else grids)[kind][hour] for off, hour in zip(rows["free"], rows["hour"], strict=True)]
            )
            for kind in ("energy", "demand")
        }
        first = [tiers[0]["rate"] + tiers[0].get("adj", 0) for tiers in rate["energyratestructure"]]
        total += float((rows["kw"] * np.array(first)[of["energy"]]).sum())
        total += stepped(rate["energyratestructure"][0], rows["kw"].sum()) - first[0] * rows["kw"].sum()
        for period, tiers in enumerate(rate["demandratestructure"]):
            inside = rows["kw"].to_numpy()[of["demand"] == period]
            total += (tiers[0]["rate"] + tiers[0].get("adj", 0)) * (inside.max() if len(inside) else 0.0)
        peaks.append(float(rows["kw"].max()))
        if "flatdemandstructure" in rate:
            back = peaks[max(len(peaks) - 1 - rate.get("lookbackrange", 0), 0) : -1]
            due = max([peaks[-1], *(rate.get("lookbackpercent", 0.0) * earlier for earlier in back)])
            total += stepped(rate["flatdemandstructure"][rate["flatdemandmonths"][month]], due)
        total += rate["fixedchargefirstmeter"]
    return total


def stepped(tiers: list[dict[str, float]], amount: float) -> float:
    """Money for an amount whose parts have prices of their own."""
    money, low = 0.0, 0.0
    for tier in tiers:
        high = min(tier.get("max", np.inf), amount)
        money += (tier["rate"] + tier.get("adj", 0)) * max(high - low, 0.0)
        low = max(high, low)
    return money


@pytest.mark.parametrize("rate", [LADWP, GS3, TIERED], ids=lambda rate: rate["name"])
def test_a_year_is_billed_to_the_cent(rate: dict[str, Any], tmp_path: Path) -> None:
    """Six energy periods, flat and three timed demand charges (LADWP); two and two (Virginia); tiers and a memory (made up)."""
    calendar, import_mw = year_of_import()
    if rate is TIERED:
        import_mw = import_mw * np.where(calendar.month == 3, 1.0, 0.6)  # March is remembered until June
    tariff, _ = tariff_of(rate, tmp_path)
    assert billed(tariff, calendar, import_mw) == pytest.approx(own_bill(rate, calendar, import_mw), abs=A_CENT)


def test_the_bill_of_a_flat_load_by_hand(tmp_path: Path) -> None:
    """1 MW through February 2025 at LADWP (672 h, 20 working days): energy 98,829.00, demand 8,851 + 4,300, fixed 75.

    Winter: 20 · (14 h at 0.14297, 10 h at 0.15963) + 8 · 24 h at 0.14297, in kWh: 40,031.60 + 31,926.00 + 27,450.24.
    """
    tariff, _ = tariff_of(LADWP, tmp_path)
    calendar = Calendar.at_local_midnight("2025-02-01", 28, 1.0, ZONE)
    energy = 40_031.60 + 31_926.00 + 27_450.24
    assert billed(tariff, calendar, np.ones(672)) == pytest.approx(energy + 8_851 + 4_300 + 75, abs=A_CENT)


def test_what_is_left_out_is_named(tmp_path: Path) -> None:
    """Reactive power, net metering, a least bill, a field nobody knows: four notes, and one on holidays."""
    _, notes = tariff_of(GS3 | {"dgrules": "Net Metering", "mincharge": 500, "moonphase": "full"}, tmp_path)
    for key in ("demandreactivepowercharge", "dgrules", "mincharge", "moonphase", "holidays"):
        assert sum(key in note for note in notes) == 1, key


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"flatdemandunit": "kVA", "flatdemandstructure": [[{"rate": 1}]]}, "only kW are known"),
        ({"energyratestructure": [[{"rate": 0.1, "unit": "kWh/kW"}], [{"rate": 0.2}]]}, "only kWh of a month"),
        ({"energyratestructure": [[{"rate": 0.1, "max": 9}, {"rate": 0.2}], [{"rate": 0.2}]]}, "tiers of their own"),
        ({"energyratestructure": [[{"rate": 0.1}]]}, "names period 1"),
        ({"energyweekdayschedule": [[0] * 23] * 12}, "twelve rows of 24"),
        ({"fixedchargeunits": "$/moon"}, "is not known"),
        ({"demandratchetpercentage": [0.5] * 6 + [0.6] * 6, "flatdemandstructure": [[{"rate": 1}]]}, "differs by month"),
    ],
)  # fmt: skip
def test_what_would_change_the_bill_is_refused(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    """Each with file, field and what to do."""
    with pytest.raises(DocumentError, match=said) as caught:
        tariff_of(GS3 | change, tmp_path)
    assert "rate.json" in caught.value.problems[0]


def test_the_command_writes_a_tariff_or_nothing(tmp_path: Path) -> None:
    """A sound rate gives tariff.yaml and notes; text that is no JSON exit code 2 and no folder."""
    (tmp_path / "rate.json").write_text(json.dumps(LADWP), encoding="utf-8")
    (tmp_path / "torn.json").write_text('{"items": [', encoding="utf-8")
    done = CliRunner().invoke(
        main, ["import", str(tmp_path / "rate.json"), "--from", "urdb", "--out", str(tmp_path / "tariff")]
    )
    assert done.exit_code == 0, done.output
    assert {path.name for path in (tmp_path / "tariff").iterdir()} >= {"tariff.yaml", "notes.txt"}
    torn = CliRunner().invoke(
        main, ["import", str(tmp_path / "torn.json"), "--from", "urdb", "--out", str(tmp_path / "none")]
    )
    assert (torn.exit_code, (tmp_path / "none").exists()) == (2, False)
