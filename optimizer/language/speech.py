"""Sentences in the language of the reader, found by their English text (the gettext way), with named places for values.

The language is an environment variable, so that every process a command starts has the same. What machines read (JSON, CSV,
records) is never put through here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

LANGUAGE = "QAIDAM_LANGUAGE"
"""Variable that says the language, before the locale."""
SOURCES = (LANGUAGE, "LC_ALL", "LC_MESSAGES", "LANG")
ENGLISH, CHINESE = "en", "zh"
LANGUAGES = (ENGLISH, CHINESE)
TAGS = {ENGLISH: "en", CHINESE: "zh-CN"}
"""Names of the languages on a page (BCP 47)."""


def language() -> str:
    """Language of the reader: that of QAIDAM_LANGUAGE, else of the locale, else English."""
    chosen = next((value for name in SOURCES if (value := os.environ.get(name))), ENGLISH)
    return CHINESE if chosen.lower().startswith(CHINESE) else ENGLISH


def is_chinese() -> bool:
    """Whether the reader reads Chinese."""
    return language() == CHINESE


@contextmanager
def spoken(chosen: str | None) -> Iterator[None]:
    """The language `chosen`, here and in processes started meanwhile; none leaves it as it is."""
    before = os.environ.get(LANGUAGE)
    if chosen is not None:
        os.environ[LANGUAGE] = chosen
    try:
        yield
    finally:
        if chosen is not None and before is None:
            os.environ.pop(LANGUAGE, None)
        elif before is not None:
            os.environ[LANGUAGE] = before


def say(text: str, /, **values: object) -> str:
    """A sentence in the reader's language; `text` is the English one, with a `{place}` for each value."""
    said = translated(text)
    return said.format(**values) if values else said


def counted(number: int, one: str, several: str, /, **values: object) -> str:
    """A sentence on so many things: `one` says it of a single one, `several` has a `{number}`; both `noted`."""
    return say(one if number == 1 else several, number=number, **values)


def noted(text: str) -> str:
    """A sentence that is said later: as it is, but put into the catalogue."""
    return text


def translated(text: str) -> str:
    """The translation of an English text, its places left open; itself where there is none."""
    chosen = language()
    if chosen == ENGLISH or not text:
        return text
    # a run in English reads no catalogue
    from optimizer.language.catalogue import catalogue

    return catalogue(chosen).get(text, text)
