"""Many tasks, few at a time: in one child process, or on Dask workers of one thread each. Results go to disk, ids come back.

The scheduler may die in silence and workers may be killed; nobody here believes an answer, the audit of wanted against
found decides.
"""

from __future__ import annotations

import atexit
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import dask
from distributed import Client, Future, LocalCluster, as_completed

from optimizer.study.child import Child, ChildLostError
from optimizer.study.shapes import Task
from optimizer.study.store import is_done, keep_failure

Done = Callable[[str, str], None]
"""Called with a run's id and what became of it: `done`, or the kind of failure."""
WINDOW = 3
"""Tasks handed out per worker; enough to keep it busy, few enough to keep the client small."""

KIND = "run"
"""What all tasks are to Dask. With names of their own alone, its scheduler keeps 15 kB of statistics for each for ever."""


class EngineError(Exception):
    """The workers cannot be used; the text says why and what to do."""


@lru_cache(maxsize=1)
def own_child() -> Child:
    """The child of this process, ended with it."""
    child = Child()
    atexit.register(child.end)
    return child


def run_task(root: str, task: Task) -> str:
    """Do a task in this process's child, unless it is done. Returns what became of it; keeps failures with their reason."""
    folder, name = Path(root), str(task["id"])
    if is_done(folder, name):
        return "done"
    try:
        return own_child().ask(folder, task, float(task["seconds"]))
    except ChildLostError as error:
        kind, reason = error.kind, str(error)
    except OSError as error:
        kind, reason = "disk", f"{error}; free some space and run the study again"
    try:
        keep_failure(folder, name, kind, reason, str(task["label"]))
    except OSError:
        return kind  # the disk is full: the audit will find the run missing
    return kind


def run_here(root: Path, tasks: Iterator[Task], done: Done) -> None:
    """One after the other, without Dask."""
    for task in tasks:
        done(str(task["id"]), run_task(str(root), task))


def run_on(
    client: Client, root: Path, tasks: Iterator[Task], done: Done, work: Callable[[str, Task], str] = run_task
) -> None:
    """On the workers of a Dask client, in a moving window. Ends early, without an error, if the scheduler is lost.

    Raises EngineError if a worker has more than one thread, or if there is none.
    """
    workers = checked_workers(client)

    def submit(task: Task) -> Future:
        return client.submit(work, str(root), task, key=(KIND, str(task["id"])), pure=False, retries=1)

    running = as_completed([submit(task) for task in itertools.islice(tasks, WINDOW * workers)])
    for future in running:
        if future.status == "cancelled":
            return
        done(future.key[1], _outcome(root, future))
        future.release()
        for task in itertools.islice(tasks, 1):
            running.add(submit(task))


def _outcome(root: Path, future: Future) -> str:
    if future.status == "finished":
        return str(future.result())
    reason = f"{type(future.exception()).__name__}: {future.exception()}"
    name = future.key[1]
    keep_failure(root, name, "crash", reason, name)
    return "crash"


def checked_workers(client: Client) -> int:
    """How many workers there are. Raises EngineError if there is none or one has several threads."""
    workers = client.scheduler_info(n_workers=-1)["workers"]
    wide = [name for name, worker in workers.items() if worker["nthreads"] != 1]
    if wide:
        raise EngineError(
            f"{len(wide)} of {len(workers)} workers have more than one thread ({wide[0]}); two solves in one process hang: "
            "start them with --nworkers N --nthreads 1"
        )
    if not workers:
        raise EngineError(
            "the scheduler has no workers; start some with: dask worker ADDRESS --nworkers N --nthreads 1"
        )
    return len(workers)


LIGHT = {
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.profile.enabled": False,  # it samples a hundred times a second; the solver is in another process
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "5s",
}
"""Settings of a cluster on this machine, whose cores belong to the solver."""


@contextmanager
def local_client(workers: int) -> Iterator[Client]:
    """A client of a cluster on this machine: one process a worker, one thread each, reachable from this machine only."""
    with (
        dask.config.set(LIGHT),
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",  # any free port; None would still take 8787
            host="127.0.0.1",
            silence_logs=50,
        ) as cluster,
        Client(cluster) as client,  # type: ignore[no-untyped-call]
    ):
        yield client


@contextmanager
def remote_client(address: str, wait_seconds: float = 30.0) -> Iterator[Client]:
    """A client of a running scheduler, when it has a worker. Raises EngineError if it cannot be reached or has none."""
    try:
        client = Client(address, timeout=wait_seconds)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise EngineError(
            f"no scheduler at {address} ({error}); start one with: dask scheduler --host 127.0.0.1"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=wait_seconds)
        except TimeoutError:
            raise EngineError(
                f"the scheduler at {address} has no workers; start some with: dask worker {address} --nworkers N --nthreads 1"
            ) from None
        yield client
