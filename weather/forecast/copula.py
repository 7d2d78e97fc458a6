"""Gaussian copula of forecast errors: a Gaussian copula over the leads of a variable and over variables.

Each variable has a correlation between its leads. Across variables the shocks behind them are correlated: scores of
variable v are `L_v e_v` with `L_v` the Cholesky factor of its lead correlation, and the shocks e of different variables
correlate at the same step. Any such pair of factors gives a valid joint correlation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHRINKAGE_ISSUES: Final = 30
"""A measured correlation from this many issues counts as much as the exponential decay (assumption)."""
SMALLEST_EIGENVALUE: Final = 1e-6
DECAYS_H: Final[Floats] = np.geomspace(0.5, 100.0, 60)


@dataclass(frozen=True)
class LeadCorrelation:
    """Correlation of a variable's scores between leads: measured where there are pairs, else falling with `decay_h`.

    Shapes: lead_h (lead,), measured and pairs (lead, lead); all may be empty.
    """

    decay_h: float
    lead_h: Floats
    measured: Floats
    pairs: Floats

    def matrix(self, lead_h: Floats) -> Floats:
        """Correlation between the given leads [h], shape (step, step), positive definite."""
        decay = np.exp(-np.abs(lead_h[:, None] - lead_h) / self.decay_h)
        step, place = np.nonzero(np.isclose(lead_h[:, None], self.lead_h))
        grid, source = np.ix_(step, step), np.ix_(place, place)
        pairs = self.pairs[source]
        decay[grid] = (pairs * self.measured[source] + SHRINKAGE_ISSUES * decay[grid]) / (pairs + SHRINKAGE_ISSUES)
        return nearest_correlation(decay)


def exponential_decay(decay_h: float) -> LeadCorrelation:
    """Lead correlation that is known only by its decay time [h]."""
    return LeadCorrelation(decay_h, np.empty(0), np.empty((0, 0)), np.empty((0, 0)))


def fit_lead_correlation(scores: Floats, lead_h: Floats) -> LeadCorrelation:
    """Correlation between leads from normal scores of shape (issue, lead), NaN where there is no pair; lead_h: [h]."""
    known = ~np.isnan(scores)
    filled = np.where(known, scores, 0.0)
    pairs = known.T.astype(float) @ known
    squares = (filled**2).T @ known
    spread = np.sqrt(squares * squares.T)
    measured = np.divide(filled.T @ filled, spread, out=np.zeros_like(spread), where=spread > 0)
    apart = np.abs(lead_h[:, None] - lead_h)
    misfit = [float((pairs * (measured - np.exp(-apart / decay)) ** 2).sum()) for decay in DECAYS_H]
    return LeadCorrelation(float(DECAYS_H[int(np.argmin(misfit))]), lead_h, measured, pairs)


def fit_shock_correlation(scores: Sequence[Floats], correlations: Sequence[LeadCorrelation], lead_h: Floats) -> Floats:
    """Correlation of the shocks of several variables, shape (variable, variable).

    Parameters: scores: one array (issue, lead) a variable, NaN where there is no pair; correlations: of the same order.
    """
    factors = [np.linalg.cholesky(correlation.matrix(lead_h)) for correlation in correlations]
    shocks = np.eye(len(scores))
    for v in range(len(scores)):
        for w in range(v):
            both = ~(np.isnan(scores[v]) | np.isnan(scores[w]))
            first, second = scores[v][both], scores[w][both]
            spread = float(np.sqrt((first**2).sum() * (second**2).sum()))
            same_lead = float(first @ second) / spread if spread > 0 else 0.0
            passed_on = float(np.mean(np.sum(factors[v] * factors[w], axis=1)))
            issues = float(both.any(axis=1).sum())
            shrunk = same_lead / max(passed_on, 0.1) * issues / (issues + SHRINKAGE_ISSUES)
            shocks[v, w] = shocks[w, v] = np.clip(shrunk, -0.95, 0.95)
    return nearest_correlation(shocks)


def draw_scores(
    correlations: Sequence[LeadCorrelation], shocks: Floats, lead_h: Floats, *, n: int, rng: np.random.Generator
) -> Floats:
    """Standard normal scores of shape (variable, member, step) with the copula's correlation.

    Parameters: shocks: shape (variable, variable); lead_h: of the steps [h]; n: members.
    """
    raw = rng.standard_normal((len(correlations), n, len(lead_h)))
    mixed = np.einsum("vw,wmt->vmt", np.linalg.cholesky(shocks), raw)
    factors = [np.linalg.cholesky(correlation.matrix(lead_h)) for correlation in correlations]
    return np.stack([mixed[v] @ factor.T for v, factor in enumerate(factors)])


def nearest_correlation(matrix: Floats) -> Floats:
    """A positive definite correlation matrix near a symmetric one: negative eigenvalues raised, diagonal back to one.

    One that is positive definite already stays as it is.
    Source: spectral method of Rebonato & Jäckel, Journal of Risk 2 (2000), doi 10.21314/JOR.2000.023.
    """
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        pass
    else:
        return matrix
    values, vectors = np.linalg.eigh(matrix)
    raised = (vectors * np.maximum(values, SMALLEST_EIGENVALUE)) @ vectors.T
    size = np.sqrt(np.diag(raised))
    return np.asarray(raised / size[:, None] / size)
