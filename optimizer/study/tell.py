"""What a study found."""

from __future__ import annotations
from pathlib import Path
from optimizer.catalogue import rebuild
from optimizer.study.load import LoadedStudy


def finish(study: LoadedStudy, root: Path) -> Path | None:
    rebuild(root)
    return None
