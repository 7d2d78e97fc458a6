"""Notebook views of a scenario, a plan, an outcome: a heading and a small table, as HTML."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

from optimizer.scenario.site import Horizon, SiteSettings, WeatherChoice
from optimizer.technologies import key_of
from optimizer.technologies.base import Technology

Rows = Sequence[tuple[str, str]]


def glance(title: str, rows: Rows, lead: str = "") -> str:
    """A heading, a sentence, and rows of (what, how much); all text is escaped."""
    body = "".join(
        f'<tr><th scope="row" style="text-align:left">{html.escape(what)}</th>'
        f'<td style="text-align:left">{html.escape(text)}</td></tr>'
        for what, text in rows
    )
    paragraph = f"<p>{html.escape(lead)}</p>" if lead else ""
    return f"<div><strong>{html.escape(title)}</strong>{paragraph}<table>{body}</table></div>"


def scenario_rows(
    horizon: Horizon,
    places: Mapping[str, tuple[SiteSettings, WeatherChoice]],
    assets: Mapping[tuple[str, str], Technology],
) -> Rows:
    """Rows of a scenario's view: place, time, weather, and the assets by technology."""
    weather_by_site = dict.fromkeys(_weather_source(choice) for _, choice in places.values())
    where = "; ".join(
        f"{name} ({site.latitude:g}° N, {site.longitude:g}° E, {site.elevation_m:,.0f} m)"
        for name, (site, _) in places.items()
    )
    when = f"{horizon.days:g} days from {horizon.start}, steps of {horizon.step_h:g} h"
    return [("site", where), ("hours", when), ("weather", "; ".join(weather_by_site)), *by_technology(assets)]


def _weather_source(choice: WeatherChoice) -> str:
    if choice.file is not None:
        return str(choice.file)
    return f"synthetic year of {choice.synthetic}" if choice.synthetic else "none"


def by_technology(assets: Mapping[tuple[str, str], Technology]) -> Rows:
    """Names of the assets of each technology, in the order of the scenario; with their site where there are several."""
    several = len({site for site, _ in assets}) > 1
    named: dict[str, list[str]] = {}
    for (site, asset), technology in assets.items():
        kind = key_of(type(technology)).replace("_", " ")
        named.setdefault(kind, []).append(f"{site}/{asset}" if several else asset)
    return [(kind, ", ".join(names)) for kind, names in named.items()]


def plan_rows(cost: float, bound: float, gap: float, status: str, steps: int) -> Rows:
    """A plan's cost and its proof."""
    return [
        ("cost", f"{cost:,.0f}"),
        ("no plan costs less than", f"{bound:,.0f}"),
        ("gap", f"{gap:.2%}" if math.isfinite(gap) else "not known"),
        ("status", status),
        ("steps", f"{steps:,}"),
    ]


FIGURES = (
    ("cost", "cost", "{:,.0f}"),
    ("baseline_cost", "cost without a plan", "{:,.0f}"),
    ("saving", "saved", "{:,.0f}"),
    ("gap", "proven gap", "{:.2%}"),
    ("pue", "PUE", "{:.3f}"),
    ("own_supply_share", "own supply", "{:.1%}"),
    ("cfe_hourly_share", "carbon-free, hour by hour", "{:.1%}"),
    ("import_mwh", "bought [MWh]", "{:,.0f}"),
    ("carbon_location_t", "carbon, location-based [t]", "{:,.0f}"),
    ("shifted_card_hours", "work moved [card-h]", "{:,.0f}"),
)
"""Key of summary.json, how a reader calls it, how its number is written."""


def summary_rows(summary: Mapping[str, Any]) -> Rows:
    """Main figures of a run, as far as it has them, and every broken promise."""
    known = [(name, form.format(summary[key])) for key, name, form in FIGURES if summary.get(key) is not None]
    broken = [(f"broken: {name}", f"{amount:,.2f}") for name, amount in summary.get("shortfalls", {}).items()]
    return [*known, *broken]
