"""Digests of what a result depends on: the scenario, the files it reads, the package's source, the solver's version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from optimizer.files.processes import readable
from optimizer.quantities.documents import SCENARIOS
from optimizer.quantities.versions import versions
from optimizer.study.shapes import Question

PROJECT = Path(__file__).resolve().parents[2]
WITHOUT_EFFECT = ("commands", "report", "export", "study", "nightly", "language", "distribution")
"""Folders of the package that ask for, show or schedule results, and do not make them."""
WITH_EFFECT = ("study/run.py", "study/measures.py", "study/near_optimal.py")
DECIDING = ("pyomo", "highspy", "numpy", "scipy", "pandas", "pvlib", "windpowerlib")
"""Packages whose version may change an answer."""


def canonical(data: object) -> str:
    """Canonical text of data: sorted keys, shortest floats."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_of(text: str) -> str:
    """SHA-256 of a text, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes. Raises OSError."""
    return _file_digest(str(path), path.stat().st_mtime_ns, path.stat().st_size)


@lru_cache(maxsize=4096)
def _file_digest(path: str, _changed: int, _size: int) -> str:
    return hashlib.sha256(readable(Path(path)).read_bytes()).hexdigest()


@lru_cache(maxsize=1)
def source_digest() -> str:
    """Digest of the source files that make results; a change of a report or a text does not count."""
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(str(path.relative_to(PROJECT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    package = PROJECT / "optimizer"
    for path in package.rglob("*.py"):
        inside = path.relative_to(package)
        if inside.parts[0] not in WITHOUT_EFFECT and not inside.name.startswith("cli"):
            yield path
    yield from (package / name for name in WITH_EFFECT)
    yield from (PROJECT / "weather").rglob("*.py")


@lru_cache(maxsize=1)
def deciding_versions() -> str:
    """Names and versions of the packages that may change an answer."""
    return canonical(versions(DECIDING))


def parts_of(resolved: Mapping[str, object], question: Question, with_baseline: bool) -> dict[str, str]:
    """Digests whose union is a run's identity. `resolved`: the validated scenario as plain data, with defaults."""
    plain, files = _without_paths(resolved)
    return {
        "scenario": digest_of(canonical(plain)),
        "question": digest_of(canonical({"question": question, "with_baseline": with_baseline})),
        "files": digest_of(canonical(files)),
        "source": source_digest(),
        "versions": digest_of(deciding_versions()),
    }


def run_id(parts: Mapping[str, str]) -> str:
    """Name of a run: what it depends on, in 24 characters."""
    return digest_of(canonical(dict(parts)))[:24]


def _without_paths(resolved: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    """Data with every file's path replaced by its content's digest, and the digests of all files read."""
    files: list[str] = []

    def walk(node: object) -> object:
        if isinstance(node, Mapping):
            return {
                key: _digested(value, files) if key == "file" and value is not None else walk(value)
                for key, value in node.items()
            }
        return [walk(item) for item in node] if isinstance(node, list) else node

    plain = {key: walk(value) for key, value in resolved.items() if key not in ("description", "planning")}
    plain["planning"] = resolved.get("planning", {})
    weather = resolved.get("weather")
    climate = weather.get("synthetic") if isinstance(weather, Mapping) else None
    table = SCENARIOS / "climates" / f"{climate}.csv"
    if climate is not None and table.is_file():
        files.append(file_digest(table))
    return plain, files


def _digested(path: object, files: list[str]) -> str:
    digest = file_digest(Path(str(path)))
    files.append(digest)
    return digest
