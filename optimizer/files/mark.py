"""The mark of a folder that Qaidam wrote: of which kind it is, and the SHA-256 of every file in it.

`.qaidam.json` lies in the folder. Only what a mark lists is ever replaced or removed. Its own digest seals the folder:
kept elsewhere, it shows any later change.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from optimizer.files.processes import readable

MARK = ".qaidam.json"
SIGNATURE = f"{MARK}.sig"
"""Where ssh-keygen puts a signature of the mark."""
MAKER, FORM = "qaidam", 1
LARGEST_MARK_BYTES = 64_000_000
"""A mark of a hundred thousand files; a larger one is not ours."""


class NotOursError(Exception):
    """Output path occupied by files that are not ours; `problems` has one line each, with the remedy."""

    def __init__(self, *problems: str):
        self.problems = list(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Mark:
    """Mark of an output folder: its kind and the files that belong to it."""

    kind: str
    """`run`, `night`, `export`: written whole; `study`, `nights`, `backtest`: grow file by file."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Path within the folder, with `/` → SHA-256."""

    def text(self) -> str:
        """Mark as it is written."""
        document = {"made_by": MAKER, "form": FORM, "kind": self.kind, "files": dict(sorted(self.files.items()))}
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def mark_of(folder: Path) -> Mark | None:
    """Mark in a folder; None where there is none that can be read."""
    path = folder / MARK
    try:
        if not path.is_file() or path.stat().st_size > LARGEST_MARK_BYTES:
            return None
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["made_by"] != MAKER or document["form"] != FORM:
            return None
        files = {str(name): str(value) for name, value in dict(document["files"]).items()}
        # a mark that names what lies outside its folder is none of ours, and nothing is removed by it
        return Mark(str(document["kind"]), files) if all(map(_inside, files)) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def write_mark(folder: Path, mark: Mark) -> None:
    """Put a mark into a folder in one step. Raises OSError."""
    aside = folder / f"{MARK}.{os.getpid()}"
    aside.write_text(mark.text(), encoding="utf-8")
    os.replace(aside, folder / MARK)


def sealed(folder: Path, kind: str) -> Mark:
    """Mark that lists every file in a folder. Raises OSError."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in (MARK, SIGNATURE))
    return Mark(kind, {path.relative_to(folder).as_posix(): file_digest(path) for path in paths})


def seal_of(folder: Path) -> str:
    """SHA-256 of a folder's mark: kept elsewhere, it seals all files of the folder. Raises OSError."""
    return file_digest(folder / MARK)


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes. Raises OSError."""
    with readable(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def changed_since(folder: Path, mark: Mark) -> list[str]:
    """Files changed, removed or added since the folder was marked, one line each."""
    faults = []
    for name, digest in mark.files.items():
        path = folder / name
        try:
            if not path.is_file():
                faults.append(f"{name}: is missing")
            elif file_digest(path) != digest:
                faults.append(f"{name}: was changed after it was written")
        except OSError as error:
            faults.append(f"{name}: cannot be read ({error.strerror})")
    return faults


def foreign(folder: Path, mark: Mark) -> list[Path]:
    """Files and links in a folder that its mark does not list, by their path within it."""
    inside = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir())
    return [path for path in inside if path.as_posix() not in mark.files and path.name not in (MARK, SIGNATURE)]
