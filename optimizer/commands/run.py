"""`qaidam run`: plan a scenario and leave a run; `qaidam outage`: what a run would survive without the grid;
`qaidam report`: its report anew."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.commands.errors import BROKEN_PROMISE, LAST_RESORTS, explained
from optimizer.commands.options import (
    as_typed,
    first_day,
    override_option,
    override_values,
    progress_bars,
    weather_option,
)
from optimizer.commands.run_summary import headline
from optimizer.commands.shipped import ShippedFile
from optimizer.language.recognition import shown
from optimizer.language.speech import say

if TYPE_CHECKING:
    # heavy imports wait until a command needs them
    from optimizer.scenario.hubs import Hubs
    from optimizer.scenario.single_site import Scenario


@click.command()
@click.argument("scenario", type=ShippedFile())
@click.option("--weather", "weather_text", help="Weather file, or the name of a synthetic site (golmud, kunming, ...).")
@click.option("--start", callback=first_day, help="First local day, YYYY-MM-DD.")
@click.option("--days", type=click.FloatRange(min=0, min_open=True, max=1096), help="Length in days.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run; default out/<scenario file name>.")
@click.option("--gap", type=click.FloatRange(min=0, min_open=True, max=1), help="Certified relative gap to stop at.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes; default one per core.")
@override_option
@click.option(
    "--end-values",
    "end_values",
    type=click.Path(path_type=Path),
    help="end_values.json of a year's run of this scenario, or its folder: what stored energy is worth at the end.",
)
@click.option("--rolling", is_flag=True, help="Plan window after window, as operation will have it, not all at once.")
@click.option(
    "--coordinated", is_flag=True, help="Plan the sites of hubs by prices of each other's cards, for many sites."
)
@click.option("--json", "as_json", is_flag=True, help="Print summary.json, show no progress.")
def run(
    scenario: Path, weather_text: str | None, start: str | None, days: float | None, out: Path | None, gap: float | None,
    workers: int | None, overrides: tuple[str, ...], end_values: Path | None, rolling: bool, coordinated: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Plan SCENARIO and write results, schedule, summary and report.

    \b
    Examples:
      qaidam run scenarios/qaidam.yaml
      qaidam run scenarios/qaidam.yaml --start 2025-07-01 --days 7 --out out/july
      qaidam run scenarios/qaidam.yaml --weather golmud.epw --set storage.haixi_share.energy_mwh=40
      qaidam run scenarios/qaidam.yaml --start 2025-07-01 --days 7 --end-values out/qaidam
      qaidam run scenarios/qaidam.yaml --days 30 --rolling
      qaidam run scenarios/hubs.yaml --days 2 --coordinated
    """
    from optimizer.files.target import usable_target
    from optimizer.hubs.extra_tables import with_companions
    from optimizer.hubs.plan import ByPrices
    from optimizer.plan.optimize import Planner, optimize, plan_assets
    from optimizer.plan.rolling import Rolling, beside_foresight
    from optimizer.runs.folder import RUN, write_run
    from optimizer.scenario.file import load_scenario

    values, said = override_values(overrides), set[str]()
    if rolling and coordinated:
        raise click.UsageError("--rolling and --coordinated are two ways to plan; give one")
    with explained(as_json), progress_bars(as_json) as progress:
        loaded = load_scenario(scenario, values)
        if end_values is not None:
            loaded = valued(loaded, end_values, start, days)
        default_folder = Path("out") / scenario.stem
        way = "rolling" if rolling else "coordinated" if coordinated else None
        folder = out or (default_folder.with_name(f"{default_folder.name}-{way}") if way else default_folder)
        target = usable_target(folder, RUN)
        planner: Planner = plan_assets
        if way is not None:
            planner = (Rolling.of(loaded) if rolling else ByPrices.of(loaded)).plan
        file, site = weather_option(weather_text)
        outcome = optimize(
            loaded,
            weather_file=file,
            weather_site=site,
            start=start,
            days=days,
            workers=workers,
            gap=gap,
            planner=planner,
            progress=progress,
            told=lambda remarks: said.update(remarks_first(remarks, as_json)),
        )
        if rolling:
            outcome = beside_foresight(outcome, [target, default_folder])
        outcome = with_companions(outcome, workers=workers, gap=gap, last_run=target)
        write_run(target, outcome)
    click.echo(json.dumps(outcome.summary, ensure_ascii=False) if as_json else headline(outcome.summary, folder, said))
    if any(promise.endswith(LAST_RESORTS) for promise in outcome.summary["shortfalls"]):
        sys.exit(BROKEN_PROMISE)


def remarks_first(remarks: list[str], as_json: bool) -> list[str]:
    """Remarks on the data of a plan, printed before it is made: who typed the wrong day need not wait for it. Returns what was said."""
    if as_json:
        return []
    for remark in remarks:
        click.echo(say("note: {message}", message=shown(remark)))
    return remarks


def valued(scenario: Scenario | Hubs, path: Path, start: str | None, days: float | None) -> Scenario:
    """Scenario with its stocks valued at the end of the hours as a year's run has them there. Raises ValueError, OSError."""
    import pandas as pd

    from optimizer.plan.end_values import END_VALUES, EndValues
    from optimizer.plan.optimize import calendar_for
    from optimizer.scenario.single_site import Scenario

    if not isinstance(scenario, Scenario):
        raise click.UsageError("--end-values are those of one site; plan a scenario of one site")
    calendar = calendar_for(scenario, start, days)
    values = EndValues.read(path / END_VALUES if path.is_dir() else path)
    return values.applied(scenario, calendar.local[-1] + pd.Timedelta(hours=calendar.step_h))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--hours", type=click.FloatRange(min=0, min_open=True, max=24 * 31), default=24.0, show_default=True, help="Length."
)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
def outage(folder: Path, hours: float, as_json: bool) -> None:
    """Cut the grid of a run at the start of every step, and tell how long the protected load is served.

    Writes outage.csv (a row a start) and outage_curve.csv (share of all starts by hours survived) into FOLDER.
    The load that is protected is what the scenario's `resilience` section says.

    \b
    Example:
      qaidam outage out/qaidam --hours 8
    """
    from optimizer.files.single import write_into
    from optimizer.plan.results_file import load_results
    from optimizer.runs.outage import simulate_outages

    with explained(as_json):
        results = load_results(folder / "results.nc")
        outages = simulate_outages(results, hours)
        curve = outages.curve(float(results.attrs["step_h"]))
        write_into(folder, "outage.csv", lambda path: outages.table().to_csv(path, index=False))
        write_into(folder, "outage_curve.csv", lambda path: curve.to_csv(path, index=False))
    if as_json:
        click.echo(json.dumps({"starts": len(outages.start), "curve": curve.to_dict(orient="records")}))
        return
    survived = say(
        "{starts} starts; hours survived: least {least}, mean {mean}, most {most} of {hours}", starts=len(outages.start),
        least=f"{outages.survived_h.min():g}", mean=f"{outages.survived_h.mean():.2f}", most=f"{outages.survived_h.max():g}",
        hours=f"{outages.hours:g}",
    )  # fmt: skip
    click.echo(survived)
    for row in curve.itertuples():
        click.echo(f"  {row.hours:6g} {say('h')}  {row.survive_share:7.1%}")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def report(folder: Path) -> None:
    """Check a run's results once more, from the file alone, and write its report anew.

    \b
    Example:
      qaidam report out/qaidam
    """
    from optimizer.runs.folder import rewrite_report

    with explained():
        click.echo(str(as_typed(rewrite_report(folder), folder)))
