"""Coded names as readers write them: of assets, quantities, items of a bill, clauses, settings."""

from __future__ import annotations

from typing import Final

from optimizer.language.speech import is_chinese, say

WORDS: Final[dict[str, str]] = {
    "it": "IT",
    "pue": "PUE",
    "wue": "WUE",
    "cfe": "CFE",
    "kwh": "kWh",
    "mw": "MW",
    "mwh": "MWh",
    "co2": "CO2",
    "ai": "AI",
    "utc": "UTC",
    "iec": "IEC",
}


def plain_words(name: str) -> str:
    """English words of a coded name: "power_train" -> "power train", "it" -> "IT"."""
    return " ".join(WORDS.get(part, part) for part in name.replace("_", " ").split(" "))


def words(name: str) -> str:
    """A coded name as a reader would write it, translated where it, or each of its parts, is known."""
    plain = plain_words(name)
    said = say(plain)
    if said != plain or not is_chinese():
        return said
    for gap, parts in ((" ", name.split(" ")), ("/", name.split("/")), ("", plain.split(" "))):
        told = [words(part) for part in parts] if len(parts) > 1 else []
        if told and all(text != part or not part.islower() for part, text in zip(parts, told, strict=True)):
            return gap.join(told)
    return plain
