"""Folders written whole or not at all: filled beside the target, flushed to disk, then renamed.

A reader sees the last good folder or the new one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path


def write_whole(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Make a folder by filling another beside it and renaming that. Nothing half-written stays when `fill` fails."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    recover(folder)
    _sweep(folder)
    part, old = _beside(folder, f"{os.getpid()}.part"), _beside(folder, "old")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        fill(part)
        for path in part.rglob("*"):
            sync(path)
        sync(part)
        if folder.exists():
            folder.rename(old)
        part.rename(folder)
        sync(folder.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    return folder


def recover(folder: Path) -> None:
    """Bring back the last good run if a writer was killed between taking the old one away and putting the new one in place."""
    old = _beside(folder, "old")
    if old.exists() and not folder.exists():
        old.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what writers that were killed left half-filled."""
    for part in folder.parent.glob(f".{folder.name}.*.part"):
        writer = part.name.split(".")[-2]
        if not (writer.isdigit() and _lives(int(writer))):
            shutil.rmtree(part, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
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
