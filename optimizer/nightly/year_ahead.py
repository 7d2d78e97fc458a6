"""End values from the year's plan for a night: shadow prices of its stores at its end, how high this month will peak anyway,
and how far behind each yearly ratio may be by then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from optimizer.files.processes import problems_of, readable
from optimizer.nightly.hours import Night
from optimizer.nightly.state import YEARS_PLAN, Opening
from optimizer.plan.end_values import EndValues
from optimizer.quantities.calendar import local_time
from optimizer.scenario.single_site import Scenario
from optimizer.technologies.base import State, Technology

HOURS, MOST_BYTES, MOST_AMOUNT = 24, 20_000_000, 1e6
"""Values of a day; largest file that is read; money for a MWh, or MW, above which a number is no such thing."""


def with_end_values(
    values: EndValues, scenario: Scenario, night: Night, opening: Opening, since: pd.Timestamp | None = None
) -> tuple[Scenario, Night, Opening]:
    """Scenario with end values of its stores and ratios, the night as part of its month, and the month's peak as foreseen.

    `since`: local midnight from which the ratios are counted; none: from New Year on, and what is not known of them until
    tonight stands as in the year's plan.
    """
    start, end = local_time(pd.DatetimeIndex([night.start, night.valid_until]), night.calendar.timezone)
    new_year = pd.Timestamp(start.year, 1, 1)
    states = values.allowed(opening.states, scenario.assets(), int(night.calendar.month[0]))
    if since is None:
        states = values.so_far(states, scenario.assets(), new_year, start)
    raised = {
        f"{asset} {quantity}": YEARS_PLAN
        for (site, asset), state in states.items()
        for quantity, value in state.items()
        if opening.states.get((site, asset), {}).get(quantity) is not value
    }
    known = replace(opening, states=states, sources=opening.sources | raised)
    followed = values.followed(values.applied(scenario, end), since or new_year, end)
    return followed, night.in_whole_months(), known


def with_end_values_of_file(
    path: Path, scenario: Scenario, night: Night, opening: Opening, notes: list[str]
) -> tuple[Scenario, Night, Opening]:
    """End values read from a file; where it cannot be used that is noted, and the night goes on without it."""
    try:
        return with_end_values(sound(EndValues.read(readable(path, MOST_BYTES))), scenario, night, opening)
    except Exception as error:  # a night must not end on a bad file
        notes.extend(f"end values: {problem}; the scenario's own were taken" for problem in problems_of(error))
        return with_arrears_as_they_stand(scenario, opening), night, opening


def with_arrears_as_they_stand(scenario: Scenario, opening: Opening) -> Scenario:
    """Scenario that neither makes up for the arrears of its yearly ratios tonight nor uses up what it is ahead."""
    return scenario.model_copy(
        update={
            kind: {
                name: asset.following(_yearly(opening.states.get((scenario.site.name, name), {}), asset), {})
                for name, asset in named.items()
            }
            for kind, named in scenario.by_technology().items()
        }
    )


def _yearly(state: State, asset: Technology) -> dict[str, float]:
    """Arrears of its yearly ratios in an asset's state."""
    return {ratio: float(state[ratio]) for ratio in asset.yearly_state & state.keys()}


def sound(values: EndValues) -> EndValues:
    """Checked end values. Raises ValueError where they are not a number for each hour and month that money or power could be."""
    for name, by_month in dict(values.stocks).items():
        for month, hours in dict(by_month).items():
            if len(hours) != HOURS or not all(_is_amount(value) for value in hours):
                raise ValueError(f"stocks > {name} > {month}: not {HOURS} values of a MWh")
    for name, reached in dict(values.monthly).items():
        if not all(_is_amount(value) and value >= 0 for value in dict(reached).values()):
            raise ValueError(f"monthly > {name}: not a peak for each month")
    for name, by_day in dict(values.arrears).items():
        if not all(_is_amount(value) for value in dict(by_day).values()):
            raise ValueError(f"arrears > {name}: not a number of MWh for each day")
    if not all(_is_amount(price) and price >= 0 for price in dict(values.ratio_prices).values()):
        raise ValueError("ratio_prices: not a price for each ratio")
    return values


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MOST_AMOUNT
