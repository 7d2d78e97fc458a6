"""`qaidam study`: run a study, look at its runs, explain a run."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from optimizer.commands.errors import DATA_ERROR, INTERRUPTED, NO_PLAN, SCENARIO_ERROR, TERMINATED, complain, explained
from optimizer.commands.help_page import Group
from optimizer.commands.options import force_option, progress_bars
from optimizer.commands.shipped import ShippedFile
from optimizer.language.recognition import shown
from optimizer.language.speech import counted, noted, say

if TYPE_CHECKING:
    from optimizer.study.load import LoadedStudy

ONE_RUN, RUNS = noted("one run in {folder}"), noted("{number} runs in {folder}")


class StudyGroup(Group):
    """`qaidam study FILE` is short for `qaidam study run FILE`; a misspelled command is not taken for a file."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], self.commands, n=1)
            if near and not Path(args[0]).exists():
                raise click.UsageError(f"No such command or file '{args[0]}'. Did you mean '{near[0]}'?", ctx)
            args = ["run", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=StudyGroup, context_settings={"ignore_unknown_options": False})
def study() -> None:
    """Run a STUDY file: many designs and weather years, in a batch that can be stopped and resumed.

    \b
    Examples:
      qaidam study scenarios/studies/qaidam-sizing.yaml --workers 2
      qaidam study scenarios/studies/qaidam-sizing.yaml --shard 3/16
      qaidam study show out/qaidam-sizing --where '"green_share" > 0.8' --sort cost
      qaidam study why out/qaidam-sizing 3f2a
      qaidam study export out/qaidam-sizing --to runs.csv
    """


def shard_option(_: click.Context, __: click.Parameter, text: str) -> tuple[int, int]:
    """`i/n` with 0 ≤ i < n. Raises click.BadParameter."""
    number, slash, of = text.partition("/")
    if not (slash and number.isdigit() and of.isdigit() and int(number) < int(of)):
        raise click.BadParameter(f"'{text}' is not I/N with I from 0 to N-1, e.g. 0/4")
    return int(number), int(of)


@contextmanager
def study_errors_explained(as_json: bool = False) -> Iterator[None]:
    """Turn the errors of studies into text and an exit code."""
    from optimizer.study.catalogue import CatalogueError
    from optimizer.study.engine import EngineError

    with explained(as_json):
        try:
            yield
        except EngineError as error:
            complain([str(error)], DATA_ERROR, as_json)
        except CatalogueError as error:
            complain([str(error)], SCENARIO_ERROR, as_json)


@study.command()
@click.argument("file", type=ShippedFile("studies"))
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes on this machine.")
@click.option(
    "--scheduler", help="Address of a running Dask scheduler, tls://host:port; its workers need one thread each."
)
@click.option(
    "--tls-ca", "authority", type=click.Path(path_type=Path), help="Authority's certificate, for --scheduler."
)
@click.option("--tls-cert", "certificate", type=click.Path(path_type=Path), help="Own certificate, for --scheduler.")
@click.option("--tls-key", "key", type=click.Path(path_type=Path), help="Own key, for --scheduler.")
@click.option(
    "--shard",
    default="0/1",
    callback=shard_option,
    metavar="I/N",
    help="Only the I-th of N parts (from 0), for job arrays.",
)
@click.option(
    "--resume/--again",
    default=True,
    show_default=True,
    help="Keep what is done; --again also retries hopeless failures.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder of results; default out/<study file name>.")
@click.option("--check", "only_check", is_flag=True, help="Check the study and count its runs; run nothing.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output, no progress.")
def run(
    file: Path,
    workers: int,
    scheduler: str | None,
    authority: Path | None,
    certificate: Path | None,
    key: Path | None,
    shard: tuple[int, int],
    resume: bool,
    out: Path | None,
    only_check: bool,
    as_json: bool,
) -> None:
    """Run the study in FILE, catalogue its runs and write its report."""
    from optimizer.files.processes import Terminated, ended_by_sigterm
    from optimizer.study.conduct import Engine, conduct
    from optimizer.study.engine import Certificates
    from optimizer.study.load import load_study
    from optimizer.study.reporting import finish
    from optimizer.study.task import requested_runs

    root = out or Path("out") / file.stem
    with study_errors_explained(as_json), progress_bars(as_json) as progress:
        loaded = load_study(file)
        if only_check:
            tell(
                {"study": loaded.settings.name, "runs": len(requested_runs(loaded)), "rows": len(loaded.rows)}, as_json
            )
            return
        known = Certificates(authority, certificate, key) if authority and certificate and key else None
        engine = Engine(workers, scheduler, known)
        try:
            with ended_by_sigterm():
                _, run_audit = conduct(loaded, root, engine, shard=shard, again=not resume, watch=progress)
        except (KeyboardInterrupt, Terminated) as stop:
            stopped(loaded, root, TERMINATED if isinstance(stop, Terminated) else INTERRUPTED, as_json)
        report = finish(loaded, root) if shard == (0, 1) else None
    tell(
        {
            "done": len(run_audit.done),
            "failed": run_audit.failed,
            "missing": run_audit.missing,
            "folder": str(root),
            "report": str(report or ""),
        },
        as_json,
    )
    if run_audit.failed or run_audit.missing:
        sys.exit(NO_PLAN)


