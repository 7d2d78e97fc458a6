"""Time windows shown in full, and the thinning of longer spans without hiding their extremes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.language.numbers import listed
from optimizer.language.speech import noted, say
from optimizer.report.strands import Strand, Values, local_time, step_h, strands
from optimizer.technologies.flows import Role

SEASONS: Final = {
    noted("Typical week, June to August"): (6, 7, 8),
    noted("Typical week, December to February"): (12, 1, 2),
}
WHOLE_H: Final = 10 * 24.0
"""A horizon up to this long [h] is shown whole."""
FINE_H: Final = 31 * 24.0
"""Spans up to this long [h] are drawn step by step, longer ones by the day."""


@dataclass(frozen=True)
class Window:
    """Steps `start` to `stop` (exclusive) under a name for readers."""

    name: str
    start: int
    stop: int

    def of(self, results: xr.Dataset) -> xr.Dataset:
        """Dataset within the window only."""
        return results.isel(time=slice(self.start, self.stop))


def windows(results: xr.Dataset) -> list[Window]:
    """Windows shown hour by hour: a typical week of each season and the hardest weeks, or the whole horizon if short."""
    steps = results.sizes["time"]
    if steps * step_h(results) <= WHOLE_H:
        return [Window(say("All hours"), 0, steps)]
    weeks = list(whole_weeks(results))
    if not weeks:
        return [Window(say("First ten days"), 0, round(WHOLE_H / step_h(results)))]
    seasonal_weeks = [
        (say(name), typical(results, in_months(results, weeks, months))) for name, months in SEASONS.items()
    ]
    week = round(168 / step_h(results))
    named = [*seasonal_weeks, *hardest(results, weeks)]
    return [Window(name, start, start + week) for name, start in named if start is not None]


def whole_weeks(results: xr.Dataset) -> Iterator[int]:
    """First steps of the whole weeks, each from a local midnight, one after the other."""
    times = local_time(results)
    midnights = np.flatnonzero((times.hour == 0) & (times.minute == 0))
    week = round(168 / step_h(results))
    first = int(midnights[0]) if len(midnights) else 0
    yield from range(first, len(times) - week + 1, week)


def in_months(results: xr.Dataset, weeks: list[int], months: tuple[int, ...]) -> list[int]:
    """Weeks whose middle lies in one of the months."""
    times = local_time(results)
    half = round(84 / step_h(results))
    return [week for week in weeks if times[week + half].month in months]


def typical(results: xr.Dataset, weeks: list[int]) -> int | None:
    """Week whose electricity flows are nearest to the mean of all the given weeks; None if there is none."""
    if not weeks:
        return None
    flows = strands(results, "flow", bus="electricity")
    length = round(168 / step_h(results))
    energy = np.array([[strand.values[week : week + length].mean() for strand in flows] for week in weeks])
    return weeks[int(np.argmin(((energy - energy.mean(axis=0)) ** 2).sum(axis=1)))]


def hardest(results: xr.Dataset, weeks: list[int]) -> list[tuple[str, int]]:
    """Hardest weeks, each under the measures by which it is the hardest: the reader chooses the measure that matters."""
    chosen: dict[int, list[str]] = {}
    for name, total in weekly_measures(results, weeks).items():
        if total.max() - total.min() > LEAST_DIFFERENCE * max(1.0, abs(total.max())):
            chosen.setdefault(weeks[int(np.argmax(total))], []).append(say(name))
    if not chosen:
        return [(say("First week"), weeks[0])]
    return [(say("Hardest week: {measures}", measures=listed(names)), week) for week, names in chosen.items()]


LEAST_DIFFERENCE = 1e-6
"""Relative: weeks whose measures lie this near to each other are alike."""


def weekly_measures(results: xr.Dataset, weeks: list[int]) -> dict[str, Values]:
    """How hard each week is by several measures, worse is more; broken promises each scaled by its own worst week."""
    length = round(168 / step_h(results))

    def by_week(values: Values) -> Values:
        return np.array([values[week : week + length].sum() for week in weeks])

    def summed(found: list[Strand]) -> Values:
        return np.asarray(sum((by_week(strand.values) for strand in found), start=np.zeros(len(weeks))))

    broken = [by_week(strand.values) for strand in strands(results, "shortfall")]
    scaled = sum((total / total.max() for total in broken if total.max() > 1e-6), start=np.zeros(len(weeks)))
    return {
        noted("most broken promises"): np.asarray(scaled),
        noted("most import"): summed(strands(results, "flow", bus="electricity", role=Role.IMPORT)),
        noted("least own sun and wind"): -summed(
            strands(results, "flow", bus="electricity", role=Role.GREEN_GENERATION)
        ),
    }


def is_fine(results: xr.Dataset) -> bool:
    """Whether the span is short enough to draw every step."""
    return results.sizes["time"] * step_h(results) <= FINE_H


def daily(results: xr.Dataset, values: Values) -> pd.Series:
    """Means by local day."""
    return pd.Series(values, index=local_time(results)).resample("D").mean()
