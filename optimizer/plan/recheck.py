"""Results read back from a file and checked once more, without the solver: laws, bill, and every figure and table reported of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import TypeGuard

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from optimizer.files.processes import readable
from optimizer.plan import bill
from optimizer.plan.results import violations
from optimizer.technologies.base import State, Technology

Assets = Mapping[tuple[str, str], Technology]
RELATIVE = 1e-6
"""HiGHS' feasibility of 1e-7 on some ten thousand rows, priced."""


def faults_of_results(
    results: xr.Dataset, assets: Assets, cost: float, opening: Mapping[tuple[str, str], State] | None = None
) -> list[str]:
    """Faults of results: broken laws, values that are no numbers, and a bill that is not the cost they claim."""
    broken = [str(name) for name in results.data_vars if not _is_sound(results[name].values)]
    if broken:
        return [f"results: {', '.join(broken)} hold values that are no numbers"]
    faults = violations(results, assets, opening)
    weights = [float(weight) for weight in results.attrs.get("weights", [1.0])]
    billed = bill.total_cost(bill.bill_by_step(results, assets, weights=weights, opening=opening))
    if not is_near(billed, cost):
        faults.append(f"its bill is {billed:.4f}, its cost is said to be {cost:.4f}")
    return faults


def _is_sound(values: NDArray[np.generic]) -> bool:
    return bool(values.dtype.kind not in "fc" or np.isfinite(values).all())


def is_near(first: object, second: object) -> bool:
    """Whether two figures are the same number, or both none."""
    if not (_is_number(first) and _is_number(second)):
        return bool(first == second)
    a, b = float(first), float(second)
    return abs(a - b) <= RELATIVE * max(abs(a), abs(b), 1.0)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def figures_that_differ(reported: Mapping[str, object], recomputed: Mapping[str, object], where: str) -> list[str]:
    """Reported figures that differ from the ones computed again."""
    plain = {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in recomputed.items()
    }
    return [
        f"{where} > {key}: says {reported.get(key)}, comes out as {value}"
        for key, value in plain.items()
        if key in reported and not is_near(reported[key], value)
    ]


def table_differs(path: Path, again: pd.DataFrame, *, index: bool = False) -> list[str]:
    """Whether a CSV table is the one that comes out again, number by number."""
    return text_differs(path, lambda: again.to_csv(index=index))


def text_differs(path: Path, made: Callable[[], str]) -> list[str]:
    """Whether a text is the one that is made again; numbers may differ by rounding."""
    reported, recomputed = readable(path).read_text(encoding="utf-8"), made()
    if reported == recomputed:
        return []
    try:
        first, second = (
            pd.read_csv(StringIO(text), dtype=str, keep_default_na=False) for text in (reported, recomputed)
        )
    except ValueError:
        return [f"{path.name}: is not the table that comes out of the results"]
    if list(first.columns) != list(second.columns) or len(first) != len(second):
        return [f"{path.name}: has other rows or columns than come out of the results"]
    for column in first.columns:
        for row, (old_cell, new_cell) in enumerate(zip(first[column], second[column], strict=True), start=2):
            if old_cell != new_cell and not is_near(_number(old_cell), _number(new_cell)):
                return [
                    f"{path.name}:{row}  {column}: is '{old_cell[:40]}', comes out of the results as '{new_cell[:40]}'"
                ]
    return []


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
