"""`qaidam check`: is a scenario sound; `qaidam schema`: what a scenario file may hold."""

from __future__ import annotations

import json
import math
from pathlib import Path

import click

from optimizer.commands.errors import explained
from optimizer.commands.options import first_day, force_option, override_option, override_values
from optimizer.commands.shipped import ShippedFile
from optimizer.language.numbers import currency_name, grouped, listed, money_to_the_unit
from optimizer.language.recognition import shown
from optimizer.language.speech import counted, is_chinese, noted, say
from optimizer.language.terminal import padded
from optimizer.language.words import words


@click.command()
@click.argument("scenario", type=ShippedFile())
@click.option(
    "--assumptions", is_flag=True, help="List what is assumed, with what a tenth more of it changes the cost."
)
@click.option(
    "--days",
    type=click.FloatRange(min=0, min_open=True, max=366),
    default=14.0,
    show_default=True,
    help="Days planned for --assumptions.",
)
@click.option("--start", callback=first_day, help="First local day of these, YYYY-MM-DD.")
@override_option
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
def check(
    scenario: Path, assumptions: bool, days: float, start: str | None, overrides: tuple[str, ...], as_json: bool
) -> None:
    """Check SCENARIO with all the data it names, and report all its problems at once.

    Job tables, logs, prices, tariffs and weather are read and laid on the whole horizon. What a plan can live with is
    reported as a remark: rows left out and why, jobs outside the horizon or too large for their pool, repairs of the weather.

    \b
    Example:
      qaidam check scenarios/qaidam.yaml --json
      qaidam check scenarios/qaidam.yaml --set grid.tie.import_limit_mw=4
      qaidam check scenarios/qaidam.yaml --assumptions --days 28 --start 2025-06-01
    """
    from optimizer.plan.optimize import data_remarks
    from optimizer.scenario.file import load_scenario

    values = override_values(overrides)
    with explained(as_json):
        if assumptions:
            _assumptions(scenario, values, days, start, as_json)
            return
        loaded = load_scenario(scenario, values)
        remarks = data_remarks(loaded)
        names = [asset for _, asset in loaded.assets()]
        if as_json:
            check_report = {"scenario": loaded.name, "assets": names, "remarks": remarks}
            click.echo(json.dumps(check_report, ensure_ascii=False))
            return
        one, several = noted("can be planned, with one remark"), noted("can be planned, with {number} remarks")
        judged = counted(len(remarks), one, several) if remarks else say("sound")
        answer = counted(
            len(names), noted("{file}: {judged}. {name}: one asset ({assets})."),
            noted("{file}: {judged}. {name}: {number} assets ({assets})."),
            file=scenario, judged=judged, name=say(loaded.name), assets=listed([words(name) for name in names] if is_chinese() else names),
        )  # fmt: skip
        click.echo(answer)
        for remark in remarks:
            click.echo(f"  {shown(remark)}")


def _assumptions(scenario: Path, values: dict[str, object], days: float, start: str | None, as_json: bool) -> None:
    """Print the assumptions of a scenario, the weightiest first."""
    from optimizer.plan.sensitivity import sensitivities
    from optimizer.quantities.documents import read_document
    from optimizer.scenario.assumptions import assumptions_of

    found = [assumed for assumed in assumptions_of(read_document(scenario)) if assumed.path not in values]
    carried = sensitivities(scenario, found, days, start, values)
    rows = [(row.assumption, None if math.isnan(row.change) else row.change) for row in carried.by_assumption]
    if as_json:
        listed = [
            {"path": a.path, "value": a.value, "line": a.line, "words": a.words, "change": change} for a, change in rows
        ]
        report = {"cost": carried.cost, "hours": carried.hours, "currency": carried.currency, "assumptions": listed}
        click.echo(json.dumps(report, ensure_ascii=False))
        return
    money = money_to_the_unit(carried.cost, carried.currency)
    begin = counted(
        len(found), noted("{file}: one number is assumed; the plan of {hours} h costs {money}."),
        noted("{file}: {number} numbers are assumed; the plan of {hours} h costs {money}."),
        file=scenario, hours=f"{carried.hours:g}", money=money,
    )  # fmt: skip
    click.echo(begin)
    currency = currency_name(carried.currency)
    click.echo(
        say(
            "A tenth more of each changes that cost, by its duals, by [{currency}] (share of the cost):",
            currency=currency,
        )
    )
    for assumption, change in rows:
        effect = (
            say("not told")
            if change is None
            else f"{grouped(change, '+,.0f')} ({change / abs(carried.cost):+.2%})"
            if carried.cost
            else grouped(change, "+,.0f")
        )
        click.echo(
            f"  {padded(effect, 24)}  {assumption.path} = {assumption.value:g}  "
            + say("(line {line}: {words})", line=assumption.line, words=assumption.words[:60])
        )


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path), help="File; default scenarios/scenario.schema.json of the project."
)
@force_option
def schema(out: Path | None, force: bool) -> None:
    """Write the JSON schema of scenario files, for editors; without --out also the keys in scenarios/README.md and the dictionary."""
    from optimizer.commands import dictionary
    from optimizer.files.single import write_file
    from optimizer.quantities.documents import SCENARIOS
    from optimizer.scenario import key_table
    from optimizer.scenario.file import json_schema

    if out is None and not (SCENARIOS / "README.md").is_file():  # an installed package has no pages
        raise click.UsageError("outside the project's repository there is no schema to renew; name a file with --out")
    path = out or SCENARIOS / "scenario.schema.json"
    with explained():
        text = json_schema()
        write_file(path, lambda aside: aside.write_text(text, encoding="utf-8"), force=force or out is None)
        if out is None:
            key_table.write(SCENARIOS / "README.md")
            dictionary.write(SCENARIOS.parent / "optimizer" / "guides" / "dictionary.md")
    click.echo(str(path))
