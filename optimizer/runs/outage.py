"""Outages of a finished plan: islanded at the start of any step, by rule; how long does the site survive?

The rule, step by step: sun and wind first (where the plan's rule on resilience counts them), then stores and gensets in
the order of the scenario, each within its power and what it holds; surplus sun and wind refill stores. The first step
whose protected load is not met ends it. As the outage simulator of REopt (Anderson et al., 2021, NREL/TP-7A40-79739)
does it, from every start of the plan; outages that reach beyond the plan go on with its last day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.inputs.assemble import calendar_of
from optimizer.quantities.columns import matching, rows_of
from optimizer.quantities.documents import DocumentError
from optimizer.technologies.linear import Floats

TOLERANCE_MW = 1e-5
"""Reserves of a plan are held to HiGHS' tolerances; a hundredth of a kilowatt is no failure."""


@dataclass(frozen=True)
class Source:
    """A store or a genset in an outage; arrays of shape (steps,)."""

    most_mw: Floats
    stored_mwh: Floats
    """What it could give from the start of each step on [MWh]; infinite: no limit."""
    room_mwh: Floats
    """Most it could hold."""
    refill: Floats
    """Share of the power put in that comes out again; 0: it cannot be refilled."""


@dataclass(frozen=True)
class Outages:
    """Survived hours of an outage from every start."""

    start: pd.DatetimeIndex
    survived_h: Floats
    """Hours survived from each start, at most those simulated; shape (steps,)."""
    hours: float

    def curve(self, step_h: float) -> pd.DataFrame:
        """Share of all starts that survive so many hours: columns hours, survive_share."""
        lengths = np.arange(step_h, self.hours + step_h / 2, step_h)
        share = [(self.survived_h >= length - 1e-9).mean() for length in lengths]
        return pd.DataFrame({"hours": lengths, "survive_share": share})

    def table(self) -> pd.DataFrame:
        """Outage table, a row a start: start_utc, survived_h."""
        return pd.DataFrame({"start_utc": self.start.strftime("%Y-%m-%dT%H:%MZ"), "survived_h": self.survived_h})


def simulate_outages(results: xr.Dataset, hours: float) -> Outages:
    """Outages of `hours` from the start of every step. Raises DocumentError where the plan has no rule on resilience."""
    calendar, meters = calendar_of(results), _meters(results)
    if "protected_mw" not in meters:
        raise DocumentError(
            [
                "resilience: the scenario has no such section, so nothing says which load to protect; run it again with "
                "--set resilience.spare.hours=2 (or a section resilience with an entry spare in the file): the inference of any two "
                "hours is then kept in stores, and outage says how long it lasts"
            ]
        )
    length, day = max(round(hours / calendar.step_h), 1), max(round(24 / calendar.step_h), 1)
    count = calendar.count
    need = meters["protected_mw"] - meters["own_mw"]
    sources = sources_of(meters)
    energy = [source.stored_mwh.copy() for source in sources]
    alive, survived = np.ones(count, dtype=bool), np.zeros(count)
    for step in range(length):
        at = np.arange(count) + step
        at = np.maximum(at - np.ceil(np.maximum(at - count + 1, 0) / day).astype(int) * day, 0)
        alive &= _met(need[at], sources, energy, at, calendar.step_h)
        survived += alive * calendar.step_h
    return Outages(calendar.time, survived, length * calendar.step_h)


def _met(need: Floats, sources: list[Source], energy: list[Floats], at: Floats, step_h: float) -> Floats:
    """Whether each start's need is met in its step; the sources' stored energy is brought forward."""
    left, surplus = np.maximum(need, 0.0), np.maximum(-need, 0.0)
    for source, stored_mwh in zip(sources, energy, strict=True):
        given = np.minimum(np.minimum(left, source.most_mw[at]), stored_mwh / step_h)
        left = left - given
        room = np.maximum(source.room_mwh[at] - np.where(np.isinf(stored_mwh), 0.0, stored_mwh), 0.0)
        taken = np.minimum(surplus, source.most_mw[at])
        gained = np.minimum(taken * source.refill[at] * step_h, room)  # a tank for any outage gains nothing
        surplus = surplus - taken * (source.refill[at] > 0)
        stored_mwh += gained - given * step_h
    return np.asarray(left <= TOLERANCE_MW)


def sources_of(meters: dict[str, Floats]) -> list[Source]:
    """Backup sources in an outage, by the meters of the rule on resilience."""
    names = [name.partition("@")[2] for name in meters if name.startswith("given_mw@")]
    sources = []
    for name in names:
        own = {key.partition("@")[0]: values for key, values in meters.items() if key.endswith(f"@{name}")}
        limits = [own[key] for key in ("backup_mw", "backup_mw_by_rate") if key in own]
        endless, nothing = np.full(len(limits[0]), np.inf), np.zeros(len(limits[0]))
        stored_mwh = own.get("backup_mwh", endless)
        # a plan's stocks are those at the END of its steps; the first start is taken to have what the second does
        sources.append(
            Source(
                most_mw=np.min(limits, axis=0),
                stored_mwh=np.maximum(np.concatenate([stored_mwh[:1], stored_mwh[:-1]]), 0.0),
                room_mwh=own.get("backup_room_mwh", stored_mwh),
                refill=own.get("backup_refill", nothing),
            )
        )
    return sources


def _meters(results: xr.Dataset) -> dict[str, Floats]:
    """Meters of the rules on resilience, by quantity; of several members the first."""
    table = matching(results["metered"], technology="resilience", member=0)
    return {quantity: values for (quantity,), values in zip(rows_of(table, "quantity"), table.values.T, strict=True)}
