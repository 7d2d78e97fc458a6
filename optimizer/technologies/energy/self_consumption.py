"""Self-consumption rule of a store: every surplus is stored as far as it fits, every deficit is covered as far as there is energy.

Assumes no foresight and no prices: the dumbest operation a store comes with, and the one its planning is measured against.
Ramps and the energy to end with are not the rule's: where they forbid what it asks for, there is no plan by rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from optimizer.technologies.linear import Floats

Lines = Sequence[tuple[float, float]]
"""Straight lines (share at empty, slope) whose least is the share of power left, from empty to full."""


class Losses(Protocol):
    """What a store loses, and what always stays inside."""

    charge_efficiency: float
    discharge_efficiency: float
    standby_loss_per_h: float
    least_state_of_charge: float
    converter_loss_mw: float


@dataclass(frozen=True)
class Most:
    """Most power of a store at the meter: by step, and by what is inside at the end of a step."""

    charge_mw: Floats
    """Shape (steps,)."""
    discharge_mw: Floats
    """Shape (steps,)."""
    charge_lines: Lines
    discharge_lines: Lines
    power_mw: float
    """Rated power, which the lines are shares of."""


def self_consumption(
    store: Losses, energy_mwh: float, most: Most, opening_mwh: float, left_mw: tuple[Floats, Floats], step_h: float
) -> tuple[Floats, Floats]:
    """Charge and discharge of a store by rule [MW], each shape (steps,); never both in a step.

    `left_mw`: surplus and deficit of the site. What standby losses take from the least energy is charged again, whether there
    is a surplus or not. A converter that would carry no more than it loses rests.
    """
    surplus_mw, deficit_mw = (part.tolist() for part in left_mw)
    charge, discharge, stored = np.zeros(len(surplus_mw)), np.zeros(len(surplus_mw)), opening_mwh
    gain, drain = store.charge_efficiency * step_h, step_h / store.discharge_efficiency
    kept, least = (1 - store.standby_loss_per_h) ** step_h, store.least_state_of_charge * energy_mwh
    lost = store.converter_loss_mw * step_h
    for step, (surplus, deficit) in enumerate(zip(surplus_mw, deficit_mw, strict=True)):
        stored *= kept
        room, lacking = max(energy_mwh - stored, 0.0), max(least - stored, 0.0)
        ends = [
            _left(most.power_mw, line, (stored - lost) / energy_mwh, gain / energy_mwh) for line in most.charge_lines
        ]
        wanted = max(surplus, (lacking + lost) / gain if lacking else 0.0)
        taken = min(wanted, (room + lost) / gain, float(most.charge_mw[step]), *ends)
        if taken > store.converter_loss_mw:
            charge[step] = taken
        elif deficit > 0:
            ends = [
                _left(most.power_mw, line, (stored - lost) / energy_mwh, -drain / energy_mwh)
                for line in most.discharge_lines
            ]
            above = max(stored - least - lost, 0.0)
            given = min(deficit, above / drain, float(most.discharge_mw[step]), *ends)
            discharge[step] = given if given > store.converter_loss_mw else 0.0
        works = charge[step] + discharge[step] > 0
        stored += gain * charge[step] - drain * discharge[step] - (lost if works else 0.0)
    return charge, discharge


def _left(power_mw: float, line: tuple[float, float], share_inside: float, change: float) -> float:
    """Most power p with p = power x (share + slope x (inside + change x p)): what a line leaves at the END of the step."""
    share, slope = line
    return max(power_mw * (share + slope * share_inside) / (1 - power_mw * slope * change), 0.0)
