"""Pages of the repository as the input of the documentation site: the same tree with all that links lead to, for MkDocs.

`python -m optimizer.distribution.pages FOLDER`, or `make docs`. A page stays what a reader of the repository sees; only what
MkDocs cannot read is put another way: folders that begin with a dot, notebooks (their rendered page), and lists and headings,
which Python-Markdown wants after an empty line and indented by four.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
FOLDERS = (".github", "notebooks", "optimizer", "scenarios", "tests", "weather")
LINK = re.compile(r"(!?\[[^\]]*\]\()([^)\s]+)(\))")
FENCE = re.compile(r"\s*(```|~~~)")
ITEM = re.compile(r"( *)([-*+]|\d+\.)( +)(?=\S)")
ADDRESS = re.compile(r"[a-z]+:|#|//")
INDENT = 4
"""Blanks by which Python-Markdown knows what belongs to an item."""


class BrokenLinkError(Exception):
    """Links of pages that lead nowhere, one a line."""


def pages(project: Path) -> list[Path]:
    """Every page of a project, by its path in it."""
    nested = (path for folder in FOLDERS for path in (project / folder).rglob("*.md"))
    return [path.relative_to(project) for path in sorted([*project.glob("*.md"), *nested])]


def write_site_source(target: Path, project: Path = PROJECT) -> None:
    """Write all pages and what they link to into an empty folder. Raises BrokenLinkError, and FileExistsError for another folder."""
    if target.is_dir() and any(target.iterdir()):
        raise FileExistsError(f"{target}: not empty; pages go into a folder of their own")
    broken: list[str] = []
    for page in pages(project):
        text = (project / page).read_text(encoding="utf-8")
        for file in linked_files(text, page):
            if not (project / file).is_file():
                broken.append(f"{page}: {file} is not there")
            elif file.suffix not in (".md", ".ipynb"):
                _placed(target, file).write_bytes((project / file).read_bytes())
        _placed(target, page).write_text(for_mkdocs(text), encoding="utf-8")
    if broken:
        raise BrokenLinkError("\n".join(broken))


def _placed(target: Path, path: Path) -> Path:
    """Where a file of the project goes."""
    place = target / without_dots(path.as_posix())
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def linked_files(text: str, page: Path) -> Iterator[Path]:
    """Files of the project that a page links to, by their path in it."""
    for _, address, _ in LINK.findall(text):
        if not ADDRESS.match(address):
            parts: list[str] = []
            for part in (page.parent / address.partition("#")[0]).parts:
                if part == ".." and parts:
                    parts.pop()
                elif part != ".":
                    parts.append(part)
            yield Path(*parts)


def without_dots(address: str) -> str:
    """An address in the site: MkDocs leaves out what begins with a dot."""
    return re.sub(r"(^|/)\.(?=github/)", r"\1", address)


def for_mkdocs(text: str) -> str:
    """A page of the repository in what MkDocs reads."""

    def link(match: re.Match[str]) -> str:
        before, address, after = match.groups()
        if not ADDRESS.match(address):
            address = re.sub(r"\.ipynb(?=$|#)", ".html", without_dots(address))
        return f"{before}{address}{after}"

    return LINK.sub(link, "\n".join(spaced_lists(text.split("\n"))))


def spaced_lists(lines: list[str]) -> Iterator[str]:
    """Lines with an empty one before each list and heading, and what belongs to an item indented by four for each level."""
    levels: list[int] = []  # columns at which the text of the open items begins
    fenced, before = False, ""
    for line in lines:
        column = len(line) - len(line.lstrip(" "))
        item, in_a_list = None if fenced else ITEM.match(line), bool(levels)
        if line.strip() and not fenced:
            while levels and column < levels[-1] and (item or not before.strip() or column < levels[0]):
                levels.pop()
        depth = len(levels)
        begins = line.startswith("#") or (item and not in_a_list and not before.startswith("#"))
        if begins and before.strip() and not fenced:
            yield ""
        extra = column - (levels[-1] if levels else 0)
        yield " " * (INDENT * depth + max(extra, 0)) + line.lstrip(" ") if line.strip() and levels else line
        if item:
            levels.append(item.end())
        fenced ^= bool(FENCE.match(line))
        before = line


if __name__ == "__main__":
    write_site_source(Path(sys.argv[1]))
