"""The table of a study in a page: its rows, its place, and a page without a place for it."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest

from optimizer.quantities.documents import DocumentError
from optimizer.rulebook.verdicts import Verdict
from optimizer.study.site_table import BEGIN, END, put_into, table_of
from optimizer.study.store import keep_run

RUNGS = {"no_store": 9_000_000.0, "by_rule": 8_000_000.0, "unmoved": 7_000_000.0, "plan": 6_234_567.8}
SUMMARY = {
    "steps": 8760, "pue": 1.1234, "own_supply_share": 0.5, "contract_share": 0.0, "grid_clean_share": 0.25, "certificate_share": 0.125,
    "cfe_hourly_share": 0.75, "cost": 1234567.8, "currency": "CNY", "carbon_location_t": 4321.0, "carbon_market_t": 5000.0,
    "baseline": {"carbon_location_t": 6000.0, "carbon_market_t": 7000.0}, "gap": 0.0021, "seconds": {"relax": 10.0, "bound": 20.4},
    "costs": {"running": 1234567.8, "capital": 5e6, "total": 6234567.8, "per_it_kwh": {"total": 0.21234},
              "per_facility_kwh": {"total": 0.2}, "per_card_hour": {"total": None}},
    "law": [{**dict.fromkeys(field.name for field in fields(Verdict)), "holds": holds} for holds in (True, False, None)],
    "ladder": {"rungs": [{"rung": rung, "total": total} for rung, total in RUNGS.items()]},
}  # fmt: skip


def stored(root: Path, *cases: str, summary: dict[str, object] = SUMMARY) -> None:
    """Runs of these cases, as a study leaves them."""
    for number, case in enumerate(cases):
        run = {"id": f"{number:012x}", "case": case, "summary": summary, "peak_memory_gb": 0.75}
        keep_run(root, str(run["id"]), run, lambda path: path.write_text(json.dumps([]), encoding="utf-8"))


def test_a_row_for_every_site(tmp_path: Path):
    """Sites in the order of their names, every figure with its unit; solve time is the sum of its phases: 30 s."""
    stored(tmp_path, "xining", "kunming_two_asias")
    *tables, said = table_of(tmp_path).split("\n\n")
    energy, money = (table.split("\n")[2:] for table in tables)
    sites = ("kunming two asias", "xining")
    assert energy == [
        f"| {site} | 8,760 | 1.123 | 50.0% | 0.0% | 25.0% | 12.5% | 75.0% | 4,321 | 6,000 | 5,000 | 7,000 | 1 of 3 | 0.21% | 30 | 0.75 |"
        for site in sites
    ]
    assert money == [
        f"| {site} | CNY | 1,234,568 | 5,000,000 | 0.2123 | 0.2000 | – | 9,000,000 | 8,000,000 | 7,000,000 | 6,234,568 |"
        for site in sites
    ]
    assert said.split("\n") == [f"* {site}: 30.7 % saved against no store, no plan." for site in sites]


def test_a_store_whose_rent_is_more_than_it_saves_is_said(tmp_path: Path):
    """9.0 million without a store, 9.5 planned with it and 9.2 with work that moves: 2.2 % more, and the store costs half a million."""
    dear = {"no_store": 9e6, "by_rule": 9.9e6, "unmoved": 9.5e6, "plan": 9.2e6}
    ladder = {"rungs": [{"rung": rung, "total": total} for rung, total in dear.items()]}
    stored(tmp_path, "xining", summary=SUMMARY | {"ladder": ladder})
    assert table_of(tmp_path).split("\n\n")[-1] == (
        "* xining: 2.2 % more against no store, no plan; the store costs CNY 500,000 more than it saves, planned, with work as it arrives."
    )


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
    several = (
        "hubs.yaml",
        "qinghai-shared-storage.yaml",
        "golmud-three-users.yaml",
        "qaidam-first-drawn.yaml",
        "qingyang-market.yaml",
        "qingyang-grid-agent.yaml",
    )  # several sites, several owners, a design put aside, two ways to buy of a site that is there
    single = {path.name for path in (project / "scenarios").glob("*.yaml")} - set(several)
    assert {name for name in single if f"../{name}" not in text} == set()
