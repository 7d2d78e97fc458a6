"""`qaidam nightly`, `qaidam export`, `qaidam backtest`: tomorrow's plan, the plan for schedulers, many nights replayed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.commands.errors import DATA_ERROR, SCENARIO_ERROR, complain, explained
from optimizer.commands.options import as_typed, override_option, override_values
from optimizer.commands.shipped import ShippedFile
from optimizer.commands.verify import require_sound
from optimizer.language.numbers import money_to_the_unit
from optimizer.language.recognition import shown
from optimizer.language.speech import say

if TYPE_CHECKING:
    from optimizer.nightly.record import RunRecord

BUSY = 75


@click.command()
@click.argument("scenario", type=ShippedFile())
@click.option(
    "--plans", type=click.Path(path_type=Path), required=True, help="Folder of all plans; `latest` in it is the newest."
)
@click.option("--forecast", type=click.Path(path_type=Path), help="Forecast file (any weather format).")
@click.option(
    "--fetch", "fetched", is_flag=True, help="Fetch the forecast from a public service where no file is given."
)
@click.option("--state", type=click.Path(path_type=Path), help="Telemetry, a JSON file.")
@click.option("--jobs", type=click.Path(path_type=Path), help="Job table for the scenario's jobs.")
@click.option("--now", "clock", help="The job's clock, ISO 8601; default the computer's. Without an offset it is UTC.")
@click.option("--members", type=click.IntRange(1, 100), help="Weather members the plan answers; 1: the forecast alone.")
@click.option(
    "--deadline", type=click.FloatRange(min=1), help="Seconds after which solving ends and the best is taken."
)
@click.option(
    "--end-values",
    type=click.Path(path_type=Path),
    help="end_values.json of the year's run: shadow prices of stores, peaks.",
)
@override_option
@click.option("--json", "as_json", is_flag=True, help="Print the run record.")
def nightly(
    scenario: Path, plans: Path, forecast: Path | None, fetched: bool, state: Path | None, jobs: Path | None,
    clock: str | None, members: int | None, deadline: float | None, end_values: Path | None, overrides: tuple[str, ...],
    as_json: bool,
) -> None:  # fmt: skip
    """Plan the coming day of SCENARIO and publish it: always a plan, and a record of how good it is.

    Exit codes: 0 optimised from a fresh forecast, 10 published but from a fallback, 75 another run holds the lock,
    2 no scenario can be used, 3 nothing could be written (the last plan stands).

    \b
    Examples:
      qaidam nightly scenarios/qaidam.yaml --plans plans --fetch --state telemetry.json
      qaidam nightly scenarios/qaidam.yaml --plans plans --forecast forecast.csv --members 10 --deadline 600
      qaidam nightly scenarios/qaidam.yaml --plans plans --fetch --set grid.tie.import_limit_mw=4
    """
    from optimizer.nightly.hours import as_utc
    from optimizer.nightly.night import BusyError, plan_night
    from optimizer.nightly.settings import NightSettings
    from optimizer.nightly.sources import scenario_for_tonight, sources_of

    given_settings = {"members": members, "solve_seconds": deadline, "end_values": end_values}
    changes = {name: value for name, value in given_settings.items() if value is not None}
    values = override_values(overrides)
    with explained(as_json):
        try:
            now = as_utc(clock or _utc_now())
        except ValueError as error:
            complain([f"--now: {error}"], SCENARIO_ERROR, as_json)
        loaded, begun = scenario_for_tonight(scenario, plans, jobs, values)
        given = sources_of(loaded, plans, forecast, fetched, state, begun)
        try:
            done = plan_night(loaded, plans, now, sources=given, settings=NightSettings.model_validate(changes))
        except BusyError as error:
            complain([str(error)], BUSY, as_json)
    record = done.record
    click.echo(
        json.dumps(record.model_dump(), ensure_ascii=False) if as_json else night_text(record, done.folder, done.is_new)
    )
    sys.exit(record.exit_code)


def _utc_now() -> str:
    import datetime

    return datetime.datetime.now(datetime.UTC).isoformat()


def night_text(record: RunRecord, folder: Path, is_new: bool) -> str:
    """Summary of a night for the terminal, in a few lines."""
    from optimizer.report.night_banner import forecast_fact, level_fact
    from optimizer.report.opening import missed_in_words

    night = record.model_dump()
    begin = say(
        "{day}: {plan}; forecast: {forecast}", day=record.day, plan=level_fact(night).text,
        forecast=forecast_fact(night).text,
    )  # fmt: skip
    costs = say(
        "expected cost {cost}, without a store and a plan {baseline}", cost=money_to_the_unit(record.cost, record.currency),
        baseline=money_to_the_unit(record.baseline_cost, record.currency),
    )  # fmt: skip
    risks = [
        say("promise at risk: {promise} expected", promise=missed_in_words(name, amount))
        for name, amount in record.shortfalls.items()
    ]
    published = (
        say("published: {folder}", folder=folder) if is_new else say("already published: {folder}", folder=folder)
    )
    notes = [say("noted: {note}", note=shown(note)) for note in record.notes]
    return "\n".join([begin, *(f"  {line}" for line in (costs, *notes, *risks, published))])


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "form",
    required=True,
    type=click.Choice(["slurm", "kueue", "volcano", "keda", "ics", "csv", "parquet", "pypsa", "parquet-results"]),
    help="Format.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write; default FOLDER-<format> beside it.")
@click.option(
    "--resource", "resources", multiple=True, metavar="POOL=NAME", help="Kubernetes resource of a pool's cards."
)
@click.option("--site", help="Site of a run of several, for pypsa.")
@click.option("--dry-run", is_flag=True, help="Print what would be written, and what changed since the last plan.")
def export(
    folder: Path, form: str, out: Path | None, resources: tuple[str, ...], site: str | None, dry_run: bool
) -> None:
    """Turn the plan in FOLDER into what a scheduler reads: cards and power per pool and hour.

    Names are the same for the same hour, so exporting twice changes nothing; past the plan's end nothing is capped.
    pypsa: the run's energy as a network that PyPSA reads, with a list of what it leaves out. parquet-results: all its results,
    a folder a variable and month, as DuckDB reads them.

    \b
    Examples:
      qaidam export plans/latest --to slurm --dry-run
      qaidam export plans/latest --to kueue --resource ascend=huawei.com/Ascend910 --out /srv/kueue
      qaidam export out/qaidam --to pypsa --out out/network
    """
    from optimizer.commands.exchange import export_network, export_results
    from optimizer.export.writer import files_of, write_export

    if form == "pypsa":
        export_network(folder, out, site, dry_run)
        return
    if form == "parquet-results":
        export_results(folder, out)
        return
    named = dict(text.partition("=")[::2] for text in resources)
    with explained():
        try:
            files, changed = files_of(folder, form, named)  # an impossible export is reported first
            if dry_run:
                for name, text in files.items():
                    click.echo(f"--- {name}\n{text if isinstance(text, str) else f'{len(text)} bytes'}")
            else:
                require_sound(folder)
                target = out or folder.resolve().with_name(f"{folder.resolve().name}-{form}")
                changed = write_export(folder, form, target, named)
                click.echo(str(as_typed(target, out or folder)))
        except ImportError as error:
            complain([str(error)], SCENARIO_ERROR, False)
        except (ValueError, KeyError) as error:
            complain(
                [f"{folder}: is no plan or run folder ({error}); give one that `qaidam nightly` or `run` wrote"],
                DATA_ERROR,
                False,
            )
    for line in changed:
        click.echo(say("changed: {line}", line=shown(line)))


@click.command()
@click.argument("scenario", type=ShippedFile())
@click.option("--nights", type=click.IntRange(1, 366), default=7, show_default=True, help="Nights to replay.")
@click.option("--start", help="First local day, YYYY-MM-DD; default the scenario's.")
@click.option("--members", type=click.IntRange(2, 100), help="Weather members of the stochastic policy.")
@click.option(
    "--forecast", type=click.Path(path_type=Path), help="Archive of past wind forecasts and power, as of GEFCom2012."
)
@click.option(
    "--end-values",
    type=click.Path(path_type=Path),
    help="end_values.json of the year's run: shadow prices of stores, peaks.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder that keeps what is done; run again to go on.")
@override_option
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
def backtest(
    scenario: Path, nights: int, start: str | None, members: int | None, forecast: Path | None, end_values: Path | None,
    out: Path | None, overrides: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Replay many nights of SCENARIO: how much of the saving by hindsight the nightly job captures.

    \b
    Example:
      qaidam run scenarios/qaidam.yaml --set weather.year=2024 --out out/year
      qaidam backtest scenarios/qaidam.yaml --nights 60 --end-values out/year/end_values.json --out out/backtest
    """
    from optimizer.backtest.outcome import report_text, summary
    from optimizer.backtest.progress import Store
    from optimizer.backtest.replay import Replayed, identity_of
    from optimizer.backtest.replay import backtest as replay
    from optimizer.commands.options import progress_bars
    from optimizer.nightly.settings import NightSettings
    from optimizer.scenario.file import load_site

    changes = {name: value for name, value in (("members", members), ("end_values", end_values)) if value is not None}
    values = override_values(overrides)
    with explained(as_json), progress_bars(as_json) as progress:
        loaded, settings = load_site(scenario, values), NightSettings.model_validate(changes)
        try:
            span = Replayed.of(loaded, start or loaded.horizon.start, nights, settings, forecast)
            store = Store(out, identity_of(span))
        except ValueError as error:
            complain([str(error)], SCENARIO_ERROR, as_json)
        outcome = replay(span, progress=progress, store=store)
        text = json.dumps(summary(outcome), indent=1)
        store.keep_outcome(text)
    click.echo(text if as_json else report_text(outcome, loaded.currency))
