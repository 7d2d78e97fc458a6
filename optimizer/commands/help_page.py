"""Help pages and usage errors of the command line in the reader's language, those of click itself too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import click

from optimizer.language.recognition import shown
from optimizer.language.speech import LANGUAGES, is_chinese, noted, say
from optimizer.language.terminal import paragraphs, places, wrapped

OF_CLICK = (
    noted("Usage"), noted("Options"), noted("Commands"), noted("Show this message and exit."),
    noted("Show the version and exit."), noted("[OPTIONS]"), noted("COMMAND [ARGS]..."), noted("required"),
    noted("default: {value}"), noted("No such option '{name}'."), noted("No such option: {name}"),
    noted("No such option: {name} Did you mean {near}?"), noted("No such option: {name} (Possible options: {near})"),
    noted("No such option '{name}'. Did you mean '{near}'?"), noted("No such option '{name}'. (Possible options: {near})"),
    noted("No such command '{name}'."), noted("No such command '{name}'. Did you mean '{near}'?"), noted("Missing command."),
    noted("Missing argument '{name}'."), noted("Missing option '{name}'."),
    noted("Missing option '{name}'. Choose from:{choices}"), noted("Missing argument '{name}'. Choose from:{choices}"),
    noted("Invalid value for {name}: {problem}"), noted("Invalid value: {problem}"), noted("'{value}' is not one of {choices}"),
    noted("'{value}' is not a valid integer range"), noted("'{value}' is not a valid float range"),
    noted("'{value}' is not a valid integer"), noted("'{value}' is not a valid float"),
    noted("{value} is not in the range {range}"), noted("Directory '{value}' is a file"), noted("File '{value}' does not exist"),
    noted("Path '{value}' does not exist"), noted("Got unexpected extra argument ({value})"),
    noted("Got unexpected extra arguments ({value})"), noted("Option '{name}' requires an argument."),
    noted("Option '{name}' does not take a value."),
)  # fmt: skip
"""What click says of its own."""
DEFAULT = re.compile(r"default: (.+)")


class Formatter(click.HelpFormatter):
    """Help pages of click in Chinese where that is asked for."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The usage line; names of arguments stay."""
        for part in ("[OPTIONS]", "COMMAND [ARGS]..."):
            args = args.replace(part, say(part))
        super().write_usage(
            prog, args, prefix if prefix is not None else f"{say('Usage')}{'：' if is_chinese() else ': '}"
        )

    def write_heading(self, heading: str) -> None:
        """Heading of a list of options or commands."""
        self.write(f"{' ' * self.current_indent}{say(heading)}{'：' if is_chinese() else ':'}\n")

    def write_text(self, text: str) -> None:
        """Paragraphs of a command's help."""
        if not is_chinese():
            super().write_text(text)
            return
        parts = []
        for part, english in zip(text.split("\n\n"), paragraphs(text), strict=True):
            first, _, examples = part.removeprefix("\b\n").partition("\n")
            lines = [say(english), examples] if english == first and examples else wrapped(say(english), self._room())
            parts.append("\n".join(" " * self.current_indent + line for each in lines for line in each.split("\n")))
        self.write("\n\n".join(parts) + "\n")

    def _room(self) -> int:
        return max(self.width - self.current_indent, 20)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Options or commands with what they are."""
        if not is_chinese():
            super().write_dl(rows, col_max, col_spacing)
            return
        known = list(rows)
        first = min(max(places(name) for name, _ in known), col_max) + col_spacing
        for name, english in known:
            lines = wrapped(in_chinese(english), self._room() - first) or [""]
            begin = name + " " * (first - places(name))
            if places(name) > first - col_spacing:
                self.write(f"{' ' * self.current_indent}{name}\n")
                begin = " " * first
            for line in lines:
                self.write(f"{' ' * self.current_indent}{begin}{line}".rstrip() + "\n")
                begin = " " * first


def in_chinese(english: str) -> str:
    """What an option is, and its default, range and whether it is required."""
    text, bracket, extra = english.partition("  [") if not english.startswith("[") else ("", "[", english[1:])
    if not bracket:
        return say(text)
    parts = (
        DEFAULT.sub(lambda default: say("default: {value}", value=default[1]), part) for part in extra[:-1].split("; ")
    )
    return f"{say(text)}[{'；'.join(say(part) for part in parts)}]"


class Context(click.Context):
    """Context of a command whose help page is in the reader's language."""

    formatter_class = Formatter


class Group(click.Group):
    """A group of commands whose list tells each in the reader's language, by its first sentence."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List of the commands below this one."""
        if not is_chinese():
            super().format_commands(ctx, formatter)
            return
        commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [
            (name, say(next(paragraphs(command.help or ""))).partition("。")[0])
            for name, command in commands
            if command
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class SpokenUsageError(click.UsageError):
    """A usage error in the reader's language."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Usage, where help is, and what is wrong."""
        if self.ctx is not None:
            click.echo(self.ctx.get_usage(), file, err=file is None)
            click.echo(
                say("Try '{command} -h' for help.", command=self.ctx.command_path) + "\n", file, err=file is None
            )
        click.echo(say("Error: {message}", message=self.message), file, err=file is None)


@contextmanager
def usage_errors_spoken() -> Iterator[None]:
    """Usage errors as they are said in the reader's language."""
    try:
        yield
    except click.UsageError as error:
        if not is_chinese():
            raise
        raise SpokenUsageError(shown(error.format_message()), error.ctx) from error


def language_in(arguments: Sequence[str]) -> str | None:
    """Language that a command line asks for, wherever `--language` stands in it, so that `--help` before it heeds it too."""
    for at, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if argument == "--":
            return None
        if name == "--language":
            value = value if equals else next(iter(arguments[at + 1 :]), "")
            return value if value in LANGUAGES else None
    return None
