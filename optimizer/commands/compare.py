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
from optimizer.language.numbers import listed
from optimizer.language.recognition import shown
from optimizer.language.speech import say

if TYPE_CHECKING:
    # heavy imports wait until a command needs them
    from optimizer.runs.comparison import Comparison

ALIKE = 1e-9
"""Relative: figures this near to each other are the same."""
MOST_FLOWS = 20
"""So many flows that differ are shown; all of them are in the page's table and in --json."""


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
    from optimizer.report.readable_names import readable, without_noise
    from optimizer.report.study_names import flow_name

    figures, first = without_noise(comparison.figures), comparison.names[0]
    for name in comparison.names[1:]:
        change = figures[name] - figures[first]
        same = change.abs() <= ALIKE * figures[first].abs().clip(lower=1.0)
        figures[say("{run} less {first}", run=name, first=first)] = change.mask(same, 0.0)
    lines = ["# " + say("{runs} compared", runs=listed(comparison.names)), ""]
    lines += [f"* {shown(warning)}" for warning in comparison.warnings]
    named = figures[["figure"]].pipe(readable, comparison.currency).join(figures.drop(columns="figure"))
    lines += ["", markdown(named)] if comparison.warnings else [markdown(named)]
    if comparison.hours.empty:
        return "\n".join([*lines, say("No flow differs in any hour.")]) + "\n"
    told = comparison.hours.assign(flow=comparison.hours["flow"].map(flow_name))
    hours = readable(without_noise(told), comparison.currency)
    first_hours = hours if most is None else hours.head(most)
    lines += [say("Flows that differ from those of {first}, by hours:", first=first), "", markdown(first_hours)]
    if len(first_hours) < len(hours):
        lines.append(say("and {number} more; --json or --out have all", number=len(hours) - len(first_hours)) + "\n")
    return "\n".join(lines)
