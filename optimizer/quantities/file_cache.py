"""Cache of what was read from files, by path, time of change and size: a file that was rewritten is read again."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Concatenate, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class FileVersion:
    """A file as it stands on the disk now."""

    path: str
    modified_ns: int
    changed_ns: int
    """Time of the last change of content or name; a program that sets `modified` back cannot set this."""
    size: int
    inode: int


def version_of(path: str) -> FileVersion:
    """File's version. Raises OSError where there is no such file."""
    facts = os.stat(path)
    return FileVersion(path, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size, facts.st_ino)


def cached_by_version(
    maxsize: int,
) -> Callable[[Callable[Concatenate[str, P], T]], Callable[Concatenate[str, P], T]]:
    """Decorator for a function of a path (first) and hashable options: its answer is kept while the file stays the same."""

    def decorate(read: Callable[Concatenate[str, P], T]) -> Callable[Concatenate[str, P], T]:
        @lru_cache(maxsize=maxsize)
        def of_version(version: FileVersion, *args: P.args, **kwargs: P.kwargs) -> T:
            return read(version.path, *args, **kwargs)

        def of_path(path: str, /, *args: P.args, **kwargs: P.kwargs) -> T:
            return of_version(version_of(path), *args, **kwargs)  # type: ignore[arg-type]  # callers give hashable options

        return of_path

    return decorate
