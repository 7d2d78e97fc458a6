"""Laws of a shared station, from plain numbers: its batteries, the account of every party, rights, netting and calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.technologies.linear import Floats

TOLERANCE_MWH = 1e-5
"""Accounts accumulate the row tolerance 1e-7 of HiGHS over a handful of terms a step."""
Broken = NDArray[np.bool_]


@dataclass(frozen=True)
class StationNumbers:
    """Numbers of a station on some steps."""

    power_mw: float
    """Power of the part its parties may use [MW]."""
    energy_mwh: float
    """Energy of that part [MWh]."""
    ratio_per_h: float
    """Power over energy of the station: a right to energy brings so much power."""
    charge_efficiency: float
    discharge_efficiency: float
    kept: float
    """Share of the stored energy left after a step."""
    step_h: float
    call_mw: Floats
    """Most power the grid calls, shape (steps,)."""
    stored_mwh: Floats
    """Energy in the batteries, shape (steps,)."""


@dataclass(frozen=True)
class PartyNumbers:
    """Numbers of one party: power by way (`stored_in`, `given`, `taken_out`, `taken`, `call`), account, and right."""

    moved_mw: Mapping[str, Floats]
    account_mwh: Floats
    opened_mwh: float
    right_mwh: Floats
    """Energy right by step, shape (steps,)."""
    bounded: bool
    """Whether its account may not exceed its right."""


def laws_of_station(station: StationNumbers, parties: Mapping[str, PartyNumbers]) -> dict[str, Broken]:
    """Law → whether each step breaks it, shape (steps,)."""
    slack, h = TOLERANCE_MWH * len(parties), station.step_h
    totals = {
        name: sum((party.moved_mw[name] for party in parties.values()), np.zeros_like(station.stored_mwh))
        for name in ("stored_in", "given", "taken_out", "taken", "call")
    }
    given_out = totals["taken_out"] + totals["call"]
    opened = sum(party.opened_mwh for party in parties.values())
    before = station.kept * np.concatenate([[opened], station.stored_mwh[:-1]])
    moved = h * (totals["stored_in"] * station.charge_efficiency - given_out / station.discharge_efficiency)
    laws = {
        "energy does not follow from charge and discharge": abs(station.stored_mwh - before - moved) > slack,
        "netting does not close": abs(totals["given"] - totals["taken"]) > TOLERANCE_MWH,
        "batteries above their power": np.maximum(totals["stored_in"], given_out) > station.power_mw + TOLERANCE_MWH,
        "batteries charge and discharge at once": np.minimum(totals["stored_in"], given_out)
        > TOLERANCE_MWH * (1 + station.power_mw),
        "stored energy outside its limits": (station.stored_mwh < -TOLERANCE_MWH)
        | (station.stored_mwh > station.energy_mwh + TOLERANCE_MWH),
        "more is called than the grid asks for": totals["call"] > station.call_mw + slack,
    }
    for name, party in parties.items():
        laws |= {f"{name}: {law}": broken for law, broken in _laws_of_party(station, party).items()}
    return laws


def _laws_of_party(station: StationNumbers, party: PartyNumbers) -> dict[str, Broken]:
    """Account follows from what went in and out, and neither it nor its power exceeds the right."""
    moved, h = party.moved_mw, station.step_h
    into, out = moved["stored_in"] + moved["given"], moved["taken_out"] + moved["taken"] + moved["call"]
    by_batteries = moved["stored_in"] * station.charge_efficiency
    by_batteries = by_batteries - (moved["taken_out"] + moved["call"]) / station.discharge_efficiency
    before = station.kept * np.concatenate([[party.opened_mwh], party.account_mwh[:-1]])
    follows = before + h * (by_batteries + moved["given"] - moved["taken"])
    most_mw, slack = station.ratio_per_h * party.right_mwh, TOLERANCE_MWH * (1 + station.energy_mwh)
    return {
        "account does not follow from what went in and out": abs(party.account_mwh - follows) > TOLERANCE_MWH,
        "account above its right": party.account_mwh > (party.right_mwh + slack if party.bounded else np.inf),
        "charges above its right": into > most_mw + slack,
        "draws above its right": out > most_mw + slack,
    }


def leased_beyond(leased_mwh: Floats, energy_mwh: float) -> bool:
    """Whether the leases of any season, shape (parties, seasons), exceed the station."""
    return bool((leased_mwh.sum(axis=0) > energy_mwh + TOLERANCE_MWH * (1 + energy_mwh)).any())
