"""`qaidam ledger`: the ledger of energy by source and use, and its integrity."""

from __future__ import annotations

import json
from pathlib import Path

import click

from optimizer.commands.errors import DATA_ERROR, complain, explained
from optimizer.commands.help_page import Group
from optimizer.language.speech import say


@click.group(cls=Group)
def ledger() -> None:
    """Look at the ledger of a run: which source fed which use."""


@ledger.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
def verify(path: Path, as_json: bool) -> None:
    """Check that no line of a ledger was changed, added or removed. PATH is the file or its run's folder.

    \b
    Example:
      qaidam ledger verify out/qaidam
    """
    from optimizer.accounts.ledger import verify as check

    file = path / "ledger.csv" if path.is_dir() else path
    with explained(as_json):
        problems = check(file)
        if problems:
            complain(problems, DATA_ERROR, as_json)
        click.echo(
            json.dumps({"ledger": str(file), "problems": []}) if as_json else say("{file}: every seal holds", file=file)
        )
