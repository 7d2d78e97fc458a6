"""Answers of a study's runs: which to choose, the front, the sensitivities, the near-optimal ranges, the claims."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.study.money_settings import Claim
from optimizer.study.settings import Limit, Pareto


def keeps(runs: pd.DataFrame, limits: Mapping[str, Limit]) -> pd.Series:
    """Runs that keep every limit; a run without the metric does not."""
    kept = pd.Series(True, index=runs.index)
    for name, limit in limits.items():
        values = runs[name] if name in runs else pd.Series(np.nan, index=runs.index)
        kept &= values.notna()
        if limit.at_least is not None:
            kept &= values >= limit.at_least
        if limit.at_most is not None:
            kept &= values <= limit.at_most
    return kept


def chosen(runs: pd.DataFrame, limits: Mapping[str, Limit], by: str = "cost") -> str | None:
    """Cheapest run of the grid that keeps the limits; without such a run, None."""
    grid = runs[runs["part"].isin(["grid", "centre"])]
    fit = grid[keeps(grid, limits)]
    return None if fit.empty else str(fit["id"].to_numpy()[int(np.argmin(fit[by].to_numpy()))])


def front(runs: pd.DataFrame, pareto: Pareto, case: str) -> pd.DataFrame:
    """Front of cost against a measure: `value`, `cost`, `bound`, `id`, loosest limit first; cost never falls on the way.

    A plan that keeps a tight limit keeps every looser one, so a dearer plan at a looser limit (left by the solver's gap) is
    replaced by it, and a bound at a looser limit holds at the tighter ones. Centre runs, without a limit, come first.
    """
    case_runs = runs[(runs["case"] == case) & runs["part"].isin(["pareto", "centre"])]
    rows = []
    for _, run in case_runs.iterrows():
        question, limited = json.loads(run["question"]), json.loads(run["limited"])
        if question["kind"] == "limit" and question["measure"] == pareto.measure:
            rows.append(
                {"value": limited["value"], "cost": run["cost"], "bound": run["bound"], "id": run["id"], "free": False}
            )
        elif question["kind"] == "plan" and pareto.measure in run:
            rows.append(
                {
                    "value": run[pareto.measure],
                    "cost": run["cost"],
                    "bound": run["bound"],
                    "id": run["id"],
                    "free": True,
                }
            )
    if not rows:
        return pd.DataFrame(columns=["value", "cost", "bound", "id"])
    table = (
        pd.DataFrame(rows).sort_values("value", ascending=bool(pareto.at_least), kind="stable").reset_index(drop=True)
    )
    cheapest = table["cost"][::-1].cummin()[::-1]
    keep = table["cost"] <= cheapest + 1e-9 * cheapest.abs()  # a later, tighter plan is cheaper: this one is dominated
    table = table[keep].assign(bound=table["bound"].cummax()[keep])
    return table[["value", "cost", "bound", "id"]].reset_index(drop=True)


def tornado(runs: pd.DataFrame, metric: str, case: str) -> pd.DataFrame:
    """Tornado table, a row a factor: `factor`, `low`, `high` (values), `at_low`, `at_high`, `base` (metric); widest swing first."""
    case_runs = runs[runs["case"] == case]
    base = case_runs.loc[case_runs["part"] == "centre", metric]
    rows = []
    for name in [column for column in case_runs.columns if column.startswith("factor.")]:
        moved = case_runs[(case_runs["part"] == "sensitivity") & case_runs[name].notna()]
        if len(moved) == 2:
            first, second = (moved.iloc[place] for place in (0, 1))
            rows.append(
                {"factor": name.removeprefix("factor."), "low": first[name], "high": second[name], "at_low": first[metric],
                 "at_high": second[metric], "base": float(base.iloc[0]) if len(base) else math.nan}
            )  # fmt: skip
    table = pd.DataFrame(rows, columns=["factor", "low", "high", "at_low", "at_high", "base"])
    swing = (table["at_high"] - table["at_low"]).abs().sort_values(ascending=False)
    return table.loc[swing.index].reset_index(drop=True)


def near_optimal(runs: pd.DataFrame) -> pd.DataFrame:
    """Least and most of every capacity within each slack: `case`, `slack`, `size`, `least`, `most`, `best`."""
    rows = []
    for _, run in runs[runs["part"] == "near_optimal"].iterrows():
        for capacity_range in json.loads(run["ranges"]):
            rows.append(
                {"case": run["case"], **capacity_range, "best": run.get(f"size.{capacity_range['size']}", math.nan)}
            )
    return pd.DataFrame(rows, columns=["case", "slack", "size", "least", "most", "best"])


@dataclass(frozen=True)
class Verdict:
    """Verdict on a claim."""

    claim: str
    found: str
    holds: str
    """`holds`, `does not hold`, `holds in k of n` (weathers), or `not known`."""
    conditions: str


def verdicts(claims: list[Claim], runs: pd.DataFrame) -> list[Verdict]:
    """Verdicts on claims, for each of their cases and each case compared with, over all weathers of the grid."""
    grid = runs[runs["part"] == "grid"]
    judged = []
    for claim in claims:
        for case in claim.cases:
            for other in claim.against or [""]:
                judged.append(_verdict(claim, grid, case, other))
    return judged


def _verdict(claim: Claim, grid: pd.DataFrame, case: str, other: str) -> Verdict:
    values = _claimed_quantity(claim, grid, case, other)
    against = f" against {other}" if other else ""
    if values.empty:
        return Verdict(f"{claim.says} [{case}{against}]", "no runs", "not known", claim.conditions)
    kept = values <= claim.value if claim.kind == "below" else values >= claim.value
    percent = claim.kind == "lower_by_share" or (claim.kind == "above" and claim.value <= 1)
    shown = [f"{100 * value:.1f} %" if percent else f"{value:.4g}" for value in (values.min(), values.max())]
    holds = (
        "holds"
        if kept.all()
        else ("does not hold" if not kept.any() else f"holds in {kept.sum()} of {len(kept)} weathers")
    )
    words = {"lower_by_share": "lower by ", "earlier_by": "earlier by "}.get(claim.kind, "")
    return Verdict(f"{claim.says} [{case}{against}]", f"{words}{shown[0]} to {shown[1]}", holds, claim.conditions)


def _claimed_quantity(claim: Claim, grid: pd.DataFrame, case: str, other: str) -> pd.Series:
    """Claimed quantity in every weather; for comparisons, in every weather name that both cases have."""
    if claim.metric not in grid:
        return pd.Series(dtype=float)
    case_means = grid[grid["case"] == case].set_index("weather")[claim.metric].groupby(level=0).mean()
    if not other:
        return case_means.dropna()
    other_means = grid[grid["case"] == other].set_index("weather")[claim.metric].groupby(level=0).mean()
    differences = (other_means - case_means) if claim.kind == "earlier_by" else (1 - case_means / other_means)
    return differences.dropna()
