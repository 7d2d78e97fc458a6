"""Money over the years of each run: what is invested, what a year costs, what a card-hour must earn, against a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimizer.accounts.finance import (
    Investment,
    cash_flow,
    compared,
    levelised_cost,
    net_present_value,
    payback_years,
)
from optimizer.accounts.finance import internal_rate_of_return as rate_of
from optimizer.quantities.calendar import HOURS_PER_YEAR
from optimizer.study.money_settings import Bought, Money

Floats = NDArray[np.float64]
Metrics = Mapping[str, float]


def investments(money: Money, case: str, metrics: Metrics, scenario: Mapping[str, object]) -> list[Investment]:
    """Investments of a run. `scenario`: plain data, for prices that stand there. Raises ValueError for an unknown capacity or path."""
    purchases = []
    for name, bought in money.buy.items():
        price = _price(name, bought, scenario) * bought.factor_by_case.get(case, 1.0)
        cost = _amount(name, bought, metrics) * price
        purchases.append(
            Investment.renewed(
                cost, life_years=bought.life_years, years=money.years, operation_share=bought.operation_share
            )
        )
    return purchases


def _amount(name: str, bought: Bought, metrics: Metrics) -> float:
    if not isinstance(bought.amount, str):
        return float(bought.amount)
    key = f"size.{bought.amount}"
    if key not in metrics:
        known = ", ".join(sorted(metric.removeprefix("size.") for metric in metrics if metric.startswith("size.")))
        raise ValueError(f"money > buy > {name} > amount: no capacity '{bought.amount}'; the runs have {known}")
    return float(metrics[key])


def _price(name: str, bought: Bought, scenario: Mapping[str, object]) -> float:
    if not isinstance(bought.unit_cost, str):
        return float(bought.unit_cost)
    node: Any = scenario
    for part in bought.unit_cost.split("."):
        node = node.get(part) if isinstance(node, Mapping) else None
    if not isinstance(node, int | float):
        raise ValueError(
            f"money > buy > {name} > unit_cost: '{bought.unit_cost}' is no number of the scenario; give its path"
        )
    return float(node)


def running_cost(money: Money, metrics: Metrics, case: str = "") -> float:
    """Running cost of one year without investments: the energy cost and what is fixed."""
    return energy_cost(money, metrics, case) + money.fixed_cost_per_year


def energy_cost(money: Money, metrics: Metrics, case: str = "") -> float:
    """Energy cost of one year: the plan's bill less the annuities of bought capacities, at the price levels of the case."""
    annuities = 0.0
    for bought in money.buy.values():
        if isinstance(bought.amount, str):
            asset, _, quantity = bought.amount.rpartition(".")
            annuities += metrics.get(f"bill.{asset}: capacity", 0.0) + metrics.get(
                f"bill.{asset}: capacity {quantity}", 0.0
            )
    levels = sum(
        (priced.factor - 1.0) * metrics.get(f"bill.{item}", 0.0)
        for priced in money.price_factors.values()
        if not priced.cases or case in priced.cases
        for item in priced.items
    )
    return (metrics["cost"] - annuities + levels) * _per_year(metrics)


def _per_it_kwh(yearly: float, metrics: Metrics) -> float:
    return yearly / (1000.0 * metrics["it_mwh"] * _per_year(metrics)) if metrics["it_mwh"] else float("nan")


def _per_year(metrics: Metrics) -> float:
    return HOURS_PER_YEAR / metrics["hours"]


def flows_of(money: Money, case: str, metrics: Metrics, scenario: Mapping[str, object]) -> Floats:
    """Cash of every year, shape (years + 1,)."""
    revenue = money.revenue_per_card_hour * metrics["card_hours"] * _per_year(metrics)
    bought = investments(money, case, metrics, scenario)
    return cash_flow(bought, money.terms(), running_cost=running_cost(money, metrics, case), revenue=revenue)


def money_of(money: Money, case: str, metrics: Metrics, scenario: Mapping[str, object]) -> dict[str, float]:
    """Money metrics of a run by itself."""
    terms, bought = money.terms(), investments(money, case, metrics, scenario)
    yearly, flows = running_cost(money, metrics, case), flows_of(money, case, metrics, scenario)
    costs = cash_flow(bought, terms, running_cost=yearly)
    money_metrics = {
        "investment": sum(investment.cost for investment in bought),
        "running_cost": yearly,
        "energy_cost": energy_cost(money, metrics, case),
        "cost_per_card_hour": levelised_cost(costs, metrics["card_hours"] * _per_year(metrics), terms),
        "energy_cost_per_it_kwh": _per_it_kwh(energy_cost(money, metrics, case), metrics),
        "cost_per_it_mwh": levelised_cost(costs, metrics["it_mwh"] * _per_year(metrics), terms),
    }
    if money.revenue_per_card_hour and money.baseline is None:
        money_metrics |= {
            "net_present_value": net_present_value(flows, terms.discount_rate),
            "internal_rate_of_return": rate_of(flows),
            "payback_years": payback_years(flows),
            "discounted_payback_years": payback_years(flows, terms.discount_rate),
        }
    return money_metrics


def against_baseline(money: Money, runs: pd.DataFrame, flows: Mapping[int, Floats]) -> pd.DataFrame:
    """Runs with what each gains over the baseline's run in the same weather and with the same factors.

    `flows` by the runs' index. Runs whose baseline is missing get NaN.
    """
    if money.baseline is None:
        return runs
    same = ["part", "weather", "question", *(name for name in runs.columns if name.startswith("factor."))]
    texts = ["|".join(map(str, row)) for row in runs[same].itertuples(index=False, name=None)]
    keys = pd.Series(texts, index=runs.index)
    baseline = {key: place for place, key in keys[runs["case"] == money.baseline].items()}
    for place, key in keys.items():
        if key in baseline and place != baseline[key]:
            for name, value in asdict(compared(flows[place], flows[baseline[key]], money.terms())).items():  # type: ignore[index]
                runs.loc[place, name] = value
    return runs
