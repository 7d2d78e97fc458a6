"""The table of keys in scenarios/README.md is that of the code, and says of each key what a reader needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.scenario.key_table import BEGIN, END, key_tables, row, written


def test_the_page_has_the_keys_of_the_code(project: Path) -> None:
    """A field added, renamed or described anew without `qaidam schema` shows here."""
    page = (project / "scenarios" / "README.md").read_text(encoding="utf-8")
    assert written(page) == page, "run `qaidam schema`"


def test_every_key_of_the_tables_has_a_meaning() -> None:
    """No key without a sentence: it would be a riddle on the page and in the editor."""
    rows = [line for line in key_tables().splitlines() if line.startswith("| `")]
    assert len(rows) > 200
    assert [line for line in rows if line.rstrip(" |").count("|") < 4] == []


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (
            {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "default": 0.5},
            "| number, above 0, at most 1 | 0.5 |",
        ),
        ({"enum": ["fixed", "leased"], "default": "fixed"}, "| `fixed`, `leased` | `fixed` |"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None}, "| whole number or none | none |"),
        ({"type": "array", "items": {"$ref": "#/$defs/Tier"}, "default": []}, "| list of [Tier](#tier) | empty |"),
    ],
)
def test_forms_and_defaults_in_words(field: dict[str, object], said: str) -> None:
    """Ranges, choices, lists: as a reader would say them."""
    assert said in row("key", field, {}, is_needed=False)


def test_a_page_without_markers_is_refused() -> None:
    """Half a marker would let the command cut the page."""
    for page in ("no marker", BEGIN, f"{END} before {BEGIN}"):
        with pytest.raises(ValueError, match="no place for the keys"):
            written(page)
