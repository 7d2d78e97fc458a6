"""`qaidam rules`: is a planned design lawful, clause by clause, and what does each clause cost."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.commands.errors import BROKEN_PROMISE, explained
from optimizer.language.numbers import currency_name, grouped, listed
from optimizer.language.speech import noted, say
from optimizer.language.words import words

if TYPE_CHECKING:
    # heavy imports wait until a command needs them
    from optimizer.rulebook.forms import Forms
    from optimizer.rulebook.metering import Metering
    from optimizer.rulebook.verdicts import Verdict


FORMS = (noted("near-by consumption"), noted("near-by consumption, demand first"))
"""Names of forms, for their translation; those of demand and capacity are items of a bill too."""


@click.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--book",
    "names",
    multiple=True,
    metavar="NAME",
    help="Rule book to ask by instead of the run's own; may be repeated.",
)
@click.option(
    "--forms", "with_forms", is_flag=True, help="Forms of paying the grid side by side instead of the clauses."
)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
def rules(folder: Path, names: tuple[str, ...], with_forms: bool, as_json: bool) -> None:
    """Check the plan in RUN against the rule books its scenario names, clause by clause.

    Each clause: what it asks, what the plan does, the margin, what one more point would cost a year, and whether it holds;
    and the metered quantities that all is counted by. Ends with exit code 4 where a clause fails.

    \b
    Examples:
      qaidam rules out/qaidam
      qaidam rules out/qaidam --book direct-connection --book qinghai-direct-connection
      qaidam rules out/qaidam --forms
    """
    from optimizer.plan.results_file import load_results
    from optimizer.rulebook.forms import forms_of
    from optimizer.rulebook.metering import metering_of
    from optimizer.rulebook.verdicts import rules_of, unlawful, verdicts_of
    from optimizer.rulebook.wording import in_words
    from optimizer.scenario.file import scenario_from
    from optimizer.technologies.rules.book import read_book

    with explained(as_json):
        results = load_results(folder / "results.nc" if folder.is_dir() else folder)
        scenario = scenario_from(results.attrs["scenario"], folder=folder)
        if with_forms:
            tell_forms(forms_of(results, scenario.assets()), scenario.currency, as_json)
            return
        books = [read_book(name) for name in names] if names else None
        verdicts = verdicts_of(results, scenario.assets(), books)
        assets = scenario.assets()
        sites = dict.fromkeys(site for site, _ in (rules_of(assets) or assets))
        metering = {site: metering_of(results, site) for site in sites}
    if as_json:
        data = {
            "verdicts": [verdict.as_dict() for verdict in verdicts],
            "metering": {k: vars(v) for k, v in metering.items()},
        }
        click.echo(json.dumps(data, ensure_ascii=False))
    else:
        click.echo(in_words(verdicts, scenario.currency))
        for verdict in verdicts:
            click.echo(line_of(verdict, scenario.currency))
        for site, quantities in metering.items():
            click.echo(metered_line(site, quantities))
    if unlawful(verdicts):
        sys.exit(BROKEN_PROMISE)


def tell_forms(forms: list[Forms], currency: str, as_json: bool) -> None:
    """Forms of paying the grid, on the terminal."""
    if as_json:
        click.echo(json.dumps([tie.as_dict() for tie in forms], ensure_ascii=False))
        return
    for tie in forms:
        for line in lines_of_forms(tie, currency):
            click.echo(line)


def lines_of_forms(tie: Forms, currency: str) -> list[str]:
    """Lines of a tie: each form's money by month, the cheapest, and what decides."""
    sums, cheapest = tie.sums(), tie.cheapest()
    begin = say(
        "{site}, {tie}: {connected_mva} MVA connected, average load rate {load_rate} [{currency}]", site=words(tie.site), tie=words(tie.tie),
        connected_mva=grouped(tie.connected_mva, ",.6g"), load_rate=f"{tie.load_rate:.4g}", currency=currency_name(currency),
    )  # fmt: skip
    lines = [begin]
    for form, months in tie.money.items():
        mark = f"  <- {say('cheapest')}" if form == cheapest else ""
        by_month = listed(
            [f"{month.month} {grouped(money, ',.2f')}" for month, money in zip(tie.months, months, strict=True)]
        )
        lines.append(
            f"  {say(form)}: {grouped(sums[form], ',.2f')}{mark}" + (f" ({by_month})" if len(months) > 1 else "")
        )
    use, even = sum(month.use_mwh for month in tie.months), sum(tie.break_even_mwh)
    use_is = (
        noted(
            "use {use} MWh is above load rate x 730 h x capacity = {even} MWh: near-by consumption is the cheaper of the capacity forms"
        )
        if use > even
        else noted(
            "use {use} MWh is not above load rate x 730 h x capacity = {even} MWh: two parts by capacity are the cheaper"
        )
    )
    compared = say(use_is, use=grouped(use, ",.1f"), even=grouped(even, ",.1f"))
    lines.append(f"  {compared}")
    alike = say(
        "in every form: system fee on import {system_fee}, funds on import {funds_on_import}, and on self-use {funds_on_self_use} "
        "(assumption)",
        system_fee=grouped(tie.system_fee, ",.2f"), funds_on_import=grouped(tie.funds_on_import, ",.2f"),
        funds_on_self_use=grouped(tie.funds_on_self_use, ",.2f"),
    )  # fmt: skip
    return [*lines, f"  {alike}"]


def line_of(verdict: Verdict, currency: str) -> str:
    """Lines of a clause for the terminal."""
    from optimizer.rulebook.wording import (
        clause_name,
        limit_in_words,
        margin_in_words,
        price_in_words,
        share_in_words,
        value_in_words,
    )

    mark = {True: noted("holds"), False: noted("FAILS"), None: noted("cannot be told")}[verdict.holds]
    parts = (margin_in_words(verdict, currency), price_in_words(verdict, currency), share_in_words(verdict))
    known = [part for part in parts if part]
    clause = say(
        "{mark}: {clause} of {document}, {date} ({confidence}): {asks}", mark=say(mark), clause=clause_name(verdict),
        document=say(verdict.document), date=verdict.date, confidence=say(verdict.confidence), asks=say(verdict.asks),
    )  # fmt: skip
    plan = say(
        "the plan: {value} ({limit})", value=value_in_words(verdict, currency), limit=limit_in_words(verdict, currency)
    )
    return f"  {clause}\n    {say('; ').join([plan, *known])}"


def metered_line(site: str, metering: Metering) -> str:
    """Metered quantities of a site for the terminal."""
    line = say(
        "metered at {site} [MWh]: generation {generation} of {available} available, plant use 0 (not modelled), grid point in "
        "{imported} and out {exported}, self-use {self_used} of {used} used, storage in {charged} and out {discharged}",
        site=words(site), generation=grouped(metering.generation_mwh, ",.1f"), available=grouped(metering.available_mwh, ",.1f"),
        imported=grouped(metering.imported_mwh, ",.1f"), exported=grouped(metering.exported_mwh, ",.1f"),
        self_used=grouped(metering.self_used_mwh, ",.1f"), used=grouped(metering.used_mwh, ",.1f"),
        charged=grouped(metering.charged_mwh, ",.1f"), discharged=grouped(metering.discharged_mwh, ",.1f"),
    )  # fmt: skip
    return f"  {line}"
