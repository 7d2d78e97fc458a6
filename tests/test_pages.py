"""The pages: short where a newcomer begins, links that lead somewhere, files and modules that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from optimizer.study import claims_page
from optimizer.study.site_table import BEGIN, END
from tests.architecture import FLOORS

PROJECT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    path
    for pattern in ("*.md", ".github/*.md", "optimizer/**/*.md", "scenarios/**/*.md", "weather/**/*.md", "notebooks/*.md", "tests/**/*.md")
    for path in PROJECT.glob(pattern)
)  # fmt: skip
IN_FIVE_MINUTES = 120
"""Lines of the README."""
OF_OTHERS = ("how-it-compares.md", "add-a-technology.md", "CHANGELOG.md")
"""Pages that name files of other projects, a file the reader writes, or files of earlier versions."""
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FILE = re.compile(r"`([\w./-]+\.(?:py|md|yaml|csv))`")
MOVES = "optimizer/guides/coming-from-0-1.md"


def name(page: Path) -> str:
    """Its path in the project."""
    return page.relative_to(PROJECT).as_posix()


def anchors(page: Path) -> set[str]:
    """What a link may name behind `#`: the page's headings in small letters, blanks as hyphens, other signs left out."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_is_read_in_five_minutes() -> None:
    """Short, with its picture, the two commands and where to go next."""
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < IN_FIVE_MINUTES
    assert all(part in text for part in ("four-days-at-qaidam.png", "make run", "make test", "## Where to go next"))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    """A page or file that was moved leaves a link into nothing, a heading that was reworded one to the top of its page."""
    broken = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name.replace(".zh.md", ".md") not in OF_OTHERS], ids=name
)
def test_files_on_a_page_are_there(page: Path) -> None:
    """A file in backticks is the end of a path in the project: `bill.py`, `plan/bill.py`. What runs write is not looked for."""
    there = [
        "/" + name(path)
        for folder in ("optimizer", "weather", "tests", "scenarios", ".github")
        for path in (PROJECT / folder).rglob("*.*")
    ]
    named = {file for file in FILE.findall(page.read_text(encoding="utf-8")) if file.endswith(".py") or "/" in file}
    assert [file for file in sorted(named) if not any(path.endswith("/" + file) for path in there)] == []


def test_the_folders_are_told() -> None:
    """Every folder of the house stands in the table of optimizer/README.md, wings of technologies by their name."""
    text = (PROJECT / "optimizer/README.md").read_text(encoding="utf-8")
    folders = [folder for floor in FLOORS for folder in floor if folder.count("/") and folder.startswith("optimizer")]
    wing = "optimizer/technologies/"
    assert [f for f in folders if f"`{f.removeprefix(wing) if f != wing else f}/`" not in text] == []


def test_modules_of_the_migration_page_are_there() -> None:
    """Each row of the last table: a folder, and the modules in it by their names of today."""
    rows = re.findall(
        r"^\| `((?:weather|optimizer)[\w.]*)` \| (.*) \| (.*) \|$",
        (PROJECT / MOVES).read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert len(rows) > 20
    gone = []
    for folder, moved, kept in rows:
        modules = [*re.findall(r"→ `(\w+)`", moved), *re.findall(r"`(\w+)`", kept)]
        assert modules
        gone += [
            f"{folder}.{one}" for one in modules if not (PROJECT / folder.replace(".", "/") / f"{one}.py").is_file()
        ]
    assert gone == []


def test_make_sites_finds_its_table() -> None:
    """The page that `make sites` rewrites has both marks."""
    (page,) = re.findall(r"qaidam study table \S+ (\S+)", (PROJECT / "Makefile").read_text(encoding="utf-8"))
    text = (PROJECT / page).read_text(encoding="utf-8")
    assert 0 < text.index(BEGIN) < text.index(END)


def test_make_claims_finds_its_page() -> None:
    """The page that `make claims` rewrites has both marks, and its studies are there."""
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    (page,) = re.findall(r"qaidam study claims .* (\S+\.md)", makefile)
    text = (PROJECT / page).read_text(encoding="utf-8")
    assert 0 < text.index(claims_page.BEGIN) < text.index(claims_page.END)
    (studies,) = re.findall(r"^CLAIMS := (.*)$", makefile, re.MULTILINE)
    assert all((PROJECT / "scenarios" / "studies" / f"{study}.yaml").is_file() for study in studies.split())
