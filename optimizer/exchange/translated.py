"""Assets of a scenario in the terms of a plain site: exactly, or not at all with the reason; what a tie costs beyond is noted."""

from __future__ import annotations

import numpy as np

from optimizer.exchange.plain_site import Consumer, Source, Store, Tie, same
from optimizer.technologies.base import Inputs, Record, Size
from optimizer.technologies.energy.generator import Generator
from optimizer.technologies.energy.genset import Genset
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.energy.load import Load
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.storage import Storage

FOUND = "its size is held at what the plan found, and its capital is left out"


def source_of(name: str, asset: Generator, record: Record, inputs: Inputs) -> tuple[Source | None, list[str]]:
    """Sun or wind with its availability; a source with a meter of its own is fixed."""
    if asset.direct_sale_price_per_mwh is not None:
        return None, ["sells over a meter of its own, which a plain source cannot"]
    notes = [FOUND] if isinstance(asset.capacity_mw(), Size) else []
    price = asset.cost_per_mwh + (asset.contract_price_per_mwh or 0.0) - asset.curtailment_price_per_mwh
    kind = "solar" if isinstance(asset, Solar) else "wind"
    power = float(record.sizes["size_mw"])
    return Source(name, kind, power, np.array(inputs["capacity_factor"]), same(price, inputs.count)), notes


def dispatchable_of(name: str, asset: Genset, record: Record, inputs: Inputs) -> tuple[Source | None, list[str]]:
    """Genset without switching, curve or limit as a source with a price; else fixed."""
    if asset.switches() or asset.ramp_per_h is not None or asset.fuel_curve:
        return None, ["is switched, ramped or has a fuel curve, which a plain source does not"]
    if asset.fuel_limit_mwh is not None:
        return None, ["has a limit on its fuel, which a plain source has not"]
    notes = [FOUND] if isinstance(asset.power_mw, Size) else []
    price = inputs["cost_per_mwh"] + asset.fuel_price(inputs) / asset.efficiency
    power = float(record.sizes["power_mw"])
    return Source(name, "genset", power, np.array(inputs["availability"]), np.array(price)), notes


def store_of(name: str, asset: Storage, record: Record, inputs: Inputs) -> tuple[Store | None, list[str]]:
    """Store behind the meter with constant losses; one with machine-like limits or on the public grid is fixed."""
    energy = float(record.sizes["energy_mwh"])
    if energy == 0.0:
        return None, ["has no energy"]
    if reasons := _beyond_a_plain_store(asset):
        return None, [f"has {' and '.join(reasons)}, which a plain store has not"]
    notes = [FOUND] if any(isinstance(size, Size) for size in asset.capacities().values()) else []
    if asset.lease is not None and (asset.lease.price_per_mwh_year or asset.lease.price_per_mw_year):
        notes.append("the yearly price of its lease is left out")
    power = min(record.sizes.get("power_mw", np.inf), (asset.c_rate_per_h or np.inf) * energy)
    ways = [
        np.asarray(inputs.values.get(f"{way}_share", np.ones(inputs.count))) * min(most or np.inf, power)
        for way, most in (("charge", asset.charge_power_mw), ("discharge", asset.discharge_power_mw))
    ]
    opening = asset.opening_state_of_charge * energy
    final = asset.final_state_of_charge
    if final is not None:
        notes.append("the energy it must end with is asked for without a price for missing it")
    return (
        Store(
            name=name, energy_mwh=energy, charge_mw=ways[0], discharge_mw=ways[1], opening_mwh=opening,
            least_share=asset.least_state_of_charge, charge_efficiency=asset.charge_efficiency,
            discharge_efficiency=asset.discharge_efficiency, standby_loss_per_h=asset.standby_loss_per_h,
            charge_cost_per_mwh=asset.charge_cost_per_mwh,
            discharge_cost_per_mwh=asset.wear_cost_per_mwh + (asset.lease.fee_per_mwh if asset.lease else 0.0),
            keep_cost_per_mwh_h=asset.keep_cost_per_mwh_h, end_value_per_mwh=asset.end_value_per_mwh,
            final_mwh=None if final is None else opening if final == "opening" else float(final) * energy,
        ),
        notes,
    )  # fmt: skip


def _beyond_a_plain_store(asset: Storage) -> list[str]:
    """What of a store no plain store has."""
    said = {
        "a place on the public grid": not asset.on_site,
        "one converter for both ways": asset.one_converter,
        "power by state of charge": bool(asset.power_by_state_of_charge),
        "a loss of its working converter": asset.converter_loss_mw > 0,
        "heating": bool(asset.heating),
        "ramps": asset.ramp_up_mw_per_h is not None or asset.ramp_down_mw_per_h is not None,
        "a price on changes of power": asset.power_change_cost_per_mw > 0,
        "full charges of a day": asset.most_full_charges_per_day is not None,
        "calls by the grid": asset.lease is not None and asset.lease.call is not None,
        "to lie idle": asset.idle,
    }
    return [name for name, holds in said.items() if holds]


def tie_of(name: str, asset: Grid, inputs: Inputs) -> tuple[Tie, list[str]]:
    """Tie at its energy prices; what it charges by peak, month, tier or contract is left out and noted."""
    price = inputs["import_price_per_mwh"] + inputs["carbon_t_per_mwh"] * asset.carbon_price_per_t
    sold, notes = np.array(inputs["export_price_per_mwh"]), _left_out_of(asset, inputs)
    limit = asset.export_limit(inputs)
    dear = (sold > price) & (limit > 0)
    if dear.any():
        sold = np.where(dear, price, sold)
        notes.append(
            f"in {int(dear.sum())} hours more is paid for export than for import; it is lowered to the import price there, since "
            "a linear network would buy and sell at once"
        )
    tie = Tie(
        name, np.array(asset.import_limit(inputs)), np.array(limit), np.array(price), sold, asset.overload_price_per_mwh
    )
    return tie, notes


def _left_out_of(asset: Grid, inputs: Inputs) -> list[str]:
    tariff = asset.tariff
    said = {
        "charges on the highest import": bool(asset.charges(inputs, {})),
        "contracted capacity": asset.first_term != "demand" or asset.transmission in ("capacity", "cheaper"),
        "transmission on self-used energy": asset.transmission in ("energy", "cheaper"),
        "tiers": bool(tariff.tiers),
        "net metering": tariff.net_metering,
        "the fixed price of a month": tariff.fixed_price_per_month > 0,
        "the market desk": asset.market is not None,
        "the ramp of the exchange": asset.ramp_mw_per_h is not None,
        "the premium of green power": asset.green_power is not None,
        "stores on the public grid it carries": asset.carries_stores,
    }
    names = [name for name, holds in said.items() if holds]
    return [f"left out: {', '.join(names)}"] if names else []


def consumer_of(name: str, asset: Load, inputs: Inputs) -> tuple[Consumer | None, list[str]]:
    """Load with its course; one that may move or has a promised share is fixed."""
    if asset.flexible is not None or asset.served_share is not None:
        return None, ["may move or has a promised share, which a plain load has not"]
    return Consumer(name, np.array(inputs["demand_mw"]), asset.unserved_price_per_mwh), []
