"""Whether a number reaches its bar: both as they are printed, so the page cannot say one thing and mean another.

A bar is written `<= 0.15 %`, `> 0`, `within 0.012` (of zero), `74..86 %`, `1.17 ± 0.03`, `1621 ± 1 %` (of 1621),
or `reported` where no number was asked for; a remark in brackets may follow. Anything else is an error.
"""

from __future__ import annotations

import re

UNJUDGED = ("reported", "-")
NUMBER = r"([+-]?\d+(?:\.\d+)?)"
REMARK = r"(?:\s*\(.*\))?"
VALUE = re.compile(rf"{NUMBER}\s*(%?){REMARK}")
LIMIT = re.compile(rf"(<=|>=|<|>|within)\s*{NUMBER}\s*(%?){REMARK}")
RANGE = re.compile(rf"{NUMBER}\.\.{NUMBER}\s*(%?){REMARK}")
AROUND = re.compile(rf"{NUMBER}\s*±\s*{NUMBER}\s*(%?){REMARK}")


def reaches(ours: str, bar: str) -> bool | None:
    """Whether `ours` reaches `bar`; None where the bar asks for nothing. Raises ValueError if either cannot be read."""
    if bar in UNJUDGED:
        return None
    value = VALUE.fullmatch(ours)
    if not value:
        raise ValueError(f"{ours!r} is no number that the bar {bar!r} could judge.")
    return _judged(_scaled(value[1], value[2]), bar)


def _judged(value: float, bar: str) -> bool:
    if match := LIMIT.fullmatch(bar):
        limit = _scaled(match[2], match[3])
        return {
            "<=": value <= limit,
            ">=": value >= limit,
            "<": value < limit,
            ">": value > limit,
            "within": abs(value) <= limit,
        }[match[1]]
    if match := RANGE.fullmatch(bar):
        return _scaled(match[1], match[3]) <= value <= _scaled(match[2], match[3])
    if match := AROUND.fullmatch(bar):
        middle, width = float(match[1]), float(match[2])
        width = abs(middle) * width / 100 if match[3] else width
        # The last printed digit may sit on the edge: 1.20 - 1.17 is 0.030000000000000027.
        return abs(value - middle) <= width + 1e-9
    raise ValueError(f"{bar!r} is no bar. Write `<= 1`, `within 1`, `1..2`, `1 ± 2`, each also in %, or `reported`.")


def _scaled(number: str, percent: str) -> float:
    return float(number) / 100 if percent else float(number)
