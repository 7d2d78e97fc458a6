"""Key figures of a plan beside its baseline: what summary.json says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import xarray as xr

from optimizer.accounts.carbon import Account
from optimizer.language.numbers import big, grouped
from optimizer.language.speech import say
from optimizer.plan import bill
from optimizer.plan.costs import costs_of, found_sizes, not_stated, unit_costs
from optimizer.plan.ladder import Ladder, not_possible
from optimizer.plan.marginal_prices import marginal_prices
from optimizer.plan.outcome import Plan
from optimizer.plan.schedule import remarks_on_plan, timetable_of, unserved_work
from optimizer.plan.waits import wait_figures
from optimizer.quantities.columns import weights_of
from optimizer.quantities.versions import versions
from optimizer.rulebook.verdicts import verdicts_of
from optimizer.scenario.hubs import Hubs
from optimizer.scenario.single_site import Scenario


def summarize(
    scenario: Scenario | Hubs, plan: Plan, ladder: Ladder, account: Account, seconds: Mapping[str, float]
) -> dict[str, Any]:
    """Key figures of a plan and the ladder below it, with the names of summary.json; what is no finite number is None."""
    results, certificate, lowest, assets = plan.results, plan.certificate, ladder.rungs[0].plan, scenario.assets()
    figures, baseline = bill.key_figures(results, account), lowest or plan
    costs = costs_of(plan.bill_by_step, results, assets)
    baseline_case = bill.key_figures(baseline.results)
    summary: dict[str, Any] = {
        "scenario": scenario.name,
        "weather": results.attrs["weather"],
        "synthetic": bool(results.attrs["synthetic"]),
        "repairs": list(results.attrs["repairs"]),
        "start": str(results.indexes["time"][0]),
        "steps": int(results.sizes["time"]),
        "status": certificate.status,
        "currency": scenario.currency,
        "cost": plan.cost,
        "bound": certificate.bound,
        "gap": certificate.gap,
        "gap_by_month": bill.money_by_month(certificate.gap_by_step, results),
        "baseline_cost": lowest and lowest.cost,
        "saving": ladder.saving(),
        "ladder": ladder.summary(),
        "costs": {
            "running": costs.running,
            "capital": costs.capital,
            "total": costs.total,
            **unit_costs(costs, figures),
            "capital_by_plant": dict(costs.by_plant),
            "not_stated": not_stated(assets),
        },
        "sizes_found": found_sizes(results, plan.bill_by_step, assets),
        **figures,
        "shifted_card_hours": lowest and bill.shifted_card_hours(results, lowest.results),
        "late_card_hours": bill.late_card_hours(results),
        **wait_figures(results, timetable_of(results, assets)),
        "shortfalls": bill.broken_promises(results),
        "shortfalls_worst": _worst(results, list(scenario.members)),
        "members": len(weights_of(results)),
        "baseline": _finite_or_none(
            baseline_case | wait_figures(baseline.results, timetable_of(baseline.results, assets))
        )
        | {"shortfalls": bill.broken_promises(baseline.results)},
        "notes": [
            *results.attrs.get("remarks", []),
            *unserved_work(results, assets),
            *remarks_on_plan(results, assets),
            *plan.notes,
            *_impossible(ladder),
        ],
        "marginal_prices": marginal_prices(results),
        "law": [verdict.as_dict() for verdict in verdicts_of(results, assets)],
        "seconds": {name: round(spent, 2) for name, spent in seconds.items()},
        "versions": versions(("qaidam", "pyomo", "highspy", "pvlib", "windpowerlib")),
    }
    return _finite_or_none(summary)


def beside_baseline(summary: Mapping[str, Any], key: str) -> str:
    """Baseline's figure in words with the change to the plan's, " (as work arrives 240, plan +1.6 %)"; nothing where there is none."""
    mine, base = summary.get(key), (summary.get("baseline") or {}).get(key)
    if mine is None or base is None:
        return ""
    if abs(base) <= 1e-9:
        return say(" (as work arrives {base})", base=big(base))
    return say(" (as work arrives {base}, plan {change})", base=big(base), change=f"{(mine - base) / abs(base):+.1%}")


def _worst(results: xr.Dataset, members: list[str]) -> dict[str, dict[str, float | str]]:
    """Worst case of each broken promise over the members, and which member it is; empty where there is one member."""
    worst = bill.worst_promises(results).items()
    return {name: {"worst": amount, "member": members[number]} for name, (amount, number) in worst}


def promise_in_words(summary: Mapping[str, Any], name: str) -> str:
    """By how much a promise is missed; with several members what is expected, and the worst with its member."""
    amount, worst = summary["shortfalls"][name], (summary.get("shortfalls_worst") or {}).get(name)
    if not worst:
        return grouped(amount, ",.2f")
    return say(
        "expected {amount}, worst {worst} ({member})",
        amount=grouped(amount, ",.2f"), worst=grouped(worst["worst"], ",.2f"), member=worst["member"],
    )  # fmt: skip


def said_of_members(summary: Mapping[str, Any]) -> str:
    """What kind of figures these are where there are several members; empty where there is one."""
    members = summary.get("members") or 1
    if members <= 1:
        return ""
    return say("every figure is the expected value over {members} members, unless it says worst", members=members)


def _impossible(ladder: Ladder) -> list[str]:
    """Rungs that cannot be, with the reason."""
    return [not_possible(step) for step in ladder.steps() if step["cost"] is None]


def _finite_or_none(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Key figures with None in place of NaN or an infinite bound."""
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in figures.items()
    }
