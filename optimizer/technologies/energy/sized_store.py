"""Store of a size to be found: power and energy held to it as constraints, where a number would be a bound."""

from __future__ import annotations

from optimizer.solve.pyomo_types import Block, Expr, Variable
from optimizer.technologies.base import Inputs
from optimizer.technologies.linear import Floats


def hold_power_to_sizes(
    block: Block,
    inputs: Inputs,
    power: Variable | None,
    energy: Variable,
    shares: tuple[Floats, Floats],
    c_rate_per_h: float | None,
) -> None:
    """Power within the power to be found (none: it is given) and within the C-rate of an energy to be found."""
    limits = [] if power is None else [power]
    limits += [c_rate_per_h * energy] if c_rate_per_h and not isinstance(energy, float) else []
    charge_share, discharge_share = (share.tolist() for share in shares)

    @block.Constraint(inputs.steps, range(len(limits)))
    def charge_within_power(b: Block, t: int, k: int) -> Expr:
        return b.charge_mw[t] <= charge_share[t] * limits[k]

    @block.Constraint(inputs.steps, range(len(limits)))
    def discharge_within_power(b: Block, t: int, k: int) -> Expr:
        return b.discharge_mw[t] <= discharge_share[t] * limits[k]


def hold_converter_to_power(block: Block, inputs: Inputs, power: Variable) -> None:
    """Charge and discharge within a step share the converter's power."""

    @block.Constraint(inputs.steps)
    def converter_within_power(b: Block, t: int) -> Expr:
        return b.charge_mw[t] + b.discharge_mw[t] <= power


def hold_energy_to_size(block: Block, inputs: Inputs, energy: Variable, least_state_of_charge: float) -> None:
    """Stored energy within the energy to be found, and above its least."""
    if isinstance(energy, float):
        return

    @block.Constraint(inputs.steps)
    def stored_within_energy(b: Block, t: int) -> Expr:
        return b.stored_mwh[t] <= energy

    if least_state_of_charge:

        @block.Constraint(inputs.steps)
        def stored_above_least(b: Block, t: int) -> Expr:
            return b.stored_mwh[t] >= least_state_of_charge * energy
