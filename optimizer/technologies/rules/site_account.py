"""Account of a site's energy for its rules [MWh a step], from the contributions of its other assets while planning."""

from __future__ import annotations

from optimizer.technologies.base import Inputs, Record
from optimizer.technologies.flows import CARRIED_OUT, ELECTRICITY, STORING, USED, Role
from optimizer.technologies.linear import Floats, Linear
from optimizer.technologies.tallies import Tally


def site_account(inputs: Inputs) -> dict[str, Linear]:
    """Site's energy by account [MWh a step], and its emissions [t a step], from all other assets.

    What a store on the public grid is charged with crosses the tie like any export, and what it gives back is bought.
    """
    zero, step_h = Linear.fixed(0.0, inputs.count), inputs.step_h
    everywhere = [
        (bus, role, line * step_h)
        for contribution in inputs.others.values()
        for (bus, _, role), line in contribution.flows.items()
    ]
    flows = [(role, line) for bus, role, line in everywhere if bus == ELECTRICITY]
    carried_out = sum((line for bus, role, line in everywhere if (bus, role) == (CARRIED_OUT, Role.CARRIAGE)), zero)
    tallies = [asset.tallies for asset in inputs.others.values()]

    def total(*roles: Role) -> Linear:
        return sum((line for role, line in flows if role in roles), zero)

    exported, green = carried_out - total(Role.EXPORT), total(Role.GREEN_GENERATION)
    return {
        "available": sum(
            (tally[Tally.GREEN_AVAILABLE_MWH] for tally in tallies if Tally.GREEN_AVAILABLE_MWH in tally), zero
        ),
        "self_used": green - exported,
        "exported": exported,
        "given": green,
        "store_losses": -total(*STORING),
        "load": -total(*USED),
        "contracted": sum(
            (tally[Tally.CONTRACT_USED_MWH] for tally in tallies if Tally.CONTRACT_USED_MWH in tally), zero
        ),
        "hourly_green": green + total(Role.EXPORT) + total(*STORING),
        "carbon": sum((tally[Tally.EMITTED_T] for tally in tallies if Tally.EMITTED_T in tally), zero),
    }


def it_energy(inputs: Inputs) -> Linear:
    """Energy of a site's IT [MWh a step], from all other assets."""
    lines = [
        line * inputs.step_h
        for contribution in inputs.others.values()
        for (bus, _, role), line in contribution.flows.items()
        if (bus, role) == ("it", Role.FEED)
    ]
    return sum(lines, Linear.fixed(0.0, inputs.count))


def metered_account(record: Record) -> dict[str, Floats]:
    """Green accounts from what was metered."""
    energy = {name.removesuffix("_mwh"): values for name, values in record.meters.items() if name.endswith("_mwh")}
    return energy | {"carbon": record.meters["carbon_t"]}
