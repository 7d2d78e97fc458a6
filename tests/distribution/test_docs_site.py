"""The documentation site: built from the pages as they are, every link of every page of it leads somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from optimizer.distribution.pages import BrokenLinkError, for_mkdocs, pages, write_site_source

pytest.importorskip("mkdocs", reason="mkdocs not installed (extra `docs`)")
OF_THE_THEME = ("404.html",)
"""Made for a server: its addresses begin at the root."""


def built(source: Path, site: Path, project: Path) -> subprocess.CompletedProcess[str]:
    """MkDocs on a folder of pages, as `make docs` has it."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-f",
         project / "optimizer/distribution/mkdocs.yml", "-d", site],
        env=os.environ | {"QAIDAM_PAGES": str(source), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def broken_links(site: Path) -> list[str]:
    """Links within a built site whose file or anchor is not there, read from its HTML alone."""
    anchors: dict[Path, set[str]] = {}
    broken = []
    for page in sorted(site.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        for link in re.findall(r'(?:href|src)="([^"]+)"', text) if page.name not in OF_THE_THEME else []:
            path, _, anchor = unquote(link).partition("#")
            target = (page.parent / path.partition("?")[0]).resolve() if path else page
            if re.match(r"[a-z]+:|//", link):
                continue
            if target.suffix == ".html" and target.is_file() and target not in anchors:
                anchors[target] = set(re.findall(r'\b(?:id|name)="([^"]+)"', target.read_text(encoding="utf-8")))
            if not target.exists() or (anchor and anchor not in anchors.get(target, {anchor})):
                broken.append(f"{page.relative_to(site)}: {link}")
    return broken


def test_the_site_is_built_and_no_link_is_broken(project: Path, tmp_path: Path) -> None:
    """All pages, Chinese ones too, with an empty page for each notebook: MkDocs finds nothing, nor does a look at its HTML."""
    source, site = tmp_path / "pages", tmp_path / "site"
    write_site_source(source, project)
    for notebook in (project / "notebooks").glob("*.ipynb"):
        (source / "notebooks" / notebook.with_suffix(".html").name).write_text("<p>rendered</p>", encoding="utf-8")
    done = built(source, site, project)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list(site.rglob("*.html"))) >= len(pages(project))
    assert broken_links(site) == []
    notebooks = sorted(path.with_suffix(".html").name for path in (project / "notebooks").glob("*.ipynb"))
    links = set(re.findall(r'href="([^"]+)"', (site / "notebooks/index.html").read_text(encoding="utf-8")))
    assert [name for name in notebooks if name not in links] == []


def test_a_link_to_nothing_is_named(tmp_path: Path) -> None:
    """Page and file stand in the error; a file that is there is brought along, outside folders included."""
    for name, text in {
        "README.md": "[a](scenarios/site.yaml) [b](gone.md)",
        "scenarios/site.yaml": "x: 1",
        ".github/CONTRIBUTING.md": "[c](../README.md)",
    }.items():
        (tmp_path / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "project" / name).write_text(text, encoding="utf-8")
    with pytest.raises(BrokenLinkError, match=r"^README\.md: gone\.md is not there$"):
        write_site_source(tmp_path / "pages", tmp_path / "project")
    assert (tmp_path / "pages/scenarios/site.yaml").is_file()
    assert (tmp_path / "pages/github/CONTRIBUTING.md").is_file()


@pytest.mark.parametrize(
    ("page", "read"),
    [
        ("text\n- a\n- b", "text\n\n- a\n- b"),
        ("1. a\n\n   | t |\n   |---|\n2. b", "1. a\n\n    | t |\n    |---|\n2. b"),
        ("- a\n  more\n  - b\n    deep\n- c\n\nend", "- a\n    more\n    - b\n        deep\n- c\n\nend"),
        ("```\n- a\n  - b\n# no\n```", "```\n- a\n  - b\n# no\n```"),
        ("| t |\n|---|\n## h", "| t |\n|---|\n\n## h"),
        ("[n](01-a.ipynb) [c](.github/CONTRIBUTING.md#x)", "[n](01-a.html) [c](github/CONTRIBUTING.md#x)"),
    ],
)
def test_pages_are_put_as_mkdocs_reads_them(page: str, read: str) -> None:
    """Lists after text, tables in items, nested items, code that stays, headings after tables, links."""
    assert for_mkdocs(page) == read
