"""Options that several commands share: overrides, days, progress bars."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from optimizer.commands.help_page import Context
from optimizer.language.speech import LANGUAGES, say, spoken

force_option = click.option("--force", is_flag=True, help="Replace a file that exists.")
"""For commands that write a file the user names."""
override_option = click.option(
    "--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Set a value of the scenario; may be repeated."
)
"""For commands that read a scenario file: every path a study takes."""
MOST_SHOWN = 80
"""Characters of an option that are repeated in a message."""


def speaking(command: click.Command) -> click.Command:
    """A command, and all commands below it, with the option `--language`, which holds for the processes they start too."""
    command.context_class = Context
    command.params.append(
        click.Option(
            ["--language"], type=click.Choice(LANGUAGES), is_eager=True, expose_value=False, callback=_speak,
            help="Language of reports, summaries and messages; default that of QAIDAM_LANGUAGE or the locale.",
        )
    )  # fmt: skip
    if isinstance(command, click.Group):
        for below in command.commands.values():
            speaking(below)
    return command


def _speak(context: click.Context, _option: click.Parameter, chosen: str | None) -> None:
    """Use a language until the command has ended."""
    context.with_resource(spoken(chosen))


def override_values(texts: tuple[str, ...]) -> dict[str, object]:
    """`a.b.c=3` as path and YAML value. Raises click.BadParameter."""
    from optimizer.quantities.documents import parsed_value

    values = {}
    for text in texts:
        path, equals, value = text.partition("=")
        if not (path and equals):
            raise click.BadParameter(f"'{_cut(text)}' is not PATH=VALUE, e.g. storage.haixi_share.energy_mwh=40")
        try:
            values[path] = parsed_value(value)
        except ValueError as error:
            raise click.BadParameter(
                f"'{_cut(value)}' in '{_cut(text)}' is not a YAML value; put text in quotes"
            ) from error
    return values


def _cut(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def as_typed(path: Path, typed: Path) -> Path:
    """A path as a user writes it: from the working folder on, unless what was typed is a whole path or it lies elsewhere."""
    here = Path.cwd()
    return path if typed.is_absolute() or not path.is_relative_to(here) else path.relative_to(here)


def first_day(_context: click.Context, _option: click.Parameter, date: str | None) -> str | None:
    """A date that exists, as it was given. Raises click.BadParameter."""
    from optimizer.scenario.site import a_day

    try:
        return None if date is None else a_day(date)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@contextmanager
def progress_bars(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A bar per phase with time left, on a terminal; nothing elsewhere."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda *_: None
        return
    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def show(phase: str, done: int, of: int) -> None:
            if phase not in tasks:
                tasks[phase] = bars.add_task(": ".join(map(say, phase.split(": "))), total=of)
            bars.update(tasks[phase], completed=done)

        yield show


def weather_option(text: str | None) -> tuple[Path | None, str | None]:
    """A weather option as (file, synthetic site)."""
    from weather.synthetic.year import SITES

    if text is None:
        return None, None
    if text in SITES:
        return None, text
    return Path(text), None
