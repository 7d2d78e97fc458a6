"""The page on adding a technology, followed to the letter in a copy of the project: one file, one line, a site."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = "optimizer/guides/add-a-technology.md"
TITLED = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
REGISTRY = "optimizer/technologies/__init__.py"
LAST = '    "queue",\n'
"""The last name of the registry; the new one stands below it."""
SECONDS = 300


@pytest.fixture(scope="module")
def copy(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's packages and scenarios with the page's file, its one line and its site."""
    folder = tmp_path_factory.mktemp("copy")
    for part in ("optimizer", "weather", "scenarios"):
        shutil.copytree(project / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    blocks = dict(TITLED.findall((project / PAGE).read_text(encoding="utf-8")))
    line = blocks.pop(REGISTRY)
    assert line.count("\n") == 1, "the page promises one line"
    registry = folder / REGISTRY
    registry.write_text(registry.read_text(encoding="utf-8").replace(LAST, LAST + line), encoding="utf-8")
    for name, text in blocks.items():
        assert not (folder / name).exists(), f"{name} is not new"
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def qaidam(copy: Path, arguments: str) -> str:
    """What a command of the copy prints; the copy stands before the installed project on the path."""
    code = f"import sys; from optimizer.cli import main; main({arguments.split()!r})"
    environment = {"PYTHONPATH": str(copy), "PATH": "", "HOME": str(copy), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=copy, env=environment, capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_plans_a_site_with_the_new_technology(copy: Path) -> None:
    """Its commands run: the cell makes power at 300 a MWh where the grid asks 503, is billed (a bill that is not the
    objective would stop the run), stands in the ledger and is drawn. A key unknown to the scenario would end at `check`."""
    page = (copy / PAGE).read_text(encoding="utf-8")
    for command in re.findall(r"^\$ qaidam (.*)$", page, re.MULTILINE):
        qaidam(copy, f"{command} --json" if command.startswith("run") else command)
    out = copy / "out" / "fuel-cell"
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["gap"] <= 0.01
    ledger = (out / "ledger.csv").read_text(encoding="utf-8")
    assert ",stack,pool ascend," in ledger
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "stack generation" in report
    assert "stack: hydrogen" in report


def test_its_keys_are_described_and_its_mistakes_told(copy: Path) -> None:
    """The schema has the sentence of each field, and a wrong key is told with the right one."""
    qaidam(copy, "schema --out schema.json")
    schema = json.loads((copy / "schema.json").read_text(encoding="utf-8"))
    assert schema["$defs"]["FuelCell"]["properties"]["efficiency"]["description"].startswith("Electricity over")
    wrong = copy / "wrong.yaml"
    wrong.write_text((copy / "with-fuel-cell.yaml").read_text(encoding="utf-8").replace("power_mw", "power_mv"))
    with pytest.raises(AssertionError, match=r"fuel_cell > stack > power_mv: unknown key. Did you mean 'power_mw'"):
        qaidam(copy, "check wrong.yaml")
