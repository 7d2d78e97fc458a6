"""Where a run may be written: a new folder, an empty one, or one that holds an earlier run. Told before hours of planning."""

from __future__ import annotations

import os
from pathlib import Path

from optimizer.quantities.documents import DocumentError

MARK = "summary.json"
"""A folder with this file is a run, and may be replaced by another."""
SHOWN = 3


def usable_target(folder: Path) -> Path:
    """The folder's full path. Raises DocumentError where a run cannot be written, or would take the place of other files."""
    target = Path(os.path.abspath(folder))
    if target.exists() and not target.is_dir():
        raise DocumentError([f"{folder}: is a file; give a folder for the run with --out"])
    if target.is_dir() and not (target / MARK).is_file():
        others = sorted(path.name for path in target.iterdir())
        if others:
            more = ", ..." if len(others) > SHOWN else ""
            raise DocumentError(
                [
                    f"{folder}: holds other files ({', '.join(others[:SHOWN])}{more}) and no run; give a new folder with --out"
                ]
            )
    near = next(path for path in target.parents if path.exists())
    if not near.is_dir():
        raise DocumentError([f"{folder}: cannot be made, {near.name} is a file; give another folder with --out"])
    if not os.access(near, os.W_OK | os.X_OK):
        raise DocumentError([f"{folder}: cannot be made, {near} may not be written to; give another folder with --out"])
    return target
