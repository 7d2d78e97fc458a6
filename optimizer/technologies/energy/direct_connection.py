"""Direct connection of own plants to a site (绿电直连): what the grid asks of its energy, self-used energy included.

Forms by 发改价格〔2025〕1192号: transmission is paid by connected capacity (capacity × transmission price × the province's
average load rate × 730 h a month), or, for projects that must have capacity backup, by all energy used, self-use included. The
first is cheaper exactly where a month's use exceeds average load rate × 730 h × capacity. Assumes: self-use is own green
generation less all export, so that losses of stores are self-used; the form is chosen once for the plan.
"""

from __future__ import annotations

from typing import Literal

from optimizer.quantities.strict import Settings
from optimizer.technologies.base import Inputs
from optimizer.technologies.flows import ELECTRICITY, Role
from optimizer.technologies.linear import Linear

SELF_USED = "self_used_mw"
"""Meter of own generation that stays on the site."""


class DirectConnection(Settings):
    """Direct connection of own plants behind this tie."""

    transmission: Literal["capacity", "energy", "cheaper"] = "capacity"
    """How transmission is paid: by connected `capacity` (near-by consumption), by all `energy` used, self-use included
    (projects that must have capacity backup), or the one of the two that is `cheaper` over the plan.
    """
    spot_runs_continuously: bool = False
    """Whether the province's spot market runs continuously; false: nothing may be exported, whatever the export limit."""


def self_used_mw(inputs: Inputs, given: Linear) -> Linear:
    """Own green generation less what is exported, `given` over this tie and by other assets [MW]."""
    used = Linear.fixed(0.0, inputs.count) - given
    for contribution in inputs.others.values():
        for (bus, _, role), line in contribution.flows.items():
            if bus == ELECTRICITY and role in (Role.GREEN_GENERATION, Role.EXPORT):
                used = used + line
    return used
