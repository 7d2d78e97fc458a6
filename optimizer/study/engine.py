"""Many tasks, few at a time: in children of this process, or on Dask workers of one thread each on other machines. Results
go to disk, ids come back.

The scheduler may die in silence and workers may be killed; no answer is believed, the audit of requested against
found decides.
"""

from __future__ import annotations

import atexit
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from distributed import Client, Future, Security, as_completed

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
    """Workers cannot be used; the text says why and what to do."""


@lru_cache(maxsize=1)
def own_child() -> Child:
    """Child of this process, ended with it."""
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
    except (ChildLostError, OSError) as error:
        return kept_failure(folder, task, error)


def kept_failure(root: Path, task: Task, error: ChildLostError | OSError) -> str:
    """Kind of failure, kept with its reason where the disk takes it."""
    kind, reason = "disk", f"{error}; free some space and run the study again"
    if isinstance(error, ChildLostError):
        kind, reason = error.kind, str(error)
    try:
        keep_failure(root, str(task["id"]), kind, reason, str(task["label"]))
    except OSError:
        return kind  # the disk is full: the audit will find the run missing
    return kind


def run_here(root: Path, tasks: Iterator[Task], done: Done) -> None:
    """Runs in this process, one after the other, without Dask."""
    for task in tasks:
        done(str(task["id"]), run_task(str(root), task))


def run_on(
    client: Client, root: Path, tasks: Iterator[Task], done: Done, work: Callable[[str, Task], str] = run_task
) -> None:
    """Runs on the workers of a Dask client, in a moving window. Ends early, without an error, if the scheduler is lost.

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
    """Number of workers, checked. Raises EngineError if there is none or one has several threads."""
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


@dataclass(frozen=True)
class Certificates:
    """Files by which scheduler, workers and client know each other (PEM): the authority's, one's own, and its key."""

    authority: Path
    certificate: Path
    key: Path

    def security(self) -> Security:
        """Dask security settings: every connection encrypted, and only from who has a certificate of the same authority."""
        own: dict[str, str] = {}
        for role in ("client", "worker", "scheduler"):
            own |= {f"tls_{role}_cert": str(self.certificate), f"tls_{role}_key": str(self.key)}
        return Security(tls_ca_file=str(self.authority), require_encryption=True, **own)  # type: ignore[no-untyped-call]


@contextmanager
def remote_client(address: str, certificates: Certificates | None, wait_seconds: float = 30.0) -> Iterator[Client]:
    """A client of a running scheduler, when it has a worker. Raises EngineError if it cannot be reached, has none, or would
    take work from anybody: whoever reaches an open scheduler runs code as its owner."""
    if certificates is None or not address.startswith("tls://"):
        raise EngineError(
            f"{address}: is not tls:// with certificates, so anybody who reaches it could run code as you; give "
            "--tls-ca, --tls-cert and --tls-key (scenarios/studies/README.md), or --workers N on this machine"
        )
    missing = [str(path) for path in vars(certificates).values() if not path.is_file()]
    if missing:
        raise EngineError(f"{', '.join(missing)}: no such certificate or key; see scenarios/studies/README.md")
    try:
        client = Client(address, timeout=wait_seconds, security=certificates.security())  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise EngineError(
            f"no scheduler at {address} ({error}); start one as scenarios/studies/README.md says"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=wait_seconds)
        except TimeoutError:
            raise EngineError(
                f"the scheduler at {address} has no workers; start some as scenarios/studies/README.md says, with --nthreads 1"
            ) from None
        yield client
