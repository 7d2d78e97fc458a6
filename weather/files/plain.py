"""Bytes and text of a regular file of bounded size: a pipe, a device or a file that unpacks without end is refused."""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from pathlib import Path

MEGABYTE = 1_000_000


class UnusableFileError(Exception):
    """A file that is not read: the reason and the remedy, without its path."""


def plain_bytes(path: Path | str, *, most_mb: float) -> bytes:
    """Whole file, at most `most_mb` megabytes. Raises OSError, or UnusableFileError for what is no such file."""
    # Opening a pipe nobody writes to would wait for ever; O_NONBLOCK returns at once, and fstat tells what it is.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        facts = os.fstat(handle)
        if stat.S_ISDIR(facts.st_mode):
            raise UnusableFileError("is a folder; give the path of a file")
        if not stat.S_ISREG(facts.st_mode):
            raise UnusableFileError("is a pipe or a device, not a file; write its content into a file first")
        if facts.st_size > most_mb * MEGABYTE:
            raise UnusableFileError(_too_large(facts.st_size / MEGABYTE, most_mb))
        with os.fdopen(handle, "rb", closefd=False) as file:
            content = file.read(int(most_mb * MEGABYTE) + 1)
    finally:
        os.close(handle)
    if len(content) > most_mb * MEGABYTE:  # it grew while it was read
        raise UnusableFileError(_too_large(len(content) / MEGABYTE, most_mb))
    return content


def first_bytes(path: Path | str, count: int) -> bytes:
    """First bytes of a regular file. Raises OSError, or UnusableFileError for what is no such file."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise UnusableFileError("is a folder, a pipe or a device; give the path of a file")
    with open(path, "rb") as file:
        return file.read(count)


def unpacked_bytes(path: Path | str, *, most_mb: float) -> bytes:
    """Bytes of a file that may be gzipped (recognised by its first bytes); `most_mb` also bounds what it unpacks to."""
    content = plain_bytes(path, most_mb=most_mb)
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.open(path, "rb") as file:
            unpacked = file.read(int(most_mb * MEGABYTE) + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnusableFileError(f"is gzip that breaks off or is damaged ({error}); pack it again") from error
    if len(unpacked) > most_mb * MEGABYTE:
        raise UnusableFileError(_too_large(len(unpacked) / MEGABYTE, most_mb))
    return unpacked


def text_of(content: bytes) -> str:
    """Bytes as text: UTF-8, else Latin-1 (names of stations and people in old files; digits are the same)."""
    if b"\x00" in content[:4096]:
        raise UnusableFileError("holds binary data where text was expected; export it as text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _too_large(size_mb: float, most_mb: float) -> str:
    return f"has {_size(size_mb)}, at most {_size(most_mb)} are read; cut it to what is needed"


def _size(size_mb: float) -> str:
    return f"{size_mb:,.0f} MB" if size_mb >= 10 else f"{size_mb * 1000:,.0f} kB"
