"""The tiny study, written into a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from study_sites import EIGHT, SITE


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """`written(text)` puts the study of that text beside the tiny site and gives its path."""

    def write(text: str) -> Path:
        (tmp_path / "site.yaml").write_text(SITE, encoding="utf-8")
        path = tmp_path / "study.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def eight(written: Callable[[str], Path]) -> Path:
    """A study of eight runs."""
    return written(EIGHT)
