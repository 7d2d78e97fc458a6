"""Account of carbon, green share and certificates of a plan, the only one: summary, report, statement and ledger read it.

Energy by its origin comes from provenance, tonnes from where they are put out, certificates from what is bought; of several
ensemble members all are expected values. Rules of the account:

- Energy used here (losses of stores on the way included) is of six origins that sum to the whole: own sun and wind, green power
  contracted over the grid, the grid's clean share, the rest of the grid, fuel, and what lay in the stores at the start, which
  counts as nothing of these. What is sold carries the mix of its bus away, so that selling an engine's power takes no green
  from the site. Certificates that are bought are no energy: their share stands beside.
- Shares, each of the energy used: own supply; green: own and contracted; carbon-free by the hour (the 24/7 convention, Google
  2021, EnergyTag): own, contracted and the clean part of the grid's mix, in the hour in which it is made or comes out of a store.
- Certificates: one is issued for each MWh a green source gives; used here it is retired here, sold it goes with the
  energy, stored it waits. Bought ones cover energy of the grid that is not contracted, each once.
- Carbon (GHG Protocol, Scope 2, and fuel), location-based: what all bought energy and all fuel put out, sold energy included.
  Market-based: bought energy by the residual factor where the tie has one; contracted green power is free of it, and certificates
  take off the share they cover (in every month alike); they never cover fuel. Marginal: bought energy by the marginal factor.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.accounts.provenance import NEGLIGIBLE, Provenance, provenance_of, shares_of_grid
from optimizer.accounts.tracing import Origin
from optimizer.quantities.columns import expected, labels_of, matching, total, weights_of
from optimizer.technologies.flows import BOUGHT, Role
from optimizer.technologies.linear import Floats
from optimizer.technologies.tallies import Tally


@dataclass(frozen=True)
class Account:
    """Energy [MWh], certificates [MWh] and carbon [t] of a plan by step."""

    provenance: Provenance
    by_step: pd.DataFrame
    """Columns use_mwh (all that is used here) and of it own_mwh, contract_mwh, grid_clean_mwh, grid_mwh (the rest of the grid),
    fuel_mwh, opening_mwh; import_mwh, available_mwh; certificates_issued/retired/transferred/bought_mwh;
    carbon_location_t, carbon_market_t, carbon_marginal_t (0 where no tie has a marginal factor)."""

    def total(self) -> dict[str, float]:
        """Sums over the plan and the shares they make; a share of nothing is NaN."""
        sums = {str(name): nothing_below(float(value)) for name, value in self.by_step.sum().items()}
        return sums | _shares(sums)

    def by_month(self) -> pd.DataFrame:
        """Account by local calendar month ("2025-01"), and one row "total"."""
        months = self.by_step.groupby(np.array(self.provenance.months)).sum()
        rows = {
            str(month): {str(name): float(value) for name, value in row.items()} for month, row in months.iterrows()
        }
        rows = {month: {name: nothing_below(value) for name, value in row.items()} for month, row in rows.items()}
        table = {month: row | _shares(row) for month, row in rows.items()} | {"total": self.total()}
        return pd.DataFrame.from_dict(table, orient="index").rename_axis("month")


def account_of(results: xr.Dataset) -> Account:
    """Account of a plan's results. Raises ValueError if a store gives out more than it can hold."""
    provenance = provenance_of(results)
    table = pd.DataFrame(_energy(provenance) | _from_results(results))
    bought, open_mwh = float(table["certificates_bought_mwh"].sum()), float(table.pop("uncontracted_mwh").sum())
    covered = min(bought / open_mwh, 1.0) if open_mwh > NEGLIGIBLE else 0.0
    table["carbon_market_t"] = table.pop("carbon_of_fuel_t") + (1 - covered) * table.pop("carbon_of_grid_t")
    return Account(provenance, table)


def nothing_below(value: float) -> float:
    """Value, or 0 where it is less than any meter or solver can tell from nothing."""
    return value if math.isnan(value) or abs(value) >= NEGLIGIBLE else 0.0


def without_nothing(table: pd.DataFrame) -> pd.DataFrame:
    """A statement's table with 0 in place of figures that are nothing."""
    numbers = table.select_dtypes("number")
    return table.assign(
        **{str(name): values.where(values.abs() >= NEGLIGIBLE, 0.0) for name, values in numbers.items()}
    )


