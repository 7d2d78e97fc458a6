"""Two-part tariff of a tie: demand or contracted capacity, transmission by energy or by capacity, power factor, use discount.

Two choices are independent: the first term is the month's demand or the contracted capacity, and transmission is paid by energy
or by connected capacity (near-by consumption); each may be fixed, or left to the plan (`cheaper`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field, field_validator, model_validator

from optimizer.quantities.demand_charge import DemandCharge
from optimizer.quantities.load_rate import LoadRate
from optimizer.quantities.power_factor import power_factor_multiplier, standard_hundredths
from optimizer.quantities.tariff import Tariff
from optimizer.solve.pyomo_types import Block, Variable
from optimizer.technologies.base import (
    Capacity,
    Inputs,
    Record,
    Size,
    State,
    declare_size,
    most_of,
    size_bill,
    size_cost,
)
from optimizer.technologies.energy.contract import Contract
from optimizer.technologies.energy.demand_charges import Charge, add_excess, add_peaks, tier_cost
from optimizer.technologies.energy.direct_connection import SELF_USED, DirectConnection
from optimizer.technologies.energy.tie_limits import TieLimits
from optimizer.technologies.energy.use_discount import DiscountedDemand, known_use
from optimizer.technologies.energy.waiver import greatest, unless_waived
from optimizer.technologies.linear import Floats, Linear

HOURS_PER_MONTH = 730.0
MOST_OVERLOAD = 10.0
"""A month's peak is at most this many times the tie."""
PAYS_CAPACITY, PAYS_FEE, DISCOUNTED = "pays_contracted_capacity", "pays_transmission_by_capacity", "high_use_discount"
"""Meters (0 or 1) of what was chosen or earned."""


@dataclass
class Network:
    """What a tie pays for the network: sizes, cost and what was chosen."""

    sizes: dict[str, float | Variable] = field(default_factory=dict)
    meters: dict[str, Linear] = field(default_factory=dict)
    cost: list[Linear] = field(default_factory=list)


@dataclass(frozen=True)
class Use:
    """Energy of a site by where it comes from [MW]."""

    bought: Linear
    """Over the tie within its limit, bought or carried."""
    at_tie: Linear
    """The same with what is above the limit."""
    own: Linear
    """Self-used own generation; nothing where there is no direct connection."""


