"""The figures of a run that a study may keep, limit and compare, by name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

PLAN = (
    "cost", "bound", "gap", "saving", "pue", "wue_l_per_kwh", "it_mwh", "facility_mwh", "solar_mwh", "wind_mwh", "genset_mwh",
    "curtailed_mwh", "import_mwh", "export_mwh", "storage_discharge_mwh", "own_supply_share", "contract_share",
    "grid_clean_share", "certificate_share", "green_share", "self_use_share", "cfe_hourly_share", "carbon_location_t",
    "certificates_mwh", "carbon_market_t", "carbon_marginal_t", "card_hours", "shifted_card_hours",
    "late_card_hours", "mean_wait_h", "wait_95_h", "wet_days",
)  # fmt: skip
MONEY = (
    "investment", "running_cost", "energy_cost", "energy_cost_per_it_kwh", "net_present_value", "internal_rate_of_return", "payback_years", "discounted_payback_years",
    "cost_per_card_hour", "cost_per_it_mwh",
)  # fmt: skip
GROUPS = ("size", "bill")
"""`size.<asset>.<quantity>` is a capacity, `bill.<asset>: <item>` an item of the bill."""


def check_metric(name: str) -> str:
    """Checked name of a metric. Raises ValueError with the nearest known one if it is none."""
    known = (*PLAN, *MONEY)
    if name in known or name.split(".")[0] in GROUPS:
        return name
    near = difflib.get_close_matches(name, known, n=1)
    hint = (
        f"did you mean '{near[0]}'?"
        if near
        else f"known are {', '.join(known)}, size.<asset>.<quantity>, bill.<asset>: <item>"
    )
    raise ValueError(f"'{name}' is no metric; {hint}")


def figures(summary: Mapping[str, object]) -> dict[str, float]:
    """Plain numbers of a summary, by metric name."""
    return {
        name: float(value)
        for name, value in summary.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
