"""`qaidam weather`: look at a file, fetch one, make a synthetic year."""

from __future__ import annotations

from pathlib import Path

import click

from optimizer.commands.errors import DATA_ERROR, complain, explained
from optimizer.commands.options import force_option


@click.group()
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
        click.echo(look(weather_data, file).text())
        for note in repair(weather_data).attrs["repairs"]:
            click.echo(f"repair: {note}")
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
        click.echo(f"{out}: synthetic year {year} of {site}")
