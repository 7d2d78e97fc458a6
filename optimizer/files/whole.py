"""Folders written whole or not at all: filled beside the target, flushed to disk, marked, then renamed.

A reader sees the last good folder or the new one. Only a folder that carries our mark of the same kind is replaced, and
of it only the files its mark lists: what others put into it moves along. A link is followed and stays a link.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from optimizer.files.mark import MARK, SIGNATURE, Mark, foreign, mark_of, sealed, write_mark
from optimizer.files.target import followed, usable_target

PART, OLD = "qaidam-part", "qaidam-old"
"""Endings of what is being written, and of what is being replaced."""


def write_whole(folder: Path, fill: Callable[[Path], None], kind: str) -> Path:
    """Make a folder by filling another beside it and renaming that. Nothing half-written stays when `fill` fails.

    Returns the real folder. Raises NotOursError where something else stands there, OSError where it cannot be written.
    """
    recover(folder)
    folder = usable_target(folder, kind)
    folder.parent.mkdir(parents=True, exist_ok=True)
    sweep(folder.parent, folder.name)
    part, old = _beside(folder, f"{os.getpid()}.{PART}"), _beside(folder, OLD)
    _remove_part(part)
    part.mkdir()
    try:
        write_mark(part, Mark(PART))
        fill(part)
        write_mark(part, sealed(part, kind))
        for path in part.rglob("*"):
            sync(path)
        sync(part)
        if folder.exists():
            folder.rename(old)
        part.rename(folder)
        sync(folder.parent)
    finally:
        _remove_part(part)
    _clear(old, folder)
    return folder


def recover(folder: Path) -> None:
    """Bring back the last good run if a writer was killed between taking the old one away and putting the new one in place."""
    folder = followed(folder)
    if not folder.name:
        return  # the root of all files
    old = _beside(folder, OLD)
    if not old.is_dir() or mark_of(old) is None:
        return
    if not folder.exists():
        old.rename(folder)
    else:
        _clear(old, folder)


def _clear(old: Path, new: Path) -> None:
    """Remove the replaced folder; files of others in it move into the new one."""
    mark = mark_of(old) if old.is_dir() else None
    for path in foreign(old, mark) if mark is not None else ():
        place = new / path
        place.parent.mkdir(parents=True, exist_ok=True)
        while place.exists() or place.is_symlink():
            place = place.with_name(f"{place.name}.kept")
        (old / path).rename(place)
    remove_own(old)


def remove_own(folder: Path) -> None:
    """Remove the files a folder's mark lists, then the folder if nothing else is in it. What cannot be removed stays."""
    mark = mark_of(folder)
    if mark is None or folder.is_symlink():
        return
    home = folder.resolve()
    for path in (folder / name for name in (*mark.files, MARK, SIGNATURE)):
        if path.parent.resolve().is_relative_to(home):  # not through a link that someone put in a folder's place
            _unlinked(path)
    for path in (*sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True), folder):
        _removed_if_empty(path)


def _unlinked(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return  # a folder in a file's place, or not allowed


def _removed_if_empty(path: Path) -> None:
    try:
        path.rmdir()
    except OSError:
        return  # something of another's is in it


def sweep(folder: Path, name: str = "*", *, alone: bool = False) -> list[str]:
    """Remove what writers that were killed left half-written under that name; the names removed.

    alone: nobody else writes here now (the caller holds the folder's lock), so a living process of that number is another.
    """
    removed = []
    for part in sorted(folder.glob(f".{name}.*.{PART}*")):
        writer = part.name.partition(f".{PART}")[0].rpartition(".")[2]
        dead = writer.isdigit() and (alone or not lives(int(writer)))
        if dead and _remove_part(part):
            removed.append(part.name)
    return removed


def _remove_part(part: Path) -> bool:
    """Remove a half-written file, link or folder; a folder only if it says that it is one, or is empty."""
    if part.is_symlink() or part.is_file():
        part.unlink(missing_ok=True)
        return True
    if not part.is_dir():
        return False
    if (part / MARK).is_file() and mark_of(part) is not None:
        shutil.rmtree(part, ignore_errors=True)
        return True
    leftover = list(part.glob(f"{MARK}.*"))
    if len(leftover) == len(list(part.iterdir())):
        for path in leftover:
            path.unlink()
        part.rmdir()
        return True
    return False


def remove_tree(folder: Path) -> None:
    """Remove a folder whose name only we make (children's working folders), whatever is in it."""
    shutil.rmtree(folder, ignore_errors=True)


def lives(process: int) -> bool:
    """Whether a process of that number runs."""
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _beside(folder: Path, ending: str) -> Path:
    return folder.with_name(f".{folder.name}.{ending}")


def sync(path: Path) -> None:
    """Flush a file or folder to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
