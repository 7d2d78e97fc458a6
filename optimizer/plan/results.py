"""A solved model as a Dataset, the second of the two that are the spine, and checks that do not trust the solver.

| variable    | dimensions       | what                                                    |
|-------------|------------------|---------------------------------------------------------|
| `flow`      | time, series     | what every asset adds to (plus) or takes from every bus |
| `stored`    | time, store      | stocks at the END of each step                          |
| `metered`   | time, meter      | whatever else is read off: blocks on, water, ...        |
| `price`     | time, balance    | what one more unit on a bus would cost                  |
| `margin`    | time, limit      | what one more unit of a limit would save, by step       |
| `shortfall` | time, promise    | by how much each promise is broken                      |
| `size`      | sized            | capacities, given or found                              |
| `input`     | time, exogenous  | the inputs the plan was made for                        |

Coordinates name site, asset, member (−1: decided before the weather is known), technology and unit of each column; on
`series` they are plain (`flow.groupby(["site", "member", "bus"]).sum()` is the balance test), elsewhere they carry
their dimension's name in front (`store_asset`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import xarray as xr

from optimizer.inputs.assemble import calendar_of, inputs_by_asset
from optimizer.plan.bus_prices import at_upper_end, bus_prices
from optimizer.plan.columns import Column, table_of, unit_of
from optimizer.plan.model import Model, Place
from optimizer.solve.highs import Compiled, Floats
from optimizer.solve.pyomo_types import Expr, Variable
from optimizer.technologies.base import Inputs, Record, State, Technology
from optimizer.technologies.flows import Role, bus_address
from optimizer.technologies.linear import Linear
from optimizer.technologies.tallies import RECORDED

BALANCE_TOLERANCE = 1e-6
"""HiGHS holds rows to 1e-7; the sum of a dozen flows of some MW in double precision adds 1e-14."""

AssetKey = tuple[str, str, int]
Label = TypeVar("Label")
Values = TypeVar("Values")


class ResultError(Exception):
    """A plan that breaks its own laws: a fault in the model or the solver, never to be published."""

    def __init__(self, violations: list[str]):
        self.violations = violations
        super().__init__("\n".join(violations))


def results_of(model: Model, compiled: Compiled, values: Floats, row_dual: Floats, inputs: xr.Dataset) -> xr.Dataset:
    """Results Dataset of column values and row duals. `inputs` goes along, so that the Dataset can be checked alone."""
    reader, steps = _Reader(compiled, values), model.calendar.count
    variables: dict[str, Any] = {}
    flows = [column for place in model.places for column in _columns(place, reader, "flows")]
    variables["flow"] = table_of("series", flows, units=[unit_of("", column.bus) for column in flows], steps=steps)
    for name, dimension, source in (
        ("stored", "store", "stored"),
        ("metered", "meter", "meters"),
        ("shortfall", "promise", "shortfalls"),
    ):
        columns = [column for place in model.places for column in _columns(place, reader, source)]
        variables[name] = table_of(
            dimension, columns, units=[unit_of(column.quantity) for column in columns], steps=steps
        )
    sizes = [
        Column(
            place.site, place.asset, place.member, _kind(place.technology), name, "", np.array([reader.number(size)])
        )
        for place in model.places
        for name, size in place.contribution.sizes.items()
    ]
    variables["size"] = table_of("sized", sizes, units=[unit_of(column.quantity) for column in sizes], steps=1).isel(
        time=0, drop=True
    )
    variables["price"] = bus_prices(model, compiled, values, row_dual)
    margins = _margins(model.places, compiled, values, row_dual)
    variables["margin"] = table_of(
        "limit", margins, units=[unit_of(margin.quantity) for margin in margins], steps=steps
    )
    results = xr.Dataset(variables, coords={"time": model.calendar.time}).merge(inputs)
    results.attrs = dict(inputs.attrs)
    return results


class _Reader:
    """Numbers for variables and lines."""

    def __init__(self, compiled: Compiled, values: Floats):
        self._column_of, self._values = compiled.column_of, values

    def line(self, linear: Linear) -> Floats:
        total = linear.constant.copy()
        for coefficients, variables in linear.terms:
            columns = [self._column_of.get(id(variable), -1) for variable in variables]
            known = -1 not in columns
            total += coefficients * (self._values[columns] if known else np.array(list(map(self.number, variables))))
        return total

    def number(self, variable: Variable) -> float:
        if isinstance(variable, float | int):
            return float(variable)
        column = self._column_of.get(id(variable))
        return float(self._values[column]) if column is not None else float(variable.lb or 0.0)


def _kind(technology: Technology) -> str:
    return type(technology).__name__.lower()


def _columns(place: Place, reader: _Reader, source: str) -> list[Column]:
    lines = dict(getattr(place.contribution, source))
    if source == "meters":
        lines |= {str(name): line for name, line in place.contribution.tallies.items() if name in RECORDED}
    columns = []
    for label, line in lines.items():
        bus, quantity, role = label if isinstance(label, tuple) else ("", label, "")
        site, name = bus_address(place.site, bus)
        owner = site, place.asset, place.member, _kind(place.technology)
        columns.append(Column(*owner, quantity, name, reader.line(line), str(role)))
    return columns


def _margins(places: Sequence[Place], compiled: Compiled, values: Floats, row_dual: Floats) -> list[Column]:
    """Money that one more unit of each of the assets' limits would save in each step, whole numbers held."""
    matrix, margins = compiled.matrix, []
    reduced_cost = matrix.cost - matrix.rows.T @ row_dual
    wants_more = _Reader(compiled, np.maximum(-reduced_cost, 0.0))  # a column below zero wants a higher bound
    wants_less = _Reader(compiled, np.maximum(reduced_cost, 0.0))
    alone = {compiled.row_of[id(row)] for row in _whole_plan_rows(places) if id(row) in compiled.row_of}
    # a limit of nothing (no export) cannot be kept more closely: of all its duals, leave is worth the one nearest to 0
    of_leave = np.minimum(at_upper_end(compiled, values, row_dual, np.array(sorted(alone), dtype=np.int64)), 0.0)
    steps = next(len(line) for place in places for line in place.contribution.flows.values())
    for place in places:
        label = (place.site, place.asset, place.member, _kind(place.technology))
        for name, line in place.contribution.limits.items():
            margins.append(Column(*label, name, "", wants_more.line(line)))
        for limit, scarcity in place.contribution.scarcity.items():
            saved = np.zeros(steps)
            for reader, bound in ((wants_more, scarcity.upper), (wants_less, scarcity.lower)):
                saved += 0.0 if bound is None else reader.line(bound)
            for step, row, share in scarcity.rows:
                number = compiled.row_of.get(id(row))
                if number is not None:
                    saved[step] += share * abs((of_leave if number in alone else row_dual)[number])
            margins.append(Column(*label, str(limit), "", saved))
    return margins


