"""Catalogues of translations: a gettext file (`zh.po`) for each language beside this one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # babel waits until a catalogue is read
    from babel.messages.catalog import Catalog

FOLDER = Path(__file__).resolve().parent
SAID = "said"
"""Comment of a text that is translated where it is made; the others may be kept in English and recognised when shown."""


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Translations by English text; those that are missing, or not yet looked at (fuzzy), are left out."""
    return {text: translation for text, translation, _ in _entries(language)}


@cache
def recognised(language: str) -> Mapping[str, str]:
    """Translations of the texts that may be kept in English: reasons, notes, messages of errors."""
    return {text: translation for text, translation, comments in _entries(language) if SAID not in comments}


@cache
def _entries(language: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Text, translation and comments of each entry."""
    return [
        (str(entry.id), str(entry.string), tuple(entry.auto_comments))
        for entry in read(language)
        if entry.id and entry.string and not entry.fuzzy
    ]


def read(language: str) -> Catalog:
    """The file of a language as it stands. Raises OSError."""
    # only where another language is read: `qaidam --help` stays quick
    from babel.messages.pofile import read_po

    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)
