"""The architecture, held by reading the source: folders import downwards, files stay small, the core names no technology."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.architecture import FLOORS, PROJECT, arrows_up, circles, floor, imported, room, sources, tree

LONGEST_FILE, LONGEST_FUNCTION = 300, 60
CORE = ["optimizer/solve", "optimizer/plan", "optimizer/report"]
QUICK = ("optimizer", "optimizer/commands")
"""Where imports inside functions keep `qaidam --help` quick."""


def test_every_folder_has_a_floor_and_every_floor_its_folders() -> None:
    """A new folder without a floor is named, and so is a floor whose folder is gone."""
    rooms = {room(module) for module in sources()}
    assert all(floor(folder) >= 0 for folder in rooms)
    assert {folder for folders in FLOORS for folder in folders} == rooms


def test_every_folder_says_what_it_knows() -> None:
    """One sentence in its `__init__.py`."""
    silent = [m for m, path in sources().items() if path.name == "__init__.py" and not ast.get_docstring(tree(m))]
    assert silent == []


def test_no_import_points_up() -> None:
    """No module imports from a folder on its own floor or above: none, not even inside a function."""
    assert arrows_up() == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Depth first through all imports at the top of files: a cycle would show as a module met again on its own path."""
    assert circles() == []


def test_the_top_level_of_the_packages_is_folders() -> None:
    """At the top of `optimizer/` only the command; at the top of `weather/` only the canonical form, its clock and place."""
    at_top = {
        path.relative_to(PROJECT).as_posix() for path in sources().values() if len(path.relative_to(PROJECT).parts) == 2
    }
    assert {name for name in at_top if name.startswith("optimizer")} == {"optimizer/__init__.py", "optimizer/cli.py"}
    assert {name.removeprefix("weather/") for name in at_top if name.startswith("weather")} == {
        "__init__.py", "arguments.py", "calendar.py", "canonical.py", "resample.py", "site.py", "steps.py",
    }  # fmt: skip


def test_imports_inside_functions_say_why() -> None:
    """Below the command line an import stands at the top of its file, or says above it why it does not."""
    unexplained = []
    for module, path in sources().items():
        if room(module) in QUICK:
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        top = set(map(id, tree(module).body))
        for node in ast.walk(tree(module)):
            inner = isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in top
            if inner and "#" not in lines[node.lineno - 1] and not lines[node.lineno - 2].strip().startswith("#"):
                unexplained.append(f"{module}:{node.lineno}")
    assert unexplained == []


def test_imports_are_absolute() -> None:
    """No `from . import`: a file says where its names come from."""
    relative = [m for m in sources() for node in ast.walk(tree(m)) if isinstance(node, ast.ImportFrom) and node.level]
    assert relative == []


@pytest.mark.parametrize("folder", CORE)
def test_the_core_names_no_technology(folder: str) -> None:
    """No class of a technology and no module of one in the core: a new technology needs no change there."""
    from optimizer.scenario.single_site import Scenario, technologies_of

    shipped = technologies_of(Scenario).values()
    classes = {technology.__name__ for technology in shipped}
    homes = {technology.__module__ for technology in shipped}
    for module in (m for m in sources() if room(m) == folder):
        assert {node.id for node in ast.walk(tree(module)) if isinstance(node, ast.Name)} & classes == set(), module
        assert imported(module) & homes == set(), module


def test_files_are_one_idea_long() -> None:
    """At most 300 lines."""
    lengths = {module: len(path.read_text(encoding="utf-8").splitlines()) for module, path in sources().items()}
    assert {module: lines for module, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_functions_are_one_step_long() -> None:
    """At most 60 lines with their docstring."""
    long = {
        f"{module}.{node.name}": node.end_lineno - node.lineno + 1
        for module in sources()
        for node in ast.walk(tree(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    }  # fmt: skip
    assert long == {}


def test_every_module_says_what_it_is() -> None:
    """A docstring in every file."""
    assert [m for m in sources() if not ast.get_docstring(tree(m))] == []


def test_help_loads_nothing_heavy() -> None:
    """`qaidam --help` imports click and the standard library: no array, table, model or weather library."""
    code = (
        "import sys\nfrom optimizer.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'pandas', 'xarray', 'pyomo', 'highspy', 'pydantic', 'pvlib', 'plotly', 'rich', 'dask', 'ruamel'}\n"
        "print('LOADED', sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED []"
