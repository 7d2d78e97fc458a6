"""Refusal of a contribution that bill, accounts and rules could not read: unknown roles, unknown tallies, capacities without size."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from optimizer.technologies.base import Contribution
from optimizer.technologies.flows import ELECTRICITY, ENERGY_MWH, ON_ELECTRICITY, STORING, Role
from optimizer.technologies.tallies import Tally


class ContractError(ValueError):
    """A technology that breaks the contract: a fault in its `build`. `problems` has one line each."""

    def __init__(self, problems: list[str]):
        self.problems = problems
        super().__init__("\n".join(problems))


def hold_to_contract(where: str, contribution: Contribution, capacities: Collection[str] = ()) -> None:
    """Raises ContractError with the asset, the flow, tally or capacity, and what there is to choose from."""
    found = [*_flows(contribution), *_tallies(contribution), *_sizes(contribution, capacities)]
    problems = [f"{where}: {problem}" for problem in found]
    if problems:
        raise ContractError(problems)


def _flows(contribution: Contribution) -> Iterator[str]:
    for flow in contribution.flows:
        if not (isinstance(flow, tuple) and len(flow) == 3):
            yield f"flow {flow!r} has no role; name it (bus, label, role), the role one of {_names(Role)}"
            continue
        bus, label, role = flow
        if role not in list(Role):
            yield f"flow '{label}' on {bus} has the unknown role {role!r}; give one of {_names(Role)}"
        elif bus.rpartition(":")[2] == ELECTRICITY and role not in ON_ELECTRICITY:
            known = _names(candidate for candidate in Role if candidate in ON_ELECTRICITY)
            yield f"flow '{label}' on {bus} cannot be {str(role)!r}; give one of {known}"
        elif role in STORING and ENERGY_MWH not in contribution.stored:
            yield f"flow '{label}' is a {role}, but no {ENERGY_MWH} is stored; put the stock into Contribution.stored"


def _tallies(contribution: Contribution) -> Iterator[str]:
    for name in contribution.tallies:
        if name not in list(Tally):
            yield f"unknown tally {name!r}; give one of {', '.join(f'Tally.{tally.name}' for tally in Tally)}"


def _sizes(contribution: Contribution, capacities: Collection[str]) -> Iterator[str]:
    """Capacities that the plan would not hold: what they cost their owner could not be told."""
    for name in capacities:
        if name not in contribution.sizes:
            known = ", ".join(repr(size) for size in contribution.sizes) or "none"
            yield f"capacity {name!r} is not in Contribution.sizes, which has {known}; give both the same name"


def _names(roles: Iterable[Role]) -> str:
    return ", ".join(f"Role.{role.name}" for role in roles)
