"""`qaidam whatif`: what other values would change in the cost of a plan, by its duals, between proven limits."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.commands.errors import explained
from optimizer.commands.options import first_day, override_option, override_values
from optimizer.language.numbers import currency_name, grouped, money_to_the_unit
from optimizer.language.speech import say

if TYPE_CHECKING:
    # heavy imports wait until a command needs them
    from optimizer.plan.what_if import Base, Changed


@click.command()
@click.argument("target", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("changes", metavar="PATH=VALUE...", nargs=-1, required=True)
@click.option(
    "--days", type=click.FloatRange(min=0, min_open=True, max=366), help="Days planned; default those of the run."
)
@click.option("--start", callback=first_day, help="First local day of these, YYYY-MM-DD.")
@click.option("--solve", "solved", is_flag=True, help="Solve each changed problem too, and show both figures.")
@override_option
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
def whatif(
    target: Path, changes: tuple[str, ...], days: float | None, start: str | None, solved: bool, overrides: tuple[str, ...],
    as_json: bool,
) -> None:  # fmt: skip
    """Change of cost if values of RUN (a run's folder, or a scenario file) were others, each by itself.

    VALUE is a share of what it is (`+10%`, `-5%`) or the new value. The estimate is by the duals of the plan; beside it stand limits
    that are proven. Where the limits lie far apart, or no estimate can be given, --solve plans anew.

    \b
    Examples:
      qaidam whatif out/qaidam storage.own_battery.energy_mwh=+10% grid.tie.import_limit_mw=-5%
      qaidam whatif scenarios/examples/leadville.yaml grid.utility.tariff.energy_price_per_mwh=90 --days 2 --solve
    """
    from optimizer.plan.what_if import what_if

    asked = [_parted(change) for change in changes]
    values = override_values(overrides)
    with explained(as_json):
        base, currency = _base(target, values, start, days)
        changed = [what_if(base, path, text, solved=solved) for path, text in asked]
    if as_json:
        click.echo(json.dumps({"cost": base.plan.cost, "currency": currency, "changes": list(map(_facts, changed))}))
        return
    hours = base.calendar.count * base.calendar.step_h
    money = money_to_the_unit(base.plan.cost, currency)
    click.echo(say("{file}: the plan of {hours} h costs {money}.", file=target, hours=f"{hours:g}", money=money))
    click.echo(say("Changes of that cost [{currency}], each by itself:", currency=currency_name(currency)))
    for change in changed:
        click.echo(f"  {_line(change)}")


def _parted(change: str) -> tuple[str, str]:
    """Path and value. Raises click.BadParameter."""
    path, equals, text = change.partition("=")
    if not (path and equals and text):
        raise click.BadParameter(f"'{change}' is not PATH=VALUE, e.g. storage.battery.energy_mwh=+10%")
    return path, text


def _base(target: Path, values: dict[str, object], start: str | None, days: float | None) -> tuple[Base, str]:
    """Solved plan of a run's folder or a scenario file, and its currency."""
    from optimizer.inputs.assemble import calendar_of
    from optimizer.plan.optimize import calendar_for
    from optimizer.plan.results_file import load_results
    from optimizer.plan.what_if import base_of
    from optimizer.scenario.file import load_scenario, scenario_from, set_by_path

    if target.is_dir():
        results = load_results(target / "results.nc")
        data = dict(results.attrs["scenario"])
        for path, value in values.items():
            set_by_path(data, path, value)
        scenario, folder, whole = scenario_from(data, folder=target), target, calendar_of(results)
    else:
        scenario, folder, whole = load_scenario(target, values), target.parent, None
        data = dict(scenario.model_dump(mode="json"))
    calendar = whole if whole is not None and start is None and days is None else calendar_for(scenario, start, days)
    return base_of(data, folder, calendar), scenario.currency


def _facts(change: Changed) -> dict[str, object]:
    """A change for machines; what is not known is null."""
    figures = {
        "estimate": change.estimate,
        "at_least": change.at_least,
        "at_most": change.at_most,
        "solved": change.solved,
    }
    known = {name: value if value is not None and math.isfinite(value) else None for name, value in figures.items()}
    return {"path": change.path, "before": change.before, "after": change.after, **known}


def _line(change: Changed) -> str:
    """A change for people."""
    by_duals = say("no estimate by duals") if math.isnan(change.estimate) else grouped(change.estimate, "+,.0f")
    least = "−∞" if math.isinf(change.at_least) else grouped(change.at_least, "+,.0f")
    most = "∞" if math.isinf(change.at_most) else grouped(change.at_most, "+,.0f")
    text = say(
        "{path} = {before} → {after}: {change} (proven: {least} to {most})", path=change.path, before=_short(change.before),
        after=_short(change.after), change=by_duals, least=least, most=most,
    )  # fmt: skip
    return (
        text
        if change.solved is None
        else text + say("; ") + say("planned anew: {change}", change=grouped(change.solved, "+,.0f"))
    )


def _short(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
