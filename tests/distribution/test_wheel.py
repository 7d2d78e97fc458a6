"""The wheel: one package, nothing of the repository beside it, and the main job runs from it in an empty folder."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from optimizer.distribution.wheel_backend import UnmovableImportError, moved_imports
from tests.architecture import sources, tree

TRACE = (
    "import sys\nfrom qaidam.optimizer.cli import main\n"
    "try:\n    main()\nfinally:\n"
    "    import qaidam\n"
    "    print('PUBLIC', qaidam.load_scenario.__module__, qaidam.__all__ == qaidam.optimizer.__all__)\n"
    "    print('BESIDE', sorted({m.split('.')[0] for m in sys.modules} & {'optimizer', 'weather', 'scenarios'}))"
)
"""The installed command, which says at its end what public names are and which modules of the repository it met."""


KEYS = ("weather.synthetic",)
"""Keys of scenarios that are spelled like a module."""


@pytest.fixture(scope="module")
def installed(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder into which the wheel was installed, without what it depends on."""
    built, target = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", built, project],
        check=True,
        timeout=120,
    )
    (wheel,) = built.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", target, wheel], check=True, timeout=120)
    return target


def qaidam(installed: Path, folder: Path, *arguments: str) -> str:
    """Output of a command of the installed package in a folder, and no module that lies beside it."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", TRACE, *arguments], cwd=folder, env=environment | {"PYTHONPATH": str(installed)},
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-2:] == ["PUBLIC qaidam.optimizer.scenario.file True", "BESIDE []"]
    return done.stdout


def test_one_package_is_installed(installed: Path) -> None:
    """`optimizer` or `weather` at the top would overwrite, or be overwritten by, another distribution's."""
    assert {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")} == {"qaidam", "bin"}
    (points,) = installed.glob("*.dist-info/entry_points.txt")
    assert points.read_text().split() == ["[console_scripts]", "qaidam", "=", "qaidam.optimizer.cli:main"]


def test_all_data_are_in_it(installed: Path, project: Path) -> None:
    """Every scenario, tariff, rule book, climate, template and catalogue of the repository; no page, no build code."""
    kinds = (".yaml", ".csv", ".json", ".po", ".j2", ".service", ".timer", ".typed")
    there = {
        path.relative_to(project).as_posix()
        for folder in ("optimizer", "weather", "scenarios")
        for path in (project / folder).rglob("*")
        if path.suffix in kinds and "distribution" not in path.parts
    }
    assert sorted(name for name in there if not (installed / "qaidam" / name).is_file()) == []
    assert not (installed / "qaidam/optimizer/distribution").exists()


@pytest.mark.skipif(
    "QAIDAM_WHEEL" not in os.environ, reason="half a minute: `make wheel` runs the main job from the wheel"
)
def test_the_main_job_runs_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    """A shipped scenario by its name is planned, checked, written and reported; nothing else is written."""
    qaidam(installed, tmp_path, "run", "qaidam", "--days", "1", "--workers", "1")
    assert {"report.html", "results.nc", "summary.json", "schedule.csv"} <= {
        path.name for path in (tmp_path / "out/qaidam").iterdir()
    }
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_imports_move_and_texts_stay() -> None:
    """Only import statements change; the same words in a text do not, and a line keeps its number."""
    text = 'if x:\n    from weather.sources import tidy  # from weather\nimport optimizer.plan as plan\nsay = "from optimizer import x"\n'
    assert moved_imports(text, "a.py") == (
        'if x:\n    from qaidam.weather.sources import tidy  # from weather\nimport qaidam.optimizer.plan as plan\nsay = "from optimizer import x"\n'
    )
    assert (
        moved_imports("from weatherlib import a\nimport os, sys\n", "a.py")
        == "from weatherlib import a\nimport os, sys\n"
    )
    for unmovable in ("import optimizer.plan\n", "import os, weather as w\n"):
        with pytest.raises(UnmovableImportError, match=r"a\.py:1"):
            moved_imports(unmovable, "a.py")


def test_no_module_is_named_in_a_text() -> None:
    """A module's name in a string is not moved: `importlib` and `python -m` take it from `__name__` or `__package__`."""
    named = [
        (module, node.value)
        for module in sources()
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        and node.value.split(":")[0] in sources() and "." in node.value and node.value not in KEYS
    ]  # fmt: skip
    assert named == []


def test_a_module_that_is_gone_is_not_packed(installed: Path, project: Path) -> None:
    """setuptools keeps old modules in build/: every module of the wheel is one of the repository."""
    there = {path.relative_to(installed / "qaidam").as_posix() for path in (installed / "qaidam").rglob("*.py")}
    assert {name for name in there - {"__init__.py"} if not (project / name).is_file()} == set()


def test_the_record_is_true(installed: Path) -> None:
    """pip has checked every digest of RECORD while it installed; the archive itself has each name once."""
    (record,) = installed.glob("*.dist-info/RECORD")
    names = [line.split(",")[0] for line in record.read_text().splitlines()]
    assert sorted(names) == sorted(set(names))
