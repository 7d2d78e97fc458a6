"""Names that shipped files give: titles, assets, cases, clauses, places; a reader of another language meets them on pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ruamel.yaml import YAML

from optimizer.language.words import plain_words

SECTIONS = (
    "wind", "solar", "storage", "station", "genset", "grid", "power_train", "cooling", "load", "cluster", "service", "queue", "jobs", "elastic",
    "green_supply", "resilience", "parties", "sites", "classes", "cases", "sensitivity",
)  # fmt: skip
"""Sections of scenarios and studies whose keys are names that their writer chose."""


def names_in(path: Path) -> Iterator[str]:
    """Names of a shipped scenario, study, tariff or rule book, as English words; of a table of climate its place."""
    if path.suffix == ".csv":
        yield path.stem.title()
        return
    document = YAML(typ="safe").load(path)
    if "clauses" in document:
        yield from _of_clauses(document["clauses"])
        return
    yield str(document["name"])
    parts = [document, document.get("overrides") or {}]
    for part in parts:
        yield from (plain_words(name) for section in SECTIONS for name in _keys(part.get(section)))
    yield from (plain_words(name) for name in _keys((document.get("sample") or {}).get("ranges")))


def _of_clauses(clauses: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    """Names of clauses, and the values that a clause asks of a setting."""
    for name, clause in clauses.items():
        yield plain_words(name)
        values = clause.get("one_of")
        yield from (plain_words(str(value)) for value in (values if isinstance(values, list) else []))


def _keys(section: object) -> list[str]:
    """Keys of a section that are words."""
    return [key for key in section if re.search("[a-z]{2}", key)] if isinstance(section, Mapping) else []
