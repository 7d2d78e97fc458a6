"""Contracted capacity of a grid tie: what a MVA costs over the plan, and that import stays within it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.solve.pyomo_types import Block, Expr, Variable
from optimizer.technologies.base import Capacity, Inputs, declare_size, size_bill, size_cost
from optimizer.technologies.linear import Floats, Linear


@dataclass(frozen=True)
class Contract:
    """A capacity the grid holds ready, given or to be found [MVA]."""

    capacity_mva: Capacity
    fee_per_mva: float
    """Money for a MVA over the plan."""
    power_factor: float = 1.0
    """MW that a MVA carries."""

    def add(self, block: Block, inputs: Inputs) -> tuple[float | Variable, list[Linear]]:
        """Hold `block.import_mw` to the contract; gives its size and its cost."""
        contract = declare_size(block, "contract_mva", self.capacity_mva, inputs)

        @block.Constraint(inputs.steps)
        def import_within_contract(b: Block, t: int) -> Expr:
            carried = 0.0 if b.component("carried_in_mw") is None else b.carried_in_mw[t]
            return b.import_mw[t] + carried <= self.power_factor * contract

        line = Linear.fixed(contract, 1) if isinstance(contract, float) else Linear.of([contract])
        return contract, [line * self.fee_per_mva, *size_cost(self.capacity_mva, contract, inputs.calendar)]

    def bill(self, contract_mva: float, inputs: Inputs) -> Floats:
        """Contract cost spread evenly over the steps, shape (steps,)."""
        fee = np.full(inputs.count, contract_mva * self.fee_per_mva / inputs.count)
        return fee + size_bill(self.capacity_mva, contract_mva, inputs.calendar)
