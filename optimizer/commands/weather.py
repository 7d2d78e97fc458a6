"""`qaidam weather`: look at a file, fetch one, make a synthetic year."""

from __future__ import annotations

import re
from pathlib import Path

import click

from optimizer.commands.errors import DATA_ERROR, complain, explained
from optimizer.commands.help_page import Group
from optimizer.commands.options import force_option
from optimizer.language.recognition import shown
from optimizer.language.speech import noted, say

FINDINGS = (
    noted("  what       {source}"), noted("  what       {source}, synthetic"), noted("  what       {source}, typical year"),
    noted("  what       {source}, synthetic, typical year"), noted("  gaps       {gaps}"), noted("  clock      {clock}"),
    noted("  place      {latitude} N {longitude} E, {elevation} m, {timezone}, wind at {height} m"),
    noted("  period     {begin} to {end} UTC, {steps} steps of {step_min} min"), noted("  problem    {problem}"),
    noted("  done       {repair}"), noted("  DNI        largest {dni} W/m2: {capped}"), noted("plausible"), noted("good"),
    noted("NOT to be trusted: capped, or it does not belong to GHI"), noted("bad"), noted("none"),
    noted("unknown (under 60 days, or no course of the sun)"),
    noted("right (radiation {minutes} min early, within the accuracy)"),
    noted("right (radiation {minutes} min late, within the accuracy)"),
    noted("WRONG: radiation {minutes} min early against the sun"), noted("WRONG: radiation {minutes} min late against the sun"),
    noted("radiation was {minutes} min early against the sun: moved back, daily sums kept"),
    noted("radiation was {minutes} min late against the sun: moved back, daily sums kept"),
)  # fmt: skip
"""What an inspection begins its lines with, and its short words, for their translation."""


def _said(line: str) -> str:
    """A line of an inspection in the reader's language."""
    said = shown(line)
    return said if said != line else line[: len(line) - len(line.lstrip())] + shown(line.lstrip())


LONGEST = re.compile(r"\(longest (\S+) h\)")
"""Behind each variable's number of gaps."""


@click.group(cls=Group)
def weather() -> None:
    """Look at, fetch or make weather."""


@weather.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--plot", "picture", type=click.Path(path_type=Path), help="Also write a page with plots.")
@force_option
def inspect(file: Path, picture: Path | None, force: bool) -> None:
    """Tell what FILE is: gaps, clock error, capped beam, plausibility, monthly means, and what would be repaired.

    \b
    Example:
      qaidam weather inspect station.epw --plot station.html
    """
    from optimizer.files.single import write_file
    from weather import sources
    from weather.quality.inspect import inspect as look
    from weather.quality.inspect_plot import plot
    from weather.quality.repair import repair

    with explained():
        weather_data = sources.read(file)
        lines = (_said(line) for line in look(weather_data, file).text().splitlines())
        click.echo("\n".join(LONGEST.sub(lambda gap: say("(longest {hours} h)", hours=gap[1]), line) for line in lines))
        for note in repair(weather_data).attrs["repairs"]:
            click.echo(say("repair: {note}", note=shown(note)))
        if picture is not None:
            write_file(picture, lambda path: plot(weather_data).write_html(path, include_plotlyjs=True), force=force)
            click.echo(str(picture))


@weather.command()
@click.argument("provider")
@click.option("--latitude", type=click.FloatRange(-90, 90), required=True, help="Degrees north.")
@click.option("--longitude", type=click.FloatRange(-180, 180), required=True, help="Degrees east.")
@click.option("--year", type=click.IntRange(1940, 2100), help="Year, where the provider has years.")
@click.option(
    "--cache", type=click.Path(path_type=Path), default=Path("out/weather"), show_default=True, help="Folder for files."
)
def fetch(provider: str, latitude: float, longitude: float, year: int | None, cache: Path) -> None:
    """Fetch weather for a place from PROVIDER (pvgis, nasa-power, open-meteo, ...) and tell where the file is.

    \b
    Example:
      qaidam weather fetch nasa-power --latitude 36.42 --longitude 94.90 --year 2023
    """
    from weather.sources.fetch import fetch as get

    with explained():
        try:
            click.echo(str(get(provider, latitude=latitude, longitude=longitude, year=year, cache_dir=cache)))
        except ValueError as error:
            complain([str(error)], DATA_ERROR, as_json=False)


@weather.command()
@click.argument("site")
@click.option(
    "--year", type=click.IntRange(1950, 2100), default=2025, show_default=True, help="Year, which is also the seed."
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="CSV file to write.")
@force_option
def synthesize(site: str, year: int, out: Path, force: bool) -> None:
    """Make a synthetic year of SITE from its climate's statistics, labelled synthetic.

    \b
    Example:
      qaidam weather synthesize golmud --year 2024 --out golmud-2024.csv
    """
    from optimizer.files.single import write_file
    from weather.sources import tidy
    from weather.synthetic.year import synthetic_year

    with explained():
        write_file(out, lambda path: tidy.write(synthetic_year(site, year), path), force=force)
        click.echo(say("{file}: synthetic year {year} of {site}", file=out, year=year, site=site))
