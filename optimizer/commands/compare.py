"""`qaidam compare`: runs side by side, after each was checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.commands.errors import explained
from optimizer.commands.options import force_option
from optimizer.commands.table import markdown
from optimizer.commands.verify import require_sound
from optimizer.language.numbers import currency_name, listed
from optimizer.language.recognition import shown
from optimizer.language.speech import is_chinese, noted, say

if TYPE_CHECKING:
    # heavy imports wait until a command needs them
    from optimizer.runs.comparison import Comparison

MOST_FLOWS = 20
"""So many flows that differ are shown; all of them are in the page's table and in --json."""

LABELS = {
    "running_cost": noted("running"), "capital_cost": noted("capital"), "total_cost": noted("total"), "cost": noted("cost"),
    "baseline_cost": noted("baseline cost"), "saving": noted("saving"), "facility_mwh": noted("facility MWh"),
    "it_mwh": noted("IT MWh"), "pue": noted("PUE"), "solar_mwh": noted("solar MWh"), "wind_mwh": noted("wind MWh"),
    "curtailed_mwh": noted("curtailed MWh"), "import_mwh": noted("import MWh"), "export_mwh": noted("export MWh"),
    "storage_discharge_mwh": noted("storage discharge MWh"), "own_supply_share": noted("own supply share"),
    "cfe_hourly_share": noted("CFE hourly share"), "carbon_location_t": noted("carbon location t"),
    "carbon_market_t": noted("carbon market t"), "card_hours": noted("card hours"), "late_card_hours": noted("late card hours"),
}  # fmt: skip
"""Figures as a reader of another language finds them; in English they have the names of summary.json."""
COLUMNS = (
    noted("run"),
    noted("flow"),
    noted("hours that differ"),
    noted("mean difference"),
    noted("largest difference"),
)


@click.command()
@click.argument("folders", metavar="RUN RUN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write the comparison into this page too: HTML where it ends with .html, else Markdown.",
)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
@force_option
def compare(folders: tuple[Path, ...], out: Path | None, as_json: bool, force: bool) -> None:
    """Compare runs: money, capital, energy, carbon, and the hours in which flows differ from the first one's.

    Every run is checked first, as by `qaidam verify`. Other hours, currencies, weather or sites are said before the figures.

    \b
    Examples:
      qaidam compare out/qaidam out/larger-battery
      qaidam compare out/a out/b out/c --out comparison.html
    """
    from optimizer.files.single import write_file
    from optimizer.runs.comparison import compare_runs

    if len(folders) < 2:
        raise click.UsageError(say("compare needs two runs or more"))
    with explained(as_json):
        for folder in folders:
            require_sound(folder)
        comparison = compare_runs(folders)
        if out is not None:
            page = web_page_of(comparison) if out.suffix == ".html" else page_of(comparison, None)
            write_file(out, lambda aside: aside.write_text(page, encoding="utf-8"), force=force)
    if as_json:
        tables = {"figures": comparison.figures, "hours": comparison.hours}
        told = {name: json.loads(table.to_json(orient="records")) for name, table in tables.items()}
        click.echo(json.dumps({"runs": comparison.names, "warnings": comparison.warnings, **told}, ensure_ascii=False))
    else:
        click.echo(page_of(comparison, MOST_FLOWS), nl=False)


def web_page_of(comparison: Comparison) -> str:
    """Comparison as one self-contained HTML page."""
    from optimizer.report.comparison_page import RunsBeside, comparison_html

    beside = RunsBeside(
        comparison.names, comparison.warnings, comparison.figures, comparison.hours, comparison.currency
    )
    return comparison_html(beside)


def page_of(comparison: Comparison, most: int | None) -> str:
    """Comparison in Markdown; of the flows that differ the first `most`."""
    figures, hours = comparison.figures.copy(), comparison.hours
    if is_chinese():
        from optimizer.report.comparison_page import MONEY
        from optimizer.report.study_names import flow_name

        money = f" [{currency_name(comparison.currency)}]"
        figures["figure"] = [
            say(LABELS.get(name, name)) + (money if name in MONEY else "") for name in figures["figure"]
        ]
        figures = figures.rename(columns={"figure": say("key figure")})
        hours = hours.assign(flow=hours["flow"].map(flow_name)).rename(
            columns={name: say(name.replace("_", " ")) for name in hours.columns}
        )
    first = comparison.names[0]
    for name in comparison.names[1:]:
        figures[say("{run} less {first}", run=name, first=first)] = figures[name] - figures[first]
    lines = ["# " + say("{runs} compared", runs=listed(comparison.names)), ""]
    lines += [f"* {shown(warning)}" for warning in comparison.warnings]
    lines += ["", markdown(figures)] if comparison.warnings else [markdown(figures)]
    if hours.empty:
        return "\n".join([*lines, say("No flow differs in any hour.")]) + "\n"
    first_hours = hours if most is None else hours.head(most)
    lines += [say("Flows that differ from those of {first}, by hours:", first=first), "", markdown(first_hours)]
    if len(first_hours) < len(hours):
        lines.append(say("and {number} more; --json or --out have all", number=len(hours) - len(first_hours)) + "\n")
    return "\n".join(lines)