def _whole_plan_rows(places: Sequence[Place]) -> list[Expr]:
    """Rows that are a limit by themselves, such as a promised ratio."""
    scarcities = [scarcity for place in places for scarcity in place.contribution.scarcity.values()]
    return [scarcity.rows[0][1] for scarcity in scarcities if len(scarcity.rows) == 1]


def records_of(results: xr.Dataset) -> dict[AssetKey, Record]:
    """Record of each asset as plain numbers, by (site, asset, member)."""
    records: dict[AssetKey, Record] = {}

    def record(site: str, asset: str, member: int) -> Record:
        return records.setdefault((site, asset, member), Record({}, {}, {}, {}, {}))

    homes = _homes(results)
    flows = results["flow"]
    names = [flows.coords[name].values.tolist() for name in ("site", "asset", "member", "bus", "series_flow", "role")]
    for values, (site, asset, member, bus, name, role) in zip(flows.values.T, zip(*names, strict=True), strict=True):
        flow = str(bus), str(name), Role(role)
        _put(record(homes.get(asset, site), str(asset), int(member)).flows, flow, values)
    for name, dimension, target in (
        ("stored", "store", "stored"), ("metered", "meter", "meters"), ("shortfall", "promise", "shortfalls"), ("size", "sized", "sizes"),
    ):  # fmt: skip
        table = np.atleast_2d(results[name].values.T).T if name != "size" else results[name].values[None, :]
        labels = [results[f"{dimension}_{label}"].values for label in ("site", "asset", "member", "quantity")]
        for number, (site, asset, member, quantity) in enumerate(zip(*labels, strict=True)):
            values = table[:, number] if name != "size" else float(table[0, number])
            _put(getattr(record(str(site), str(asset), int(member)), target), str(quantity), values)
    return records


