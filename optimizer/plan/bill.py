"""Results → money, carbon, green share, PUE, WUE; from plain numbers, not from the solver's objective."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.inputs.assemble import calendar_of
from optimizer.plan.results import records_of, views_of
from optimizer.technologies.base import State, Technology
from optimizer.technologies.flows import BOUGHT, ELECTRICITY, STORING, USED, WORK, Role
from optimizer.technologies.linear import Floats

Assets = Mapping[tuple[str, str], Technology]


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
    shares = [float(weight) for weight in (weights or results.attrs.get("weights", [1.0]))]
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
    """The same by local calendar month: index "2025-01", one column an item; items that are zero all along are left out."""
    months = calendar_of(results).local.strftime("%Y-%m")
    table = by_step.groupby(np.asarray(months)).sum()
    return table.loc[:, (table.abs() > 1e-9).any()]


def total_cost(by_step: pd.DataFrame) -> float:
    """All money of the plan."""
    return float(by_step.to_numpy().sum())


def key_figures(results: xr.Dataset) -> dict[str, float]:
    """Energy, carbon, water and work of a plan (member 0 where there are several), by the names of summary.json.

    Shares: green = own green energy used over all energy used; self-use = own green energy used over what the sky gave;
    hourly = load met in its own hour by green energy, without storage.
    """
    step_h = float(results.attrs["step_h"])
    flow = _electricity(results)
    used = -flow(*USED)
    load = used - flow(*STORING)
    generated, exported = flow(Role.GREEN_GENERATION), -flow(Role.EXPORT)
    imported = flow(*BOUGHT)
    it_mwh = float(_it_mw(results).sum() * step_h)
    facility_mwh = float(used.sum() * step_h)
    available_mwh = float(_available_mw(results).sum() * step_h)
    own_mwh = float((generated - exported).sum() * step_h)
    water_m3 = float(_metered(results, "water_m3_per_h").sum() * step_h)
    grid_t, fuel_t = _carbon_t(results), float(_metered(results, "fuel_carbon_t").sum())
    import_mwh = float(imported.sum() * step_h)
    certified = float(_metered(results, "certificates_mw").sum() * step_h) / max(import_mwh, 1e-9)
    direct = np.minimum(used, np.maximum(generated - exported, 0.0)).sum() * step_h
    by_technology = {f"{kind}_mwh": float(values.sum() * step_h) for kind, values in _outputs(results).items()}
    return {
        "it_mwh": it_mwh,
        "facility_mwh": facility_mwh,
        "pue": facility_mwh / it_mwh if it_mwh else math.nan,
        "wue_l_per_kwh": water_m3 / it_mwh if it_mwh else math.nan,
        **by_technology,
        "curtailed_mwh": available_mwh - float(generated.sum() * step_h),
        "import_mwh": import_mwh,
        "export_mwh": float(exported.sum() * step_h),
        "storage_discharge_mwh": float(flow(Role.DISCHARGE).sum() * step_h),
        "green_share": own_mwh / max(float(load.sum() * step_h), 1e-9),
        "self_use_share": own_mwh / available_mwh if available_mwh else math.nan,
        "cfe_hourly_share": float(direct) / facility_mwh if facility_mwh else math.nan,
        "carbon_location_t": grid_t + fuel_t,
        "carbon_market_t": grid_t * (1 - min(certified, 1.0)) + fuel_t,
        "card_hours": float(np.abs(_work(results)).sum() * step_h),
    }


def shifted_card_hours(plan: xr.Dataset, baseline: xr.Dataset) -> float:
    """Card-hours that run in another hour than they would have without a plan."""
    step_h = float(plan.attrs["step_h"])
    return float(np.abs(_work(plan) - _work(baseline)).sum() * step_h / 2)


def broken_promises(results: xr.Dataset) -> dict[str, float]:
    """Each promise that is broken, "site > asset > promise" → its total over the plan.

    Rates are summed over hours; of stocks (names that end in `_card_h`) the increases are counted, each unit once.
    """
    step_h, table = float(results.attrs["step_h"]), results["shortfall"]
    labels = [table.coords[f"promise_{name}"].values for name in ("site", "asset", "quantity")]
    stock = np.array([str(name).endswith("_card_h") for name in labels[2]], dtype=bool)
    increases = np.maximum(np.diff(table.values, axis=0, prepend=0.0), 0.0).sum(axis=0)
    sums = np.where(stock, increases, table.values.sum(axis=0) * step_h)
    # 1e-4: the sum of a year's hours each within the row tolerance 1e-7 stays below
    return {
        " > ".join(map(str, names)): float(total) for *names, total in zip(*labels, sums, strict=True) if total > 1e-4
    }


def late_card_hours(results: xr.Dataset) -> float:
    """Card-hours that were late, counted once: when they become late (queues), or when they run late (jobs)."""
    table = results["shortfall"]
    quantity = np.asarray(table.coords["promise_quantity"].values)
    late = table.values[:, quantity == "late_card_h"]
    run_late = table.values[:, quantity == "late_cards"].sum() * float(results.attrs["step_h"])
    return float(np.maximum(np.diff(late, axis=0, prepend=0.0), 0.0).sum() + run_late)


def _electricity(results: xr.Dataset) -> Callable[..., Floats]:
    flow = results["flow"]
    first = flow.coords["member"].values <= 0
    on_bus = (flow.coords["bus"].values == ELECTRICITY) & first
    role = flow.coords["role"].values
    return lambda *wanted: np.asarray(flow.values[:, on_bus & np.isin(role, wanted)].sum(axis=1))


def _outputs(results: xr.Dataset) -> dict[str, Floats]:
    flow = results["flow"]
    mine = (flow.coords["role"].values == Role.GREEN_GENERATION) & (flow.coords["member"].values <= 0)
    kinds = flow.coords["technology"].values
    return {str(kind): flow.values[:, mine & (kinds == kind)].sum(axis=1) for kind in sorted(set(kinds[mine]))}


def _it_mw(results: xr.Dataset) -> Floats:
    flow = results["flow"]
    mine = (flow.coords["role"].values == Role.FEED) & (flow.coords["member"].values <= 0)
    return np.asarray(flow.values[:, mine].sum(axis=1))


def _work(results: xr.Dataset) -> Floats:
    """Cards that workloads hold, negative, shape (time, workloads)."""
    flow = results["flow"]
    return np.asarray(flow.values[:, np.isin(flow.coords["role"].values, list(WORK))])


def _metered(results: xr.Dataset, quantity: str) -> Floats:
    table = results["metered"]
    mine = (table.coords["meter_quantity"].values == quantity) & (table.coords["meter_member"].values <= 0)
    return np.asarray(table.values[:, mine].sum(axis=1))


def _available_mw(results: xr.Dataset) -> Floats:
    """What the sky gave all sources: capacity factor times size."""
    total = np.zeros(results.sizes["time"])
    sizes = {
        (str(s), str(a)): float(v)
        for s, a, q, v in zip(
            *(results[f"sized_{label}"].values for label in ("site", "asset", "quantity")),
            results["size"].values,
            strict=True,
        )
        if q == "size_mw"
    }
    table = results["input"]
    for number, quantity in enumerate(table.coords["exogenous_quantity"].values):
        if quantity == "capacity_factor" and table.coords["exogenous_member"].values[number] == 0:
            key = tuple(str(table.coords[f"exogenous_{label}"].values[number]) for label in ("site", "asset"))
            total += sizes[key] * table.values[:, number]  # type: ignore[index]
    return total


def _carbon_t(results: xr.Dataset) -> float:
    """Location-based emissions of all imported energy [t]; those of fuel are metered at their source."""
    step_h, table, total = float(results.attrs["step_h"]), results["input"], 0.0
    for (site, asset, member), record in records_of(results).items():
        if member > 0 or not any(role in BOUGHT for _, _, role in record.flows):
            continue
        labels = {"site": site, "asset": asset, "quantity": "carbon_t_per_mwh", "member": max(member, 0)}
        mine = np.all([table.coords[f"exogenous_{name}"].values == value for name, value in labels.items()], axis=0)
        if mine.any():
            taken = sum(values for (_, _, role), values in record.flows.items() if role in BOUGHT)
            total += float((taken * table.values[:, mine][:, 0]).sum() * step_h)
    return total
