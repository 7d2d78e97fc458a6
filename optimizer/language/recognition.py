"""Translation of English sentences that were made earlier: notes in results, reasons, messages of errors.

They are kept in English, since files and records are read by machines, and recognised when they are shown: by their whole
text, else by the sentence of the catalogue whose fixed parts they have; what stands in its places is translated in turn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from optimizer.language.catalogue import recognised
from optimizer.language.speech import ENGLISH, language, noted, say

PLACE = re.compile(r"\{(\w+)(?:[:!][^{}]*)?\}")
"""A place for a value, with the form of its number."""
LEAST_FIXED = 6
"""Signs of a sentence outside its places; below, it would be found in everything."""
DEEPEST = 8
"""Sentences within sentences."""
IN_A_FILE = re.compile(r"(?P<file>\S+):(?P<line>\d+)  (?P<problem>.+)", re.DOTALL)
IN_A_WHOLE_FILE = re.compile(r"(?P<file>\S+)  (?P<problem>\S.+)", re.DOTALL)
AT_A_PLACE = re.compile(r"(?P<place>[\w./-]+(?: > [\w./ -]+)*): (?P<problem>.+)", re.DOTALL)
IN_A_FILE_SAID, AT_A_PLACE_SAID = noted("{file} line {line}: {problem}"), noted("{place}: {problem}")
FRAMES = ((IN_A_FILE, IN_A_FILE_SAID), (IN_A_WHOLE_FILE, "{file}  {problem}"), (AT_A_PLACE, AT_A_PLACE_SAID))
"""What a message begins with where it is about a file's line, or a key, and how that is put."""


@dataclass(frozen=True)
class Sentence:
    """A sentence of the catalogue with places, as a pattern."""

    text: str
    translation: str

    @property
    def fixed(self) -> list[str]:
        """Parts between its places."""
        return [part for part in PLACE.split(self.text)[::2] if part]

    def values_in(self, text: str) -> dict[str, str] | None:
        """What stands in the places of this sentence, or none where `text` is another."""
        if text.endswith(".") != self.text.endswith(".") or not all(part in text for part in self.fixed):
            return None
        match = _pattern(self.text).fullmatch(text)
        return match.groupdict() if match else None


def shown(text: str) -> str:
    """A sentence in English, as it was made and kept, in the reader's language; itself where it is not known."""
    chosen = language()
    return text if chosen == ENGLISH else _shown(text, chosen, DEEPEST)


def _shown(text: str, chosen: str, levels: int) -> str:
    known = recognised(chosen).get(text)
    if known is not None or not levels:
        return text if known is None else known
    for frame, said in FRAMES:
        match = frame.fullmatch(text)
        problem = _shown(match["problem"], chosen, levels - 1) if match else ""
        if match and problem != match["problem"]:
            return say(said, **(match.groupdict() | {"problem": problem}))
    for sentence in sentences(chosen):
        values = sentence.values_in(text)
        if values is not None:
            inner = {name: _shown(value, chosen, levels - 1) for name, value in values.items()}
            return PLACE.sub(lambda place, inner=inner: inner[place[1]], sentence.translation)  # type: ignore[misc]
    if text.endswith(".") and (inside := _shown(text[:-1], chosen, levels - 1)) != text[:-1]:
        return say("{sentence}.", sentence=inside.removesuffix("。"))
    return text


@cache
def sentences(chosen: str) -> list[Sentence]:
    """Sentences with places, those with most fixed signs first: the more is fixed, the surer it is the one."""
    known = [Sentence(text, said) for text, said in recognised(chosen).items() if PLACE.search(text)]
    sure = [sentence for sentence in known if sum(map(len, sentence.fixed)) >= LEAST_FIXED]
    return sorted(sure, key=lambda sentence: -sum(map(len, sentence.fixed)))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Sentence as a regular expression; a place that comes again must hold the same."""
    parts, seen = PLACE.split(text), set[str]()
    pattern = ""
    for number, part in enumerate(parts):
        if number % 2 == 0:
            pattern += re.escape(part)
        else:
            least = ".*?" if pattern[-1:].isalpha() else ".+?"  # after a letter stands the "s" of several, or nothing
            pattern += f"(?P={part})" if part in seen else f"(?P<{part}>{least})"
            seen.add(part)
    return re.compile(pattern, re.DOTALL)