def stopped(study: LoadedStudy, root: Path, code: int, as_json: bool) -> NoReturn:
    """Leave a study that was stopped: what is kept, and how to go on."""
    from optimizer.study.store import audit
    from optimizer.study.task import requested_runs

    run_audit = audit(root, (requested.id for requested in requested_runs(study)))
    of = len(run_audit.done) + len(run_audit.failed) + len(run_audit.missing)
    complain(
        [
            f"stopped: {len(run_audit.done)} of {of} runs are done and kept in {root}; give the same command again to go on"
        ],
        code,
        as_json,
    )


def tell(facts: Mapping[str, object], as_json: bool) -> None:
    """Facts for a machine as JSON, for people a line each; many of a kind are cut short."""
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    for name, value in facts.items():
        if isinstance(value, dict | list):
            click.echo(say("{name}: {value}", name=say(name), value=len(value)))
            listed = value.items() if isinstance(value, dict) else ((entry, "") for entry in value)
            for key, text in list(listed)[:10]:
                click.echo(f"  {key}  {shown(str(text))}")
        elif value != "":
            click.echo(say("{name}: {value}", name=say(name), value=shown(str(value))))


@study.command()
@click.argument("folder", type=click.Path(path_type=Path))
def index(folder: Path) -> None:
    """Make the catalogue of FOLDER anew from its runs."""
    from optimizer.study.catalogue import rebuild

    with study_errors_explained():
        click.echo(counted(rebuild(folder), ONE_RUN, RUNS, folder=folder))


@study.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("page", type=click.Path(path_type=Path))
def table(folder: Path, page: Path) -> None:
    """Put the runs in FOLDER as a table into the Markdown PAGE, between its two marks.

    \b
    Example:
      qaidam study table out/sites scenarios/README.md
    """
    from optimizer.study.site_table import put_into, table_of

    with study_errors_explained():
        put_into(page, table_of(folder))
        click.echo(str(page))


@study.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.argument("page", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("out"), help="Folder that holds out/<study file name>."
)
def claims(files: tuple[Path, ...], page: Path, out: Path) -> None:
    """Put the claims of study FILES, judged by their finished runs, into the Markdown PAGE, between its two marks.

    \b
    Example:
      qaidam study claims scenarios/studies/plateau-claims.yaml scenarios/claims.md
    """
    from optimizer.study.claims import bench_of
    from optimizer.study.claims_page import BEGIN, END, page_of
    from optimizer.study.load import load_study
    from optimizer.study.site_table import put_into

    with study_errors_explained():
        benches = [bench_of(load_study(file), out / file.stem) for file in files]
        put_into(page, page_of(benches), BEGIN, END)
        click.echo(str(page))


@study.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--where", default="", help="SQL condition on columns, e.g. '\"pue\" < 1.2'.")
@click.option("--sort", default="", help="Column to sort by, e.g. 'cost' or 'cost DESC'.")
@click.option(
    "--columns",
    default="id,label,cost,green_share,pue",
    show_default=True,
    help="Columns, separated by commas; * for all.",
)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Most rows shown.")
@click.option("--json", "as_json", is_flag=True, help="Rows as JSON.")
def show(folder: Path, where: str, sort: str, columns: str, limit: int, as_json: bool) -> None:
    """Show the runs catalogued in FOLDER."""
    from optimizer.study.catalogue import select

    with study_errors_explained(as_json):
        names = [] if columns == "*" else [name.strip() for name in columns.split(",")]
        table = select(folder, where, order=sort, columns=names)
        click.echo(table.to_json(orient="records") if as_json else table.head(limit).to_string(index=False))
        if not as_json and len(table) > limit:
            click.echo(
                counted(
                    len(table) - limit, noted("one more row; raise --limit"), noted("{number} more rows; raise --limit")
                )
            )


@study.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("run_id")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
def why(folder: Path, run_id: str, as_json: bool) -> None:
    """Explain the run whose id begins with RUN_ID: its inputs, what has changed since, or why it failed."""
    from optimizer.study.why import explanation

    with study_errors_explained(as_json):
        tell(explanation(folder, run_id), as_json)


@study.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--to", "path", type=click.Path(path_type=Path), required=True, help="File to write: .csv or .parquet.")
@force_option
def export(folder: Path, path: Path, force: bool) -> None:
    """Write the catalogue of FOLDER as one table."""
    from optimizer.study.catalogue import export as write

    with study_errors_explained():
        click.echo(counted(write(folder, path, force=force), ONE_RUN, RUNS, folder=path))
