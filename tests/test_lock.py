"""requirements.lock: every package pinned with hashes, nothing about where it came from, and true to pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EXTRAS_IN_LOCK = ("notebooks", "docs", "xlsx", "test", "dev")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}(?![0-9a-f])")


def pins(project: Path) -> list[tuple[Requirement, str]]:
    """Each pinned requirement of the lock with the text that follows it (its hashes)."""
    text = (project / "requirements.lock").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return [(Requirement(line.split(" --hash", 1)[0].strip()), line) for line in lines]


def required(project: Path) -> list[Requirement]:
    settings = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    lines = list(settings["dependencies"])
    for extra in EXTRAS_IN_LOCK:
        lines += settings["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


def test_every_line_is_pinned_and_hashed(project):
    """A line without `==` or without a sha256 would let an install take what it finds; the list names such lines."""
    lines = pins(project)
    loose = [str(item) for item, _ in lines if [part.operator for part in item.specifier] != ["=="]]
    unhashed = [str(item) for item, line in lines if not HASH.search(line)]
    assert (loose, unhashed) == ([], [])
    assert len(lines) > 60  # the direct requirements alone are above 30; an emptied lock would pass the lists above


def test_every_hash_has_its_full_length(project):
    """`--hash=sha256:` followed by other than 64 hex digits is a torn file."""
    text = (project / "requirements.lock").read_text()
    assert text.count("--hash=") == len(HASH.findall(text))


def test_no_address_is_written_down(project):
    """An index address would bind every user to one server: "://" must not occur, nor an index option."""
    text = (project / "requirements.lock").read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(-i|--index-url|--extra-index-url|--find-links|-f)\b", text, re.MULTILINE)


def test_each_requirement_of_the_project_is_pinned_within_its_range(project):
    """pyproject.toml raised, lock forgotten: the requirement's name and the pin outside its range are shown."""
    pinned: dict[str, list[str]] = {}
    for item, _ in pins(project):
        pinned.setdefault(canonicalize_name(item.name), []).append(next(iter(item.specifier)).version)
    wrong = {
        str(item): pinned.get(canonicalize_name(item.name), ["no pin"])
        for item in required(project)
        if not pinned.get(canonicalize_name(item.name))
        or not all(item.specifier.contains(version) for version in pinned[canonicalize_name(item.name)])
    }
    assert wrong == {}


def test_the_build_backend_is_in_the_lock(project):
    """The project itself is installed without build isolation, so setuptools must already be there."""
    assert "setuptools" in {canonicalize_name(item.name) for item, _ in pins(project)}


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_each_python_gets_one_version_of_a_package(project, python):
    """Forks of a universal lock are told apart by markers; two pins valid at once would fail the install."""
    settings = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    names = [
        canonicalize_name(item.name)
        for item, _ in pins(project)
        if item.marker is None or item.marker.evaluate(settings)
    ]
    assert sorted(names) == sorted(set(names))
    assert "numpy" in names
