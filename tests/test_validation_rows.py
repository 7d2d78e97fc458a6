"""The validation page judges rightly, says what it skipped, and the page in the project is whole and without a miss."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import plotly.graph_objects as go
import pytest

from tests.validation import yield_pvsite
from tests.validation.bars import reaches
from tests.validation.page import collect, markdown
from tests.validation.topics import TOPICS, Remark, Topic

QUICK = ("plant", "summit", "stations", "air")
"""Topics of at most a few seconds; the others have tests of their own beside the modules they judge."""


@pytest.mark.parametrize(
    ("ours", "bar", "reached"),
    [
        ("0.149%", "<= 0.15 %", True),
        ("0.151%", "<= 0.15 %", False),
        ("-0.018", "within 0.012", False),
        ("-0.012", "within 0.012", True),
        ("1.20", "1.17 ± 0.03", True),
        ("1.201", "1.17 ± 0.03", False),
        ("1604", "1621 ± 1 %", False),
        ("1606", "1621 ± 1 %", True),
        ("-57", "-60 ± 10", True),
        ("86.1%", "74..86 %", False),
        ("0.16", "0.08..0.16", True),
        ("1371 (+0.7%)", "1361 ± 3 %", True),
        ("0.0915", "<= 0.0914 (published rule, same hours)", False),
        ("0.086", "< 0.086", False),
        ("0.1%", "> 0", True),
        ("anything at all", "reported", None),
        ("69%, 89%", "-", None),
    ],
)
def test_a_bar_is_read_as_a_person_reads_it(ours: str, bar: str, reached: bool | None) -> None:
    """Per cent on both sides: 0.15 % is not 0.15. Signs, relative widths, open and closed ends each decide once."""
    assert reaches(ours, bar) is reached


@pytest.mark.parametrize(("ours", "bar"), [("0.1", "about 0.1"), ("a lot", "<= 1"), ("1, 2", "<= 3"), ("0.1", "")])
def test_a_bar_that_cannot_be_read_is_an_error(ours: str, bar: str) -> None:
    """A slip in a bar must not pass as "nothing asked for"."""
    with pytest.raises(ValueError, match="bar"):
        reaches(ours, bar)


def made_topic(ours: str, **changes: object) -> Topic:
    """A topic of one row asked to stay at or below 1."""
    row = {"data": "site", "metric": "error", "ours": ours, "bar": "<= 1", "source": "us"}
    return Topic("made", "Made up", "One row.", lambda _: [row], **changes)  # type: ignore[arg-type]


def test_a_miss_is_counted_named_and_marked() -> None:
    """2 against "<= 1": one miss in the count, in the list of shortfalls and in its row; 0.5 has none of it."""
    page = markdown([collect(made_topic("2"), Path())], "")
    assert "| 0 | 1 | 0 |" in page
    assert "- **Missed**: site, error: 2, asked for <= 1." in page
    assert "| us | **MISSED** |" in page
    assert "issed" not in markdown([collect(made_topic("0.5"), Path())], "").replace("| missed |", "")


def test_a_missing_package_is_said() -> None:
    """Without its oracle a topic is skipped with the package's name, and its remarks need no row."""

    def rows(_: Path) -> list[dict[str, str]]:
        raise ModuleNotFoundError("No module named 'PySAM'", name="PySAM")

    topic = Topic("sam", "SAM", "", rows, remarks=(Remark("site", "error", "{ours}"),))
    assert "- Skipped: SAM: Python package PySAM is not installed." in markdown([collect(topic, Path())], "")


def test_a_remark_quotes_its_row_or_fails() -> None:
    """A remark carries the row's number, and cannot outlive the row it speaks of."""
    quoted = made_topic("0.5", remarks=(Remark("site", "error", "reached {ours}, bar {bar}"),))
    assert "- reached 0.5, bar <= 1" in markdown([collect(quoted, Path())], "")
    lost = made_topic("0.5", remarks=(Remark("site", "gain", "{ours}"),))
    with pytest.raises(ValueError, match="has no row"):
        markdown([collect(lost, Path())], "")


@pytest.mark.parametrize("name", QUICK)
def test_quick_topics_reach_their_bars(name: str, shared_file: Callable[[str], Path]) -> None:
    """Every row of the quick topics passes and every remark finds its row; one miss is named with its numbers."""
    topic = next(topic for topic in TOPICS if topic.name == name)
    section = collect(topic, shared_file(yield_pvsite.FILE).parents[2])
    assert [row for row in section.rows if row.passed is False] == []
    assert len(section.rows) > 1
    markdown([section], "")


def test_the_page_of_the_project_is_whole(project: Path) -> None:
    """Its sections are those of the code in their order, nothing is missed, its pictures are there and small."""
    page = (project / "tests/validation/README.md").read_text(encoding="utf-8")
    titles = re.findall(r"^## (.*)$", page, re.MULTILINE)[1:-1]  # the first lists shortfalls, the last versions
    assert titles == [topic.title for topic in TOPICS]
    assert "**MISSED**" not in page
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", page)
    assert len(pictures) == sum(topic.figure is not None for topic in TOPICS)
    for picture in pictures:
        assert 2_000 < (project / "tests/validation" / picture).stat().st_size < 200_000


def test_points_are_not_joined(tmp_path: Path) -> None:
    """Days of a plant are points: a line through them in the order of the calendar would say something else."""
    pytest.importorskip("matplotlib", reason="matplotlib not installed (extra `validate`)")
    from tests.validation.drawing import save_svg

    figure = go.Figure()
    figure.add_scatter(x=[1, 2, 3], y=[1, 3, 2], mode="markers", name="points")
    save_svg(figure, tmp_path / "points.svg")
    drawn = (tmp_path / "points.svg").read_text()
    assert drawn.count("<use") >= 3
    assert 'stroke="#0b4f8a"' not in drawn
    assert "stroke: #0b4f8a" not in drawn
