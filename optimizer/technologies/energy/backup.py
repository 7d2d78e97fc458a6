"""Backup of a store if the grid failed: what rules on resilience and outages read of it."""

from __future__ import annotations

from optimizer.technologies.linear import Linear
from optimizer.technologies.tallies import Tally


def backup_tallies(
    stored: Linear,
    capacity: Linear,
    least: float,
    efficiencies: tuple[float, float],
    power: Linear | None,
    power_by_rate: Linear | None,
) -> dict[Tally, Linear]:
    """Power in each step, energy at its end, and the most energy it could hold, above the share that always stays inside.

    `efficiencies`: of charging and of discharging; `power_by_rate`: power within the C-rate of the store.
    """
    into, out = efficiencies
    kept = capacity * least
    tallies = {
        Tally.BACKUP_MWH: (stored - kept) * out,
        Tally.BACKUP_ROOM_MWH: (capacity - kept) * out,
        Tally.BACKUP_REFILL: Linear.fixed(into * out, len(stored)),
    }
    if power is not None:
        tallies[Tally.BACKUP_MW] = power
    if power_by_rate is not None:
        tallies[Tally.BACKUP_MW_BY_RATE] = power_by_rate
    return tallies
