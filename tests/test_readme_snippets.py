"""The examples of the documentation run as they stand, and print what stands below them."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

PAGES = ("weather/README.md",)
EXAMPLE = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_examples_run_and_print_what_is_shown(
    page: str, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All examples of a page run in order in one session; what they print is the grey block below, to the letter.
    A renamed function or a number that moved fails here with the example's line."""
    monkeypatch.chdir(tmp_path)
    text = (project / page).read_text(encoding="utf-8")
    session: dict[str, Any] = {}
    examples = list(EXAMPLE.finditer(text))
    assert examples, f"{page} has no example"
    for example in examples:
        line = text.count("\n", 0, example.start()) + 2
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile("\n" * (line - 1) + example[1], str(project / page), "exec"), session)
        assert printed.getvalue() == (example[2] or ""), f"{page}, example from line {line}"
