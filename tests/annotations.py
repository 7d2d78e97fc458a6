"""Annotated places of the two packages, and how many of them say `Any`. `python -m tests.annotations` prints them by file."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[1]
PACKAGES = ("optimizer", "weather")


def places() -> Iterator[tuple[str, int, str, bool]]:
    """(file, line, annotation, whether it says Any) of every annotated parameter and result."""
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            file = path.relative_to(PROJECT).as_posix()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    for annotation in annotations(node):
                        yield file, annotation.lineno, ast.unparse(annotation), "Any" in ast.dump(annotation)


def annotations(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    """What a function says of its parameters and its result."""
    given = function.args
    said = [argument.annotation for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return [annotation for annotation in (*said, function.returns) if annotation is not None]


def main() -> None:
    """Print the files with most of them, and the share."""
    found = list(places())
    untyped = Counter(file for file, _, _, says_any in found if says_any)
    for file, count in untyped.most_common():
        print(f"{count:4d}  {file}")
    print(f"Any in {untyped.total()} of {len(found)} annotated places: {untyped.total() / len(found):.2%}")


if __name__ == "__main__":
    main()
