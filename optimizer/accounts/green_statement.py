"""Green statement: the account of a plan by local month, as it is written to a file.

One row a month ("2025-01") and one "total", with the same figures as the summary. Energy used here (`use_mwh`) by where it
came from: `green_mwh`, `grid_mwh`, `fuel_mwh`, and `opening_mwh`, what lay in the stores at the start.
"""

from __future__ import annotations

import pandas as pd

from optimizer.accounts.carbon import Account

COLUMNS = [
    "use_mwh", "green_mwh", "grid_mwh", "fuel_mwh", "opening_mwh", "certificates_issued_mwh", "certificates_retired_mwh",
    "certificates_transferred_mwh", "certificates_waiting_mwh", "certificates_bought_mwh", "carbon_location_t",
    "carbon_market_t", "green_share", "hourly_matched_share",
]  # fmt: skip
"""`hourly_matched_share` is the green share: the ledger matches by the hour, so nothing is green that is not matched."""


def monthly_statement(account: Account) -> pd.DataFrame:
    """Green statement by month: index month, columns COLUMNS; a share of nothing is NaN (an empty cell)."""
    table = account.by_month()
    return table.assign(hourly_matched_share=table["green_share"])[COLUMNS]
