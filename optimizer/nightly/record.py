"""The record of a night: what went in, what came out, how good it is. `run-record.json`, with a schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, field_validator

from optimizer.files.processes import readable

RECORD = "run-record.json"
MOST_BYTES = 5_000_000
SCHEMA = Path(__file__).with_name("run-record.schema.json")


class RunRecord(BaseModel):
    """Run record of one published night. Times are UTC, ISO 8601, without zone."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    schema_version: Literal[1] = 1
    """Version of this form."""
    plan_id: str = Field(pattern=r"^[0-9a-f]{12}$")
    """Same inputs, same id."""
    scenario: str
    """Name of the scenario."""
    day: str
    """Local day the plan is for."""
    start_utc: str
    """First hour of the plan."""
    kept_until_utc: str
    """When the next plan should take over."""
    valid_until_utc: str
    """End of the plan."""
    published_utc: str
    """Job's clock when it began."""
    level: int = Field(ge=0, le=6)
    """0 optimised; 1 best by the deadline; 2 relaxed and repaired; 3 yesterday's work; 4 by rule; 5 by rule from the scenario's own start; 6 the last
    plan's second day."""
    level_name: str
    """Level in words."""
    exit_code: int
    """0, or 10 where the plan or one of its inputs is a fallback."""
    forecast_level: str
    """`fresh`, `tail`, `climatology`, `still air`."""
    forecast_issued_utc: str
    """When the forecast was issued."""
    forecast_source: str
    """What the forecast says of itself."""
    solver_trusted: bool = True
    """Whether the solver passed its self-check."""
    members: int
    """Weather members the plan answers."""
    telemetry_age_h: float | None
    """Age of the telemetry; none: there was none."""
    state_sources: dict[str, str]
    """Where each opening state was taken from."""
    previous: str | None
    """Folder of the last plan before this one."""
    currency: str = ""
    """Currency of all money here; empty in records of earlier versions."""
    cost: float
    """Expected cost of all hours seen, in the scenario's currency."""
    bound: float | None
    """Proven lower bound of the cost; none is known of rule-based plans."""
    gap: float | None
    """(cost − bound) / |cost|."""
    iterations: int = 0
    """Simplex iterations of the search that found the plan; 0 for rule-based plans."""
    baseline_cost: float
    """What the same hours are expected to cost without a plan, for the same members (a rule-based plan: for the forecast alone)."""
    shortfalls: dict[str, float]
    """Promises that are expected to break, by name."""
    notes: list[str]
    """Everything that was wrong and what was done about it."""
    inputs: dict[str, str]
    """SHA-256 of each part of the inputs; together they make the id."""
    seconds: dict[str, float]
    """Time by phase."""
    versions: dict[str, str]
    """Installed versions."""

    @field_validator("start_utc", "kept_until_utc", "valid_until_utc", "published_utc", "forecast_issued_utc")
    @classmethod
    def _is_utc_without_zone(cls, text: str) -> str:
        stamp = pd.Timestamp(text)
        if pd.isna(stamp) or stamp.tzinfo is not None:
            raise ValueError("is no time in UTC without zone")
        return text


def write_record(path: Path, record: RunRecord) -> None:
    """Write a record. Raises OSError."""
    path.write_text(json.dumps(record.model_dump(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_record(path: Path) -> RunRecord | None:
    """Record of a plan folder, or None where there is none that can be read."""
    try:
        return RunRecord.model_validate_json(readable(path, MOST_BYTES).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # a validation error is a ValueError
        return None


def record_schema() -> str:
    """The JSON schema of records, as text; shipped as run-record.schema.json."""
    return json.dumps(RunRecord.model_json_schema(), indent=1, ensure_ascii=False) + "\n"
