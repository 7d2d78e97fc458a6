"""Signals inside a run of HiGHS: heard at once, whatever HiGHS is at."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from optimizer.commands.errors import explained
from optimizer.solve.highs import Limits, Matrix, solve

PATIENCE_S = 60
SEARCH_S = 3600.0
"""Longer than any patience: a run that ends by itself would prove nothing."""
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of newer Pythons: a fork beside threads


def market_split(rows: int = 7) -> Matrix:
    """Market split (Cornuejols and Dawande 1998): small, and far beyond branch and bound."""
    dice, columns = np.random.default_rng(7), 10 * (rows - 1)
    shares = dice.integers(0, 100, size=(rows, columns)).astype(float)
    whole, right = columns, np.floor(shares.sum(axis=1) / 2)
    table = np.hstack([shares, np.eye(rows), -np.eye(rows)])
    return Matrix(
        cost=np.append(np.zeros(columns), np.ones(2 * rows)), offset=0.0, rows=sp.csc_array(table), row_lower=right,
        row_upper=right, lower=np.zeros(columns + 2 * rows),
        upper=np.append(np.ones(columns), np.full(2 * rows, np.inf)),
        is_integer=np.arange(columns + 2 * rows) < whole, step=np.zeros(columns + 2 * rows, dtype=np.int64),
    )  # fmt: skip


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted as Linux shows them")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_a_search_without_end(number: signal.Signals, code: int) -> None:
    """The documented exit code long before the search's own limit: in HiGHS' thread alone it would be heard after an hour."""
    child = os.fork()
    if child == 0:
        left = 99
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are born deaf to it
            with explained():
                solve(market_split(), Limits(gap=0.0, seconds=SEARCH_S))
        except SystemExit as error:  # the signal came before the run had begun
            left = int(error.code or 0)
        finally:
            os._exit(left)
    until = time.monotonic() + PATIENCE_S
    while len(os.listdir(f"/proc/{child}/task")) < 2:  # the run's own thread
        assert time.monotonic() < until
        time.sleep(0.02)
    os.kill(child, number)
    while (done := os.waitpid(child, os.WNOHANG))[0] == 0:
        if time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.02)
    assert os.waitstatus_to_exitcode(done[1]) == code


def test_without_a_handler_the_run_has_no_thread_of_its_own() -> None:
    """A worker's SIGTERM ends it by itself; the answer is the same either way."""
    matrix = market_split(2)
    here = solve(matrix, Limits(gap=0.0))
    with explained():
        there = solve(matrix, Limits(gap=0.0))
    assert here.values.tolist() == there.values.tolist()
