"""A study's runs as tables in a Markdown page, between two marks that stay: what stands between them is made anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from optimizer.files.page_part import put_part
from optimizer.plan.ladder import BY_RULE, NAMES, NO_STORE, PLANNED, UNMOVED, on_the_store, saving_in_words, steps_in
from optimizer.quantities.documents import DocumentError
from optimizer.rulebook.verdicts import unlawful, verdicts_in
from optimizer.study.store import manifests

BEGIN, END = "<!-- sites: made by `make sites` -->", "<!-- end of sites -->"
Manifest = Mapping[str, Any]

Cell = Callable[[Manifest], str]


def _formatted(value: float | None, form: str) -> str:
    """Formatted number, or a dash where there is none: a site without servers, hours in which nothing is used."""
    return "–" if value is None else form.format(value)


def figure(key: str, form: str) -> Cell:
    """Column of a figure of summary.json, "costs.total" that of an inner one."""

    def cell(run: Manifest) -> str:
        value: Any = run["summary"]
        for part in key.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return _formatted(value, form)

    return cell


def site(run: Manifest) -> str:
    """Name of the case."""
    return str(run["case"]).replace("_", " ")


def rung(key: str) -> Cell:
    """Column of what a rung of the ladder costs in all."""
    return lambda run: _formatted(
        next((s["total"] for s in steps_in(run["summary"]) if s["rung"] == key), None), "{:,.0f}"
    )


def gap(run: Manifest) -> str:
    """Proven gap of the plan."""
    return "not known" if run["summary"]["gap"] is None else f"{run['summary']['gap']:.2%}"


def law(run: Manifest) -> str:
    """How many clauses of the rule books that the site is counted by its design breaks."""
    verdicts = verdicts_in(run["summary"])
    return f"{len(unlawful(verdicts))} of {len(verdicts)}" if verdicts else "–"


def seconds(run: Manifest) -> str:
    """Wall time of the certified plan."""
    return f"{sum(run['summary']['seconds'].values()):.0f}"


ENERGY: dict[str, Cell] = {
    "site": site,
    "hours": figure("steps", "{:,}"),
    "PUE": figure("pue", "{:.3f}"),
    "own supply": figure("own_supply_share", "{:.1%}"),
    "contract": figure("contract_share", "{:.1%}"),
    "grid mix": figure("grid_clean_share", "{:.1%}"),
    "certificates": figure("certificate_share", "{:.1%}"),
    "CFE": figure("cfe_hourly_share", "{:.1%}"),
    "t CO2, location": figure("carbon_location_t", "{:,.0f}"),
    "location, no plan": figure("baseline.carbon_location_t", "{:,.0f}"),
    "t CO2, market": figure("carbon_market_t", "{:,.0f}"),
    "market, no plan": figure("baseline.carbon_market_t", "{:,.0f}"),
    "clauses broken": law,
    "gap": gap,
    "solve [s]": seconds,
    "peak memory [GB]": lambda run: f"{run['peak_memory_gb']:.2f}",
}
"""Heading → what stands below it. Shares are of the energy used; no plan is the lowest rung of the ladder."""
MONEY: dict[str, Cell] = {
    "site": site,
    "currency": figure("currency", "{}"),
    "running cost": figure("costs.running", "{:,.0f}"),
    "capital": figure("costs.capital", "{:,.0f}"),
    "a kWh of IT": figure("costs.per_it_kwh.total", "{:.4f}"),
    "a kWh used": figure("costs.per_facility_kwh.total", "{:.4f}"),
    "a card-hour": figure("costs.per_card_hour.total", "{:.4f}"),
    **{NAMES[key]: rung(key) for key in (NO_STORE, BY_RULE, UNMOVED, PLANNED)},
}
"""Heading → what stands below it. Rungs and unit costs with capital; a card-hour without the card."""


def table_of(root: Path) -> str:
    """Finished runs of a study folder as two Markdown tables, energy and money, by case, and whether plan and store pay. Raises OSError."""
    runs = sorted((manifest for _, manifest in manifests(root)), key=lambda run: str(run["case"]))
    tables = []
    for columns in (ENERGY, MONEY):
        rows = [list(columns), ["---"] * len(columns), *([cell(run) for cell in columns.values()] for run in runs)]
        tables.append("\n".join(f"| {' | '.join(row)} |" for row in rows))
    return "\n\n".join([*tables, "\n".join(f"* {pays(run)}" for run in runs)])


def pays(run: Manifest) -> str:
    """Sentence on whether a site's plan, and the store in it, cost less than neither."""
    steps, currency = steps_in(run["summary"]), str(run["summary"]["currency"])
    totals = {step["rung"]: step["total"] for step in steps}
    lowest, plan = totals.get(NO_STORE), totals.get(PLANNED)
    against = "cannot be compared" if lowest is None or plan is None else saving_in_words(plan, lowest, currency)
    store = on_the_store(steps, currency)
    return f"{site(run)}: {against} against {NAMES[NO_STORE]}{f'; {store}' if store else ''}."


def put_into(page: Path, table: str, begin: str = BEGIN, end: str = END) -> None:
    """Put the table between the marks of a page. Raises DocumentError where a mark is missing, OSError."""
    try:
        put_part(page, f"{table}\n", begin, end, "the table")
    except ValueError as error:
        raise DocumentError([f"{page}: {error}"]) from None
