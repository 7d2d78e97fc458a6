"""Output targets, checked before hours of planning: a new folder, an empty one, or one of ours of the same kind."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from optimizer.files.mark import MARK, Mark, NotOursError, file_digest, mark_of, write_mark

SHOWN = 3


def followed(path: Path) -> Path:
    """Real place of a path: links are followed, so that they stay links. Raises NotOursError for a link that leads nowhere."""
    try:
        return Path(os.path.abspath(path)).resolve()
    except (OSError, RuntimeError) as error:
        raise NotOursError(f"{path}: is a link that leads back to itself; mend it or give another folder") from error


def usable_target(folder: Path, kind: str) -> Path:
    """Folder's real path. Raises NotOursError where an output of that kind cannot be written, or would take the place
    of something else."""
    target = followed(folder)
    _can_be_made(folder, target, target.parent)
    if not target.exists():
        return target
    mark = mark_of(target)
    if mark is not None and mark.kind != kind:
        raise NotOursError(f"{folder}: holds a {mark.kind}, not a {kind}; give another folder with --out")
    others = sorted(path.name for path in target.iterdir())
    if mark is None and others:
        raise NotOursError(
            f"{folder}: holds other files ({_some(others)}) and no {MARK} says that it is a {kind} of ours; "
            "give a new folder with --out, or move what is in it away (an output of an older version has no such mark)"
        )
    if os.path.ismount(target):
        raise NotOursError(f"{folder}: is a mount point and cannot be replaced as a whole; give a folder within it")
    return target


def claim(folder: Path, kind: str, names: tuple[str, ...], is_earlier: Callable[[Path], bool]) -> Path:
    """A folder that grows file by file, made and marked where it is not yet; its real path.

    A folder that holds anything of somebody else's is not ours, unless `is_earlier` recognises what an older version wrote;
    names: files of the folder's own that are replaced in it, marked then. Raises NotOursError, OSError.
    """
    target = followed(folder)
    _can_be_made(folder, target, target)
    mark = mark_of(target)
    if mark is not None:
        if mark.kind != kind:
            raise NotOursError(f"{folder}: holds a {mark.kind}, not a {kind}; give another folder")
        return target
    others = [path.name for path in sorted(target.iterdir()) if not _harmless(path.name)] if target.exists() else []
    if others and not is_earlier(target):
        raise NotOursError(
            f"{folder}: holds other files ({_some(others)}) and no {MARK} says that it is a {kind} of ours; "
            "give another folder, or move what is in it away"
        )
    target.mkdir(parents=True, exist_ok=True)
    own = [target / name for name in names if not (target / name).is_symlink() and (target / name).is_file()]
    write_mark(target, Mark(kind, {path.name: file_digest(path) for path in own}))
    return target


def _harmless(name: str) -> bool:
    """Whether a name in an unmarked folder is nobody's: of a new disk, of a job that waits for the lock, of one that was killed."""
    return name in ("lost+found", ".lock") or name.startswith(f"{MARK}.") or ".qaidam-" in name


def _can_be_made(folder: Path, target: Path, written: Path) -> None:
    if target.exists() and not target.is_dir():
        raise NotOursError(f"{folder}: is a file; give a folder with --out")
    near = next(path for path in (written, *written.parents) if path.exists())
    if not near.is_dir():
        raise NotOursError(f"{folder}: cannot be made, {near.name} is a file; give another folder with --out")
    if not os.access(near, os.W_OK | os.X_OK):
        raise NotOursError(f"{folder}: cannot be made, {near} may not be written to; give another folder with --out")


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
