"""Plain site of a run: its sources, stores, tie and consumers with the series it was planned with, the rest fixed as the plan has it.

What a linear model of one bus cannot say (cards and jobs, cooling, rules of law, demand charges, whole numbers) is not
translated: its power is fixed to that of the plan and joins one load; what it costs is left out. Each is noted by name. The
plan itself is possible in what is made here, so its optimum is a bound from below on the plan's energy cost.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from optimizer.exchange.plain_site import Consumer, PlainSite, Source, Store, Tie, same
from optimizer.exchange.translated import consumer_of, dispatchable_of, source_of, store_of, tie_of
from optimizer.inputs.assemble import calendar_of
from optimizer.plan.results import records_of, views_of
from optimizer.quantities.columns import weights_of
from optimizer.quantities.documents import DocumentError
from optimizer.scenario.hubs import Hubs
from optimizer.scenario.single_site import Scenario
from optimizer.technologies.base import Inputs, Record, Technology
from optimizer.technologies.energy.generator import Generator
from optimizer.technologies.energy.genset import Genset
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.energy.load import Load
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.flows import BOUGHT, ELECTRICITY, Role
from optimizer.technologies.linear import Floats

FIXED = "fixed_by_the_plan"
NOISE_MW = 1e-6
"""A plan's balance holds to a few of the solver's 1e-7."""
Part = Source | Store | Tie | Consumer


@dataclass
class _Parts:
    """Parts as they are found."""

    found: list[Part] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    translated_mw: Floats = field(default_factory=lambda: np.zeros(0))
    """What the parts that were translated add to the bus in the plan."""


def plain_site_of_run(results: xr.Dataset, scenario: Scenario | Hubs, site: str | None = None) -> PlainSite:
    """Plain site of a run's results. Raises DocumentError where the run has several sites or futures."""
    records, calendar = records_of(results), calendar_of(results)
    views, assets = views_of(results, records), scenario.assets()
    _refuse_futures(results)
    chosen = _chosen_site(list(scenario.places()), site)
    parts = _Parts(translated_mw=np.zeros(calendar.count))
    for (home, asset, member), record in records.items():
        if home == chosen or (site is None and not isinstance(scenario, Hubs)):
            _translate(parts, asset, assets[home, asset], record, views[home, asset, member])
    fixed_mw = parts.translated_mw
    if fixed_mw.min() < -NOISE_MW:
        at = int(np.argmin(fixed_mw))
        raise DocumentError(
            [
                f"{scenario.name}: what is fixed as the plan has it gives {-fixed_mw[at]:.3f} MW more than it draws at "
                f"{calendar.local[at]:%Y-%m-%d %H:%M}; a load cannot say that. Leave out the plant that gives it, or plan without it"
            ]
        )
    if fixed_mw.max() > NOISE_MW:
        parts.found.append(Consumer(FIXED, np.maximum(fixed_mw, 0.0)))
    place = scenario.places()[chosen][0]
    return PlainSite(
        name=scenario.name, time=calendar.time, step_h=calendar.step_h, timezone=calendar.timezone,
        currency=scenario.currency, latitude=place.latitude, longitude=place.longitude, elevation_m=place.elevation_m,
        sources=tuple(part for part in parts.found if isinstance(part, Source)),
        stores=tuple(part for part in parts.found if isinstance(part, Store)),
        ties=tuple(part for part in parts.found if isinstance(part, Tie)),
        consumers=tuple(part for part in parts.found if isinstance(part, Consumer)),
        notes=tuple(parts.notes),
    )  # fmt: skip


def _refuse_futures(results: xr.Dataset) -> None:
    if len(weights_of(results)) > 1:
        raise DocumentError(
            [
                f"{results.attrs.get('scenario_name', 'run')}: was planned for {len(weights_of(results))} futures; a network here "
                "has one: plan it with one member"
            ]
        )


def _chosen_site(sites: list[str], site: str | None) -> str:
    if site is not None and site not in sites:
        raise DocumentError([f"--site {site}: the run has no such site; it has {', '.join(sites)}"])
    if site is None and len(sites) > 1:
        raise DocumentError(
            [f"the run has the sites {', '.join(sites)}; a network here has one bus: choose one with --site"]
        )
    return site or sites[0]


def _translate(parts: _Parts, name: str, asset: Technology, record: Record, inputs: Inputs) -> None:
    """Add an asset as a part, or note why it is fixed as the plan has it."""
    part, notes = _part_of(name, asset, record, inputs)
    parts.notes += [f"{name}: {note}" for note in notes]
    flows = {label: values for label, values in record.flows.items() if label[0] == ELECTRICITY}
    if part is None:
        if any(values.any() for values in flows.values()):
            parts.notes.append(f"{name}: its power is fixed as the plan has it")
        return
    parts.found.append(part)
    own_roles = BOUGHT | {Role.EXPORT} if isinstance(part, Tie) else frozenset(Role)
    parts.translated_mw = parts.translated_mw + sum(
        (values for (_, _, role), values in flows.items() if role in own_roles), same(0.0, inputs.count)
    )


def _part_of(name: str, asset: Technology, record: Record, inputs: Inputs) -> tuple[Part | None, list[str]]:
    if isinstance(asset, Generator):
        return source_of(name, asset, record, inputs)
    if isinstance(asset, Storage):
        return store_of(name, asset, record, inputs)
    if isinstance(asset, Grid):
        return tie_of(name, asset, inputs)
    if isinstance(asset, Genset):
        return dispatchable_of(name, asset, record, inputs)
    if isinstance(asset, Load):
        return consumer_of(name, asset, inputs)
    rules = "rules the site: what it asks for and what it costs is left out"
    return None, [rules] if asset.rules_the_site else []
