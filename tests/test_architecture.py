"""The architecture, held by reading the source: imports point left, files stay small, the core names no technology."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
ORDER: list[tuple[str, ...]] = [
    ("weather",),
    ("optimizer.inputs",),
    ("optimizer.technologies",),
    ("optimizer.complaints", "optimizer.glance", "optimizer.parties", "optimizer.place_and_time", "optimizer.hubs", "optimizer.scenario",
     "optimizer.key_table"),
    ("optimizer.inputs.sky", "optimizer.inputs.assemble"),
    ("optimizer.model",),
    ("optimizer.solver", "optimizer.tightening", "optimizer.self_check", "optimizer.second_solver", "optimizer.games"),
    ("optimizer.coefficient_ranges", "optimizer.windows"),
    ("optimizer.workers", "optimizer.block_start"),
    ("optimizer.planes", "optimizer.sample_of_weeks", "optimizer.free_sizes"),
    ("optimizer.proof", "optimizer.replanning", "optimizer.near_relaxed",
     "optimizer.horizon"),
    ("optimizer.results", "optimizer.end_values"),
    ("optimizer.bill", "optimizer.marginal_prices", "optimizer.provenance", "optimizer.finance"),
    ("optimizer.versions", "optimizer.usual", "optimizer.schedule", "optimizer.planning", "optimizer.sharing", "optimizer.moves",
     "optimizer.coordination", "optimizer.companions", "optimizer.joined",
     "optimizer.ledger", "optimizer.green_statement"),
    ("optimizer.report", "optimizer.run_target", "optimizer.run_folder", "optimizer.rolling", "optimizer.outage",
     "optimizer.export"),
    ("optimizer.study", "optimizer.nightly", "optimizer.catalogue", "optimizer.simulate", "optimizer.backtest",
     "optimizer.backtest_outcome", "optimizer.backtest_progress"),
    ("optimizer.cli",),
]  # fmt: skip
"""Left to right; a module imports what stands left of it or in its own place. The longest name that fits counts."""
LONGEST_FILE, LONGEST_FUNCTION = 300, 60
CORE = ["model", "results", "solver", "windows", "horizon", "bill", "planning", "schedule", "usual", "report"]


@cache
def sources() -> dict[str, Path]:
    """Every module of the two packages."""
    files = [path for package in ("weather", "optimizer") for path in (PROJECT / package).rglob("*.py")]
    return {".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


@cache
def tree(module: str) -> ast.Module:
    """The module's syntax tree."""
    return ast.parse(sources()[module].read_text(encoding="utf-8"))


@cache
def imported(module: str) -> frozenset[str]:
    """Modules of the project it imports anywhere, also within functions; a name from a package counts as its module."""
    found = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name for name in inner if name in sources()} or {node.module}
            if any(name not in sources() for name in inner):
                found.add(node.module)
    return frozenset(found & set(sources()) - {module})


def place(module: str) -> int:
    """Position in ORDER. Raises LookupError for a module that has none."""
    fits = [(len(name), number) for number, names in enumerate(ORDER) for name in names if _begins(module, name)]
    if not fits:
        raise LookupError(f"{module} has no place in ORDER of tests/test_architecture.py; give it one")
    return max(fits)[1]


def _begins(module: str, name: str) -> bool:
    return module == name or module.startswith((f"{name}.", f"{name}_"))


def test_every_module_has_a_place() -> None:
    """A new module without one is named; the package itself (its docstring) needs none."""
    assert all(0 <= place(module) < len(ORDER) for module in sources() if module != "optimizer")


def test_imports_point_left() -> None:
    """No module imports what stands right of it: none, not even inside a function."""
    wrong = [
        f"{module} imports {other}"
        for module in sources()
        if module != "optimizer"
        for other in imported(module)
        if other != "optimizer" and place(other) > place(module)
    ]  # fmt: skip
    assert wrong == []


def test_weather_knows_no_optimizer() -> None:
    """The sky knows no site, scenario or model."""
    assert [m for m in sources() if _begins(m, "weather") and any(_begins(o, "optimizer") for o in imported(m))] == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Depth first through all imports at the top of files: a cycle would show as a module met again on its own path."""
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " → ".join([*path[path.index(module) :], module])
        if module in done:
            return
        for other in sorted(imported_at_top(module)):
            visit(other, (*path, module))
        done.add(module)

    for module in sources():
        visit(module, ())


@cache
def imported_at_top(module: str) -> frozenset[str]:
    """Imports that run when the module is imported; commands that register with their group at its end do not count."""
    top = [node for node in tree(module).body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {name for node in top if isinstance(node, ast.ImportFrom) for name in _named(node)}
    names |= {alias.name for node in top if isinstance(node, ast.Import) for alias in node.names}
    registers = {name for name in names if module == "optimizer.cli" and name.startswith("optimizer.cli_")}
    return frozenset(names & set(sources()) - registers)


def _named(node: ast.ImportFrom) -> set[str]:
    return {
        f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in sources() else str(node.module)
        for alias in node.names
    }


def test_imports_are_absolute() -> None:
    """No `from . import`: a file says where its names come from."""
    relative = [m for m in sources() for node in ast.walk(tree(m)) if isinstance(node, ast.ImportFrom) and node.level]
    assert relative == []


@pytest.mark.parametrize("part", CORE)
def test_the_core_names_no_technology(part: str) -> None:
    """No class of a technology and no isinstance on one in the core: a new technology needs no change there."""
    from optimizer.technologies import TECHNOLOGIES

    classes = {technology.__name__ for technology in TECHNOLOGIES.values()}
    for module in (m for m in sources() if _begins(m, f"optimizer.{part}")):
        names = {node.id for node in ast.walk(tree(module)) if isinstance(node, ast.Name)}
        assert names & classes == set(), module
        assert not any(
            _begins(other, "optimizer.technologies") and other.rpartition(".")[2] in TECHNOLOGIES
            for other in imported(module)
        )


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
    """A docstring in every file but the empty `__init__`."""
    silent = [m for m, path in sources().items() if path.stat().st_size and not ast.get_docstring(tree(m))]
    assert silent == []


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
