"""`qaidam check`: is a scenario sound; `qaidam schema`: what a scenario file may hold."""

from __future__ import annotations

import json
from pathlib import Path

import click

from optimizer.commands.errors import explained
from optimizer.commands.options import force_option


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
def check(scenario: Path, as_json: bool) -> None:
    """Check SCENARIO with all the data it names, and report all its problems at once.

    Job tables, logs, prices, tariffs and weather are read and laid on the whole horizon. What a plan can live with is
    reported as a remark: rows left out and why, jobs outside the horizon or too large for their pool, repairs of the weather.

    \b
    Example:
      qaidam check scenarios/qaidam.yaml --json
    """
    from optimizer.plan.optimize import data_remarks
    from optimizer.scenario.file import load_scenario

    with explained(as_json):
        loaded = load_scenario(scenario)
        remarks = data_remarks(loaded)
        names = [asset for _, asset in loaded.assets()]
        if as_json:
            check_report = {"scenario": loaded.name, "assets": names, "remarks": remarks}
            click.echo(json.dumps(check_report, ensure_ascii=False))
            return
        judged = "sound" if not remarks else f"can be planned, with {len(remarks)} remarks"
        click.echo(f"{scenario}: {judged}. {loaded.name}: {len(names)} assets ({', '.join(names)}).")
        for remark in remarks:
            click.echo(f"  {remark}")


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path), help="File; default scenarios/scenario.schema.json of the project."
)
@force_option
def schema(out: Path | None, force: bool) -> None:
    """Write the JSON schema of scenario files, for editors; without --out also the table of keys in scenarios/README.md."""
    from optimizer.files.single import write_file
    from optimizer.quantities.documents import SCENARIOS
    from optimizer.scenario import key_table
    from optimizer.scenario.file import json_schema

    path = out or SCENARIOS / "scenario.schema.json"
    with explained():
        text = json_schema()
        write_file(path, lambda aside: aside.write_text(text, encoding="utf-8"), force=force or out is None)
        if out is None:
            key_table.write(SCENARIOS / "README.md")
    click.echo(str(path))
