"""The project's modules, rooms (folders) and import arrows, read from the source. `python -m tests.architecture` prints them."""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parents[1]
FLOORS: tuple[tuple[str, ...], ...] = (
    ("weather/sun", "weather/cooling", "weather/files"),
    ("weather",),
    ("weather/quality", "weather/synthetic", "weather/solar", "weather/wind", "weather/forecast"),
    ("weather/sources",),
    ("optimizer/files", "optimizer/language"),
    ("optimizer/solve", "optimizer/quantities/job_files"),
    ("optimizer/quantities",),
    ("optimizer/technologies",),
    ("optimizer/technologies/energy",),
    ("optimizer/technologies/facility",),
    ("optimizer/technologies/compute/jobs",),
    ("optimizer/technologies/compute",),
    ("optimizer/technologies/rules",),
    ("optimizer/scenario",),
    ("optimizer/inputs",),
    ("optimizer/accounts",),
    ("optimizer/rulebook",),
    ("optimizer/plan",),
    ("optimizer/report", "optimizer/export"),
    ("optimizer/runs",),
    ("optimizer/sharing", "optimizer/exchange"),
    ("optimizer/hubs",),
    ("optimizer/study", "optimizer/nightly"),
    ("optimizer/backtest",),
    ("optimizer/commands",),
    ("optimizer",),
    ("optimizer/distribution",),
)
"""Ground floor first. A folder imports only folders on floors below its own; folders that share a floor know nothing of each other."""


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
    return frozenset(target for node in ast.walk(tree(module)) for target in targets(node) if target != module)


def targets(node: ast.AST) -> set[str]:
    """Modules of the project that an import statement names."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names} & set(sources())
    if not (isinstance(node, ast.ImportFrom) and node.module):
        return set()
    full = {f"{node.module}.{alias.name}" for alias in node.names}
    return (
        {name for name in full if name in sources()} | {node.module for name in full if name not in sources()}
    ) & set(sources())


def room(module: str) -> str:
    """The folder a module lies in."""
    return sources()[module].parent.relative_to(PROJECT).as_posix()


def floor(folder: str) -> int:
    """Its position in FLOORS. Raises LookupError for a folder that has none."""
    for number, folders in enumerate(FLOORS):
        if folder in folders:
            return number
    raise LookupError(f"{folder} has no floor in FLOORS of tests/architecture.py; give it one")


def arrows() -> dict[tuple[str, str], set[str]]:
    """(room that imports, room it imports from) → the modules' own arrows."""
    between: dict[tuple[str, str], set[str]] = {}
    for module in sources():
        for other in imported(module):
            if room(module) != room(other):
                between.setdefault((room(module), room(other)), set()).add(f"{module} imports {other}")
    return between


def arrows_up() -> list[str]:
    """Imports of a folder on the same floor or above."""
    return sorted(arrow for (a, b), own in arrows().items() if floor(b) >= floor(a) for arrow in own)


def circles() -> list[str]:
    """Chains of imports at the top of files that lead back to where they began."""
    circles: list[str] = []
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        if module in path:
            circles.append(" → ".join([*path[path.index(module) :], module]))
            return
        if module not in done:
            for other in sorted({target for node in tree(module).body for target in targets(node)} - {module}):
                visit(other, (*path, module))
            done.add(module)

    for module in sources():
        visit(module, ())
    return circles


if __name__ == "__main__":
    rooms = {room(module) for module in sources()}
    print(f"{len(rooms)} rooms, {len(arrows())} arrows, {len(arrows_up())} up, {len(circles())} circles")
    for line in [*arrows_up(), *circles()]:
        print(line)
    sys.exit(bool(arrows_up() or circles()))