class TwoPart(TieLimits):
    """Two-part tariff: a first term by demand or capacity beside the energy."""

    tariff: Tariff
    """Prices: a file of scenarios/tariffs by name, or written out here."""
    two_part: Literal["demand", "capacity", "cheaper", "direct_supply"] = "demand"
    """What is paid beside energy: the month's demand, contracted capacity, the cheaper of the two over the plan, or
    `direct_supply`: contracted capacity and transmission by that capacity.
    """
    contract_mva: Capacity | None = None
    """Contracted or connected capacity that is paid for, a number or a size to be found; none: the import limit."""
    connected_mva: float | None = Field(default=None, gt=0)
    """Connected transformers, to which least demand and the discount of high use refer; none: the import limit."""
    declared_demand_mw: Capacity | None = None
    """Demand declared and billed in any case, a number or a size to be found; none: the real one is billed."""
    average_load_rate: LoadRate = Field(default=0.65, gt=0, le=1)
    """Province's mean load rate in the fee for near-by consumption: a number, or a region of scenarios/network."""
    power_factor: float | None = Field(default=None, ge=0, le=1)
    """Month's mean power factor, for the adjustment of energy and demand charges; none: no adjustment."""
    power_factor_standard: float = 0.9
    """Power factor the tariff asks for: 0.9, or 0.85 (commerce and other industry)."""
    direct_connection: DirectConnection | None = None
    """Direct connection of own plants behind this tie; none: it is a user of the public grid like any other."""

    @field_validator("power_factor_standard")
    @classmethod
    def _standard_exists(cls, standard: float) -> float:
        standard_hundredths(standard)
        return standard

    @model_validator(mode="after")
    def _contract_goes_with_capacity(self) -> TwoPart:
        direct = self.direct_connection
        if self.two_part == "direct_supply" and direct is not None and direct.transmission != "capacity":
            raise ValueError(
                "two_part: direct_supply pays transmission by capacity; choose demand, capacity or cheaper"
            )
        if self.contract_mva is not None and not self._has_contract:
            raise ValueError("contract_mva is paid under two_part: capacity or direct_supply; choose one of these")
        if self.declared_demand_mw is not None and self.first_term == "capacity":
            raise ValueError("declared_demand_mw is paid under two_part: demand; choose it")
        return self

    @property
    def first_term(self) -> Literal["demand", "capacity", "cheaper"]:
        """Whether demand or capacity is paid beside energy."""
        return "capacity" if self.two_part == "direct_supply" else self.two_part

    @property
    def transmission(self) -> Literal["import", "energy", "capacity", "cheaper"]:
        """What transmission is paid on: import alone (no direct connection), all energy, capacity, or what is cheaper."""
        if self.two_part == "direct_supply":
            return "capacity"
        return "import" if self.direct_connection is None else self.direct_connection.transmission

    @property
    def _has_contract(self) -> bool:
        return self.first_term != "demand" or self.transmission in ("capacity", "cheaper")

    @property
    def exports(self) -> bool:
        """Whether the tie may give power in any hour."""
        return super().exports and (self.direct_connection is None or self.direct_connection.spot_runs_continuously)

    def export_limit(self, inputs: Inputs) -> Floats:
        """Most export by step [MW]."""
        return super().export_limit(inputs) if self.exports else np.zeros(inputs.count)

    def multiplier(self) -> float:
        """Factor of the power factor on all but the funds."""
        if self.power_factor is None:
            return 1.0
        return power_factor_multiplier(self.power_factor, self.power_factor_standard)

    def _transmission_price(self) -> float:
        return self.tariff.transmission_price_per_mwh * self.multiplier()

    def most_import_mw(self, inputs: Inputs) -> float:
        """Most import the model must be able to bill; finite, so that windows with a free peak stay bounded."""
        return MOST_OVERLOAD * (self.connection_mw(inputs.calendar) + 1.0)

    def charges(self, inputs: Inputs, opening: State) -> dict[str, Charge]:
        """Charges on import by the key of their peak in the state; the tariff's plain one first."""
        charges, tariff = {}, self.tariff
        if tariff.demand_price_per_mw_month and self.first_term != "capacity":
            least = tariff.minimum_demand_share * (self.connected_mva or self.connection_mw(inputs.calendar))
            terms = DemandCharge(name="demand", price_per_mw=tariff.demand_price_per_mw_month, minimum_mw=least)
            opened = float(opening.get("peak_mw", 0.0))
            charges["peak_mw"] = Charge(terms, np.ones(inputs.count), opened, self.multiplier())
        for number, terms in enumerate(tariff.demand_charges):
            key = f"peak_mw_{terms.name}"
            counts = inputs[f"demand_counts_{number}"]
            charges[key] = Charge(terms, counts, float(opening.get(key, 0.0)), self.multiplier())
        return charges

    def pay_network(self, block: Block, inputs: Inputs, opening: State, use: Use) -> Network:
        """Demand charges, contracted capacity and transmission that is not part of the import price."""
        network = Network()
        if self._has_contract:
            self._pay_contract(block, inputs, network)
        for key, charge in self.charges(inputs, opening).items():
            part = pyo.Block()
            block.add_component(f"charge_{key}", part)
            billed = add_peaks(part, inputs, charge, use.at_tie, self.most_import_mw(inputs))
            if key == "peak_mw":
                self._pay_demand(block, part, inputs, opening, charge, billed, use, network)
            else:
                network.cost.append(billed * charge.prices(inputs) - charge.paid_elsewhere(inputs))
                network.cost += tier_cost(part, inputs, charge, billed)
        if self.direct_connection is not None:
            network.meters[SELF_USED] = use.own
        if self.transmission in ("energy", "cheaper"):
            self._pay_transmission(block, inputs, use, network)
        return network

    def _pay_contract(self, block: Block, inputs: Inputs, network: Network) -> None:
        """Contracted capacity, what it costs in any case, and the choices that decide what else is paid on it."""
        first, transmission = self.first_term == "capacity", self.transmission == "capacity"
        contract, cost = self._contract(inputs, first, transmission).add(block, inputs)
        network.sizes["contract_mva"], network.cost = contract, network.cost + cost
        capacity, choices = self._contract(inputs, True, False).capacity_mva, {}
        if self.first_term == "cheaper":
            choices[PAYS_CAPACITY] = self._contract(inputs, True, False).fee_per_mva
        if self.transmission == "cheaper":
            choices[PAYS_FEE] = self._contract(inputs, False, True).fee_per_mva
        for name, fee in choices.items():
            block.add_component(name, pyo.Var(domain=pyo.Binary))
            chosen, part = block.component(name), pyo.Block()
            block.add_component(f"mva_where_{name}", part)
            mva = unless_waived(part, Linear.same(contract, 1), np.array([most_of(capacity)]), 1 - chosen)
            network.cost.append(mva * fee)
            network.meters[name] = Linear.of([chosen] * inputs.count)

    def _pay_demand(
        self, block: Block, part: Block, inputs: Inputs, opening: State, charge: Charge, billed: Linear, use: Use,
        network: Network,
    ) -> None:  # fmt: skip
        """Month's demand: declared or real, less the discount of high use, unless capacity is paid instead."""
        elsewhere = charge.paid_elsewhere(inputs)
        if self.declared_demand_mw is not None:
            declared = declare_size(block, "declared_mw", self.declared_demand_mw, inputs)
            least = charge.terms.minimum_mw
            if isinstance(declared, float):
                billed = add_excess(part, billed, max(declared, least))
            else:
                block.declared_at_least = pyo.Constraint(expr=declared >= least)
                billed = add_excess(part, billed, declared)
            network.sizes["declared_mw"], elsewhere = declared, np.zeros(len(billed))
            network.cost += size_cost(self.declared_demand_mw, declared, inputs.calendar)
        if (discount := self.use_discount(inputs, opening)) is not None:
            billed, months, flags = discount.add(part, inputs, billed, use.at_tie + use.own)
            network.meters[DISCOUNTED] = flags
            network.cost.append(months * (elsewhere * discount.discount.share))  # is taken off that part too
        if self.first_term == "cheaper":
            part.otherwise = pyo.Block()
            billed = unless_waived(part.otherwise, billed, greatest(billed), block.component(PAYS_CAPACITY))
            elsewhere = np.zeros(len(billed))
        network.cost.append(billed * charge.prices(inputs) - elsewhere)

    def _pay_transmission(self, block: Block, inputs: Inputs, use: Use, network: Network) -> None:
        """Transmission on self-used energy, or on all energy where capacity may be paid instead."""
        energy_mw = use.own
        if self.transmission == "cheaper":
            block.transmission = pyo.Block()
            used = use.bought + use.own
            energy_mw = unless_waived(block.transmission, used, greatest(used), block.component(PAYS_FEE))
        network.cost.append(energy_mw * (self._transmission_price() * inputs.step_h))

    def use_discount(self, inputs: Inputs, opening: State) -> DiscountedDemand | None:
        """Discount of high use on these hours; none: the tariff has none, or demand is not what is paid."""
        if self.tariff.use_discount is None or self.first_term == "capacity":
            return None
        given = self.contract_mva if isinstance(self.contract_mva, float) else None
        connected_mva = self.connected_mva or given or self.connection_mw(inputs.calendar)
        return DiscountedDemand(self.tariff.use_discount, connected_mva, known_use(opening))

    def _contract(self, inputs: Inputs, first: bool, transmission: bool) -> Contract:
        """Contracted capacity at the price of the first term, of transmission by capacity, or both."""
        monthly = first * self.tariff.capacity_price_per_mva_month
        monthly += transmission * self.tariff.transmission_price_per_mwh * self.average_load_rate * HOURS_PER_MONTH
        fee = float(monthly * self.multiplier() * inputs.calendar.month_share.sum())
        capacity = self.connection_mw(inputs.calendar) if self.contract_mva is None else self.contract_mva
        return Contract(capacity, fee, self.power_factor or 1.0)

    def network_bill(
        self, record: Record, inputs: Inputs, opening: State, bought_mw: Floats, at_tie_mw: Floats
    ) -> dict[str, Floats]:
        """Same from plain numbers: item → money by step."""
        items, chosen = {}, self._chosen(record)
        for key, charge in self.charges(inputs, opening).items():
            name = "demand charge" + key.removeprefix("peak_mw").replace("_", " ")
            declared = record.sizes.get("declared_mw") if key == "peak_mw" else None
            if declared is None:
                items[name] = charge.bill(at_tie_mw, inputs)
            else:
                items[name] = charge.declared_bill(at_tie_mw, max(declared, charge.terms.minimum_mw), inputs)
            if key == "peak_mw":
                items[name] = items[name] * self._demand_factor(record, inputs, opening, chosen)
        if isinstance(self.declared_demand_mw, Size) and "declared_mw" in record.sizes:
            items["declaring"] = size_bill(self.declared_demand_mw, record.sizes["declared_mw"], inputs.calendar)
        if "contract_mva" in record.sizes:
            contract = self._contract(inputs, PAYS_CAPACITY in chosen, PAYS_FEE in chosen)
            items["contracted capacity"] = contract.bill(record.sizes["contract_mva"], inputs)
        if self.transmission in ("energy", "cheaper") and PAYS_FEE not in chosen:
            used_mw = record.meters[SELF_USED] + (bought_mw if self.transmission == "cheaper" else 0.0)
            name = "transmission" if self.transmission == "cheaper" else "transmission on self-used energy"
            items[name] = used_mw * self._transmission_price() * inputs.step_h
        return items

    def _chosen(self, record: Record) -> set[str]:
        """Ways of paying that hold, fixed or chosen by the plan."""
        chosen = {name for name in (PAYS_CAPACITY, PAYS_FEE) if name in record.meters and record.meters[name][0] > 0.5}
        fixed = {PAYS_CAPACITY: self.first_term == "capacity", PAYS_FEE: self.transmission == "capacity"}
        return chosen | {name for name, holds in fixed.items() if holds}

    def _demand_factor(self, record: Record, inputs: Inputs, opening: State, chosen: set[str]) -> Floats | float:
        if self.first_term == "cheaper" and PAYS_CAPACITY in chosen:
            return 0.0
        discount = self.use_discount(inputs, opening)
        return 1.0 if discount is None else discount.factor(record.meters[DISCOUNTED])

    def unearned_discount(self, record: Record, inputs: Inputs, opening: State, at_tie_mw: Floats) -> Floats:
        """Steps (1, else 0) of months that have the discount of high use without its use."""
        discount = self.use_discount(inputs, opening)
        if discount is None or DISCOUNTED not in record.meters:
            return np.zeros(inputs.count)
        used_mw = at_tie_mw + record.meters.get(SELF_USED, 0.0)
        return discount.unearned(record.meters[DISCOUNTED], used_mw, inputs).astype(float)
