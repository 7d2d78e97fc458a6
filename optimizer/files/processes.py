"""Processes that end with their parent, and work that is done in one so that it can be ended.

A file that hangs, a reader that crashes or takes all memory ends its own process, and the caller goes on.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import pickle
import resource
import selectors
import signal
import stat
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from typing import NoReturn, TypeVar

T = TypeVar("T")
LONGEST_LINE = 300
PR_SET_PDEATHSIG = 1
LOST = "a worker process ended without an answer: killed, or out of memory; give it more, or plan with --workers 1"


class Terminated(BaseException):
    """Termination by SIGTERM: everything begun is put away on the way out."""


class ChildError(Exception):
    """Work in a process of its own that came to nothing; `problems` has one line each."""

    def __init__(self, problems: list[str]):
        self.problems = problems
        super().__init__("; ".join(problems))


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM raise `Terminated` meanwhile, so that children are ended and what is half-written is removed."""

    def raised(_number: int, _frame: FrameType | None) -> None:
        logging.disable()  # Pyomo logs whatever ends a constraint's rule as an error of the model
        gc.freeze()  # or the model of a year is searched for garbage on the way out, for ten seconds and more
        raise Terminated

    before = signal.signal(signal.SIGTERM, raised)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        logging.disable(logging.NOTSET)


def end_with_parent(parent: int) -> None:
    """Let the kernel kill this process when its parent (a process number) ends, however that ends; at once if it has.

    Only Linux can; elsewhere nothing happens. Children start with it, before their imports, which take seconds.
    """
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


@contextmanager
def worker_processes(workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of processes that end with this one; they are started afresh and inherit no solver state.

    When the block is left by an exception they are killed with what they do: a window of HiGHS can take minutes, and Python
    would wait for it before it ends. Raises ChildError where one of them is lost.
    """
    pool = ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=end_with_parent, initargs=(os.getpid(),)
    )
    try:
        yield pool
    except BaseException as error:
        workers_now = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in workers_now:
            worker.kill()
        if isinstance(error, BrokenProcessPool):
            raise ChildError([LOST]) from None
        raise
    pool.shutdown()


@cache
def freeze_imports() -> None:
    """Objects alive now (modules, classes) left out of every later search for garbage, once a process.

    With the libraries of the model there are some 200,000 of them, which a search takes 0.2 s to go through.
    """
    gc.collect()
    gc.freeze()


MOST_BYTES = 2_000_000_000
"""Largest file that is read where nothing smaller is known; a year's results have some hundred MB."""


def readable(path: Path, most_bytes: int = MOST_BYTES) -> Path:
    """Path of a regular file of at most that size. Raises OSError for anything else: a pipe would be waited for."""
    file_status = path.stat()
    if not stat.S_ISREG(file_status.st_mode):
        raise OSError(f"{path.name}: is no regular file")
    if file_status.st_size > most_bytes:
        raise OSError(
            f"{path.name}: has {file_status.st_size / 1e6:,.0f} MB, at most {most_bytes / 1e6:,.0f} MB are read"
        )
    return path


def in_child(work: Callable[[], T], seconds: float) -> T:
    """Result of work done in a forked process that is killed after `seconds`.

    The result must be picklable. Raises ChildError with the child's problem: an exception, a crash, no end.
    """
    answers, answer_pipe = os.pipe()
    parent = os.getpid()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of newer Pythons: this process has no threads of its own
        child = os.fork()
    if child == 0:
        os.close(answers)
        _answer(work, answer_pipe, parent)
    os.close(answer_pipe)
    try:
        content = _read_until(answers, time.monotonic() + seconds)
    finally:
        os.close(answers)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if content is None:
        raise ChildError([f"was not done within {seconds:.0f} s and was ended"])
    if not content:
        raise ChildError([f"ended without an answer (status {os.waitstatus_to_exitcode(status)})"])
    done, value = pickle.loads(content)  # our own child's answer
    if not done:
        raise ChildError(value)
    result: T = value
    return result


def _answer(work: Callable[[], T], answer_pipe: int, parent: int) -> NoReturn:
    """Child's side of a forked call: do the work, write the answer, end without any of the parent's tidying."""
    end_with_parent(parent)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        try:
            content = pickle.dumps((True, work()))
        except BaseException as error:
            content = pickle.dumps((False, problems_of(error)))
        with os.fdopen(answer_pipe, "wb") as file:
            file.write(content)
    finally:
        os._exit(0)


def _read_until(answers: int, deadline: float) -> bytes | None:
    """Bytes of a pipe up to its end; None where that does not come in time."""
    parts: list[bytes] = []
    with selectors.DefaultSelector() as waiting:
        waiting.register(answers, selectors.EVENT_READ)
        while waiting.select(max(deadline - time.monotonic(), 0.0)):
            part = os.read(answers, 1 << 20)
            if not part:
                return b"".join(parts)
            parts.append(part)
    return None


def problems_of(error: BaseException) -> list[str]:
    """Problems of an exception, one short line each, without anything that could steer a terminal."""
    problems = getattr(error, "problems", None)
    lines = problems if isinstance(problems, list) and problems else [f"{type(error).__name__}: {error}"]
    return [one_line(str(line)) for line in lines[:20]]


def one_line(text: str) -> str:
    """A text on one line, cut where it is long, control characters as `?`."""
    plain = "".join(sign if sign.isprintable() else " " if sign.isspace() else "?" for sign in text)
    return plain if len(plain) <= LONGEST_LINE else f"{plain[: LONGEST_LINE - 3]}..."
