"""Tampering with a whole study: found in its table, in its runs, and where a run is gone, with digests made anew."""

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
from optimizer.files.mark import Mark, file_digest, mark_of, write_mark
from optimizer.study.store import MANIFEST, _manifest_digest
from tests.files.commands_that_write import STUDY, TINY


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of two runs of six hours, which is sound, also without the price file that it was made from."""
    root = tmp_path_factory.mktemp("study")
    prices = {"file": "prices.csv", "column": "price"}
    tariff = {"name": "market", "currency": "CNY", "energy_price_per_mwh": prices}
    site = TINY | {
        "horizon": {"start": "2025-06-02", "days": 0.25},
        "grid": {"tie": {"tariff": tariff, "import_limit_mw": 2}},
    }
    (root / "site.yaml").write_text(json.dumps(site))
    (root / "prices.csv").write_text("price\n" + "\n".join(str(100 + hour) for hour in range(6)) + "\n")
    (root / "study.yaml").write_text(STUDY)
    said = CliRunner().invoke(main, ["study", "run", str(root / "study.yaml"), "--out", str(root / "out")])
    assert said.exit_code == 0, said.output + said.stderr
    (root / "prices.csv").unlink()
    assert len(list((root / "out" / "files").iterdir())) == 1
    assert faults_of(root / "out") == []
    return root / "out"


def cheaper(root: Path) -> None:
    """The first run's cost in the table."""
    table = pd.read_csv(root / "study.csv")
    table.loc[0, "cost"] *= 0.9
    table.to_csv(root / "study.csv", index=False)


def first_run(root: Path) -> Path:
    return sorted((root / "runs").glob("??/*"))[0]


def cheaper_everywhere(root: Path) -> None:
    """A run's cost in its manifest and in the table, the manifest's own digest made anew."""
    folder = first_run(root)
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest.pop("manifest_sha256")
    for figures in ("metrics", "summary"):
        manifest[figures]["cost"] *= 0.9
    manifest["manifest_sha256"] = _manifest_digest(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest))
    cheaper(root)


def gone(root: Path) -> None:
    """A run whose row stays in the table."""
    shutil.rmtree(first_run(root))


def invented(root: Path) -> None:
    """A row of a run that nobody did."""
    table = pd.read_csv(root / "study.csv")
    table.loc[0, "id"] = "0" * 24
    table.to_csv(root / "study.csv", index=False)


def other_prices(root: Path) -> None:
    """The file that runs were made from, under its old name."""
    (kept,) = (root / "files").iterdir()
    kept.write_text(kept.read_text().replace("105", "10"))


def without_prices(root: Path) -> None:
    shutil.rmtree(root / "files")


DAMAGE: list[Callable[[Path], None]] = [cheaper, cheaper_everywhere, gone, invented, other_prices, without_prices]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_study_follows_from_its_runs(damage: Callable[[Path], None], made: Path, tmp_path: Path) -> None:
    """The study's mark is made anew after the damage, so that no digest of it shows anything."""
    root = shutil.copytree(made, tmp_path / "out")
    damage(root)
    mark = mark_of(root)
    assert mark is not None
    write_mark(root, Mark(mark.kind, {name: file_digest(root / name) for name in mark.files}))
    assert faults_of(root) != []
