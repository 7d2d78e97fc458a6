"""`qaidam table`: one table of a run, to read, to keep or to open in a spreadsheet."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.commands.errors import DATA_ERROR, complain, explained
from optimizer.language.numbers import grouped
from optimizer.language.speech import counted, noted, say

if TYPE_CHECKING:
    # heavy imports wait until a command needs them
    import pandas as pd

TABLES = ("hours", "jobs", "money", "energy", "rules", "schedule")
NOTHING = {
    "jobs": noted("this run has no work with names, so there is no table of jobs"),
    "rules": noted(
        "no rule book is in force in this run, so there is no table of verdicts; green_supply > books names them"
    ),
}
"""Why a run has not each of these tables."""
NO_XLSX = noted("xlsx needs the package openpyxl; install it with: pip install 'qaidam[xlsx]', or take --format csv")


@click.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("what", type=click.Choice(TABLES))
@click.option(
    "--format", "form", type=click.Choice(["csv", "md", "xlsx"]),
    help="Form; default md on a terminal, csv into a file or a pipe. csv and xlsx have the names of the results, md those of the report.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="File; default the terminal (xlsx: WHAT.xlsx here).")
@click.option("--force", is_flag=True, help="Replace a file that exists.")
def table(folder: Path, what: str, form: str | None, out: Path | None, force: bool) -> None:
    """Table WHAT of the run in folder RUN: hours, jobs, money, energy, rules or schedule.

    hours: local time and UTC, a column a flow. jobs: every run of every job on the site's clock, and those that do not run, with
    the reason. money: the bill by month. energy: its key figures. rules: the verdicts of the rule books.

    \b
    Examples:
      qaidam table out/qaidam hours --out hours.csv
      qaidam table out/qaidam jobs --format md
      qaidam table out/qaidam money --format xlsx --out money.xlsx
    """
    from optimizer.files.single import write_file
    from optimizer.quantities.spreadsheet import without_formulas
    from optimizer.report.readable_names import readable, without_noise
    from optimizer.runs.tables import summary_of_run, table_of_run

    with explained():
        table = table_of_run(folder, what)
        if table is None:
            click.echo(say(NOTHING[what]), err=True)
            return
        form = form or ("md" if out is None and sys.stdout.isatty() else "csv")
        made = without_formulas(without_noise(table))
        if form == "xlsx":
            path = out or Path(f"{what}.xlsx")
            _require_xlsx()
            write_file(path, lambda aside: made.to_excel(aside, index=False, sheet_name=what), force=force)
            click.echo(str(path))
            return
        currency = str(summary_of_run(folder).get("currency") or "")
        text = made.to_csv(index=False) if form == "csv" else markdown(readable(made, currency))
        if out is None:
            click.echo(text, nl=False)
        else:
            write_file(out, lambda aside: aside.write_text(text, encoding="utf-8"), force=force)
            click.echo(counted(len(made), noted("one row in {file}"), noted("{number} rows in {file}"), file=out))


def _require_xlsx() -> None:
    """Leave with the remedy where no package writes spreadsheets."""
    import importlib.util

    if importlib.util.find_spec("openpyxl") is None:
        complain([NO_XLSX], DATA_ERROR, as_json=False)


def markdown(table: pd.DataFrame) -> str:
    """Table in Markdown; bars in texts are kept as text."""
    rows = [[str(name) for name in table.columns], ["---"] * len(table.columns)]
    rows += [[_cell(cell) for cell in row] for row in table.itertuples(index=False)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cell(cell: object) -> str:
    return grouped(cell, ",.6g") if isinstance(cell, float) else str(cell).replace("|", "\\|").replace("\n", " ")
