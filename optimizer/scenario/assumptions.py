"""Assumptions of a scenario file: the numbers whose comment says `assumption` (or 假设), by path, line and words.

A comment speaks for a number on its own line, on the line it hangs under, or on an earlier line of the same key in the same
section (a second pool like the first). Numbers of the files a scenario names (tariffs, climates) stand in those files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from optimizer.quantities.documents import Document

MARKS = ("assumption", "假设")
"""Words of a comment that says so."""
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Assumption:
    """Number that is assumed."""

    path: str
    """As `--set` takes it: "storage.haixi_share.energy_mwh"."""
    value: float
    line: int
    words: str
    """Comment."""


def assumptions_of(document: Document) -> list[Assumption]:
    """Every assumed number of assets in the order of the file; courses and lists count as one number, 1, their scale."""
    comments = _comments(document)
    known: dict[tuple[str | int, str | int], str] = {}
    found = []
    for place, value in _numbers(document.data, ()):
        line = document.line(place)
        words = comments.get(line) or known.get((place[0], place[-1])) or _above(document, comments, place)
        if comments.get(line):
            known[place[0], place[-1]] = comments[line]
        if any(mark in words for mark in MARKS) and len(place) > 2:
            found.append(Assumption(".".join(map(str, place)), value, line, words))
    return found


def _numbers(node: object, place: Place) -> Iterator[tuple[Place, float]]:
    """Numbers that hang under keys; those in lists are left out: a change of one of 24 says little."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _numbers(value, (*place, key))
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield place, float(node)


def _comments(document: Document) -> dict[int, str]:
    """Comment of each line that has one."""
    lines = document.path.read_text(encoding="utf-8-sig").splitlines()
    return {number: line.partition(" #")[2].strip() for number, line in enumerate(lines, start=1) if " #" in line}


def _above(document: Document, comments: Mapping[int, str], place: Place) -> str:
    """Comment of the nearest line the number hangs under."""
    lines = [document.line(place[:depth]) for depth in range(len(place) - 1, 0, -1)]
    return next((comments[line] for line in lines if line in comments), "")
