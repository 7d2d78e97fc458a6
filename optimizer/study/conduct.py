"""Execution of a study: runs still to do go to the engine, then the requested runs are compared with those on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from optimizer.study.engine import Certificates, remote_client, run_here, run_on
from optimizer.study.load import LoadedStudy
from optimizer.study.pool import run_in_children
from optimizer.study.store import Audit, audit, clear_remains, still_to_do, study_root
from optimizer.study.task import RequestedRun, of_shard, requested_runs, tasks

Watch = Callable[[str, int, int], None]
"""Called with a phase, how many runs are behind, and how many there are."""


@dataclass(frozen=True)
class Engine:
    """Execution settings of a study: in children of this process, or on a scheduler's workers."""

    workers: int = 1
    scheduler: str | None = None
    certificates: Certificates | None = None
    """By which the scheduler knows us, and we it."""


THIS_MACHINE = Engine()
"""One run after the other in a child of this process."""


def conduct(
    study: LoadedStudy,
    root: Path,
    engine: Engine = THIS_MACHINE,
    *,
    shard: tuple[int, int] = (0, 1),
    again: bool = False,
    watch: Watch = lambda *_: None,
) -> tuple[list[RequestedRun], Audit]:
    """Do every run that is not done; `again` also those whose failure would come again.

    Returns the requested runs of this shard, and what became of them. Raises EngineError, OSError.
    """
    requested, root = of_shard(requested_runs(study), shard), study_root(root)  # workers may stand in another folder
    clear_remains(root)
    names = still_to_do(root, (run.id for run in requested), again=again)
    todo = [run for run in requested if run.id in names]
    before = len(requested) - len(todo)
    count = before

    def done(_: str, __: str) -> None:
        nonlocal count
        count += 1
        watch("runs", count, len(requested))

    watch("runs", before, len(requested))
    if todo:
        with _ready(engine) as hand_out:
            hand_out(root, tasks(study, todo), done)
    return requested, audit(root, (run.id for run in requested))


@contextmanager
def _ready(engine: Engine) -> Iterator[Callable[..., None]]:
    """Task dispatcher, while its workers live."""
    if engine.scheduler is None:
        yield (
            run_here
            if engine.workers == 1
            else lambda root, todo, done: run_in_children(root, todo, done, engine.workers)
        )
        return
    with remote_client(engine.scheduler, engine.certificates) as client:
        yield lambda root, todo, done: run_on(client, root, todo, done)
