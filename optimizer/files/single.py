"""Single files written whole or not at all: filled aside, flushed, then renamed. Existing files are replaced only on request.

A link is followed and stays a link.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from optimizer.files.mark import MARK, NotOursError, file_digest, mark_of, write_mark
from optimizer.files.target import followed
from optimizer.files.whole import PART, sync

Fill = Callable[[Path], object]


def write_file(path: Path, fill: Fill, *, force: bool = False) -> Path:
    """Write one file that a user named. Raises NotOursError where it exists (unless `force`) or cannot be one, OSError."""
    target = followed(path)
    if target.is_dir():
        raise NotOursError(f"{path}: is a folder; give a file")
    if target.exists() and not target.is_file():
        raise NotOursError(f"{path}: is no regular file; give the path of one")
    if target.name == MARK:
        raise NotOursError(f"{path}: is the name of a folder's mark; give another name")
    if target.exists() and not force:
        raise NotOursError(f"{path}: exists already; give another name, or --force to replace it")
    target.parent.mkdir(parents=True, exist_ok=True)
    _replaced(target, fill)
    return target


def write_into(folder: Path, name: str, fill: Fill) -> Path:
    """Write or replace a file of a marked folder, and keep its digest in the mark. Raises NotOursError, OSError."""
    folder = followed(folder)
    mark = mark_of(folder)
    if mark is None:
        raise NotOursError(
            f"{folder}: no {MARK} says that it is ours, so nothing is written into it (an output of an older version has none)"
        )
    target = folder / name
    if target.is_symlink() or target.is_dir() or (target.exists() and name not in mark.files):
        raise NotOursError(f"{target}: is not ours and would be replaced; move it away")
    _replaced(target, fill)
    write_mark(folder, replace(mark, files={**mark.files, name: file_digest(target)}))
    return target


def _replaced(target: Path, fill: Fill) -> None:
    aside = target.with_name(f".{target.stem}.{os.getpid()}.{PART}{target.suffix}")
    try:
        fill(aside)
        sync(aside)
        os.replace(aside, target)
    finally:
        aside.unlink(missing_ok=True)
    sync(target.parent)
