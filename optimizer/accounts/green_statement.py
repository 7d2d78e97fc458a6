"""Green statement: the account of a plan by local month, as it is written to a file.

One row a month ("2025-01") and one "total", with the same figures as the summary. Energy used here (`use_mwh`) by where it
came from: `own_mwh` (own sun and wind), `contract_mwh` (green power contracted over the grid), `grid_clean_mwh` (clean part of
the grid's mix), `grid_mwh` (the rest of it), `fuel_mwh`, and `opening_mwh`, what lay in the stores at the start; they sum to the whole.
"""

from __future__ import annotations

import pandas as pd

from optimizer.accounts.carbon import Account

COLUMNS = [
    "use_mwh", "own_mwh", "contract_mwh", "grid_clean_mwh", "grid_mwh", "fuel_mwh", "opening_mwh", "certificates_issued_mwh", "certificates_retired_mwh",
    "certificates_transferred_mwh", "certificates_waiting_mwh", "certificates_bought_mwh", "carbon_location_t",
    "carbon_market_t", "carbon_marginal_t", "own_supply_share", "contract_share", "grid_clean_share", "certificate_share",
    "green_share", "cfe_hourly_share",
]  # fmt: skip
"""Shares are of the energy used; the ledger matches by the hour, so nothing is green or carbon-free that is not matched."""


def monthly_statement(account: Account) -> pd.DataFrame:
    """Green statement by month: index month, columns COLUMNS; a share of nothing is NaN (an empty cell)."""
    return account.by_month()[COLUMNS]
