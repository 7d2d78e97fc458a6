"""Sentences and numbers in the reader's language."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from optimizer.language.numbers import big, energy, listed, money, money_to_the_unit, share, unit
from optimizer.language.recognition import shown
from optimizer.language.speech import LANGUAGE, SOURCES, language, say, spoken


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8", LANGUAGE: "zh"}, "zh"),
        ({"LC_ALL": "zh_CN", LANGUAGE: "en"}, "en"),
    ],
)
def test_the_language_is_asked_for_or_that_of_the_locale(monkeypatch, variables, expected):
    """Ours before LC_ALL before LANG, as gettext has it; other languages than Chinese read English."""
    for name in SOURCES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == expected


def test_a_language_holds_as_long_as_it_is_spoken():
    """After it the language is what it was, here English."""
    with spoken("zh"):
        assert say("Summary") == "概要"
    assert say("Summary") == "Summary"
    assert os.environ[LANGUAGE] == "en"


def test_processes_started_meanwhile_speak_the_same():
    """A child reads the variable its parent set: a study's worker writes the page its user asked for."""
    code = "from optimizer.language.speech import say; print(ascii(say('Summary')))"
    with spoken("zh"):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ascii("概要")


def test_an_unknown_sentence_stays_english():
    """A plug-in's own words are shown as they are, with their values in."""
    with spoken("zh"):
        assert say("zorp of {fuel}", fuel="hydrogen") == "zorp of hydrogen"
        assert shown("the zorp is missing") == "the zorp is missing"


@pytest.mark.parametrize(
    ("said", "english", "chinese"),
    [
        (lambda: big(38_214_550), "38.2 million", "3821万"),
        (lambda: big(1_234_567_890), "1,234.6 million", "12.3亿"),
        (lambda: big(12_345), "12,345", "1.23万"),
        (lambda: big(99_999_999), "100.0 million", "1.00亿"),
        (lambda: big(8_354), "8,354", "8354"),
        (lambda: big(0.3247), "0.325", "0.325"),
        (lambda: big(-45_600), "-45,600", "-4.56万"),
        (lambda: share(0.9361), "93.6 %", "93.6%"),
        (lambda: money(12_377_348, "CNY"), "CNY 12.4 million", "1237.73万元"),
        (lambda: money(235_000_000, "CNY"), "CNY 235.0 million", "2.3500亿元"),
        (lambda: money(5_689.3, "CNY"), "CNY 5,689", "5689.30元"),
        (lambda: money(200_000, "USD"), "USD 200,000", "20.00万美元"),
        (lambda: money(200_000, "CHF"), "CHF 200,000", "20.00万 CHF"),
        (lambda: money(20_000, "CNY"), "CNY 20,000", "20000.00元"),
        (lambda: money_to_the_unit(12_377_348, "CNY"), "12,377,348 CNY", "1237.73万元"),
        (lambda: energy(150_000), "150,000", "1.50亿千瓦时"),
        (lambda: energy(36_400), "36,400", "3640万千瓦时"),
        (lambda: unit("CNY/MWh"), "CNY/MWh", "元/兆瓦时"),
        (lambda: listed(["a", "b"]), "a, b", "a、b"),
    ],
)
def test_numbers_as_their_readers_write_them(said, english, chinese):
    """English by thousands and millions, Chinese by ten thousands: 150 GWh are 1.5亿, never 150百万."""
    assert said() == english
    with spoken("zh"):
        assert said() == chinese
