"""Store of a study's runs: runs/<ab>/<id>/{series.nc, manifest.json}, whole or not at all; failures beside them, with their reason.

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
from typing import Any, cast

from optimizer.files.processes import readable
from optimizer.files.target import claim
from optimizer.files.whole import sync
from optimizer.study.digest import digest_of, file_digest
from optimizer.study.shapes import Failure, Manifest

MANIFEST, SERIES = "manifest.json", "series.nc"
STUDY, OWN = "study", ("index.sqlite", "study.csv", "report.html")
"""Kind of a study's folder, as its mark says, and the files that are made anew in it."""
SAME_AGAIN = ("scenario", "data", "solver", "result")
"""Kinds of failure that the same task would meet again: not tried anew unless requested."""


def study_root(root: Path) -> Path:
    """Real folder of a study, made and marked where it is not yet. Raises NotOursError, OSError."""
    return claim(root, STUDY, OWN, lambda folder: any((folder / "runs").glob("??/*/manifest.json")))


def run_folder(root: Path, name: str) -> Path:
    """Folder of a run."""
    return root / "runs" / name[:2] / name


def is_done(root: Path, name: str) -> bool:
    """Whether the run has been finished, and manifest and series are still those that were written."""
    try:
        checked_manifest(run_folder(root, name))
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return True


def checked_manifest(folder: Path) -> Manifest:
    """Manifest of a finished run whose series is the one it was written with.

    Raises OSError, ValueError where a file is missing, cannot be read or was changed.
    """
    manifest: Any = json.loads(readable(folder / MANIFEST).read_text(encoding="utf-8"))
    if not isinstance(manifest, dict) or manifest.get("id") != folder.name:
        raise ValueError(f"{MANIFEST}: is not that of run {folder.name}")
    if manifest.get("series_sha256") != file_digest(folder / SERIES):
        raise ValueError(f"{SERIES}: is not the one that was written (its digest is another)")
    written_digest = manifest.get("manifest_sha256")
    if written_digest is not None and written_digest != _manifest_digest(manifest):
        raise ValueError(f"{MANIFEST}: was changed after it was written")
    return cast(Manifest, manifest)


def _manifest_digest(manifest: dict[str, object]) -> str:
    plain = {key: value for key, value in manifest.items() if key != "manifest_sha256"}
    return digest_of(json.dumps(plain, sort_keys=True, ensure_ascii=False))


def keep_run(root: Path, name: str, manifest: Manifest, write_series: Callable[[Path], None]) -> None:
    """Write a run. Nothing of it stays when that fails. Raises OSError."""
    target = run_folder(root, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{name}.{socket.gethostname()}.{os.getpid()}.{uuid.uuid4().hex[:8]}.part")
    aside.mkdir()
    try:
        write_series(aside / SERIES)
        sync(aside / SERIES)
        sealed: dict[str, object] = json.loads(
            json.dumps(manifest | {"series_sha256": file_digest(aside / SERIES)}, ensure_ascii=False)
        )  # as it will be read
        sealed["manifest_sha256"] = _manifest_digest(sealed)
        (aside / MANIFEST).write_text(json.dumps(sealed, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        sync(aside / MANIFEST)
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
        if is_done(target.parents[2], target.name):
            return  # another writer was quicker
        spoiled = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.spoiled")
        target.rename(spoiled)  # what lies there cannot be read, or was changed: it makes room and is kept
        aside.rename(target)
        sync(target.parent)
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
    """Recorded failure of a run, None without one."""
    try:
        failure: Failure = json.loads(readable(root / "failures" / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return failure


def manifest_of(root: Path, name: str) -> Manifest:
    """Manifest of a finished run, checked against what was written. Raises OSError, ValueError."""
    return checked_manifest(run_folder(root, name))


def manifests(root: Path) -> Iterator[tuple[Path, Manifest]]:
    """(run folder, manifest) of every finished run; one that cannot be read, or was changed, is left out."""
    for path in sorted((root / "runs").glob("??/*/manifest.json")):
        if path.parent.name.startswith("."):
            continue
        try:
            yield path.parent, checked_manifest(path.parent)
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
    """Audit of a study: requested runs against those on disk."""

    done: list[str]
    failed: dict[str, str]
    """Run → kind and reason."""
    missing: list[str]
    """Neither done nor known to have failed: their worker, scheduler or client was lost."""


def audit(root: Path, requested: Iterable[str]) -> Audit:
    """Compare the requested runs with those on disk."""
    done, failed, missing = [], {}, []
    for name in requested:
        if is_done(root, name):
            done.append(name)
        elif (failure := failure_of(root, name)) is not None:
            reason = str(failure["reason"]).strip().splitlines() or [""]  # of a bug's traceback the last line
            failed[name] = f"{failure['kind']}: {reason[-1] if failure['kind'] == 'bug' else failure['reason']}"
        else:
            missing.append(name)
    return Audit(done, failed, missing)


def still_to_do(root: Path, requested: Iterable[str], *, again: bool = False) -> set[str]:
    """Runs that are not done; without those whose failure the same task would meet again, unless `again`."""
    left = set()
    for name in requested:
        failure = None if is_done(root, name) else failure_of(root, name)
        if not is_done(root, name) and (again or failure is None or failure["kind"] not in SAME_AGAIN):
            left.add(name)
    return left
