"""What the year's plan teaches a night: what its stores are worth at its end, and how high this month will peak anyway."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from optimizer.nightly.hours import Night
from optimizer.nightly.state import Opening
from optimizer.plan.end_values import EndValues
from optimizer.quantities.calendar import local_time
from optimizer.scenario.single_site import Scenario


def taught(values: EndValues, scenario: Scenario, night: Night, opening: Opening) -> tuple[Scenario, Night, Opening]:
    """The scenario with the worth of its stores, the night as part of its month, and the month's peak as foreseen."""
    end = local_time(pd.DatetimeIndex([night.valid_until]), night.calendar.timezone)[0]
    states = values.allowed(opening.states, scenario.assets(), int(night.calendar.month[0]))
    raised = {
        f"{asset} {quantity}": "the year's plan"
        for (site, asset), state in states.items()
        for quantity, value in state.items()
        if opening.states.get((site, asset), {}).get(quantity) is not value
    }
    known = replace(opening, states=states, sources=opening.sources | raised)
    return values.applied(scenario, end), night.in_whole_months(), known


def taught_by_file(
    path: Path, scenario: Scenario, night: Night, opening: Opening, notes: list[str]
) -> tuple[Scenario, Night, Opening]:
    """The same from a file; where it cannot be used that is noted, and the night goes on without it."""
    try:
        return taught(EndValues.read(path), scenario, night, opening)
    except (OSError, ValueError) as error:
        notes.append(f"end values: {error}; the scenario's own were taken")
        return scenario, night, opening
