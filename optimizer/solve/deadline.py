"""Deadline of everything solved within it, also in worker processes: no solve begun under it runs longer.

It is kept beside the call and not handed through it: a plan is made by solves many calls deep, and one that was forgotten
would overrun. Times are of `time.monotonic`, which all processes of a machine share.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Result = TypeVar("Result")
_UNTIL: ContextVar[float] = ContextVar("until", default=math.inf)


@contextmanager
def ending_by(until: float) -> Iterator[None]:
    """Deadline around some solves: they end by `until`, or by an earlier deadline around this one."""
    token = _UNTIL.set(min(until, _UNTIL.get()))
    try:
        yield
    finally:
        _UNTIL.reset(token)


@contextmanager
def without_deadline() -> Iterator[None]:
    """Lifted deadline for the last small solve, which makes a plan of the best answer."""
    token = _UNTIL.set(math.inf)
    try:
        yield
    finally:
        _UNTIL.reset(token)


def deadline() -> float:
    """Moment by which solves must end (`time.monotonic`); infinite without a deadline."""
    return _UNTIL.get()


def seconds_left() -> float:
    """Seconds to the deadline; negative once it is over."""
    return _UNTIL.get() - time.monotonic()


def done_by(until: float, task: Callable[..., Result], arguments: tuple[object, ...]) -> Result:
    """Result of a task under a deadline: how a worker process is handed one."""
    with ending_by(until):
        return task(*arguments)
