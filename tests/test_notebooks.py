"""The notebooks run from a fresh kernel, draw their figures, and are stored without what they drew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="nbformat not installed (extra `notebooks`)")
nbclient = pytest.importorskip("nbclient", reason="nbclient not installed (extra `notebooks`)")
pytest.importorskip("ipykernel", reason="ipykernel not installed (extra `notebooks`)")

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
DAYS = "1"
"""Length of plans here; a reader's own is a week. Every cell runs, whatever the number."""
RUN = [path for path in NOTEBOOKS if "QAIDAM_ALL_NOTEBOOKS" in os.environ or path.stem[:2] in ("01", "05", "08")]
"""A run, a station and the rules: each kernel takes seconds. `make docs` runs all nine, and so does QAIDAM_ALL_NOTEBOOKS."""
CELL_SECONDS = 240
MOST_LINES = 40
"""Of code in a cell: a notebook loads, calls and shows; what is longer belongs into the package."""
FIGURE = "application/vnd.plotly.v1+json"


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_there_are_notebooks() -> None:
    """An empty folder would let all tests below pass by not running."""
    assert len(NOTEBOOKS) >= 3


def test_stored_without_outputs(path: Path) -> None:
    """No output, no run number, nothing of the machine it was written on; thin cells; a title and a story."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    assert [cell.id for cell in code if cell.source.count("\n") >= MOST_LINES] == []
    assert notebook.cells[0].source.startswith("# ")
    assert sum(cell.cell_type == "markdown" for cell in notebook.cells) >= 4


@pytest.mark.parametrize("path", RUN, ids=lambda path: path.stem, indirect=True)
def test_runs_and_draws(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell runs in a fresh kernel without an error, and every cell that ends in a value shows one: a figure
    function that finds nothing to draw gives None, which shows nothing."""
    monkeypatch.setenv("QAIDAM_NOTEBOOK_DAYS", DAYS)
    monkeypatch.setenv("QAIDAM_STILL_IMAGES", "0")  # each starts a browser; what an export shows has a test of its own
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": str(path.parent)}}
    nbclient.NotebookClient(notebook, timeout=CELL_SECONDS, kernel_name="python3", resources=place).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.source for cell in code if not cell.outputs] == []
    drawn = [output for cell in code for output in cell.outputs if FIGURE in output.get("data", {})]
    assert len(drawn) >= 4
    assert all(figure["data"][FIGURE]["data"] for figure in drawn)
