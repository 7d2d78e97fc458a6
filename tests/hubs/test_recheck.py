"""Tampering with what a run of several sites or parties tells beyond its plan: found with digests made anew."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from optimizer.cli import main
from optimizer.commands.verify import faults_of
from optimizer.files.mark import sealed, write_mark
from tests.nightly.random_nights import BASE
from tests.sharing.test_station import market

SITES = {
    "name": "two",
    "horizon": {"start": "2025-06-02", "days": 0.25},
    "hosts": {"near": "pool", "far": "pool"},
    "links": {"line": {"between": ["near", "far"], "round_trip_ms": 5, "bandwidth_gbit_per_s": 100}},
    "classes": {"training": {"work": {"near": ["training"], "far": ["training"]}}},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of six hours of two sites, the far one with cheap power, and one of two parties with a shared station."""
    root = tmp_path_factory.mktemp("tables")
    site = {key: value for key, value in BASE.items() if key not in ("name", "horizon", "storage")}
    far = site | {"grid": {"tie": {"tariff": {"energy_price_per_mwh": 10}, "import_limit_mw": 2}}}
    sites = {"near": site | {"name": "near"}, "far": far | {"name": "far"}}
    for name, data in (("moved", SITES | {"sites": sites}), ("shared", market(root))):
        (root / f"{name}.yaml").write_text(json.dumps(data))
        said = CliRunner().invoke(
            main, ["run", str(root / f"{name}.yaml"), "--out", str(root / name), "--workers", "1"]
        )
        assert said.exit_code == 0, said.output + said.stderr
        assert faults_of(root / name) == []
    return root


def table(name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], None]:
    """A table of the run changed."""
    return lambda folder: change(pd.read_csv(folder / name)).to_csv(folder / name, index=False)


def scaled(column: str, factor: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """A figure of the first row times a factor."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame[column] = frame[column].astype(float)
        frame.loc[0, column] *= factor
        return frame

    return change


def more_saved(folder: Path) -> None:
    summary = json.loads((folder / "summary.json").read_text())
    summary["moves"]["saving"] += 100
    (folder / "summary.json").write_text(json.dumps(summary))


def from_one_to_the_other(frame: pd.DataFrame) -> pd.DataFrame:
    """A thousand paid by the other party: the sum stays."""
    frame.loc[0, "shapley"] += 1000
    frame.loc[1, "shapley"] -= 1000
    return frame


DAMAGE = {
    "cards moved": ("moved", table("moves.csv", scaled("cards", 2))),
    "a move left out": ("moved", table("moves.csv", lambda frame: frame.iloc[1:])),
    "a total": ("moved", table("move_totals.csv", scaled("card_hours", 0.5))),
    "what moving saves": ("moved", more_saved),
    "a party's payment": ("shared", table("parties.csv", from_one_to_the_other)),
    "a sum of payments": ("shared", table("parties.csv", scaled("usage", 0.9))),
    "a coalition's cost": ("shared", table("coalitions.csv", scaled("cost", 1.1))),
    "a coalition left out": ("shared", table("coalitions.csv", lambda frame: frame.iloc[1:])),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_tables_follow_from_the_results(name: str, made: Path, tmp_path: Path) -> None:
    """The mark is made anew after the damage, so that no digest shows it."""
    run, damage = DAMAGE[name]
    folder = shutil.copytree(made / run, tmp_path / "run")
    damage(folder)
    write_mark(folder, sealed(folder, "run"))
    assert faults_of(folder) != []
