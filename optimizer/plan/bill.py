"""Results → money, carbon, green share, PUE, WUE; from plain numbers, not from the solver's objective."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.accounts.carbon import Account, account_of, nothing_below
from optimizer.inputs.assemble import calendar_of
from optimizer.plan.results import records_of, views_of
from optimizer.quantities.columns import expected, labels_of, matching, rows_of, total, weights_of
from optimizer.technologies.base import State, Technology
from optimizer.technologies.flows import BOUGHT, USED, WORK, Role
from optimizer.technologies.linear import Floats
from optimizer.technologies.tallies import Tally

Assets = Mapping[tuple[str, str], Technology]


SHARES = (
    "own_supply_share", "contract_share", "grid_clean_share", "certificate_share", "green_share", "cfe_hourly_share",
    "self_use_share",
)  # fmt: skip
"""Shares of the account that the summary carries; all but the last are of the energy used, that one of what own sources could give."""


def bill_by_step(
    results: xr.Dataset,
    assets: Assets,
    *,
    weights: Sequence[float] | None = None,
    opening: Mapping[tuple[str, str], State] | None = None,
) -> pd.DataFrame:
    """Money per step and item, expected over members by their weights (none given: those the results carry): index UTC time, columns "asset: item" ("site/asset: item" for many sites).

    Its grand total is the cost the objective minimised.
    """
    records = records_of(results)
    views = views_of(results, records)
    shares = weights or weights_of(results)
    several = len({site for site, _, _ in records}) > 1
    items: dict[str, Floats] = {}
    for (site, asset, member), record in records.items():
        technology = assets[site, asset]
        state = (opening or {}).get((site, asset), technology.opening_state())
        weight = 1.0 if member < 0 else shares[member]
        for item, money in technology.bill(record, views[site, asset, member], state).items():
            name = f"{site}/{asset}: {item}" if several else f"{asset}: {item}"
            items[name] = items.get(name, 0.0) + weight * money
    return pd.DataFrame(items, index=results.indexes["time"])


def money_by_month(by_step: Floats | None, results: xr.Dataset) -> dict[str, float] | None:
    """Money by step (none: none) summed up by local calendar month, "2025-01": money."""
    if by_step is None:
        return None
    months = np.asarray(calendar_of(results).local.strftime("%Y-%m"))
    return {str(month): round(float(by_step[months == month].sum()), 2) for month in np.unique(months)}


def bill_by_month(by_step: pd.DataFrame, results: xr.Dataset) -> pd.DataFrame:
    """Bill by local calendar month: index "2025-01", one column an item; items that are zero all along are left out."""
    months = calendar_of(results).local.strftime("%Y-%m")
    table = by_step.groupby(np.asarray(months)).sum()
    return table.loc[:, (table.abs() > 1e-9).any()]


def total_cost(by_step: pd.DataFrame) -> float:
    """Total cost of a plan."""
    return float(by_step.to_numpy().sum())


def key_figures(results: xr.Dataset, account: Account | None = None) -> dict[str, float]:
    """Energy, carbon, water and work of a plan by the names of summary.json; expected values where there are several members.

    What is green, certified or emitted is read from the account (accounts/carbon.py), made here where none is given;
    A share of nothing is NaN.
    """
    step_h, sums = float(results.attrs["step_h"]), (account or account_of(results)).total()
    flow, metered = (expected(results[name], weights_of(results)) for name in ("flow", "metered"))

    def energy(*roles: Role) -> float:
        return nothing_below(float(np.abs(total(flow, role=list(roles)).sum()) * step_h))

    it_mwh, generated = energy(Role.FEED), energy(Role.GREEN_GENERATION)
    facility_mwh = nothing_below(float(facility_mw(flow).sum()) * step_h)
    water_m3 = float(total(metered, quantity=Tally.WATER_M3_PER_H).sum() * step_h)
    return {
        "it_mwh": it_mwh,
        "facility_mwh": facility_mwh,
        "pue": facility_mwh / it_mwh if it_mwh else math.nan,
        "wue_l_per_kwh": water_m3 / it_mwh if it_mwh else math.nan,
        **_generated_mwh(flow, step_h),
        "curtailed_mwh": nothing_below(sums["available_mwh"] - generated),
        "import_mwh": energy(*BOUGHT),
        "export_mwh": energy(Role.EXPORT),
        "storage_discharge_mwh": energy(Role.DISCHARGE),
        **{name: sums[name] for name in SHARES},
        "certificates_mwh": sums["certificates_bought_mwh"],
        "carbon_location_t": sums["carbon_location_t"],
        "carbon_market_t": sums["carbon_market_t"],
        "carbon_marginal_t": sums["carbon_marginal_t"],
        "card_hours": float(np.abs(_work(results)).sum() * step_h),
    }


def facility_mw(flow: xr.DataArray) -> Floats:
    """Power used up at sites with servers, shape (time,): a works beside a center is no part of it. Without servers, all use."""
    centers = sorted(set(labels_of(matching(flow, role=Role.FEED))["site"]))
    return -total(flow, role=list(USED), site=centers or None)


def _generated_mwh(flow: xr.DataArray, step_h: float) -> dict[str, float]:
    """Energy of own sources by technology: solar_mwh, wind_mwh, genset_mwh, ..."""
    own = matching(flow, role=[Role.GREEN_GENERATION, Role.GENERATION])
    kinds = sorted(set(map(str, labels_of(own)["technology"])))
    return {f"{kind}_mwh": nothing_below(float(total(own, technology=kind).sum() * step_h)) for kind in kinds}


def shifted_card_hours(plan: xr.Dataset, baseline: xr.Dataset) -> float:
    """Card-hours that run in another hour than they would have without a plan."""
    step_h = float(plan.attrs["step_h"])
    return float(np.abs(_work(plan) - _work(baseline)).sum() * step_h / 2)


LEAST_BROKEN = 1e-4
"""The sum of a year's hours each within the row tolerance 1e-7 stays below."""
LATE = (" > late_card_h", " > late_cards")
"""How the names of promises end that are work done in time."""
AMOUNTS = ("_mwh", "_card_h")
"""How the names of promises end that are amounts; the others are rates, to be summed over hours."""


