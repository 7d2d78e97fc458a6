"""Metered quantities of a site over a plan, from its results alone: what the clauses of rule books are counted by.

The five of 发改价格〔2025〕1192号 (generation, plant use, grid point, self-use, storage), and what ratios need besides. Of several
members all are expected values. What a store on the public grid is charged with crosses the grid point, as any export does.
The plants' own use is not modelled: it is part of a plant's losses, and so 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr

from optimizer.quantities.columns import expected, total, weights_of
from optimizer.technologies.flows import BOUGHT, CARRIED_IN, CARRIED_OUT, ELECTRICITY, USED, Role
from optimizer.technologies.tallies import Tally


@dataclass(frozen=True)
class Metering:
    """Energy of a site over the plan [MWh], and its location-based carbon."""

    available_mwh: float
    """What own sun and wind could have given."""
    generation_mwh: float
    plant_use_mwh: float
    imported_mwh: float
    """Through the grid point into the site, what stores on the public grid give back included."""
    exported_mwh: float
    """Through the grid point out of the site, what stores on the public grid are charged with included."""
    self_used_mwh: float
    """Own generation less what was exported."""
    charged_mwh: float
    discharged_mwh: float
    used_mwh: float
    """All use on the site, losses of power train and cooling included."""
    it_mwh: float
    overload_mwh: float
    """Bought above the tie's limit."""
    contracted_mwh: float
    certificates_mwh: float
    carbon_t: float
    step_h: float
    hours: float

    @property
    def years(self) -> float:
        """Length of the plan in years of 8,760 h."""
        return self.hours / 8760.0

    @property
    def store_losses_mwh(self) -> float:
        """What went into stores and did not come out."""
        return self.charged_mwh - self.discharged_mwh


def metering_of(results: xr.Dataset, site: str) -> Metering:
    """Metered quantities of a site."""
    step_h, weights = float(results.attrs["step_h"]), weights_of(results)
    flow, metered = expected(results["flow"], weights), expected(results["metered"], weights)

    def energy(*roles: Role, bus: str = ELECTRICITY) -> float:
        return abs(float(total(flow, site=site, bus=bus, role=list(roles)).sum())) * step_h

    def counted(tally: Tally) -> float:
        return float(total(metered, site=site, quantity=tally).sum())

    carried_in, carried_out = (energy(Role.CARRIAGE, bus=bus) for bus in (CARRIED_IN, CARRIED_OUT))
    generation, exported = energy(Role.GREEN_GENERATION), energy(Role.EXPORT) + carried_out
    return Metering(
        available_mwh=counted(Tally.GREEN_AVAILABLE_MWH),
        generation_mwh=generation,
        plant_use_mwh=0.0,
        imported_mwh=energy(*BOUGHT) + carried_in,
        exported_mwh=exported,
        self_used_mwh=generation - exported,
        charged_mwh=energy(Role.CHARGE),
        discharged_mwh=energy(Role.DISCHARGE),
        used_mwh=energy(*USED),
        it_mwh=energy(Role.FEED, bus="it"),
        overload_mwh=energy(Role.OVERLOAD),
        contracted_mwh=counted(Tally.CONTRACT_USED_MWH),
        certificates_mwh=counted(Tally.CERTIFICATES_MW) * step_h,
        carbon_t=counted(Tally.EMITTED_T),
        step_h=step_h,
        hours=float(results.sizes["time"]) * step_h,
    )
