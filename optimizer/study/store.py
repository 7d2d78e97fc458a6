"""Where runs are kept: runs/<ab>/<id>/{series.nc, manifest.json}, whole or not at all; failures beside them, with their reason.

A run is written to a folder of its own name aside, flushed, and renamed; its manifest is written last and is the mark that
it is done. Nobody ever waits for anybody: two writers of one run leave the same bytes, the second one's are dropped.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from optimizer.files.target import claim
from optimizer.files.whole import sync
from optimizer.study.digest import file_digest
from optimizer.study.shapes import Failure, Manifest

STUDY, OWN = "study", ("index.sqlite", "study.csv", "report.html")
"""Kind of a study's folder, as its mark says, and the files that are made anew in it."""
SAME_AGAIN = ("scenario", "data", "solver", "result")
"""Kinds of failure that the same task would meet again: not tried anew unless asked for."""


def study_root(root: Path) -> Path:
    """The real folder of a study, made and marked where it is not yet. Raises NotOursError, OSError."""
    return claim(root, STUDY, OWN, lambda folder: any((folder / "runs").glob("??/*/manifest.json")))


def run_folder(root: Path, name: str) -> Path:
    """Folder of a run."""
    return root / "runs" / name[:2] / name


def is_done(root: Path, name: str) -> bool:
    """Whether the run has been finished."""
    return (run_folder(root, name) / "manifest.json").is_file()


def keep_run(root: Path, name: str, manifest: Manifest, write_series: Callable[[Path], None]) -> None:
    """Write a run. Nothing of it stays when that fails. Raises OSError."""
    target = run_folder(root, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{name}.{socket.gethostname()}.{os.getpid()}.{uuid.uuid4().hex[:8]}.part")
    aside.mkdir()
    try:
        write_series(aside / "series.nc")
        sync(aside / "series.nc")
        sealed = manifest | {"series_sha256": file_digest(aside / "series.nc")}
        (aside / "manifest.json").write_text(json.dumps(sealed, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        sync(aside / "manifest.json")
        sync(aside)
        if not is_done(root, name):
            _put_in_place(aside, target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    (root / "failures" / f"{name}.json").unlink(missing_ok=True)


def _put_in_place(aside: Path, target: Path) -> None:
    try:
        aside.rename(target)
    except OSError:
        if not (target / "manifest.json").is_file():
            raise
    else:
        sync(target.parent)


def keep_failure(root: Path, name: str, kind: str, reason: str, label: str) -> None:
    """Remember why a run gave nothing. Raises OSError."""
    folder = root / "failures"
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{name}.{uuid.uuid4().hex[:8]}.part"
    text = json.dumps({"id": name, "kind": kind, "reason": reason, "label": label}, ensure_ascii=False) + "\n"
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(folder / f"{name}.json")
    finally:
        aside.unlink(missing_ok=True)


def failure_of(root: Path, name: str) -> Failure | None:
    """Why a run gave nothing, or None if nothing is known."""
    try:
        found: Failure = json.loads((root / "failures" / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found


def manifest_of(root: Path, name: str) -> Manifest:
    """The manifest of a finished run. Raises OSError, ValueError."""
    found: Manifest = json.loads((run_folder(root, name) / "manifest.json").read_text(encoding="utf-8"))
    return found


def manifests(root: Path) -> Iterator[tuple[Path, Manifest]]:
    """(run folder, manifest) of every finished run; one that cannot be read is left out."""
    for path in sorted((root / "runs").glob("??/*/manifest.json")):
        try:
            yield path.parent, json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue


def clear_remains(root: Path) -> int:
    """Remove what writers of this machine left behind when they were killed; returns how many."""
    removed = 0
    for path in (root / "runs").glob(f"??/.*.{socket.gethostname()}.*.part"):
        if not Path(f"/proc/{path.name.split('.')[-3]}").exists():
            shutil.rmtree(path, ignore_errors=True)
            removed += 1
    return removed


@dataclass(frozen=True)
class Audit:
    """Wanted against found."""

    done: list[str]
    failed: dict[str, str]
    """Run → kind and reason."""
    missing: list[str]
    """Neither done nor known to have failed: their worker, scheduler or client was lost."""


def audit(root: Path, wanted: Iterable[str]) -> Audit:
    """Compare what is wanted with what lies on disk."""
    done, failed, missing = [], {}, []
    for name in wanted:
        if is_done(root, name):
            done.append(name)
        elif (failure := failure_of(root, name)) is not None:
            failed[name] = f"{failure['kind']}: {failure['reason']}"
        else:
            missing.append(name)
    return Audit(done, failed, missing)


def still_to_do(root: Path, wanted: Iterable[str], *, again: bool = False) -> set[str]:
    """Runs that are not done; without those whose failure the same task would meet again, unless `again`."""
    left = set()
    for name in wanted:
        failure = None if is_done(root, name) else failure_of(root, name)
        if not is_done(root, name) and (again or failure is None or failure["kind"] not in SAME_AGAIN):
            left.add(name)
    return left