def promises_by_member(results: xr.Dataset) -> dict[str, Floats]:
    """By how much each promise is missed over the plan, "site > asset > promise" → shape (members,).

    Rates are summed over hours; of stocks of work (names that end in `_card_h`) the increases are counted, each unit once.
    """
    step_h, members = float(results.attrs["step_h"]), len(weights_of(results))
    missed: dict[str, Floats] = {}
    for member in range(members):
        table = matching(results["shortfall"], member=member)
        for names, values in zip(rows_of(table, "site", "asset", "quantity"), table.values.T, strict=True):
            added = np.maximum(np.diff(values, prepend=0.0), 0.0) if names[2].endswith("_card_h") else values
            amount = float(added.sum()) * (1.0 if names[2].endswith(AMOUNTS) else step_h)
            missed.setdefault(" > ".join(names), np.zeros(members))[member] += amount
    return missed


def broken_promises(results: xr.Dataset) -> dict[str, float]:
    """Broken promises, "site > asset > promise" → by how much over the plan; with several members what is expected by their weights."""
    weights = np.array(weights_of(results))
    expected_amounts = {name: float(weights @ amounts) for name, amounts in promises_by_member(results).items()}
    return {name: amount for name, amount in expected_amounts.items() if amount > LEAST_BROKEN}


def worst_promises(results: xr.Dataset) -> dict[str, tuple[float, int]]:
    """Broken promises of the member that misses each by most: amount and number of the member; nothing where there is one member."""
    by_member = promises_by_member(results) if len(weights_of(results)) > 1 else {}
    worst = {name: (float(amounts.max()), int(amounts.argmax())) for name, amounts in by_member.items()}
    return {name: pair for name, pair in worst.items() if pair[0] > LEAST_BROKEN}


def late_card_hours(results: xr.Dataset) -> float:
    """Card-hours that were late, counted once: when they become late (queues), or when they run late (jobs); expected over members."""
    late = {name: amounts for name, amounts in promises_by_member(results).items() if name.endswith(LATE)}
    return float(np.array(weights_of(results)) @ sum(late.values(), np.zeros(len(weights_of(results)))))


def _work(results: xr.Dataset) -> Floats:
    """Cards that workloads hold, negative, shape (time, workloads)."""
    return matching(results["flow"], role=WORK).values
