"""Carriage over the public grid: energy of a store that hangs on the grid, not behind the site's meter, crosses the tie both ways.

What such a store takes in was given to the grid at the tie, and what it gives comes back through the tie: it counts there like
any import (limit, demand charges, ramp), and pays network, system fee, funds and line loss, but no energy. So it neither cuts
the site's demand peak nor sells the site its own cheap hours. Assumes: a tie has one direction in a step, so that nothing is
bought from the grid while energy is carried out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from optimizer.quantities.series import Series, values_on
from optimizer.quantities.strict import Settings
from optimizer.quantities.tariff import Tariff
from optimizer.solve.pairs import never_both
from optimizer.solve.pyomo_types import Block, Expr, Variable
from optimizer.technologies.base import Inputs, Outside, Record
from optimizer.technologies.energy.tie_limits import power_within
from optimizer.technologies.flows import CARRIED_IN, CARRIED_OUT, Flow, Role
from optimizer.technologies.linear import Floats, Linear


class Carriage(Settings):
    """Carriage of the energy of stores on the public grid."""

    carries_stores: bool = False
    """Whether stores that are not behind the meter reach the site through this tie."""
    carriage_price_per_mwh: Series | None = Field(default=None)
    """Price of a MWh carried in; none: transmission, system fee, funds and line loss of the tariff."""

    def carriage_series(self, outside: Outside, tariff: Tariff, *, without_transmission: bool) -> dict[str, Floats]:
        """Price of a MWh carried in by hour, where stores are carried."""
        if not self.carries_stores:
            return {}
        if self.carriage_price_per_mwh is not None:
            return {"carriage_price_per_mwh": values_on(self.carriage_price_per_mwh, outside.calendar, outside.member)}
        network = tariff.network_price(outside.calendar, outside.member)
        return {"carriage_price_per_mwh": network - without_transmission * tariff.transmission_price_per_mwh}

    def carry(
        self, block: Block, inputs: Inputs, import_limit_mw: Floats, export_limit_mw: Floats
    ) -> tuple[Linear, Linear]:
        """Power carried in and out [MW]; adds it and its rows to a tie with `import_mw` and, where it may give, `export_mw`."""
        if not self.carries_stores:
            return Linear.fixed(0.0, inputs.count), Linear.fixed(0.0, inputs.count)
        block.carried_in_mw = power_within(inputs, import_limit_mw)
        block.carried_out_mw = power_within(inputs, export_limit_mw)
        carried_in, carried_out = list(block.carried_in_mw.values()), list(block.carried_out_mw.values())

        @block.Constraint(inputs.steps)
        def import_and_carriage_within_limit(b: Block, t: int) -> Expr:
            return b.import_mw[t] + b.carried_in_mw[t] <= float(import_limit_mw[t])

        never_both(block, carried_in, carried_out)
        never_both(block, carried_out, list(block.import_mw.values()))
        if export_limit_mw.any():
            self._share_export(block, inputs, export_limit_mw, carried_in)
        return Linear.of(carried_in), Linear.of(carried_out)

    def _share_export(
        self, block: Block, inputs: Inputs, export_limit_mw: Floats, carried_in: Sequence[Variable]
    ) -> None:
        @block.Constraint(inputs.steps)
        def export_and_carriage_within_limit(b: Block, t: int) -> Expr:
            return b.export_mw[t] + b.carried_out_mw[t] <= float(export_limit_mw[t])

        never_both(block, list(carried_in), list(block.export_mw.values()))

    def carriage_cost(self, carried_in: Linear, inputs: Inputs) -> list[Linear]:
        """Cost of what is carried in."""
        return [carried_in * (inputs["carriage_price_per_mwh"] * inputs.step_h)] if self.carries_stores else []

    def carriage_bill(self, record: Record, inputs: Inputs) -> dict[str, Floats]:
        """Same from plain numbers."""
        if not self.carries_stores:
            return {}
        return {"carriage": record.flow("carried in") * inputs["carriage_price_per_mwh"] * inputs.step_h}

    def carriage_flows(self, carried_in: Linear, carried_out: Linear) -> dict[Flow, Linear]:
        """What the tie gives to the stores it carries."""
        if not self.carries_stores:
            return {}
        return {
            (CARRIED_IN, "carried in", Role.CARRIAGE): carried_in,
            (CARRIED_OUT, "carried out", Role.CARRIAGE): carried_out,
        }

    def carried(self, record: Record) -> tuple[Floats, Floats]:
        """Power carried in and out [MW], from plain numbers."""
        if not self.carries_stores:
            nothing = np.zeros(len(next(iter(record.flows.values()))))
            return nothing, nothing
        return record.flow("carried in"), record.flow("carried out")


def not_carried(record: Record, called: Floats | float, slack: float) -> NDArray[np.bool_]:
    """Steps in which a store on the public grid moves other energy than its tie carries; `called`: given to the grid itself."""
    charge, given = -record.flow("charge"), record.flow("discharge") - called
    wrong = abs(charge + record.flow("carried out")) + abs(given + record.flow("carried in"))
    return np.asarray(wrong > slack)


def store_flows(charge: Linear, given: Linear, *, site: str = "", party: str = "") -> dict[Flow, Linear]:
    """What a store on the grid asks of the tie of a site (none: its own): `charge` carried out, `given` carried in."""
    place = f"{site}:" if site else ""
    return {
        (f"{place}{CARRIED_IN}", f"carried in{party}", Role.CARRIED): -given,
        (f"{place}{CARRIED_OUT}", f"carried out{party}", Role.CARRIED): -charge,
    }
