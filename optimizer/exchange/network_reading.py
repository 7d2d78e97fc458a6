"""Attributes of a PyPSA network with PyPSA's defaults, and what of it no plain site says: all of that is told at once."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from optimizer.exchange.network_tables import Network
from optimizer.technologies.linear import Floats

NAN, INF = math.nan, math.inf
SIZED: dict[str, float | bool] = {
    "active": True,
    "overnight_cost": NAN,
    "fom_cost": 0.0,
    "marginal_cost_quadratic": 0.0,
}
POWERED: dict[str, float | bool] = {
    "p_nom_mod": 0.0, "p_nom_set": NAN, "p_set": NAN, "committable": False, "maintainable": False, "stand_by_cost": 0.0,
    "ramp_limit_up": NAN, "ramp_limit_down": NAN,
}  # fmt: skip
NEUTRAL: dict[str, dict[str, float | bool]] = {
    "generators": {**SIZED, **POWERED, "p_min_pu": 0.0, "e_sum_min": -INF, "e_sum_max": INF},
    "links": {**SIZED, **POWERED, "p_min_pu": 0.0, "p_nom_extendable": False, "delay": 0.0},
    "lines": {"active": True, "s_nom_extendable": False, "s_max_pu": 1.0},
    "stores": {
        **SIZED, "e_nom_mod": 0.0, "e_nom_set": NAN, "e_max_pu": 1.0, "e_initial_per_period": False, "e_cyclic": False,
        "e_cyclic_per_period": False, "p_set": NAN, "e_set": NAN, "sign": 1.0, "marginal_cost": 0.0,
    },
    "storage_units": {
        **SIZED, **POWERED, "p_nom_extendable": False, "p_dispatch_set": NAN, "p_store_set": NAN, "sign": 1.0,
        "state_of_charge_initial_per_period": False, "cyclic_state_of_charge": False,
        "cyclic_state_of_charge_per_period": False, "state_of_charge_set": NAN, "inflow": 0.0,
    },
    "loads": {"active": True},
}  # fmt: skip
"""Attributes that change an optimum and that no plain site says, with the values at which they do nothing."""
REMEDY = {
    "e_cyclic": "set e_initial and e_cyclic False",
    "cyclic_state_of_charge": "set state_of_charge_initial and cyclic_state_of_charge False",
    "committable": "set it False, or write a genset with its least load yourself",
    "active": "remove what is not active",
}
UNSAID = ("transformers", "global_constraints", "processes", "shunt_impedances")
"""Components no plain site has."""


@dataclass
class NetworkReader:
    """Reads attributes of a network and gathers what cannot be said."""

    network: Network
    where: Path
    problems: list[str] = field(default_factory=list)

    def names(self, component: str) -> list[str]:
        table = self.network.static.get(component)
        return [] if table is None else [str(name) for name in table.index]

    def text(self, component: str, name: str, attribute: str, default: str = "") -> str:
        cell = self._cell(component, name, attribute)
        return default if cell is None or cell != cell else str(cell)

    def number(self, component: str, name: str, attribute: str, default: float) -> float:
        """Number that holds in every hour; a course is a problem unless it is one number."""
        values = self.course(component, name, attribute, default)
        if not (values == values[0]).all() and not np.isnan(values).all():
            self.complain(component, name, attribute, "changes by the hour, which it cannot here; give one number")
        return float(values[0])

    def course(self, component: str, name: str, attribute: str, default: float) -> Floats:
        """Values by hour, shape (steps,)."""
        table = self.network.series.get((component, attribute))
        if table is not None and name in table.columns:
            return np.asarray(table[name].fillna(default), dtype=float)
        cell = self._cell(component, name, attribute)
        try:
            number = default if cell is None else float(str(cell).replace("True", "1").replace("False", "0"))
        except ValueError:
            self.complain(component, name, attribute, f"'{cell}' is no number; give one")
            number = default
        return np.full(len(self.network.time), default if math.isnan(number) else number)

    def flag(self, component: str, name: str, attribute: str) -> bool:
        return bool(self.number(component, name, attribute, 0.0))

    def _cell(self, component: str, name: str, attribute: str) -> object:
        table = self.network.static.get(component)
        if table is None or attribute not in table.columns or name not in table.index:
            return None
        cell: object = table.at[name, attribute]
        return cell

    def complain(self, component: str, name: str, attribute: str, rule: str) -> None:
        self.problems.append(f"{self.where}  {component} > {name} > {attribute}: {rule}")

    def refuse_unsaid(self) -> None:
        """Gather every attribute and component that would change the optimum and cannot be said."""
        for component in UNSAID:
            for name in self.names(component):
                self.problems.append(f"{self.where}  {component} > {name}: is not read; take it out of the network")
        for component, neutral in NEUTRAL.items():
            for name in self.names(component):
                for attribute, default in neutral.items():
                    self._refuse(component, name, attribute, float(default))
        for name in self.names("links"):
            table = self.network.static["links"]
            for column in (column for column in table.columns if re.fullmatch(r"bus[2-9]\d*", str(column))):
                if self.text("links", name, str(column)):
                    self.complain("links", name, str(column), "is not read; a link here joins two buses")

    def _refuse(self, component: str, name: str, attribute: str, neutral: float) -> None:
        values = self.course(component, name, attribute, neutral)
        at_rest = np.isnan(values) if math.isnan(neutral) else values == neutral
        if not at_rest.all():
            shown = values[int(np.argmin(at_rest))]
            remedy = REMEDY.get(attribute, "leave it at PyPSA's default")
            self.complain(component, name, attribute, f"is {shown:g}, which is not read; {remedy}")


def plain_names(names: list[str]) -> dict[str, str]:
    """Names as a scenario may have them: small letters, digits and _, at most 40, each once."""
    made: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "part"
        plain = (plain if plain[0].isalpha() else f"p_{plain}")[:36]
        base, number = plain, 2
        while plain in made.values():
            plain, number = f"{base}_{number}", number + 1
        made[name] = plain
    return made


def meta_of(network: Network) -> dict[str, object]:
    """What Qaidam wrote into the network's meta data; empty where it did not."""
    own = network.meta.get("qaidam", {})
    return dict(own) if isinstance(own, dict) else {}


def number_of(value: object, default: float) -> float:
    """A number of the meta data."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default
