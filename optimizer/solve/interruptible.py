"""HiGHS' run that a signal can end: SIGTERM and Ctrl-C are heard at once, also inside a presolve or crossover of minutes.

Python hears a signal between two of its own instructions, and a run of HiGHS is one. Its interrupt callbacks are not asked in
presolve and crossover, and where they are asked often they cost time. So the run has a thread of its own and this one waits.
Nothing else happens meanwhile: the thread calls HiGHS alone, never Pyomo, and HiGHS still has one thread.
"""

from __future__ import annotations

import signal
import threading

import highspy

POLL_S = 0.5
"""Only where the system hands a signal to another thread; the end of a run is noticed at once."""
_RUNNING: list[threading.Thread] = []


def run_interruptibly(highs: highspy.Highs) -> None:
    """A run of HiGHS; whatever a signal's handler raises leaves it at once, and the run is abandoned.

    Where no handler of Python's is set for SIGTERM (a worker process, a notebook) the signal itself ends the process, and
    HiGHS runs in this thread.
    """
    if not callable(signal.getsignal(signal.SIGTERM)) or threading.current_thread() is not threading.main_thread():
        highs.run()
        return
    failures: list[BaseException] = []
    ended = threading.Event()

    def run() -> None:
        try:
            highs.run()
        except BaseException as error:
            failures.append(error)
        finally:
            ended.set()

    thread = threading.Thread(target=run, name="HiGHS", daemon=True)
    _RUNNING[:] = [thread]  # before it begins: a signal may come in between
    try:
        thread.start()
    except RuntimeError:  # no memory for a thread's stack
        highs.run()
        return
    while not ended.wait(POLL_S):
        pass
    thread.join()
    if failures:
        raise failures[0]


def is_abandoned() -> bool:
    """Whether a run goes on that nobody waits for: then the process must end without tidying up what the run still uses."""
    return any(thread.is_alive() for thread in _RUNNING)
