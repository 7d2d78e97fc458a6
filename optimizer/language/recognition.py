"""Translation of English sentences that were made earlier: notes in results, reasons, messages of errors.

They are kept in English, since files and records are read by machines, and recognised when they are shown: by their whole
text, else by the sentence of the catalogue whose fixed parts they have; what stands in its places is translated in turn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from optimizer.language.catalogue import recognised
from optimizer.language.speech import ENGLISH, is_chinese, language, noted, say
from optimizer.language.words import words

PLACE = re.compile(r"\{(\w+)(?:[:!][^{}]*)?\}")
"""A place for a value, with the form of its number."""
LEAST_FIXED = 6
"""Signs of a sentence outside its places; below, it would be found in everything."""
CODED = re.compile("[a-z][a-z0-9_]*")
"""Names of cases, factors and quantities."""
GROUPED = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
"""A number with commas between its thousands, as English has them."""
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

    def value_shown(self, name: str, value: str, chosen: str, levels: int) -> str:
        """What stands in a place, in turn; what is quoted there is a key or a value as it was written, and stays."""
        if f"'{{{name}}}'" in self.text:
            return value
        if GROUPED.fullmatch(value):
            return value.replace(",", "")
        said = _shown(value, chosen, levels - 1)
        if said != value:
            return said
        parts = value.split("; ")
        said_parts = [_shown(part, chosen, levels - 1) for part in parts]
        return value if said_parts == parts else say("; ").join(said_parts)


def shown(text: str) -> str:
    """A sentence in English, as it was made and kept, in the reader's language; itself where it is not known."""
    chosen = language()
    return text if chosen == ENGLISH else _shown(text, chosen, DEEPEST)


def words_of_value(text: str) -> str:
    """A value of a table: a known sentence or word in the reader's language, a coded name ("busy_power") in words."""
    said = shown(say(text))
    return words(text) if said == text and CODED.fullmatch(text) and is_chinese() else said


def _shown(text: str, chosen: str, levels: int) -> str:
    known = recognised(chosen).get(text)
    if known is not None or not levels:
        return text if known is None else known
    in_frame = _in_a_frame(text, chosen, levels)
    if in_frame is not None:
        return in_frame
    in_words = _by_a_sentence(text, chosen, levels)
    if in_words is not None:
        return in_words
    if text.endswith(".") and (inside := _shown(text[:-1], chosen, levels - 1)) != text[:-1]:
        return say("{sentence}.", sentence=inside.removesuffix("。"))
    return text


def _in_a_frame(text: str, chosen: str, levels: int) -> str | None:
    """A message with what stands before it, where its own sentence is known; the beginning too where it is ("fresh: ...")."""
    for frame, said in FRAMES:
        match = frame.fullmatch(text)
        if match is None:
            continue
        place = match.groupdict().get("place")
        if place is not None and (in_words := _by_a_sentence(text, chosen, levels, f"{place}: ")) is not None:
            return in_words
        problem = _shown(match["problem"], chosen, levels - 1)
        if problem != match["problem"]:
            begin = recognised(chosen).get(f"{place}:")
            return f"{begin}{problem}" if begin else say(said, **(match.groupdict() | {"problem": problem}))
    return None


def _by_a_sentence(text: str, chosen: str, levels: int, beginning: str = "") -> str | None:
    """The sentence of the catalogue, of those that begin so, that a text is; what stands in its places in turn."""
    for sentence in sentences(chosen):
        values = sentence.values_in(text) if sentence.text.startswith(beginning) else None
        if values is not None:
            inner = {name: sentence.value_shown(name, value, chosen, levels) for name, value in values.items()}
            return PLACE.sub(lambda place, inner=inner: inner[place[1]], sentence.translation)  # type: ignore[misc]
    return None


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
