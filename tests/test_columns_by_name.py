"""Columns of inputs and results are picked by name in one place: no mask over coordinates elsewhere, nor in a notebook."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import TypeGuard

import pytest

from tests.architecture import PROJECT, sources

HOMES = {
    "optimizer.quantities.columns", "optimizer.inputs.assemble", "optimizer.plan.columns", "optimizer.plan.results",
    "optimizer.plan.rolling_results",
}  # fmt: skip
"""Where columns are picked, and where tables get their labels."""
LABEL = re.compile(
    r"(series|store|meter|limit|sized|exogenous)_|"
    r"(series|store|meter|balance|limit|promise|sized|exogenous)_(site|asset|member|technology|quantity|flow|bus|units)"
)
PLAIN = {"site", "asset", "member", "technology", "role", "bus"}
TABLES = {"flow", "table", "results"}
"""What a labelled table is called; a data frame of jobs may have a column `site`."""
NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))


def masks(tree: ast.AST) -> list[int]:
    """Lines that read coordinates of a labelled table: `.coords[...]`, a label with its dimension's name in front."""
    return sorted({node.lineno for node in ast.walk(tree) if isinstance(node, ast.expr) and is_mask(node)})


def is_mask(node: ast.expr) -> bool:
    """Whether an expression reads a coordinate."""
    if isinstance(node, ast.Subscript):
        return isinstance(node.value, ast.Attribute) and node.value.attr == "coords"
    if isinstance(node, ast.Attribute):
        return node.attr == "values" and is_label(node.value)
    if isinstance(node, ast.Compare):
        return is_label(node.left) and isinstance(node.left.value, ast.Name) and node.left.value.id in TABLES
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(LABEL.fullmatch(node.value))


def is_label(node: ast.expr) -> TypeGuard[ast.Subscript]:
    """Whether it is `x["asset"]` or another plain label of a flow."""
    return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value in PLAIN


@pytest.mark.parametrize("module", sorted(set(sources()) - HOMES))
def test_no_module_masks_coordinates(module: str) -> None:
    """`select`, `matching`, `total` and the answers of a plan take the place of every mask."""
    if module.startswith("optimizer"):
        assert masks(ast.parse(sources()[module].read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_notebook_masks_coordinates(path: Path) -> None:
    """A reader learns one way to ask; names come from `optimizer` itself."""
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    code = ast.parse("\n\n".join("".join(cell["source"]) for cell in cells))
    assert masks(code) == []
    imported = {node.module or "" for node in ast.walk(code) if isinstance(node, ast.ImportFrom)}
    assert [name for name in sorted(imported) if name.startswith("optimizer.")] == []


@pytest.mark.parametrize(
    "line",
    ['flow.values[:, flow["asset"].values == "tie"]', 'flow.coords["bus"]', 'results["sized_asset"] == "tie"',
     'table[:, f"{label}"] if results["site"] == "a" else 0', 'f"exogenous_{label}"'],
)  # fmt: skip
def test_a_mask_is_seen(line: str) -> None:
    """The masks of before are found by the rule."""
    assert masks(ast.parse(line)) == [1]
