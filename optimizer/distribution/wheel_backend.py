"""Build backend of the wheel: setuptools' own, then every folder of the repository one level down, in the package `qaidam`.

`optimizer` and `weather` are names any other distribution may install too, so a wheel must not. The repository keeps them, and
the wheel has the same tree below `qaidam/`, with `qaidam.` before the project's names in import statements and nothing else
changed: paths between the folders stay right, and no import path is bent when the program runs. Editable installs are
setuptools' alone. Imported by itself in a build's bare environment, so it knows only the standard library and setuptools.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
]

PACKAGE = "qaidam"
FOLDERS = ("optimizer", "weather", "scenarios")
"""Top-level folders of the repository that the wheel carries."""
OWN = "optimizer/distribution/"
"""Of no use in an installed package, but for the module that becomes `qaidam/__init__.py`."""
FRONT = OWN + "front.py"
IMPORT = re.compile(r"(from|import)(\s+)(?=(?:optimizer|weather)\b)")
Settings = Mapping[str, str | list[str] | None]


class UnmovableImportError(Exception):
    """Import of the project that would bind another name once it is moved."""


def build_wheel(
    wheel_directory: str, config_settings: Settings | None = None, metadata_directory: str | None = None
) -> str:
    """Wheel of the project in a folder; its file name. Raises UnmovableImportError."""
    with tempfile.TemporaryDirectory() as aside:
        name: str = build_meta.build_wheel(aside, config_settings, metadata_directory)
        move_into_package(Path(aside) / name, Path(wheel_directory) / name, source=Path.cwd())
    return name


def move_into_package(wheel: Path, target: Path, *, source: Path) -> None:
    """Write a wheel anew with the project's folders in one package. Raises UnmovableImportError."""
    record = []
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry, content in moved(old, source):
            new.writestr(entry, content, zipfile.ZIP_DEFLATED)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(f"{entry.filename},sha256={digest},{len(content)}\n")
        (listing,) = (entry for entry in old.infolist() if entry.filename.endswith(".dist-info/RECORD"))
        new.writestr(listing, "".join([*record, f"{listing.filename},,\n"]), zipfile.ZIP_DEFLATED)


def moved(wheel: zipfile.ZipFile, source: Path) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    """Each file of a wheel but its RECORD, under its new name and with its new content. Raises UnmovableImportError."""
    for entry in wheel.infolist():
        name, content = entry.filename, wheel.read(entry)
        if ".dist-info/" in name:
            if name.endswith("/RECORD"):
                continue
            content = moved_metadata(Path(name).name, content)
        elif not (source / name).is_file():
            continue  # setuptools keeps modules that are gone in build/ and packs them
        else:
            if name.startswith(OWN) and name != FRONT:
                continue
            entry.filename = f"{PACKAGE}/__init__.py" if name == FRONT else f"{PACKAGE}/{name}"
            if name == "optimizer/py.typed":
                yield _beside(entry, f"{PACKAGE}/py.typed"), content
            content = moved_imports(content.decode(), name).encode() if name.endswith(".py") else content
        yield entry, content


def _beside(entry: zipfile.ZipInfo, name: str) -> zipfile.ZipInfo:
    """Another name with the date and rights of an entry."""
    other = zipfile.ZipInfo(name, entry.date_time)
    other.external_attr = entry.external_attr
    return other


def moved_metadata(name: str, content: bytes) -> bytes:
    """A file of the metadata with the project's modules where they are now."""
    if name == "entry_points.txt":
        return re.sub(rb"= *(?=(?:optimizer|weather)[.:])", f"= {PACKAGE}.".encode(), content)
    return f"{PACKAGE}\n".encode() if name == "top_level.txt" else content


def moved_imports(text: str, name: str) -> str:
    """Source whose import statements name the project's modules within the package. Raises UnmovableImportError."""
    lines = text.splitlines(keepends=True)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            mine = [alias for alias in node.names if alias.name.split(".")[0] in FOLDERS]
            if any(alias.asname is None for alias in mine) or (mine and len(node.names) > 1):
                raise UnmovableImportError(f"{name}:{node.lineno}  write `from ... import` or one `import ... as`")
        elif not (isinstance(node, ast.ImportFrom) and node.level == 0 and node.module):
            continue
        line, column = lines[node.lineno - 1], node.col_offset
        lines[node.lineno - 1] = line[:column] + IMPORT.sub(rf"\1\2{PACKAGE}.", line[column:], count=1)
    return "".join(lines)
