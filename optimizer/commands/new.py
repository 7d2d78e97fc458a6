"""`qaidam new`: a scenario of one's own from five questions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from optimizer.commands.errors import explained
from optimizer.commands.options import as_typed
from optimizer.language.speech import say

if TYPE_CHECKING:
    # heavy imports wait until a command needs them
    from optimizer.scenario.starter import Answers

T = TypeVar("T")
POSITIVE = click.FloatRange(min=0, min_open=True, max=10_000)
PRICE = click.FloatRange(min=0, min_open=True, max=1e9)
NOT_NEGATIVE = click.FloatRange(min=0, max=10_000)


def zone_name(text: str) -> str:
    """Name of a time zone that the system knows. Raises click.BadParameter."""
    from optimizer.quantities.calendar import zone

    try:
        zone(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return text


def currency_code(text: str) -> str:
    """Three capital letters. Raises click.BadParameter."""
    if not (len(text) == 3 and text.isascii() and text.isalpha()):
        raise click.BadParameter("give three letters, as USD")
    return text.upper()


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", help="What the site is called; default the folder's name.")
@click.option("--latitude", type=click.FloatRange(-66, 66), help="Degrees north.")
@click.option("--longitude", type=click.FloatRange(-180, 180), help="Degrees east.")
@click.option("--elevation-m", type=click.FloatRange(-430, 5500), help="Metres above the sea.")
@click.option("--timezone", type=zone_name, help="Name of the clock, as America/Denver.")
@click.option("--it-mw", type=click.FloatRange(min=0.05, max=1000), help="IT power with all cards busy.")
@click.option("--cards", type=click.IntRange(min=1, max=1_000_000), help="Cards, instead of their power.")
@click.option("--solar-mw", type=NOT_NEGATIVE, help="Own sun; 0: none.")
@click.option("--wind-mw", type=NOT_NEGATIVE, help="Own wind; 0: none.")
@click.option("--storage-mw", type=NOT_NEGATIVE, help="Power of an own battery; 0: none.")
@click.option("--storage-mwh", type=NOT_NEGATIVE, help="Energy of an own battery; 0: none.")
@click.option("--tariff", type=click.Choice(["flat", "time-of-use"]), help="Form of the tariff.")
@click.option("--currency", type=currency_code, help="Currency, as USD.")
@click.option("--energy-price-per-mwh", type=PRICE, help="Price at flat hours.")
@click.option("--grid-limit-mw", type=POSITIVE, help="Most that may be drawn from the grid.")
@click.option("--yes", is_flag=True, help="Ask nothing: defaults for all that no option gives.")
def new(
    folder: Path, name: str | None, latitude: float | None, longitude: float | None, elevation_m: float | None,
    timezone: str | None, it_mw: float | None, cards: int | None, solar_mw: float | None, wind_mw: float | None,
    storage_mw: float | None, storage_mwh: float | None, tariff: str | None, currency: str | None,
    energy_price_per_mwh: float | None, grid_limit_mw: float | None, yes: bool,
) -> None:  # fmt: skip
    """Write a scenario of your own site into FOLDER: scenario, tariff, job table and a page on what to change.

    Asks five questions: place, size, own plants, tariff, grid. Options answer them beforehand. No file is written over.

    \b
    Examples:
      qaidam new my-site
      qaidam new my-site --yes --latitude 39.23 --longitude -106.32 --elevation-m 3026 --timezone America/Denver --currency USD
    """
    from optimizer.scenario.starter import Answers, cards_of, usual_price_per_mwh, write_starter

    if it_mw is not None and cards is not None:
        raise click.UsageError("--it-mw and --cards both say the size; give one")
    usual = Answers()

    def ask(
        question: str,
        given: T | None,
        default: T,
        kind: click.ParamType[T] | None,
        read: Callable[[str], T] | None = None,
    ) -> T:
        if given is not None or yes:
            return default if given is None else given
        answer: T = click.prompt(question, default=default, type=kind, value_proc=read)
        return answer

    latitude = ask(say("1. Place: latitude, degrees north"), latitude, usual.latitude, click.FloatRange(-66, 66))
    longitude = ask(say("   longitude, degrees east"), longitude, usual.longitude, click.FloatRange(-180, 180))
    elevation_m = ask(say("   metres above the sea"), elevation_m, usual.elevation_m, click.FloatRange(-430, 5500))
    timezone = ask(say("   time zone"), timezone, usual.timezone, None, zone_name)
    if cards is None:
        power = ask(say("2. Size: IT power with all cards busy, MW"), it_mw, usual.it_mw, click.FloatRange(0.05, 1000))
        cards = usual.cards if power == usual.it_mw else cards_of(power)
    need_mw = round(1.3 * cards * usual.it_mw / usual.cards, 2)
    solar_mw = ask(say("3. Own plants: sun, MW (0: none)"), solar_mw, usual.solar_mw, NOT_NEGATIVE)
    wind_mw = ask(say("   wind, MW (0: none)"), wind_mw, usual.wind_mw, NOT_NEGATIVE)
    storage_mw = ask(say("   battery, MW (0: none)"), storage_mw, usual.storage_mw, NOT_NEGATIVE)
    stored = 4 * storage_mw
    storage_mwh = ask(say("   battery, MWh"), storage_mwh, stored, NOT_NEGATIVE) if storage_mw else 0.0
    kinds = click.Choice(["flat", "time-of-use"])
    tariff = ask(say("4. Tariff: flat or time-of-use"), tariff, str(usual.tariff), kinds)
    currency = ask(say("   currency"), currency, usual.currency, None, currency_code)
    price = ask(say("   energy price per MWh"), energy_price_per_mwh, usual_price_per_mwh(currency), PRICE)
    grid_limit_mw = ask(say("5. Grid: most that may be drawn, MW"), grid_limit_mw, need_mw, POSITIVE)
    answers = Answers(
        name or folder.resolve().name, latitude, longitude, elevation_m, timezone, cards, solar_mw, wind_mw, storage_mw,
        storage_mwh, "flat" if tariff == "flat" else "time-of-use", currency, price, grid_limit_mw,
    )  # fmt: skip
    with explained():
        written = write_starter(folder, answers)
    _tell(folder, answers, need_mw, written)


def _tell(folder: Path, answers: Answers, need_mw: float, written: list[Path]) -> None:
    """What was written, what to type next, and whether the grid alone can carry the site."""
    paths = [as_typed(path, folder) for path in written]
    for path in paths:
        click.echo(str(path))
    if answers.grid_limit_mw < need_mw:
        note = say(
            "Note: all cards busy need about {need} MW with cooling and losses, the grid gives {limit} MW: the rest must "
            "come from own plants, or work waits.",
            need=f"{need_mw:g}", limit=f"{answers.grid_limit_mw:g}",
        )  # fmt: skip
        click.echo(note)
    click.echo(say("Next: qaidam run {file} --out {folder}", file=paths[0], folder=folder / "out"))