def _shares(sums: dict[str, float]) -> dict[str, float]:
    use, available = sums["use_mwh"], sums["available_mwh"]
    kept = sums["certificates_issued_mwh"] - sums["certificates_transferred_mwh"]
    own, contract, clean = (sums[name] for name in ("own_mwh", "contract_mwh", "grid_clean_mwh"))
    uncertified = max(use - own - contract, 0.0)
    return {
        "certificates_waiting_mwh": nothing_below(kept - sums["certificates_retired_mwh"]),
        "own_supply_share": _share(own, use),
        "contract_share": _share(contract, use),
        "grid_clean_share": _share(clean, use),
        "certificate_share": _share(min(sums["certificates_bought_mwh"], uncertified), use),
        "green_share": _share(own + contract, use),
        "cfe_hourly_share": _share(own + contract + clean, use),
        "self_use_share": _share(kept, available),
    }


def _share(part: float, whole: float) -> float:
    """Part over whole, 0..1 (sums of a year round to 1e-12); NaN where there is no whole."""
    return min(max(part / whole, 0.0), 1.0) if whole > NEGLIGIBLE else math.nan


def _energy(provenance: Provenance) -> dict[str, Floats]:
    """Sums of each step by origin and end, shape (steps,)."""
    ends = np.array([role not in (Role.EXPORT, Role.CURTAILMENT) for role in provenance.ends], dtype=bool)
    sold = np.array([role == Role.EXPORT for role in provenance.ends], dtype=bool)
    poured = ~ends & ~sold
    used_mwh = provenance.mwh[:, :, ends].sum(axis=2)
    of = {
        kind: np.array([kind_of_column == kind for kind_of_column in provenance.kinds], dtype=float) for kind in Origin
    }
    green = of[Origin.GREEN]
    return {
        "use_mwh": used_mwh.sum(axis=1),
        "own_mwh": used_mwh @ green,
        "contract_mwh": used_mwh @ of[Origin.CONTRACT],
        "grid_clean_mwh": used_mwh @ of[Origin.CLEAN_GRID],
        "grid_mwh": used_mwh @ of[Origin.GRID],
        "fuel_mwh": used_mwh @ of[Origin.FUEL],
        "opening_mwh": used_mwh @ of[Origin.STOCK],
        "certificates_issued_mwh": (provenance.generated_mwh - provenance.mwh[:, :, poured].sum(axis=2)) @ green,
        "certificates_retired_mwh": used_mwh @ green,
        "certificates_transferred_mwh": provenance.mwh[:, :, sold].sum(axis=2) @ green,
    }


def _from_results(results: xr.Dataset) -> dict[str, Floats]:
    """Energy bought, carbon emitted and certificates available in each step, shape (steps,)."""
    step_h, weights = float(results.attrs["step_h"]), weights_of(results)
    flow, metered = expected(results["flow"], weights), expected(results["metered"], weights)
    emitted_t = total(metered, quantity=Tally.EMITTED_T)
    grid = [_of_grid(results, member) for member in range(len(weights))]
    location_t, market_t, uncontracted_mwh = np.tensordot(weights, np.array(grid), axes=1)
    return {
        "import_mwh": total(flow, role=list(BOUGHT)) * step_h,
        "available_mwh": total(metered, quantity=Tally.GREEN_AVAILABLE_MWH),
        "certificates_bought_mwh": total(metered, quantity=Tally.CERTIFICATES_MW) * step_h,
        "carbon_location_t": emitted_t,
        "carbon_marginal_t": total(metered, quantity=Tally.MARGINAL_T),
        "carbon_of_fuel_t": emitted_t - location_t,
        "carbon_of_grid_t": market_t,
        "uncontracted_mwh": uncontracted_mwh,
    }


def _of_grid(results: xr.Dataset, member: int) -> Floats:
    """Of all ties in a member: location-based carbon, market-based carbon and energy beside the contracts, shape (3, steps)."""
    step_h = float(results.attrs["step_h"])
    flow = matching(results["flow"], role=list(BOUGHT), member=member)
    labels = labels_of(flow)
    sums = np.zeros((3, results.sizes["time"]))
    for site, asset in labels[["site", "asset"]].drop_duplicates().itertuples(index=False, name=None):
        taken_mwh = total(flow, site=site, asset=asset) * step_h
        beside = 1.0 - shares_of_grid(results, site, asset, member)[0]
        metered = matching(results["metered"], site=site, asset=asset, member=member)
        location_t = total(metered, quantity=Tally.EMITTED_T)
        has_residual = bool((labels_of(metered)["quantity"] == Tally.RESIDUAL_T).any())
        residual_t = total(metered, quantity=Tally.RESIDUAL_T) if has_residual else location_t
        sums += np.stack([location_t, residual_t * beside, taken_mwh * beside])
    return sums
