"""Mutations of scenarios and studies that are accepted although they look odd, each kind with the reason why it is no error.

The table of the command line's guide ("What is accepted though it looks odd") says the same in its own words.
"""

from __future__ import annotations

import re

LEFT_OUT = (
    "left out, moved or under another name: assets and settings with a default may be missing, names are the reader's"
)
QUOTED = "a number in quotes: YAML writers differ in what they quote"
TEXT = "a name is text, whatever stands in it"
SIZE = "a size is the reader's question; what is lacking or too much is told in the plan"
FEWER = "an empty section or list: fewer assets or fewer questions are a site and a study too"
COURSE = "a course of 24 hours in place of one number"
FACTOR = "both ends of a sensitivity, and every factor of a study, are run as they are written"
SIZES = re.compile(
    r"(_mw|_mwh|_m|_h|_c|_w|_card|_year|_mwp|_cost|_price\w*|_limit_mw|cards\w*|days|year|efficiency|share|state_of_charge)$"
)
"""Last parts of the names of quantities."""


def reason_of(kind: str, path: str, value: object) -> str | None:
    """Why an accepted mutation is no error; None: nobody has said why yet."""
    name = path.rsplit(".", 1)[-1]
    if value in ("gone", "misspelled", "moved"):
        return LEFT_OUT
    if value in ({}, [], None):
        return FEWER
    if path.endswith("name") and isinstance(value, str | bool | int | float):  # YAML's `name: true` is the text "true"
        return TEXT
    if isinstance(value, str):
        return QUOTED if re.fullmatch(r"[\d.e+-]+", value) else None
    if isinstance(value, dict):
        return COURSE if "hourly" in value else None
    if kind == "study" and (path.startswith(("vary", "sensitivity", "weather_years"))):
        return FACTOR
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return SIZE if value >= 0 and SIZES.search(name) else None
