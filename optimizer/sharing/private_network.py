"""Private network of several users behind one tie: who used whose energy, certificates by the step, and each party's bill.

Own energy that is used on the network (generation less export) is allocated in each step in proportion to the step's use; what
is exported stays with who generated it. Certificates follow the energy: in every step they sum to the generation. Interval and key
are not said in what could be read of 688号; both are assumptions. Bills: a party pays for its own assets and the inner price of its
own energy; money of assets without an owner (the tie) is shared by use, in steps of export by generation, and what is booked once
a month (demand, capacity) by the month's use. Inner payments cancel, so bills sum to the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.inputs.assemble import calendar_of
from optimizer.quantities.columns import expected, total, weights_of
from optimizer.quantities.series import values_on
from optimizer.scenario.parties import PrivateNetwork
from optimizer.scenario.single_site import Scenario
from optimizer.technologies.flows import CARRIED_OUT, ELECTRICITY, USED, Role
from optimizer.technologies.linear import Floats

NOTHING_MWH = 1e-9
"""Energy of a step below this is none."""
TOTAL = "total"


@dataclass(frozen=True)
class Allocation:
    """Energy by step and party [MWh]; tables have the shape (steps, parties)."""

    use: pd.DataFrame
    generation: pd.DataFrame
    exported: Floats
    """Through the tie out of the network, shape (steps,)."""

    @property
    def self_used(self) -> Floats:
        """Own generation used on the network, shape (steps,); below zero where a store exports what it kept."""
        return np.asarray(self.generation.to_numpy().sum(axis=1) - self.exported)

    def allocated(self) -> pd.DataFrame:
        """Own energy that each party used."""
        return shares(self.use).mul(self.self_used, axis=0)

    def given_away(self) -> pd.DataFrame:
        """Exported energy by who generated it."""
        return shares(self.generation).mul(self.exported, axis=0)

    def certificates(self) -> pd.DataFrame:
        """Certificates by step: of what a party used, and of what it exported; they sum to the generation."""
        return self.allocated() + self.given_away()


def shares(energy: pd.DataFrame) -> pd.DataFrame:
    """Share of each party in the energy of each step; where there is none, its share in that of all steps."""
    whole, over_all = energy.sum(axis=1), energy.sum()
    count = energy.shape[1]
    even = over_all / over_all.sum() if over_all.sum() > NOTHING_MWH else over_all * 0 + 1 / count
    parts = energy.div(whole.where(whole > NOTHING_MWH), axis=0)
    return pd.DataFrame({name: parts[name].fillna(even[name]) for name in map(str, energy.columns)}, index=energy.index)


def allocation_of(scenario: Scenario, results: xr.Dataset) -> Allocation:
    """Energy by party. Raises ValueError where a use or a plant of the network has no owner."""
    step_h, flow = float(results.attrs["step_h"]), expected(results["flow"], weights_of(results))

    def by_party(*roles: Role) -> pd.DataFrame:
        columns = {
            name: np.abs(total(flow, asset=party.assets, bus=ELECTRICITY, role=list(roles))) * step_h
            for name, party in scenario.parties.items()
        }
        table = pd.DataFrame(columns, index=results.indexes["time"])
        everything = np.abs(total(flow, bus=ELECTRICITY, role=list(roles))) * step_h
        if np.abs(table.to_numpy().sum(axis=1) - everything).max() > 1e-6 * (1 + everything.max()):  # rows of flows
            raise ValueError("private_network: some load or plant has no owner; name it under the assets of a party")
        return table

    carried = np.abs(total(flow, bus=CARRIED_OUT, role=[Role.CARRIAGE]))
    exported = (np.abs(total(flow, bus=ELECTRICITY, role=[Role.EXPORT])) + carried) * step_h
    return Allocation(by_party(*USED), by_party(Role.GREEN_GENERATION), exported)


def bills(scenario: Scenario, results: xr.Dataset, bill_by_step: pd.DataFrame, energy: Allocation) -> pd.DataFrame:
    """Bill of each party by step: own assets, share of what is common, inner payments; index (step), columns (part, party)."""
    owner = {asset: name for name, party in scenario.parties.items() for asset in party.assets}
    months = np.asarray(calendar_of(results).local.strftime("%Y-%m"))
    own = pd.DataFrame(0.0, index=bill_by_step.index, columns=list(scenario.parties))
    common = own.copy()
    for column in bill_by_step:
        asset = str(column).split(": ")[0].split("/")[-1]
        money = bill_by_step[column]
        if asset in owner:
            own[owner[asset]] += money
        else:
            common += _keys(money, energy, months).mul(money, axis=0)
    network = scenario.private_network or PrivateNetwork()
    price = values_on(network.inner_price_per_mwh, calendar_of(results))
    paid = energy.allocated().mul(price, axis=0)
    inner = paid - shares(energy.generation).mul(paid.sum(axis=1), axis=0)
    return pd.concat({"own_assets": own, "common": common, "inner_energy": inner}, axis=1)


def _keys(money: pd.Series[float], energy: Allocation, months: np.ndarray) -> pd.DataFrame:
    """Share of each party in the money of each step of an item that nobody owns."""
    last = np.append(months[1:] != months[:-1], True)
    amounts = money.to_numpy()
    if (amounts >= 0).all() and not np.any(amounts[~last] > NOTHING_MWH):  # booked once a month
        by_month = shares(energy.use.groupby(months).sum())
        return by_month.loc[months].set_axis(energy.use.index)
    use, generation = shares(energy.use), shares(energy.generation)
    exports = energy.exported[:, None] > NOTHING_MWH
    return pd.DataFrame(np.where(exports, generation, use), index=use.index, columns=use.columns)


def statement_of_network(scenario: Scenario, results: xr.Dataset, bill_by_step: pd.DataFrame) -> pd.DataFrame:
    """Statement of a private network, a row a party and local month, and a row `total` a party.

    Energy used, own energy of it and their ratio, bought, generated and exported energy [MWh]; whole certificates and what is
    carried to the next month; money of own assets, of what is common, of own energy between the parties, and the sum.
    """
    energy = allocation_of(scenario, results)
    months = np.asarray(calendar_of(results).local.strftime("%Y-%m"))
    money, own, certificates = bills(scenario, results, bill_by_step, energy), energy.allocated(), energy.certificates()
    exported = energy.given_away()
    rows = []
    for name in scenario.parties:
        columns = {
            "use_mwh": energy.use[name], "own_mwh": own[name], "bought_mwh": energy.use[name] - own[name],
            "generation_mwh": energy.generation[name], "exported_mwh": exported[name], "certified_mwh": certificates[name],
            **{part: money[part, name] for part in ("own_assets", "common", "inner_energy")},
        }  # fmt: skip
        table = pd.DataFrame(columns).groupby(months).sum()
        table.loc[TOTAL] = table.sum()
        rows.append(_with_sums(table).rename_axis("month").reset_index().assign(party=name))
    joined = pd.concat(rows, ignore_index=True)
    return joined[["party", *(column for column in joined if column != "party")]]


def _with_sums(table: pd.DataFrame) -> pd.DataFrame:
    """With whole certificates, the remainder carried on, the ratio of own energy and the bill."""
    sums = table["certified_mwh"].cumsum()
    sums[TOTAL] = table.loc[TOTAL, "certified_mwh"]
    whole = np.floor(sums + 1e-6)  # a year's sums of flows each held to 1e-7
    issued = whole.diff().fillna(whole)
    issued[TOTAL] = whole[TOTAL]
    use = table["use_mwh"]
    return table.assign(
        own_supply_share=(table["own_mwh"] / use.where(use > NOTHING_MWH)),
        certificates=issued,
        carried_mwh=(sums - whole).clip(lower=0.0),
        bill=table[["own_assets", "common", "inner_energy"]].sum(axis=1),
    )


def summary_of_network(statement: pd.DataFrame) -> Mapping[str, Mapping[str, float | None]]:
    """Totals of each party for summary.json and the report."""
    totals = statement[statement["month"] == TOTAL].drop(columns="month").set_index("party")
    return {
        str(party): {str(k): None if pd.isna(v) else float(v) for k, v in row.items()}
        for party, row in totals.iterrows()
    }
