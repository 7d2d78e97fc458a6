"""Texts for the terminal: paragraphs of help, and lines in which a Chinese sign takes two places."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

TOKENS = re.compile(
    r"\s+|[\u201c\uff08]*(?:[^\s\u2e80-\uffef\u201c\u201d\u3001\u3002]+|[\u2e80-\uffef])[\uff0c\u3002\u3001\uff1b\uff1a\uff09\u201d\uff1f]*|."
)
"""Where a line may break: at spaces and between Chinese signs, but never before a closing or after an opening one."""


def paragraphs(text: str) -> Iterator[str]:
    """Paragraphs of a help text as they are translated, each on one line; lines of examples are left out."""
    for part in text.split("\n\n"):
        first, _, rest = part.removeprefix("\b\n").partition("\n")
        yield first if part.startswith("\b\n") and rest.startswith("  ") else " ".join(part.replace("\b", " ").split())


def wrapped(text: str, width: int) -> list[str]:
    """Lines of a text within a width on the terminal, where a Chinese sign takes two places."""
    lines, line = [], ""
    for token in TOKENS.findall(text):
        if line and places(line + token.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += token if line else token.lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines


def places(text: str) -> int:
    """Places a text takes on the terminal."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def padded(text: str, width: int) -> str:
    """A text at the right end of so many places; of a negative width at the left."""
    space = " " * (abs(width) - places(text))
    return text + space if width < 0 else space + text
