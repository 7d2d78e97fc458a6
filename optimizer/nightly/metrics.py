"""Figures of the last night for Prometheus, as a text file its node exporter collects. Replaced whole."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from optimizer.files.single import write_into
from optimizer.language.speech import noted
from optimizer.nightly.record import RunRecord

METRICS = "qaidam.prom"
HELP = {
    "last_success_timestamp_seconds": "When a plan was last published.",
    "plan_start_timestamp_seconds": "First hour of the plan.",
    "plan_valid_until_timestamp_seconds": "End of the plan: alert before it.",
    "plan_level": "0 optimised, 1 best by the deadline, 2 relaxed and repaired, 3 yesterday's work, 4 by rule, 5 from its own start, 6 the last plan's second day.",
    "forecast_level": "0 fresh, 1 tail, 2 climatology, 3 still air.",
    "plan_cost": "Expected cost of the hours seen, in the scenario's currency.",
    "mip_gap": "Proven gap of the plan; NaN where none is known.",
    "solve_seconds": "Time spent solving.",
    "input_age_seconds": "Age of an input when the plan was made.",
    "solver_trusted": "1 if the solver passed its self-check, 0 if the second solver had to plan.",
    "broken_promises": "Promises expected to break.",
}
FORECAST_LEVELS = (noted("fresh"), noted("tail"), noted("climatology"), noted("still air"))


def metrics_text(record: RunRecord) -> str:
    """Figures of a record in Prometheus' text format."""
    now = _seconds(record.published_utc)
    values: dict[str, list[tuple[str, float]]] = {
        "last_success_timestamp_seconds": [("", now)],
        "plan_start_timestamp_seconds": [("", _seconds(record.start_utc))],
        "plan_valid_until_timestamp_seconds": [("", _seconds(record.valid_until_utc))],
        "plan_level": [("", record.level)],
        "forecast_level": [("", FORECAST_LEVELS.index(record.forecast_level))],
        "plan_cost": [("", record.cost)],
        "mip_gap": [("", float("nan") if record.gap is None else record.gap)],
        "solve_seconds": [("", record.seconds.get("solve", 0.0))],
        "input_age_seconds": [('{source="forecast"}', now - _seconds(record.forecast_issued_utc))],
        "solver_trusted": [("", float(record.solver_trusted))],
        "broken_promises": [("", len(record.shortfalls))],
    }
    if record.telemetry_age_h is not None:
        values["input_age_seconds"].append(('{source="telemetry"}', record.telemetry_age_h * 3600))
    lines = []
    for name, samples in values.items():
        lines += [f"# HELP qaidam_{name} {HELP[name]}", f"# TYPE qaidam_{name} gauge"]
        lines += [f"qaidam_{name}{label} {_number(value)}" for label, value in samples]
    return "\n".join(lines) + "\n"


def _seconds(text: str) -> float:
    return float(pd.Timestamp(text).timestamp())


def _number(value: float) -> str:
    return "NaN" if value != value else f"{value:.10g}"


def write_metrics(path: Path, record: RunRecord) -> None:
    """Replace the file. Readable by all: the node exporter runs as another user. Raises OSError."""
    text = metrics_text(record)

    def fill(aside: Path) -> None:
        aside.write_text(text, encoding="utf-8")
        aside.chmod(0o644)

    write_into(path.parent, path.name, fill)
