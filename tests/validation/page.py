"""The validation page: the topics' rows as Markdown, with counts, shortfalls and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.validation.row import Row
from tests.validation.topics import Topic

HEAD = """# Validation

Written by `make validate`; do not edit. Every number below was computed in that run from the data named beside it.
"""


@dataclass(frozen=True)
class Section:
    """A topic as it came out: its rows, or why it has none; the name of its picture, or "" without one."""

    topic: Topic
    rows: tuple[Row, ...]
    skipped: str = ""
    picture: str = ""

    def count(self, passed: bool | None) -> int:
        """How many rows passed (True), missed (False) or had no bar (None)."""
        return sum(row.passed is passed for row in self.rows)


def collect(topic: Topic, shared: Path, picture: str = "") -> Section:
    """Run a topic; one that needs a package which is not installed is skipped with the reason."""
    try:
        rows = topic.rows(shared)
    except ModuleNotFoundError as missing:
        return Section(topic, (), f"Python package {missing.name} is not installed")
    return Section(topic, tuple(Row(**row) for row in rows), picture=picture)


def remarks(section: Section) -> list[str]:
    """The topic's remarks with the numbers of their rows. Raises ValueError if a row is not there any more."""
    if section.skipped:
        return []
    texts = []
    for remark in section.topic.remarks:
        matching_rows = [row for row in section.rows if (row.data, row.metric) == (remark.data, remark.metric)]
        if not matching_rows:
            raise ValueError(f"{section.topic.name}: the remark on {remark.data!r}, {remark.metric!r} has no row.")
        texts.append(remark.text.format(ours=matching_rows[0].ours, bar=matching_rows[0].bar))
    return texts


def markdown(sections: Sequence[Section], versions: str) -> str:
    """The whole page."""
    parts = [HEAD, _summary(sections), _shortfalls(sections)]
    parts += [_section(section) for section in sections]
    return "\n".join([*parts, "## Made with", "", versions, ""])


def _summary(sections: Sequence[Section]) -> str:
    lines = ["| topic | passed | missed | without a bar |", "|---|---|---|---|"]
    for section in sections:
        anchor = section.topic.title.lower().replace(" ", "-")
        cells = [f"[{section.topic.title}](#{anchor})", *(str(section.count(kind)) for kind in (True, False, None))]
        lines.append(f"| {' | '.join(cells)} |" + (" skipped" if section.skipped else ""))
    total = [sum(section.count(kind) for section in sections) for kind in (True, False, None)]
    return "\n".join([*lines, f"| **all** | **{total[0]}** | **{total[1]}** | **{total[2]}** |", ""])


def _shortfalls(sections: Sequence[Section]) -> str:
    lines = [
        f"- **Missed**: {row.data}, {row.metric}: {row.ours}, asked for {row.bar}."
        for section in sections
        for row in section.rows
        if row.passed is False
    ]
    lines += [f"- Skipped: {section.topic.title}: {section.skipped}." for section in sections if section.skipped]
    lines += [f"- {text}" for section in sections for text in remarks(section)]
    lines += [f"- {section.topic.missing}" for section in sections if section.topic.missing]
    return "\n".join(["## What falls short, and what to know", "", *lines, ""])


def _section(section: Section) -> str:
    topic = section.topic
    head = [f"## {topic.title}", "", topic.about, ""]
    if section.skipped:
        return "\n".join([*head, f"Skipped: {section.skipped}.", ""])
    if section.picture:
        head += [f"![{topic.caption}]({section.picture})", "", f"*{topic.caption}*", ""]
    table = ["| data | metric | ours | bar | source | |", "|---|---|---|---|---|---|"]
    for row in section.rows:
        cells = (row.data, row.metric, row.ours, row.bar, row.source, row.verdict)
        table.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join([*head, *table, ""])
