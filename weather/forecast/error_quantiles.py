"""Error quantiles of one forecast variable: quantiles of actual minus forecast, by what was forecast and how far ahead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Floats = NDArray[np.float64]

PROBABILITIES: Final[Floats] = (np.arange(50) + 0.5) / 50
LEVEL_BINS: Final = 8
LEAD_BLOCK_STARTS_H: Final = (2.0, 3.0, 5.0, 9.0, 17.0, 33.0, 65.0)
SHRINKAGE_PAIRS: Final = 20
"""A cell with this many pairs is half itself, half the mean over all levels at its lead (assumption)."""


@dataclass(frozen=True)
class ErrorQuantiles:
    """Error quantiles at `PROBABILITIES`; shapes: level (level,), lead_h (lead,), errors (lead, level, probability)."""

    level: Floats
    lead_h: Floats
    errors: Floats

    def at(self, level: Floats, lead_h: Floats) -> Floats:
        """Error quantiles of single forecasts, shape (step, probability); linear between cells, constant outside.

        Parameters: level: forecast values, shape (step,); lead_h: shape (step,) [h].
        """
        row, row_share = _place(lead_h, self.lead_h)
        column, column_share = _place(level, self.level)
        next_row = np.minimum(row + 1, len(self.lead_h) - 1)
        next_column = np.minimum(column + 1, len(self.level) - 1)
        near = (1 - column_share) * self.errors[row, column] + column_share * self.errors[row, next_column]
        far = (1 - column_share) * self.errors[next_row, column] + column_share * self.errors[next_row, next_column]
        return np.asarray((1 - row_share) * near + row_share * far)


def fit_error_quantiles(level: Floats, lead_h: Floats, error: Floats) -> ErrorQuantiles:
    """Binned empirical quantiles, each cell shrunk towards all levels at its lead.

    Parameters: forecast level, lead [h] and error (actual minus forecast) of past pairs, each of shape (pair,), no NaN.
    Raises ValueError if there is no pair.
    """
    if not len(error):
        raise ValueError("no pair of forecast and actual to learn errors from")
    edges = np.unique(np.quantile(level, np.arange(1, LEVEL_BINS) / LEVEL_BINS))
    column = np.searchsorted(edges, level, side="right")
    row = np.searchsorted(np.array(LEAD_BLOCK_STARTS_H), lead_h, side="right")
    rows, columns = np.unique(row), np.unique(column)
    table = np.empty((len(rows), len(columns), len(PROBABILITIES)))
    for i, in_row in enumerate(rows):
        of_lead = np.quantile(error[row == in_row], PROBABILITIES)
        for j, in_column in enumerate(columns):
            cell = error[(row == in_row) & (column == in_column)]
            own = np.quantile(cell, PROBABILITIES) if len(cell) else of_lead
            table[i, j] = (len(cell) * own + SHRINKAGE_PAIRS * of_lead) / (len(cell) + SHRINKAGE_PAIRS)
    centre = np.array([level[column == in_column].mean() for in_column in columns])
    return ErrorQuantiles(centre, np.array([lead_h[row == in_row].mean() for in_row in rows]), table)


def normal_scores(quantiles: ErrorQuantiles, level: Floats, lead_h: Floats, error: Floats) -> Floats:
    """Errors as standard normal numbers, each ranked within the errors of its own level and lead; shape (pair,).

    Parameters: as for `fit_error_quantiles`. Ties count half, so many equal errors (calm, night) sit in the middle.
    """
    table = quantiles.at(level, lead_h)
    below = (table < error[:, None]).sum(axis=1) + 0.5 * (table == error[:, None]).sum(axis=1)
    edge = 0.5 / len(PROBABILITIES)
    return np.asarray(norm.ppf(np.clip(below / len(PROBABILITIES), edge, 1 - edge)))


def errors_from_scores(quantiles: ErrorQuantiles, level: Floats, lead_h: Floats, scores: Floats) -> Floats:
    """Errors that belong to standard normal numbers, shape (member, step): the inverse of `normal_scores`.

    Parameters: level, lead_h: shape (step,); scores: shape (member, step). Outside the outermost quantiles: those.
    """
    table, probability = quantiles.at(level, lead_h), norm.cdf(scores)
    columns = [np.interp(probability[:, step], PROBABILITIES, table[step]) for step in range(table.shape[0])]
    return np.stack(columns, axis=1)


def _place(value: Floats, nodes: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Node left of each value and the share of the way to the next, shape (step,) and (step, 1)."""
    position = np.interp(value, nodes, np.arange(len(nodes)))
    left = np.floor(position).astype(np.intp)
    return left, (position - left)[:, None]
