"""Every figure of a shipped scenario says where it comes from: a source, or `assumption`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from optimizer.scenario.single_site import Scenario, technologies_of

SCENARIOS = Path(__file__).parents[2] / "scenarios"
KEY = re.compile(r"^(\s*)([a-z_0-9]+):\s*(.*)$")


def wordless_figures(text: str) -> list[str]:
    """Lines of assets that set a number without words on it.

    Words are a comment on the line itself, on an earlier line of the same key in the same section (a second pool like
    the first), or on a line it hangs under (an asset whose comment speaks for its courses).
    """
    wordless, documented, above = [], set(), []
    for number, line in enumerate(text.splitlines(), start=1):
        code, _, words = line.partition("#")
        match = KEY.match(code.rstrip())
        if not match:
            continue
        indent, key, value = len(match[1]), match[2], match[3]
        above = [entry for entry in above if entry[0] < indent] + [(indent, key, bool(words.strip()))]
        section = above[0][1]
        if words.strip():
            documented.add((section, key))
        is_figure = bool(re.search(r"(?<![\w/])[-+]?\d", value)) and section in technologies_of(Scenario)
        if is_figure and (section, key) not in documented and not any(spoken for _, _, spoken in above):
            wordless.append(f"{number}: {line.strip()}")
    return wordless


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.name)
def test_every_figure_says_where_it_comes_from(path: Path) -> None:
    """No number of an asset without words in any shipped scenario."""
    assert wordless_figures(path.read_text(encoding="utf-8")) == []


def test_a_figure_without_words_is_found() -> None:
    """The rule itself: of five numbers, the one nobody speaks for is told with its line."""
    text = "storage:\n  a:  # leased\n    power_mw: 3\n  b:\n    power_mw: 4  # assumption\n    energy_mwh: 5\nhorizon:\n  days: 3\n"
    assert wordless_figures(text) == ["6: energy_mwh: 5"]
