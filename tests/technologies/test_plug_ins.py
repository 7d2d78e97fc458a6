"""The page on adding a technology, followed to the letter: a package installed beside the project, and a field of the project itself."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = "optimizer/guides/add-a-technology.md"
PACKAGE = "tests/plugin_fuel_cell"
TITLED = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
FORM = "optimizer/scenario/single_site.py"
SECONDS = 280


def titled(project: Path) -> dict[str, str]:
    """The page's files by name."""
    return dict(TITLED.findall((project / PAGE).read_text(encoding="utf-8")))


class Place:
    """A folder to work in, with what stands before the installed project on Python's path."""

    def __init__(self, folder: Path, *first: Path) -> None:
        self.folder = folder
        path = ":".join(map(str, first))
        self.environment = {"PYTHONPATH": path, "PATH": "", "HOME": str(folder), "OMP_NUM_THREADS": "1"}

    def python(self, code: str) -> str:
        """What a piece of Python prints there. Fails with its errors."""
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def qaidam(self, arguments: str) -> str:
        """What a command prints there."""
        return self.python(f"from optimizer.cli import main; main({arguments.split()!r})")


@pytest.fixture(scope="module")
def beside(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A folder with the page's site, in an environment where the package is installed beside the project."""
    folder = tmp_path_factory.mktemp("beside")
    source, installed = folder / "source", folder / "installed"
    shutil.copytree(project / PACKAGE, source)
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", *offline, "--target", str(installed), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    shutil.copytree(project / "scenarios", folder / "scenarios")
    shutil.copy(source / "with-fuel-cell.yaml", folder)
    return Place(folder, installed, project)


def test_the_page_shows_the_package(project: Path) -> None:
    """What is read and what is installed are the same to the letter."""
    shown = titled(project)
    for name in ("qaidam-fuel-cell/qaidam_fuel_cell.py", "qaidam-fuel-cell/pyproject.toml", "with-fuel-cell.yaml"):
        assert shown[name] == (project / PACKAGE / Path(name).name).read_text(encoding="utf-8"), name


def test_a_package_plans_a_site_with_its_technology(project: Path, beside: Place) -> None:
    """The page's commands run: the cell makes power at 300 a MWh where the grid asks 503, is billed (a bill that is not the
    objective would stop the run), stands in the ledger and is drawn. A key unknown to the scenario would end at `check`."""
    for command in re.findall(r"^\$ qaidam (.*)$", (project / PAGE).read_text(encoding="utf-8"), re.MULTILINE):
        beside.qaidam(f"{command} --json" if command.startswith("run") else command)
    out = beside.folder / "out" / "fuel-cell"
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["gap"] <= 0.01
    assert ",stack,pool ascend," in (out / "ledger.csv").read_text(encoding="utf-8")
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "stack generation" in report
    assert "stack: hydrogen" in report


def test_a_package_is_described(beside: Place) -> None:
    """The schema has the sentence of each field, the table of keys its section and its line in the scenario's."""
    beside.qaidam("schema --out schema.json")
    schema = json.loads((beside.folder / "schema.json").read_text(encoding="utf-8"))
    assert schema["properties"]["fuel_cell"]["description"] == "A fuel cell that buys its hydrogen."
    assert schema["$defs"]["FuelCell"]["properties"]["efficiency"]["description"].startswith("Electricity over")
    tables = beside.python("from optimizer.scenario.key_table import key_tables; print(key_tables())")
    assert "| `fuel_cell` | name: [FuelCell](#fuelcell) |  | A fuel cell that buys its hydrogen. |" in tables
    assert "| `hydrogen_price_per_kg` | number, at least 0 | needed | Price of a kilogram, delivered. |" in tables


def test_mistakes_in_the_keys_of_a_package_are_reported(beside: Place) -> None:
    """A wrong key is told with the right one, also at a site of several."""
    text = (beside.folder / "with-fuel-cell.yaml").read_text(encoding="utf-8")
    (beside.folder / "wrong.yaml").write_text(text.replace("power_mw", "power_mv"))
    (beside.folder / "many.yaml").write_text("name: many\nsites: {north: with-fuel-cell.yaml, south: wrong.yaml}\n")
    with pytest.raises(AssertionError, match=r"fuel_cell > stack > power_mv: unknown key. Did you mean 'power_mw'"):
        beside.qaidam("check wrong.yaml")
    with pytest.raises(AssertionError, match=r"south > fuel_cell > stack > power_mv") as error:
        beside.qaidam("check many.yaml")
    assert "north" not in str(error.value)


def test_a_field_of_the_project_does_the_same(project: Path, tmp_path: Path) -> None:
    """In a copy of the project the page's file and field take the key into `check` and schema."""
    for part in ("optimizer", "weather", "scenarios"):
        shutil.copytree(project / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    shown = titled(project)
    (tmp_path / "optimizer/technologies/energy/fuel_cell.py").write_text(shown["qaidam-fuel-cell/qaidam_fuel_cell.py"])
    (tmp_path / "with-fuel-cell.yaml").write_text(shown["with-fuel-cell.yaml"])
    form, field = tmp_path / FORM, shown[FORM]
    line = "from optimizer.technologies.energy.fuel_cell import FuelCell"
    assert f"`{line}`" in (project / PAGE).read_text(encoding="utf-8")
    before, mark, after = form.read_text(encoding="utf-8").partition('\n    @field_validator("members")')
    assert mark, "the fields of the technologies end elsewhere"
    first = "from optimizer.technologies.base import"
    form.write_text(before.replace(first, f"{line}\n{first}") + field + mark + after, encoding="utf-8")
    copy = Place(tmp_path, tmp_path)
    assert "stack" in copy.qaidam("check with-fuel-cell.yaml")
    copy.qaidam("schema --out schema.json")
    schema = json.loads((tmp_path / "schema.json").read_text(encoding="utf-8"))
    assert schema["properties"]["fuel_cell"]["description"] == "Fuel cells on bought hydrogen."
