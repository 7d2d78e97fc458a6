"""The catalogue of translations: whole for what pages say, with every value's place, and as the source has it."""

from __future__ import annotations

import ast
import re

import pytest

from optimizer.language import extraction
from optimizer.language.catalogue import catalogue, read
from optimizer.language.shipped_names import SECTIONS
from optimizer.scenario.single_site import Scenario, technologies_of

PLACE = re.compile(r"\{(\w+)(?:[:!][^{}]*)?\}")
TERMS = {
    r"card-hours?": "卡时", r"curtail\w*": "弃", r"promises?": "约定", r"penalty": "违约成本", r"demand charges?": "需量电费",
    r"pools?": "资源池", r"clusters?": "集群", r"tariffs?": "电价", r"baseline": "基线", r"outage": "停电", r"seal(s|ed)?": "封存",
    r"ledger": "台账", r"solver": "求解器", r"ramp": "爬坡", r"scenario": "场景", r"telemetry": "遥测", r"climatology": "气候平均",
    r"curve": "曲线", r"proven": "已证明|可证明|未证明", r"spot market": "现货市场", r"mechanism price": "机制电价",
    r"capital (cost|not)": "投资", r"green share": "绿电占比", r"contracted green": "签约绿电", r"rule books?": "规则",
}  # fmt: skip
"""The word of the trade for each term, by its English form; a translation that says another is found."""
MISLEADING = (
    "能量",
    "联络线",
    "罚金",
    "无碳",
    "进口",
    "出口",
    "无解",
    "差距",
    "关税",
    "承诺",
    "罚款",
    "卡小时",
    "天气",
    "任务",
    "您",
    "！",
)
"""Words that a literal translation would use and the trade does not, or that our texts do not have."""
MAY_SAY = {"任务": "task", "天气": "available from the weather"}
"""Where one of them is right: by what the English says."""


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
    assert {escaped(text) for text in texts} - written == set(), "run `make language` and translate what is new"


@pytest.mark.parametrize("is_message", [False, True], ids=["said", "kept"])
def test_everything_is_translated(texts, is_message):
    """Pages, summaries, help, messages, reasons and what keys mean have no English left; the list names what has."""
    known = catalogue("zh")
    assert [text for text, kept in texts.items() if kept == is_message and text not in known] == []


def test_names_are_gathered_from_every_technology():
    """A technology whose section is missing in the list would leave the names of its shipped assets in English."""
    assert set(technologies_of(Scenario)) <= set(SECTIONS)


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


def test_signs_between_chinese_are_full_width():
    """A half-width comma or colon after Chinese is a slip of typing; code between backquotes and a unit's space stay."""
    slip = re.compile("[\u4e00-\u9fff][,;:?!]|[,;] ?[\u4e00-\u9fff]|\\([^()]*[\u4e00-\u9fff][^()]*\\)")
    assert [said for said in catalogue("zh").values() if slip.search(re.sub("`[^`]*`|\\[起, 止\\)", "", said))] == []


@pytest.mark.parametrize("term", TERMS)
def test_a_term_has_one_word(term):
    """A reader who meets two words looks for two things; keys, which stay English, do not count."""
    found = re.compile(rf"(?<![\w`{{.-])(?:{term})(?![\w}}`-]|\.\w)")
    other = {
        t: said
        for t, said in catalogue("zh").items()
        if found.search(t[0].lower() + t[1:]) and not re.search(TERMS[term], said)
    }
    assert other == {}


@pytest.mark.parametrize("word", MISLEADING)
def test_no_word_of_another_trade(word):
    """Energy of a bill is 电量, import from the grid 下网, a promise of a plan 约定."""
    allowed = MAY_SAY.get(word, "\0")
    assert [said for text, said in catalogue("zh").items() if word in said and allowed not in text] == []


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
