"""`qaidam import`: scenarios, tariffs and series from other tools' files."""

from __future__ import annotations

from pathlib import Path

import click

from optimizer.commands.errors import SCENARIO_ERROR, complain, explained
from optimizer.commands.options import as_typed
from optimizer.language.recognition import shown
from optimizer.language.speech import noted, say

NO_PARQUET = noted("Parquet needs pyarrow, which is not installed; install it, or export to csv")
FORMS = ("pypsa", "urdb", "carbon", "reopt")


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "form", required=True, type=click.Choice(FORMS), help="What FILE is.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write.")
@click.option("--timezone", help="Clock of the site, as America/Denver; default what FILE says, else UTC.")
@click.option("--currency", help="Currency of the prices, as USD; default what FILE says, else USD.")
def import_(file: Path, form: str, out: Path, timezone: str | None, currency: str | None) -> None:
    """Turn another tool's FILE into files that scenarios read, in the folder --out.

    pypsa: a network of one bus (CSV folder or netCDF) as a scenario. urdb: a rate of the utility rate database (JSON) as a tariff.
    carbon: an answer of Electricity Maps or WattTime (JSON) as a series, marginal and average told apart.
    reopt: the inputs of a REopt run (JSON) as a scenario. What cannot be said is refused or told, never dropped.

    \b
    Examples:
      qaidam import network.nc --from pypsa --out my-site
      qaidam import rate.json --from urdb --out my-tariff
      qaidam import moer.json --from carbon --out my-carbon
      qaidam import inputs.json --from reopt --out my-site --timezone America/Denver
    """
    from optimizer.exchange.imported import READERS, Wishes, write_import

    with explained():
        imported = READERS[form](file, Wishes(timezone, currency))
        folder = write_import(imported, out)
    for note in imported.notes:
        click.echo(say("noted: {note}", note=shown(note)))
    for name in imported.files:
        click.echo(str(as_typed(folder / name, out)))


def export_network(run: Path, out: Path | None, site: str | None, dry_run: bool) -> None:
    """Write a run's energy as a PyPSA network, or print what it would leave out."""
    from optimizer.exchange.network_writer import left_out_text, write_network
    from optimizer.exchange.of_run import plain_site_of_run
    from optimizer.runs.tables import opened

    with explained():
        if dry_run:
            click.echo(left_out_text(plain_site_of_run(*opened(run), site)), nl=False)
            return
        target = out or run.resolve().with_name(f"{run.resolve().name}-pypsa")
        folder, plain = write_network(run, target, site)
    for note in plain.notes:
        click.echo(say("noted: {note}", note=shown(note)))
    click.echo(str(as_typed(folder, out or run)))


def export_results(run: Path, out: Path | None) -> None:
    """Write all results of a run as Parquet files by variable and month."""
    import importlib.util

    from optimizer.exchange.results_parquet import write_parquet

    with explained():
        if importlib.util.find_spec("pyarrow") is None:
            complain([NO_PARQUET], SCENARIO_ERROR, as_json=False)
        written = write_parquet(run, out or run.resolve().with_name(f"{run.resolve().name}-parquet"))
        click.echo(str(as_typed(written, out or run)))
