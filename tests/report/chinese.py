"""Latin words on a page in Chinese: what is left of English, but for names, units and abbreviations."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from html import unescape
from pathlib import Path

ALLOWED = {
    "Qaidam", "PUE", "WUE", "CUE", "IT", "CNY", "USD", "UTC", "SOC", "GHI", "DNI", "DHI", "JavaScript", "SHA", "LCOE", "MILP", "PNG", "Shapley",
    "highspy", "pyomo", "pvlib", "windpowerlib", "HiGHS", "results", "nc", "moves", "csv", "summary", "json",
}  # fmt: skip
"""Abbreviations of the field, names of files and of software."""
TEXTS = ("text", "name", "hovertemplate", "label", "title", "alt", "valuesuffix", "hoverformat", "ticktext", "subtitle")


def latin_words(page: Path, names: Collection[str]) -> list[str]:
    """Words of two and more Latin letters on a page and in its figures that are no allowed ones and in none of the `names`."""
    allowed = ALLOWED | {word for name in names for word in re.split(r"[\W_]+", name)}
    html = page.read_text(encoding="utf-8")
    figures = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', html, re.DOTALL)
    seen = [*texts_of_html(html), *(text for figure in figures for text in texts_of_figure(json.loads(figure)))]
    words = {word for text in seen for word in re.findall(r"[A-Za-z]{2,}", text)}
    return sorted(words - allowed)


def texts_of_html(html: str) -> Iterator[str]:
    """What is read and what is read out."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.DOTALL)
    yield from map(unescape, re.findall(r'(?:aria-label|title|content-language)="([^"]*)"', bare))
    yield from map(unescape, re.split(r"<[^>]*>", bare))


def texts_of_figure(node: object, key: str = "") -> Iterator[str]:
    """Texts that a figure shows: titles, names, labels of ticks and what appears under the pointer."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from texts_of_figure(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from texts_of_figure(value, key)
    elif isinstance(node, str) and key in TEXTS:
        yield re.sub(r"%\{[^}]*\}|<[^>]*>|%-?[a-zA-Z]|&nbsp;", " ", node)
