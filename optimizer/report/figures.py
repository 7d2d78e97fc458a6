"""Figures of a run, one function each: a results Dataset in, a Plotly figure out (None where there is nothing to show).

Notebooks, reports and nightly pages use the same ones. Times are local, units stand on the axes. `framed`, `COLOURS` and
`words` give a figure of one's own the same look.
"""

from __future__ import annotations

from optimizer.report.compute import compute_shift, shift_by_hour
from optimizer.report.effectiveness import pue_by_hour_and_month, pue_over_time, water_by_day
from optimizer.report.energy import duration_curves, energy_stack, storage_level
from optimizer.report.forecast import forecast_fan
from optimizer.report.gantt import job_gantt
from optimizer.report.money import monthly_bill
from optimizer.report.origins import provenance_flow
from optimizer.report.prices import price_and_carbon
from optimizer.report.queues import backlog, powered_on
from optimizer.report.style import COLOURS, framed, words
from optimizer.report.together import move_bars

__all__ = [
    "COLOURS",
    "backlog",
    "compute_shift",
    "duration_curves",
    "energy_stack",
    "forecast_fan",
    "framed",
    "job_gantt",
    "monthly_bill",
    "move_bars",
    "powered_on",
    "price_and_carbon",
    "provenance_flow",
    "pue_by_hour_and_month",
    "pue_over_time",
    "shift_by_hour",
    "storage_level",
    "water_by_day",
    "words",
]
