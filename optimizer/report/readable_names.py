"""Names of a run's figures and columns as readers see them, with their units; files for machines keep those of the results."""

from __future__ import annotations

import pandas as pd

from optimizer.language.numbers import currency_name, unit
from optimizer.language.speech import noted, say
from optimizer.language.words import words
from optimizer.report.study_names import name_of

MONEY = {
    "running_cost": noted("running cost"), "capital_cost": noted("capital"), "total_cost": noted("total cost"), "cost": noted("bill"),
    "baseline_cost": noted("baseline's bill"), "saving": noted("saving"),
}  # fmt: skip
"""Figures of money over all hours of a run."""
NOISE = 1e-9
"""Amounts below are how sums are rounded."""


def figure_name(figure: str, currency: str) -> str:
    """Name of a figure with its unit; money is of all hours of the runs."""
    return f"{say(MONEY[figure])} [{currency_name(currency)}]" if figure in MONEY else name_of(figure)


def column_name(column: str, currency: str) -> str:
    """Name of a column of a table; flows have their unit already, items of a bill are "asset: item"."""
    if column.endswith("]"):
        return column
    if ": " in column or column == "total":
        return f"{say(': ').join(words(part) for part in column.split(': '))} [{currency_name(currency)}]"
    if column == "electricity_price":
        return f"{words(column)} [{unit(f'{currency}/MWh')}]"
    return name_of(column)


def readable(table: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Table with the names of its columns, and of the figures in its first one, as readers see them."""
    named = table.rename(columns={name: column_name(str(name), currency) for name in table.columns})
    if str(table.columns[0]) == "figure":
        named.iloc[:, 0] = [figure_name(str(figure), currency) for figure in table["figure"]]
        named = named.rename(columns={named.columns[0]: say("key figure")})
    return named


def without_noise(table: pd.DataFrame) -> pd.DataFrame:
    """Table in which numbers that are nothing but rounding are 0."""
    numbers = table.select_dtypes("float").columns
    return table.assign(**{name: table[name].mask(table[name].abs() < NOISE, 0.0) for name in numbers})
