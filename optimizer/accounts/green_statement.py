"""What a month's provenance says: green share by volume and by the hour (24/7), certificates, carbon both ways.

Certificates: one a MWh a green source gives. What is used here (losses of stores on the way included) is retired here;
what is sold goes with the energy; what lies in a store waits. Bought certificates cover grid energy, each once.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from optimizer.accounts.provenance import Provenance
from optimizer.technologies.linear import Floats

SOLD = "export"
"""Uses whose name starts with this leave the site."""


def hourly_matched_share(provenance: Provenance) -> float:
    """Share of the energy used here that came from green sources in its own hour, or a store they charged, 0..1."""
    here = _used_here(provenance)
    whole = here.sum()
    return float((here.sum(axis=2) @ provenance.is_green).sum() / whole) if whole else 0.0


def monthly_statement(provenance: Provenance, bought_mwh: Mapping[str, float] | None = None) -> pd.DataFrame:
    """One row a local month ("2025-01") and one "total". `bought_mwh`: certificates bought, by month.

    Columns: use_mwh, grid_mwh, green_share (green energy given less sold, over use, at most 1), hourly_matched_share,
    certificates_issued/retired/transferred/bought/waiting_mwh, carbon_location_t, carbon_market_t.
    """
    table = pd.DataFrame(_columns(provenance), index=pd.Index(provenance.months, name="month")).groupby(level=0).sum()
    table["certificates_bought_mwh"] = pd.Series(dict(bought_mwh or {}), dtype=float).reindex(table.index).fillna(0.0)
    table["certificates_waiting_mwh"] = (
        table["certificates_issued_mwh"] - table["certificates_retired_mwh"] - table["certificates_transferred_mwh"]
    )
    covered = np.minimum(table["certificates_bought_mwh"], table["grid_mwh"])
    factor = (table["carbon_location_t"] / table["grid_mwh"].where(table["grid_mwh"] > 0)).fillna(0.0)
    table["carbon_market_t"] = table["carbon_location_t"] - covered * factor
    table.loc["total"] = table.sum()
    use = table["use_mwh"].where(table["use_mwh"] > 0)
    kept = table["certificates_issued_mwh"] - table["certificates_transferred_mwh"]
    table["green_share"] = (kept / use).clip(upper=1.0).fillna(0.0)
    table["hourly_matched_share"] = (table.pop("green_used_mwh") / use).fillna(0.0)
    return table


def _columns(provenance: Provenance) -> dict[str, Floats]:
    """Sums of each step, shape (steps,)."""
    here, green = _used_here(provenance), provenance.is_green
    sold = provenance.mwh[:, :, _sold(provenance)].sum(axis=2)
    grid = provenance.carbon_t_per_mwh > 0
    return {
        "use_mwh": here.sum(axis=(1, 2)),
        "green_used_mwh": here.sum(axis=2) @ green,
        "grid_mwh": (here.sum(axis=2) * grid).sum(axis=1),
        "certificates_issued_mwh": provenance.generated_mwh @ green,
        "certificates_retired_mwh": here.sum(axis=2) @ green,
        "certificates_transferred_mwh": sold @ green,
        "carbon_location_t": (here.sum(axis=2) * provenance.carbon_t_per_mwh).sum(axis=1),
    }


def _sold(provenance: Provenance) -> list[bool]:
    return [name.startswith(SOLD) for _, name in provenance.uses]


def _used_here(provenance: Provenance) -> Floats:
    """Energy of all uses that do not leave the site, shape (steps, origins, uses)."""
    return provenance.mwh[:, :, [not sold for sold in _sold(provenance)]]
