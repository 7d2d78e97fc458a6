"""The table of a study in a page: its rows, its place, and a page without a place for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optimizer.quantities.documents import DocumentError
from optimizer.study.site_table import BEGIN, END, put_into, table_of
from optimizer.study.store import keep_run

SUMMARY = {
    "steps": 8760, "pue": 1.1234, "green_share": 0.5, "cost": 1234567.8, "currency": "CNY", "carbon_location_t": 4321.0,
    "gap": 0.0021, "seconds": {"relax": 10.0, "bound": 20.4},
}  # fmt: skip


def stored(root: Path, *cases: str) -> None:
    """Runs of these cases, as a study leaves them."""
    for number, case in enumerate(cases):
        run = {"id": f"{number:012x}", "case": case, "summary": SUMMARY, "peak_memory_gb": 0.75}
        keep_run(root, str(run["id"]), run, lambda path: path.write_text(json.dumps([]), encoding="utf-8"))


def test_a_row_for_every_site(tmp_path: Path):
    """Sites in the order of their names, every figure with its unit; solve time is the sum of its phases: 30 s."""
    stored(tmp_path, "xining", "kunming_two_asias")
    rows = table_of(tmp_path).split("\n")[2:]
    assert rows == [
        f"| {site} | 8,760 | 1.123 | 50.0% | 1,234,568 CNY | 4,321 | 0.21% | 30 | 0.75 |"
        for site in ("kunming two asias", "xining")
    ]


def test_only_what_stands_between_the_marks_is_made_anew(tmp_path: Path):
    """Two tables put in one after the other leave the second alone, and the text around them as it was."""
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    put_into(page, "| first |")
    put_into(page, "| second |")
    assert page.read_text(encoding="utf-8") == f"before\n{BEGIN}\n| second |\n{END}\nafter\n"


def test_a_page_without_marks_is_told(tmp_path: Path):
    """A page with one mark alone is left as it is, and both marks are named."""
    page = tmp_path / "page.md"
    page.write_text(f"text {BEGIN}", encoding="utf-8")
    with pytest.raises(DocumentError, match="end of sites"):
        put_into(page, "| table |")
    assert page.read_text(encoding="utf-8") == f"text {BEGIN}"


def test_every_shipped_site_is_in_the_study(project: Path):
    """sites.yaml names each scenario of one site; a new one that is forgotten there is missing here."""
    text = (project / "scenarios" / "studies" / "sites.yaml").read_text(encoding="utf-8")
    several = ("hubs.yaml", "qinghai-shared-storage.yaml")  # several sites, several owners
    single = {path.name for path in (project / "scenarios").glob("*.yaml")} - set(several)
    assert {name for name in single if f"../{name}" not in text} == set()
