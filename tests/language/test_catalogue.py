"""The catalogue of translations: whole for what pages say, with every value's place, and as the source has it."""

from __future__ import annotations

import ast
import re

import pytest

from optimizer.language import extraction
from optimizer.language.catalogue import catalogue, read

PLACE = re.compile(r"\{(\w+)(?:[:!][^{}]*)?\}")
KNOWN_MESSAGES = 0.9
"""Share of the messages of errors that the catalogue must hold; `make language` brings it to all."""


@pytest.fixture(scope="module")
def texts() -> dict[str, bool]:
    """Every text of the source, and whether it is a message: one that is made with values and may be kept."""
    return {str(entry.id): not entry.auto_comments for entry in extraction.template() if entry.id}


@pytest.fixture(scope="module")
def written() -> set[str]:
    """Texts of the committed template."""
    return set(re.findall(r'^msgid "(.+)"$', unwrapped(extraction.TEMPLATE.read_text(encoding="utf-8")), re.MULTILINE))


def unwrapped(text: str) -> str:
    """A catalogue with each text on a line of its own."""
    return text.replace('"\n"', "")


def escaped(text: str) -> str:
    """A text as a catalogue writes it."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def test_what_is_said_is_in_the_template_and_nothing_else(texts, written):
    """A sentence that was reworded is missed by its translation: `make language` writes the template anew."""
    said = {escaped(text) for text, is_message in texts.items() if not is_message}
    assert said - written == set(), "run `make language` and translate what is new"
    messages = {escaped(text) for text, is_message in texts.items() if is_message}
    assert len(messages & written) >= KNOWN_MESSAGES * len(messages), "run `make language`"


def test_everything_that_is_said_is_translated(texts):
    """Pages and summaries have no English left; the list names what has."""
    known = catalogue("zh")
    assert [text for text, is_message in texts.items() if not is_message and text not in known] == []


def test_every_place_survives_its_translation():
    """A value whose place is lost would be left out of the sentence, one that is misspelt would end the report."""
    plural = re.compile(r"(?<=[a-z])\{(\w+)\}(?= )")  # the "s" of several, which Chinese does not write
    wrong = {
        text: said
        for text, said in catalogue("zh").items()
        if set(PLACE.findall(text)) - set(plural.findall(text)) - set(PLACE.findall(said))
        or set(PLACE.findall(said)) - set(PLACE.findall(text))
    }
    assert wrong == {}


def test_a_translation_has_the_number_forms_of_its_sentence():
    """`{low:.0f}` stays so: without its form a price would be written with sixteen digits."""
    forms = re.compile(r"\{\w+:[^{}]*\}")
    wrong = {
        t: said
        for t, said in catalogue("zh").items()
        if sorted(set(forms.findall(t))) != sorted(set(forms.findall(said)))
    }
    assert wrong == {}


def test_translations_are_chinese():
    """Sentences have Chinese signs, full stops of their own, and no double spaces between them."""
    sentences = {
        text: said for text, said in catalogue("zh").items() if len(re.findall(r"[a-z]{3,}", PLACE.sub("", text))) > 3
    }
    latin = [said for said in sentences.values() if not re.search(r"[\u4e00-\u9fff]", said)]
    assert latin == []
    assert [said for said in catalogue("zh").values() if re.search(r"[\u4e00-\u9fff]\. ", said)] == []


def test_catalogue_and_template_have_the_same_texts(written):
    """`zh.po` holds what the template holds, no more and no less."""
    assert {escaped(str(entry.id)) for entry in read("zh") if entry.id} == written


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('say("The plan costs {cost}.", cost=1)', ["The plan costs {cost}."]),
        ('f"{say(\'lowest\')}: %{{y}}"', ["lowest"]),
        ('raise ValueError(f"{path}: cannot be read; give another")', ["{path}: cannot be read; give another"]),
        ('raise ValueError("must be above zero")', ["must be above zero"]),
        ('problems.append(f"row {number + 1} ends before it starts")', ["row {number} ends before it starts"]),
        ('"""A file of hours and prices."""', []),
        ('f"{a}-{b}"', []),
    ],
)  # fmt: skip
def test_texts_are_found_in_the_source(source, texts):
    """What is said, also within an f-string; messages with values named after what is read; no documentation, no keys."""
    tree = ast.parse(source)
    assert [text for text, _ in extraction.said(tree)] + list(extraction.messages(tree)) == texts
