"""Files that a study's runs were made from, kept once a study, under names that say their digests: runs are checked with them."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

from optimizer.files.mark import file_digest
from optimizer.files.whole import PART
from optimizer.scenario.kept_files import ending_of, files_of, replaced_at

FOLDER = "files"
FROM_A_RUN = f"../../../{FOLDER}/"
"""Way from a run's folder (runs/ab/abcdef) to the kept files."""
DIGITS = 24
"""Of a SHA-256 in a file's name."""


def with_study_files(data: Mapping[str, object], root: Path) -> dict[str, object]:
    """Scenario's plain data with every file it names copied into the study's folder, and named by its way from a run.

    Runs of one file share its copy; several writers may come at once, also of several machines. Raises OSError.
    """
    kept = dict(data)
    for route, source in files_of(data):
        name = f"{file_digest(source)[:DIGITS]}{ending_of(source)}"
        place = root / FOLDER / name
        if not place.is_file():
            place.parent.mkdir(parents=True, exist_ok=True)
            aside = place.with_name(f".{name}.{uuid.uuid4().hex[:8]}.{PART}")
            try:
                shutil.copyfile(source, aside)
                os.replace(aside, place)
            finally:
                aside.unlink(missing_ok=True)
        kept = replaced_at(kept, route, FROM_A_RUN + name)
    return kept


def changed_files(data: object, folder: Path) -> Iterator[str]:
    """Kept files of a run's scenario that are gone or are not what their names say, a line each."""
    if isinstance(data, Mapping):
        for value in data.values():
            yield from changed_files(value, folder)
    elif isinstance(data, str) and data.startswith(FROM_A_RUN):
        name = data.removeprefix(FROM_A_RUN)
        path = folder.parents[2] / FOLDER / name
        if "/" in name or not path.is_file() or not name.startswith(file_digest(path)[:DIGITS]):
            yield f"{FOLDER}/{name[:80]}: is gone, or is not the file that the run was made from"
