"""Transfers of work between sites and their reasons: card-hours run at another site than their own, with the prices at both ends, against no
move.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.files.processes import worker_processes
from optimizer.inputs.assemble import calendar_of
from optimizer.plan.causes import Cause
from optimizer.plan.optimize import Assets, plan_assets
from optimizer.plan.power_price import PowerPrice, causes_of_difference
from optimizer.quantities.columns import matching, mean, rows_of
from optimizer.scenario.hubs import Hubs
from optimizer.scenario.single_site import Scenario
from optimizer.solve.certified import Effort
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Floats

MOVED_CARDS = 1.0
"""Less than a card is not a move."""
LEAST_PRICE_PER_MWH = 0.5
"""Nearer prices of power are a tie: both round to the same."""
LEAST_MONEY_PER_CARD_H = 1e-6
"""HiGHS holds reduced costs to 1e-7."""


def costs_alone(scenario: Scenario | Hubs, inputs: xr.Dataset, effort: Effort) -> dict[str, float]:
    """Cost of each site's own best plan, with all links closed."""
    every = scenario.assets_alone()
    sites = list(dict.fromkeys(site for site, _ in every))
    own = {name: {key: technology for key, technology in every.items() if key[0] == name} for name in sites}
    single = replace(effort, workers=1)
    if effort.workers == 1:
        return {name: cost_alone(assets, inputs, single) for name, assets in own.items()}
    with worker_processes(min(effort.workers, len(own))) as pool:
        futures = {name: pool.submit(cost_alone, assets, inputs, single) for name, assets in own.items()}
        return {name: future.result() for name, future in futures.items()}


def cost_alone(assets: Assets, inputs: xr.Dataset, effort: Effort) -> float:
    """Cost of the plan of one site's assets."""
    return plan_assets(assets, inputs, effort).cost


def moves_of(results: xr.Dataset) -> pd.DataFrame:
    """Transfer table, a row an hour and move: time_utc, time_local, work, from_site, to_site, pool, cards, card_price_here/there,
    reason.

    Prices are what one more busy card-hour would cost at home and at the far pool [money].
    """
    flow, calendar = results["flow"], calendar_of(results)
    lent, hosted = matching(flow, role=Role.LEND), matching(flow, role=Role.HOST)
    homes = {(asset, work): site for site, asset, work in rows_of(lent, "site", "asset", "quantity")}
    parts = []
    labels = rows_of(hosted, "site", "asset", "quantity", "bus")
    for (host, asset, work, bus), values in zip(labels, hosted.values.T, strict=True):
        home, cards = homes[asset, work], np.maximum(-values, 0.0)
        hours = np.flatnonzero(cards > MOVED_CARDS)
        if home == host or not len(hours):
            continue
        price = results["price"]
        near, far = mean(price, site=home, bus=f"compute.{work}"), mean(price, site=host, bus=bus)
        table = {
            "time_utc": calendar.time.strftime("%Y-%m-%dT%H:%MZ"),
            "time_local": calendar.local.strftime("%Y-%m-%d %H:%M"),
            "work": work,
            "from_site": home,
            "to_site": host,
            "pool": bus.removeprefix("compute."),
            "cards": cards.round(2),
            "card_price_here": near.round(4),
            "card_price_there": far.round(4),
            "reason": _reasons(results, home, host, near, far),
        }
        parts.append(pd.DataFrame(table).iloc[hours])
    columns = [
        "time_utc",
        "time_local",
        "work",
        "from_site",
        "to_site",
        "pool",
        "cards",
        "card_price_here",
        "card_price_there",
        "reason",
    ]
    return (
        pd.concat(parts, ignore_index=True).sort_values("time_utc", kind="stable")
        if parts
        else pd.DataFrame(columns=columns)
    )


def _reasons(results: xr.Dataset, home: str, host: str, near: Floats, far: Floats) -> list[str]:
    """Why work runs at the host and not at home, by hour: the cause of the difference in the price of power, or of cards."""
    dear, cheap = PowerPrice.of(results, home), PowerPrice.of(results, host)
    money, texts = str(results.attrs.get("currency", "money")), []
    places = {"money": money, "cheap": f"at {host}", "dear": f"at {home}"}
    for hour, (a, b) in enumerate(zip(near.tolist(), far.tolist(), strict=True)):
        causes = causes_of_difference(dear, hour, cheap, hour)
        cause, part = max(causes.items(), key=lambda item: item[1])
        if part > LEAST_PRICE_PER_MWH:
            texts.append(cause.format(low=cheap.price[hour], high=dear.price[hour], part=part, **places))
        elif b < a - LEAST_MONEY_PER_CARD_H:
            texts.append(Cause.CARD_HOURS.format(part=a - b, **places))
        else:
            texts.append(f"{Cause.EQUAL.format(**places)}: keeps fewer blocks on")
    return texts


def totals(moves: pd.DataFrame, step_h: float) -> pd.DataFrame:
    """Transfer totals, a row for each work and pair of sites: card-hours moved, mean prices of a card-hour at both ends."""
    if moves.empty:
        return pd.DataFrame(
            columns=["work", "from_site", "to_site", "card_hours", "card_price_here", "card_price_there"]
        )
    weighed = moves.assign(card_hours=moves["cards"] * step_h)
    for price in ("card_price_here", "card_price_there"):
        weighed[price] = weighed[price] * weighed["card_hours"]
    table = weighed.groupby(["work", "from_site", "to_site"])[
        ["card_hours", "card_price_here", "card_price_there"]
    ].sum()
    for price in ("card_price_here", "card_price_there"):
        table[price] = table[price] / table["card_hours"]
    return table.sort_values("card_hours", ascending=False).reset_index()