def _homes(results: xr.Dataset) -> dict[str, str]:
    """Assets whose flows reach other sites belong to the site their inputs name."""
    if "exogenous_site" not in results.coords:
        return {}
    pairs = {
        (str(a), str(s))
        for a, s in zip(results["exogenous_asset"].values, results["exogenous_site"].values, strict=True)
    }
    names = [asset for asset, _ in pairs]
    return {asset: site for asset, site in pairs if names.count(asset) == 1}


def _put(part: Mapping[Label, Values], label: Label, values: Values) -> None:
    """Add values to a part of a record that is still being read."""
    assert isinstance(part, dict)
    part[label] = values


def views_of(results: xr.Dataset, keys: Iterable[AssetKey]) -> dict[AssetKey, Inputs]:
    """Inputs of each asset as its technology reads them, also for assets that need none."""
    calendar = calendar_of(results)
    known = inputs_by_asset(results)
    return {
        (site, asset, member): known.get(
            (site, asset, max(member, 0)), Inputs(asset, calendar, range(calendar.count), {})
        )
        for site, asset, member in keys
    }


def violations(
    results: xr.Dataset,
    assets: Mapping[tuple[str, str], Technology],
    opening: Mapping[tuple[str, str], State] | None = None,
) -> list[str]:
    """Violated laws of a results Dataset, recomputed from the Dataset alone; empty for a sound plan."""
    broken_laws = _unbalanced(results) + _against_their_role(results)
    records = records_of(results)
    views = views_of(results, records)
    for (site, asset, member), record in records.items():
        technology = assets[site, asset]
        state = (opening or {}).get((site, asset), technology.opening_state())
        where = f"{site} > {asset}" + (f" (member {member})" if member > 0 else "")
        broken_laws += [f"{where}: {law}" for law in technology.check(record, views[site, asset, member], state)]
        broken_laws += [
            f"{where}: promise {name} is negative at step {int(np.argmin(values))}"
            for name, values in record.shortfalls.items()
            if values.min(initial=0.0) < -BALANCE_TOLERANCE
        ]
    return broken_laws


def _unbalanced(results: xr.Dataset) -> list[str]:
    flow = results["flow"]
    site, member, bus = (flow.coords[name].values for name in ("site", "member", "bus"))
    unbalanced = []
    for place, name in sorted({(str(s), str(b)) for s, b in zip(site, bus, strict=True)}):
        on_bus = (site == place) & (bus == name)
        for answered in sorted({int(m) for m in member[on_bus] if m >= 0}) or [-1]:
            parts = flow.values[:, on_bus & ((member == answered) | (member == -1))]
            error = np.abs(parts.sum(axis=1))
            if error.max(initial=0.0) > BALANCE_TOLERANCE * max(1.0, float(np.abs(parts).max(initial=0.0)) / 100):
                step = int(np.argmax(error))
                unbalanced.append(f"{place} > {name}: flows sum to {error[step]:.2g} at step {step}, not to zero")
    return unbalanced


def _against_their_role(results: xr.Dataset) -> list[str]:
    """Flows that add to a bus although their role takes from it, or the other way round."""
    flow, faults = results["flow"], []
    for number, role in enumerate(flow.coords["role"].values):
        values = flow.values[:, number] * (1.0 if Role(role).adds else -1.0)
        if values.min(initial=0.0) < -BALANCE_TOLERANCE * max(1.0, float(np.abs(values).max(initial=0.0))):
            names = " > ".join(
                str(flow.coords[name].values[number]) for name in ("site", "asset", "bus", "series_flow")
            )
            does = "takes from" if Role(role).adds else "adds to"
            faults.append(f"{names}: {does} its bus at step {int(np.argmin(values))}, which no {role} may")
    return faults


def checked(
    results: xr.Dataset,
    assets: Mapping[tuple[str, str], Technology],
    opening: Mapping[tuple[str, str], State] | None = None,
) -> xr.Dataset:
    """Checked Dataset, or ResultError with all it breaks."""
    broken = violations(results, assets, opening)
    if broken:
        raise ResultError(broken)
    return results
