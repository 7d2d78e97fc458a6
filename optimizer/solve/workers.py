"""Windows solved one after the other, or in processes of their own (never threads: Pyomo and HiGHS hang in them)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from typing import TypeVar

from optimizer.files.processes import worker_processes
from optimizer.solve.deadline import deadline, done_by
from optimizer.solve.decomposition import Window
from optimizer.solve.highs import Answer, Limits, solve

Result = TypeVar("Result")
Progress = Callable[[str, int, int], None]
"""Called with a phase, how many parts of it are done, and how many there are."""


class WindowPool:
    """Solves windows one after the other, or in processes of their own (never threads)."""

    def __init__(self, executor: ProcessPoolExecutor | None):
        self._executor = executor

    def solve(
        self, windows: Sequence[Window], limits: Sequence[Limits], phase: str, progress: Progress
    ) -> list[Answer]:
        """Answers in the order of the windows. Raises SolverError if any has none."""
        pairs = [(window.matrix, limit) for window, limit in zip(windows, limits, strict=True)]
        return self.each(solve, pairs, phase, progress)

    def each(
        self, task: Callable[..., Result], jobs: Sequence[tuple[object, ...]], phase: str, progress: Progress
    ) -> list[Result]:
        """Results of a task (a function of a module) for each job's arguments, in the order of the jobs."""
        progress(phase, 0, len(jobs))
        if self._executor is None:
            results = []
            for number, job in enumerate(jobs):
                results.append(task(*job))
                progress(phase, number + 1, len(jobs))
            return results
        futures = {self._executor.submit(done_by, deadline(), task, job): number for number, job in enumerate(jobs)}
        done: dict[int, Result] = {}
        for future in as_completed(futures):
            done[futures[future]] = future.result()
            progress(phase, len(done), len(jobs))
        return [done[number] for number in range(len(jobs))]


@contextmanager
def window_workers(workers: int) -> Iterator[WindowPool]:
    """A pool of worker processes, or none for one worker. Children are started afresh: they inherit no solver state."""
    if workers <= 1:
        yield WindowPool(None)
        return
    with worker_processes(workers) as executor:
        yield WindowPool(executor)
