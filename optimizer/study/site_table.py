"""A study's runs as a table in a Markdown page, between two marks that stay: what stands between them is made anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from optimizer.files.single import write_file
from optimizer.quantities.documents import DocumentError
from optimizer.study.store import manifests

BEGIN, END = "<!-- sites: made by `make sites` -->", "<!-- end of sites -->"
Manifest = Mapping[str, Any]

COLUMNS: dict[str, Callable[[Manifest], str]] = {
    "site": lambda run: str(run["case"]).replace("_", " "),
    "hours": lambda run: f"{run['summary']['steps']:,}",
    "PUE": lambda run: _formatted(run["summary"]["pue"], "{:.3f}"),
    "green share": lambda run: _formatted(run["summary"]["green_share"], "{:.1%}"),
    "cost": lambda run: f"{run['summary']['cost']:,.0f} {run['summary']['currency']}",
    "t CO2": lambda run: f"{run['summary']['carbon_location_t']:,.0f}",
    "gap": lambda run: "not known" if run["summary"]["gap"] is None else f"{run['summary']['gap']:.2%}",
    "solve [s]": lambda run: f"{sum(run['summary']['seconds'].values()):.0f}",
    "peak memory [GB]": lambda run: f"{run['peak_memory_gb']:.2f}",
}
"""Heading → what stands below it. Carbon is location-based; seconds are wall time of the certified plan."""


def _formatted(value: float | None, form: str) -> str:
    """Formatted number, or a dash where there is none: a site without servers, hours in which nothing is used."""
    return "–" if value is None else form.format(value)


def table_of(root: Path) -> str:
    """The finished runs of a study folder as a Markdown table, by case. Raises OSError."""
    runs = sorted((manifest for _, manifest in manifests(root)), key=lambda run: str(run["case"]))
    rows = [list(COLUMNS), ["---"] * len(COLUMNS), *([cell(run) for cell in COLUMNS.values()] for run in runs)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def put_into(page: Path, table: str) -> None:
    """Put the table between the marks of a page. Raises DocumentError where a mark is missing, OSError."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise DocumentError(
            [f"{page}: has no place for the table; put these two lines where it shall be: {BEGIN} {END}"]
        )
    whole = f"{before}{begin}\n{table}\n{end}{after}"
    write_file(page, lambda aside: aside.write_text(whole, encoding="utf-8"), force=True)
