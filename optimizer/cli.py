"""The command `qaidam`. Holds no logic: load, call, show; and turns every known error into a clear text and an exit code.

Exit codes: 0 ok · 2 scenario or usage · 3 data · 4 a promise broken beyond its price cap · 5 solver gave nothing ·
10 published, but from a fallback · 75 busy, another run holds the lock.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

SCENARIO_ERROR, DATA_ERROR, BROKEN_PROMISE, NO_PLAN = 2, 3, 4, 5
LAST_RESORTS = ("overload_mw", "overheat_mw", "unserved_cards")
"""Promises whose breaking no price excuses: tie overloaded, heat left in the halls, inference unserved."""


class Main(click.Group):
    """A group that suggests the command that was meant."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        import difflib

        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            if near and "Did you mean" not in error.format_message():  # newer versions of click say it themselves
                raise click.UsageError(f"{error.message} Did you mean '{near[0]}'?", ctx) from error
            raise


@click.group(cls=Main, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qaidam")
def main() -> None:
    """Plan the hours of a green data center, and prove how good the plan is.

    \b
    Examples:
      qaidam check scenarios/qaidam.yaml
      qaidam run scenarios/qaidam.yaml --days 7 --out out/week
      qaidam weather inspect station.epw
    """


@contextmanager
def explained(as_json: bool = False) -> Iterator[None]:
    """Turn known errors into text on stderr and an exit code; no traceback reaches a user."""
    from optimizer.inputs.assemble import InputError
    from optimizer.inputs.documents import DocumentError
    from optimizer.inputs.series import SeriesError
    from optimizer.results import ResultError
    from optimizer.solver import SolverError
    from weather.canonical import WeatherError

    try:
        yield
    except DocumentError as error:
        complain(error.problems, SCENARIO_ERROR, as_json)
    except (WeatherError, InputError) as error:
        complain(error.problems, DATA_ERROR, as_json)
    except SeriesError as error:
        complain([str(error)], DATA_ERROR, as_json)
    except SolverError as error:
        complain([str(error)], NO_PLAN, as_json)
    except ResultError as error:
        complain(["the plan breaks its own laws and is not published", *error.violations], NO_PLAN, as_json)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        complain(
            [f"{where}{error.strerror or error}; check the path, its permissions and the free space"],
            DATA_ERROR,
            as_json,
        )


def complain(problems: list[str], code: int, as_json: bool) -> None:
    """Print all problems to stderr and leave with the code."""
    if as_json:
        click.echo(json.dumps({"exit_code": code, "problems": problems}, ensure_ascii=False), err=True)
    else:
        for problem in problems:
            click.echo(problem, err=True)
        if len(problems) > 1:
            click.echo(f"{len(problems)} problems", err=True)
    sys.exit(code)


def override_values(texts: tuple[str, ...]) -> dict[str, Any]:
    """`a.b.c=3` as path and YAML value. Raises click.BadParameter."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    values = {}
    for text in texts:
        path, equals, value = text.partition("=")
        if not (path and equals):
            raise click.BadParameter(f"'{text}' is not PATH=VALUE, e.g. storage.haixi_share.energy_mwh=40")
        try:
            values[path] = YAML(typ="safe", pure=True).load(value)
        except (YAMLError, ValueError) as error:
            raise click.BadParameter(f"'{value}' in '{text}' is not a YAML value; put text in quotes") from error
    return values


def first_day(_context: click.Context, _option: click.Parameter, date: str | None) -> str | None:
    """A date that exists, as it was given. Raises click.BadParameter."""
    from optimizer.place_and_time import a_day

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
                tasks[phase] = bars.add_task(phase, total=of)
            bars.update(tasks[phase], completed=done)

        yield show


@main.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
def check(scenario: Path, as_json: bool) -> None:
    """Check SCENARIO and tell everything that is wrong with it, at once.

    \b
    Example:
      qaidam check scenarios/qaidam.yaml --json
    """
    from optimizer.scenario import load_scenario

    with explained(as_json):
        loaded = load_scenario(scenario)
        names = [asset for _, asset in loaded.assets()]
        if as_json:
            click.echo(json.dumps({"scenario": loaded.name, "assets": names}, ensure_ascii=False))
        else:
            click.echo(f"{scenario}: sound. {loaded.name}: {len(names)} assets ({', '.join(names)}).")


@main.command()
@click.option(
    "--out", type=click.Path(path_type=Path), help="File; default scenarios/scenario.schema.json of the project."
)
def schema(out: Path | None) -> None:
    """Write the JSON schema of scenario files, for editors; without --out also the table of keys in scenarios/README.md."""
    from optimizer import key_table
    from optimizer.inputs.documents import SCENARIOS
    from optimizer.scenario import json_schema

    path = out or SCENARIOS / "scenario.schema.json"
    with explained():
        path.write_text(json_schema(), encoding="utf-8")
        if out is None:
            key_table.write(SCENARIOS / "README.md")
    click.echo(str(path))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def report(folder: Path) -> None:
    """Check a run's results once more, from the file alone, and write its report anew.

    \b
    Example:
      qaidam report out/qaidam
    """
    from optimizer.run_folder import rewrite_report

    with explained():
        click.echo(str(rewrite_report(folder)))


@main.group()
def weather() -> None:
    """Look at, fetch or make weather."""


from optimizer import (  # noqa: E402, F401  register their commands
    cli_nightly,
    cli_run,
    cli_sharing,
    cli_study,
    cli_weather,
)
