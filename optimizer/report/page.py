"""The report: one self-contained HTML page that opens offline, on a phone, in print and with a screen reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import plotly.io
import plotly.offline
import xarray as xr

from optimizer.files.single import write_file
from optimizer.language.numbers import whole
from optimizer.language.recognition import shown
from optimizer.language.speech import noted, say
from optimizer.plan.costs import penalties_in
from optimizer.report import figures
from optimizer.report.glance import at_a_glance
from optimizer.report.headline import cards, facts, headline
from optimizer.report.opening import Banner, Opening, Penalties, answer, opening_cards
from optimizer.report.strands import local_time, of_site, sites, step_h, zone
from optimizer.report.style import words
from optimizer.report.tables import Table, broken_hours, law_table, promises_table, table_of
from optimizer.report.templates import filled
from optimizer.report.together import together
from optimizer.report.windows import Window, is_fine, windows
from optimizer.rulebook.verdicts import verdicts_in
from optimizer.rulebook.wording import in_words

Part = tuple[str, str, list[tuple[str, list[go.Figure]]]]
"""Title, lead, and the figures by tab (a nameless tab is none)."""


@dataclass(frozen=True)
class Drawing:
    """A figure ready for the page: heading, text for those who cannot see it, data for the browser, data as a table."""

    id: str
    title: str
    alt: str
    json: str
    table: Table
    height_px: int
    """Room kept for it until it is drawn."""


@dataclass(frozen=True)
class Section:
    """A part of the page: plain figures, or tabs of figures."""

    id: str
    title: str
    lead: str
    drawings: list[Drawing] = field(default_factory=list)
    tabs: list[tuple[str, list[Drawing]]] = field(default_factory=list)
    tables: list[tuple[str, Table]] = field(default_factory=list)
    opening: Opening | None = None
    """First screen of a run whose report this page has only among others."""
    picture: Drawing | None = None


def write_report(
    path: Path,
    results: xr.Dataset,
    baseline: xr.Dataset | None,
    bill: pd.DataFrame | None,
    baseline_bill: pd.DataFrame | None,
    summary: Mapping[str, Any],
    first: Sequence[Part] = (),
    jobs: pd.DataFrame | None = None,
    *,
    banner: Banner | None = None,
    opening: Opening | None = None,
) -> None:
    """Write the page to `path`; a reader sees the old file or the whole new one, never half of it.

    results, baseline: Datasets of a run (flow, stored, count, price, shortfall, input over time). bill, baseline_bill:
    money by month (index) and "asset: item" (columns). summary: what summary.json holds. first: parts before the usual ones.
    jobs: when each job runs, from `schedule.timetable_of`. banner: what must be known before any number. opening: another first
    screen than the run's own, which then stands before its figures. Raises OSError if the file cannot be written.
    """
    html = render(results, baseline, bill, baseline_bill, summary, first, jobs, banner=banner, opening=opening)
    write_file(path, lambda aside: aside.write_text(html, encoding="utf-8"), force=True)


def render(
    results: xr.Dataset,
    baseline: xr.Dataset | None,
    bill: pd.DataFrame | None,
    baseline_bill: pd.DataFrame | None,
    summary: Mapping[str, Any],
    first: Sequence[Part] = (),
    jobs: pd.DataFrame | None = None,
    *,
    banner: Banner | None = None,
    opening: Opening | None = None,
) -> str:
    """Page as text."""
    currency = str(summary.get("currency") or results.attrs.get("currency", "CNY"))
    results = results.assign_attrs(currency=currency)
    money: Part = (
        say("The bill"),
        say(BILL_LEAD),
        [("", drawn(figures.monthly_bill(bill, baseline_bill, currency=currency)))],
    )
    run = run_opening(results, bill, baseline_bill, summary, banner)
    begin = list(first)
    own = [*together(summary, currency), *sections(results, baseline, jobs), money]
    parts = list(numbered([*begin, *own]))
    if opening is not None:
        among = Section(
            "run", say("The chosen run"), headline(summary), opening=run, picture=pictured(run, "run-picture")
        )
        parts.insert(len(list(numbered(begin))), among)
    shown_first = opening or run
    verdicts = verdicts_in(summary)
    return filled(
        "template.html.j2",
        title=say(str(summary.get("scenario") or results.attrs.get("scenario_name", noted("Plan")))),
        under_title=under_title(results, summary),
        synthetic=bool(results.attrs.get("synthetic", 0)),
        opening=shown_first,
        picture=pictured(shown_first, "picture"),
        more_title=say("All key figures") if opening is None else say("All key figures of the chosen run"),
        headline=headline(summary),
        cards=cards(summary),
        sections=parts,
        promises=promises_table(results),
        law=law_table(verdicts, currency),
        lawful=in_words(verdicts, currency),
        broken=broken_hours(results),
        repairs=[shown(str(repair)) for repair in summary.get("repairs") or []],
        notes=[shown(str(note)) for note in summary.get("notes") or []],
        facts=facts(summary),
        plotly_js=plotly.offline.get_plotlyjs(),
    )


def run_opening(
    results: xr.Dataset,
    bill: pd.DataFrame | None,
    baseline_bill: pd.DataFrame | None,
    summary: Mapping[str, Any],
    banner: Banner | None,
) -> Opening:
    """First screen of a run: what it costs and brings, five cards, all hours at a glance."""
    plan, baseline = (0.0 if table is None else penalties_in(table) for table in (bill, baseline_bill))
    penalties = Penalties(plan, baseline)
    return Opening(answer(summary, penalties), opening_cards(summary, penalties), at_a_glance(results), banner)


def pictured(opening: Opening, name: str) -> Drawing | None:
    """Picture of a first screen, ready for the page."""
    return None if opening.picture is None else drawing(opening.picture, name, margin_top=8)


def under_title(results: xr.Dataset, summary: Mapping[str, Any]) -> str:
    """Hours, zone and weather of a page, in a line."""
    weather = shown(str(results.attrs.get("weather", summary.get("weather", noted("not stated")))))
    zone_words = say("local time {zone}", zone=zone(results))
    return " · ".join([span_words(results), zone_words, say("weather: {weather}", weather=weather)])


def sections(results: xr.Dataset, baseline: xr.Dataset | None, jobs: pd.DataFrame | None) -> Iterable[Part]:
    """(title, lead, [(tab, figures)]) of each part; one set of parts for each site."""
    names = sites(results)
    for site in names:
        of = f"{words(site)}{say(': ')}" if len(names) > 1 else ""
        site_results = of_site(results, site) if len(names) > 1 else results
        baseline_case = of_site(baseline, site) if baseline is not None and len(names) > 1 else baseline
        its_jobs = jobs[jobs["site"] == site] if jobs is not None else None
        yield (
            of + say("Hour by hour"),
            say(HOURS_LEAD),
            [
                (shown.name, by_the_hour(site_results, baseline_case, shown, its_jobs))
                for shown in windows(site_results)
            ],
        )
        yield of + say("The whole span"), say(YEAR_LEAD), [("", over_the_span(site_results, baseline_case))]
    traced = [(words(site), drawn(figures.provenance_flow(results, site))) for site in names]
    yield say("Where the energy came from"), say(ORIGINS_LEAD), traced


HOURS_LEAD = noted("Above zero: what feeds the site; below: what it uses, stores or sells. The rows share their hours.")
ORIGINS_LEAD = noted(
    "Every use takes from each source in proportion to what that feeds in; stores pass on the mix they were charged with."
)
YEAR_LEAD = noted("How the site behaves over all hours of this run.")
BILL_LEAD = noted("What each month costs, by item; income counts below zero.")


def by_the_hour(
    results: xr.Dataset, baseline: xr.Dataset | None, shown: Window, jobs: pd.DataFrame | None
) -> list[go.Figure]:
    """Hourly figures of a window: energy, price, storage, work."""
    part = shown.of(results)
    baseline_case = shown.of(baseline) if baseline is not None else None
    return drawn(
        figures.energy_stack(part),
        figures.price_and_carbon(part),
        figures.storage_level(part),
        figures.compute_shift(part, baseline_case),
        figures.job_gantt(part, jobs),
        figures.backlog(part, baseline_case),
        figures.powered_on(part),
    )


def over_the_span(results: xr.Dataset, baseline: xr.Dataset | None) -> list[go.Figure]:
    """Figures over the whole horizon; what the hours already show is not drawn again for a short one."""
    long = [] if is_fine(results) else [figures.energy_stack(results), figures.storage_level(results)]
    return drawn(
        *long,
        figures.duration_curves(results),
        figures.shift_by_hour(results, baseline),
        figures.pue_over_time(results),
        figures.pue_by_hour_and_month(results),
        figures.water_by_day(results),
    )


def drawn(*candidates: go.Figure | None) -> list[go.Figure]:
    """Figures that have something to show: a job table without a job in the plan draws none."""
    return [figure for figure in candidates if figure is not None and figure.data]


def numbered(parts: Iterable[Part]) -> Iterable[Section]:
    """Sections with ids for their figures, without those that would be empty; a single tab is no tab."""
    for place, (title, lead, tabs) in enumerate(parts):
        ready = [
            (name, [drawing(figure, f"figure-{place}-{tab}-{nth}") for nth, figure in enumerate(made)])
            for tab, (name, made) in enumerate(tabs)
            if made
        ]
        if len(ready) == 1:
            yield Section(f"part-{place}", title, lead, drawings=ready[0][1])
        elif ready:
            yield Section(f"part-{place}", title, lead, tabs=ready)


def drawing(figure: go.Figure, name: str, *, margin_top: int = 26) -> Drawing:
    """A figure for the page: its title becomes a heading, so that screen readers and the contents find it."""
    title, alt, table = figure.layout.title.text, figure.layout.meta["alt"], table_of(figure)
    figure = go.Figure(figure).update_layout(title=None, margin_t=margin_top)
    # "<" inside a script element could end it
    json = plotly.io.to_json(figure, validate=False).replace("<", "\\u003c")
    return Drawing(id=name, title=title, alt=alt, json=json, table=table, height_px=int(figure.layout.height or 450))


def span_words(results: xr.Dataset) -> str:
    """First and last local day, and how many steps there are."""
    times = local_time(results)
    return say(
        "{first} to {last}, {steps} steps of {hours} h",
        first=f"{times[0]:%Y-%m-%d}", last=f"{times[-1]:%Y-%m-%d}", steps=whole(len(times)),
        hours=f"{step_h(results):g}",
    )  # fmt: skip
