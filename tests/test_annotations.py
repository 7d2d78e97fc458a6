"""Types on signatures say something: `Any` is rare, and only Pyomo's objects have names that stand for it."""

from __future__ import annotations

import ast

import pytest

from tests.annotations import annotations, places
from tests.architecture import sources, tree

MOST = 0.04
NAMES_OF_ANY = "optimizer.solve.pyomo_types"


def test_few_places_say_any() -> None:
    """Below 4 % of all annotated parameters and results."""
    says_any = [at for at in places() if at[3]]
    assert len(says_any) / len(list(places())) < MOST, "python -m tests.annotations lists them by file"


def test_no_scenario_is_any() -> None:
    """The central type is told wherever it is handed on."""
    untold = [
        f"{module}:{node.lineno}"
        for module in sources()
        for node in ast.walk(tree(module))
        if isinstance(node, ast.arg | ast.AnnAssign)
        and (node.arg if isinstance(node, ast.arg) else ast.unparse(node.target)) in ("scenario", "loaded", "hubs")
        and node.annotation is not None
        and ast.unparse(node.annotation) == "Any"
    ]
    assert untold == []


def test_only_pyomo_has_other_names_for_any() -> None:
    """An alias of Any anywhere else would only hide it from the count."""
    aliases = [
        f"{module}:{node.lineno}"
        for module in sources()
        for node in tree(module).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and ast.unparse(node.value) == "Any"
        if module != NAMES_OF_ANY
    ]
    assert aliases == []
    assert {node.target.id for node in tree(NAMES_OF_ANY).body if isinstance(node, ast.AnnAssign)} == {
        "Block", "Expr", "Steps", "Variable",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(a: Any, /, b: int, *, c: dict[str, Any]) -> None: ...", [True, False, True, False]),
        ("async def f(self, a) -> list[Any]: ...", [True]),
    ],
)
def test_every_kind_of_parameter_counts(text: str, expected: list[bool]) -> None:
    """Positional, keyword and result; a parameter without annotation is no place (mypy refuses it)."""
    function = ast.parse(text).body[0]
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    assert ["Any" in ast.dump(annotation) for annotation in annotations(function)] == expected
