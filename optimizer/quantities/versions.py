"""Installed versions, for the record of a run."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Installed versions of packages, for the record."""
    version_of = {}
    for package in packages:
        try:
            version_of[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            version_of[package] = "not installed"
    return version_of
