"""Plain data that a study sends to its workers and keeps on disk: task, question, manifest, failure."""

from __future__ import annotations

from typing import Any, Literal, Required, TypedDict


class Question(TypedDict, total=False):
    """Question put to a run: a plan, a plan within a limit, or how far capacities can move near the least cost."""

    kind: Required[Literal["plan", "limit", "near_optimal"]]
    measure: str
    """Of a limit: what is limited."""
    at_most: float
    at_least: float
    slacks: list[float]
    """Of a plan near the least cost: how much more it may cost."""


class Task(TypedDict):
    """Task of one run as plain data, so that it can be sent anywhere and stored beside the result."""

    id: str
    scenario: dict[str, object]
    folder: str
    """What the scenario's files are relative to."""
    question: Question
    with_baseline: bool
    """Whether the site that plans nothing is planned too."""
    seconds: float
    label: str
    part: str
    case: str
    weather: str
    factors: dict[str, object]


class Limited(TypedDict, total=False):
    """Limited measure of a run, from its results alone."""

    measure: Required[str]
    at_most: float
    at_least: float
    value: Required[float]


class Range(TypedDict):
    """Range of a capacity within a slack of the least cost."""

    slack: float
    size: str
    least: float
    most: float


class Manifest(TypedDict, total=False):
    """Manifest of a run, kept beside its series."""

    id: Required[str]
    question: Required[Question]
    with_baseline: Required[bool]
    label: Required[str]
    part: Required[str]
    case: Required[str]
    weather: Required[str]
    factors: Required[dict[str, object]]
    scenario: Required[dict[str, object]]
    folder: Required[str]
    parts: Required[dict[str, str]]
    """Digests that the run's name is made of."""
    summary: Required[dict[str, Any]]
    """As summary.json of a run."""
    metrics: Required[dict[str, float]]
    verified: Required[bool]
    """Whether every law was kept when it was recomputed from the results."""
    limited: Limited
    ranges: list[Range]
    seconds: Required[float]
    peak_memory_gb: Required[float]
    series_sha256: str
    manifest_sha256: str
    """Of everything above; a manifest that was changed is not believed."""


class Failure(TypedDict):
    """Failure of a run: its kind and its reason."""

    id: str
    kind: str
    reason: str
    label: str
