"""The command `qaidam`: adds the commands of `optimizer/commands/`.

They import what is heavy only when they run, so that `qaidam --help` stays quick.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from optimizer.commands import (
    compare,
    exchange,
    ledger,
    new,
    nightly,
    rules,
    run,
    scenario,
    study,
    table,
    verify,
    weather,
    what_if,
)
from optimizer.commands.errors import BY_CTRL_C, INTERRUPTED, NO_PLAN, UNANSWERED, complain, out_of_memory
from optimizer.commands.help_page import Group, language_in, usage_errors_spoken
from optimizer.commands.options import speaking
from optimizer.language.speech import spoken


class Main(Group):
    """A group that suggests the command that was meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        import difflib

        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            if near and "Did you mean" not in error.format_message():  # newer versions of click say it themselves
                raise click.UsageError(f"{error.message} Did you mean '{near[0]}'?", ctx) from error
            raise

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **settings: object) -> object:  # type: ignore[override]
        """Run a command line, in the language that it asks for from its first message on."""
        given = sys.argv[1:] if args is None else list(args)
        with spoken(language_in(given)):
            return super().main(given, prog_name, **settings)  # type: ignore[call-overload]

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        """Read the command line; what is wrong with it is said in the reader's language."""
        with usage_errors_spoken():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; where memory ends or Ctrl-C comes before it has begun, that is said as in the midst of it."""
        from optimizer.files.memory import is_out_of_memory, require_room, small_libraries

        try:
            small_libraries()
            require_room()
            with usage_errors_spoken():
                return super().invoke(ctx)
        except (MemoryError, ImportError) as error:
            if not is_out_of_memory(error):
                raise
            complain([out_of_memory(error)], NO_PLAN, as_json=False)
        except KeyboardInterrupt:
            complain([BY_CTRL_C], INTERRUPTED, as_json=False)
        except click.Abort:  # Ctrl-C or the end of the input at a question
            complain([UNANSWERED], INTERRUPTED, as_json=False)


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


for command in (
    new.new,
    scenario.check,
    run.run,
    run.report,
    table.table,
    compare.compare,
    what_if.whatif,
    run.outage,
    rules.rules,
    study.study,
    nightly.nightly,
    nightly.export,
    exchange.import_,
    nightly.backtest,
    ledger.ledger,
    verify.verify,
    weather.weather,
    scenario.schema,
):
    main.add_command(command)
speaking(main)
