"""Several children side by side on one machine: pipes alone, so that nothing listens and nobody else can send work."""

from __future__ import annotations

import selectors
import time
from collections.abc import Iterator
from pathlib import Path

from optimizer.study.child import Child, ChildLostError
from optimizer.study.engine import Done, kept_failure
from optimizer.study.shapes import Task
from optimizer.study.store import is_done


def run_in_children(root: Path, tasks: Iterator[Task], done: Done, workers: int) -> None:
    """Do the tasks in so many children, each ended when its run's time is up. However this ends, the children do too."""
    children = [Child() for _ in range(workers)]
    try:
        _handed_out(root, tasks, done, children)
    finally:
        for child in children:
            child.end()


def _handed_out(root: Path, tasks: Iterator[Task], done: Done, idle: list[Child]) -> None:
    running: dict[Child, tuple[Task, float]] = {}
    with selectors.DefaultSelector() as waiting:
        while True:
            while idle and (task := _next(root, tasks, done)) is not None:
                child = idle.pop()
                try:
                    waiting.register(child.send(root, task), selectors.EVENT_READ, child)
                except OSError as error:
                    child.end()
                    idle.append(child)
                    done(
                        str(task["id"]),
                        kept_failure(root, task, ChildLostError("crash", f"cannot be started: {error}")),
                    )
                    continue
                running[child] = (task, time.monotonic() + float(task["seconds"]))
            if not running:
                return
            wait = max(min(until for _, until in running.values()) - time.monotonic(), 0.0)
            ready = [key.data for key, _ in waiting.select(wait)]
            late = [child for child, (_, until) in running.items() if until <= time.monotonic() and child not in ready]
            for child in [*ready, *late]:
                task, _ = running.pop(child)
                waiting.unregister(child.answers())
                done(str(task["id"]), _answer(root, child, task, in_time=child in ready))
                idle.append(child)


def _next(root: Path, tasks: Iterator[Task], done: Done) -> Task | None:
    """Next task that is not done yet."""
    for task in tasks:
        if not is_done(root, str(task["id"])):
            return task
        done(str(task["id"]), "done")
    return None


def _answer(root: Path, child: Child, task: Task, *, in_time: bool) -> str:
    """Outcome of a task whose child answered, crashed, or is late."""
    try:
        if not in_time:
            seconds = float(task["seconds"])
            raise ChildLostError("time", f"no answer within {seconds:g} s; allow more with seconds_per_run")
        return child.receive()
    except (ChildLostError, OSError) as error:
        child.end()
        return kept_failure(root, task, error)
