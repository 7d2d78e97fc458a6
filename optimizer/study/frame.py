"""Table of all finished runs of a study: its question, its metrics, its money."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.study.load import LoadedStudy
from optimizer.study.money import against_baseline, flows_of, money_of
from optimizer.study.store import is_done, manifest_of
from optimizer.study.task import requested_runs


def frame_of(study: LoadedStudy, root: Path) -> pd.DataFrame:
    """Table with a row for each row of the study whose run is done: `id`, `part`, `case`, `weather`, `question`, `factor.*`, metrics,
    money, `ranges` (JSON). Raises OSError, ValueError."""
    rows: list[dict[str, Any]] = []
    flows = {}
    money = study.settings.money
    for run in requested_runs(study):
        if not is_done(root, run.id):
            continue
        manifest = manifest_of(root, run.id)
        metrics = {name: float(value) for name, value in manifest["metrics"].items()}
        for number in run.rows:
            row = study.rows[number]
            record: dict[str, Any] = {
                "id": run.id, "row": number, "part": row.part, "case": row.case, "weather": row.weather, "label": row.label,
                "question": json.dumps(row.question, sort_keys=True), "ranges": json.dumps(manifest.get("ranges", [])),
                "limited": json.dumps(manifest.get("limited")), "verified": bool(manifest["verified"]),
            }  # fmt: skip
            record |= {f"factor.{name}": value for name, value in row.factors.items()} | metrics
            if money is not None:
                record |= money_of(money, row.case, metrics, manifest["scenario"])
                flows[len(rows)] = flows_of(money, row.case, metrics, manifest["scenario"])
            rows.append(record)
    table = pd.DataFrame(rows)
    return against_baseline(money, table, flows) if money is not None and rows else table
