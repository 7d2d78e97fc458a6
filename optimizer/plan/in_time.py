"""Plan within the seconds given for the whole run, baseline included; without one in time, work as it arrives."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from optimizer.plan.outcome import Plan
from optimizer.solve.deadline import ending_by
from optimizer.solve.effort import Effort
from optimizer.solve.highs import InfeasibleError, SolverError

RESULTS_SHARE = 0.25
"""Of the baseline's time: what a plan takes from its values to its checked results and bill."""
LEAST_SHARE = 0.8
"""Of the baseline's time: a plan's model alone takes so long to build."""


@dataclass(frozen=True)
class Clock:
    """Start of the run (time.monotonic) and duration of its baseline [s]: a plan of the same hours takes about as long."""

    began: float
    baseline_s: float


def plan_in_time(
    planner: Callable[[Effort], Plan], effort: Effort, clock: Clock, as_it_arrives: Callable[[], Plan] | None
) -> Plan:
    """Planner's plan; where it has none in time, the plan of last resort, whose gap is not known.

    `as_it_arrives`: makes that plan; none where the site cannot run so. Raises InfeasibleError where there can be no plan,
    SolverError where none was found.
    """
    until = clock.began + effort.seconds - RESULTS_SHARE * clock.baseline_s
    left = until - time.monotonic()
    if as_it_arrives is None or left > LEAST_SHARE * clock.baseline_s:
        try:
            with ending_by(until):
                return planner(replace(effort, seconds=max(left, 1.0)))
        except InfeasibleError:
            raise
        except SolverError:
            if as_it_arrives is None:
                raise
    plan = as_it_arrives()
    note = f"within {effort.seconds:g} s no plan was found but work as it arrives; raise planning > seconds"
    certificate = replace(plan.certificate, status="gap", bound=-math.inf)
    return replace(plan, certificate=certificate, notes=(*plan.notes, note))
