"""Fixtures every test may use: where the shared reference data lie."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]

os.environ["QAIDAM_LANGUAGE"] = "en"  # whatever the locale of the machine: tests read English unless they say otherwise


@pytest.fixture(scope="session")
def shared_file() -> Callable[[str], Path]:
    """`shared_file("data/weather/X.epw")` gives its path, or skips the test with the reason."""
    root = Path(os.environ.get("QAIDAM_SHARED", PROJECT.parent / "shared"))

    def find(name: str) -> Path:
        path = root / name
        if not path.exists():
            pytest.skip(f"QAIDAM_SHARED/{name} not found")
        return path

    return find


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's root folder."""
    return PROJECT


@pytest.fixture(scope="module", autouse=True)
def _what_is_loaded_is_no_garbage() -> None:
    """Every model is built after a collection of garbage, which need not look through all that earlier modules loaded."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _solver_can_be_trusted() -> None:
    """A solver that gets tiny models wrong would make every other failure a riddle; so it is asked first."""
    from optimizer.solve.self_check import trust_solver

    trust_solver()
