"""Child process of a study that does runs one after the other and can be killed: the solver obeys no time limit, the operating system does.

The parent sends a task as a line of JSON and waits for the answer until the run's time is up. The child keeps its imports
and caches between runs; it ends when its parent is gone.
"""

from __future__ import annotations

import json
import os
import queue
import selectors
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from optimizer.files.memory import SMALL_LIBRARIES
from optimizer.study.shapes import Task

KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(2**30), "MALLOC_TRIM_THRESHOLD_": str(2**33)}
"""For glibc, others ignore it: a year's arrays are not handed back to the kernel between steps. Where they were, two
workers spent 30 s of 92 in the kernel, with this 9 s of 72 (four years with free sizes)."""
MOST_RUNS = 200
"""Runs after which a child is started afresh, so that memory stays bounded."""


class ChildLostError(Exception):
    """Child gave no answer: killed, crashed, or out of time; the text says which."""

    def __init__(self, kind: str, reason: str):
        self.kind = kind
        super().__init__(reason)


class Child:
    """Child process as the parent sees it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._runs = 0

    def ask(self, root: Path, task: Task, seconds: float) -> str:
        """`done`, or the kind of failure that the child has kept. Raises ChildLostError."""
        try:
            answers = self.send(root, task)
            with selectors.DefaultSelector() as waiting:
                waiting.register(answers, selectors.EVENT_READ)
                if not waiting.select(seconds):
                    raise ChildLostError("time", f"no answer within {seconds:g} s; allow more with seconds_per_run")
            return self.receive()
        except BaseException:
            self.end()
            raise

    def send(self, root: Path, task: Task) -> int:
        """Give the child a task; the descriptor on which its answer will be readable. Raises OSError."""
        process = self._started()
        assert process.stdin is not None
        process.stdin.write(json.dumps({"root": str(root), "task": task}).encode() + b"\n")
        process.stdin.flush()
        return self.answers()

    def answers(self) -> int:
        """File descriptor of the child's answers."""
        assert self._process is not None
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def receive(self) -> str:
        """Answer that is there to be read. Raises ChildLostError, and OSError where the child's disk takes nothing."""
        assert self._process is not None
        answer = self._line(self._process)
        self._runs += 1
        if self._runs >= MOST_RUNS:
            self.end()
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, "-m", f"{__package__}.child"]
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
                env=KEEP_MEMORY | os.environ | SMALL_LIBRARIES,
            )
            self._runs = 0
        return self._process

    def _line(self, process: subprocess.Popen[bytes]) -> str:
        assert process.stdout is not None
        line = process.stdout.readline().decode().strip()
        if not line:
            raise ChildLostError("crash", f"the process ended with code {process.wait()}; out of memory, or killed")
        if line.startswith("disk "):
            raise OSError(line.removeprefix("disk "))
        return line

    def end(self) -> None:
        """Kill the child and whatever it started."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _read_tasks(tasks: queue.Queue[str]) -> None:
    for line in sys.stdin:
        tasks.put(line)
    os._exit(0)  # the parent is gone: what is unfinished would be for nobody


def serve(answers: TextIO) -> None:
    """Task loop of a child process: one answer a task, in order."""
    # the parent, which keeps a child and plans nothing, stays free of the model's libraries
    from optimizer.study.run import perform

    tasks: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read_tasks, args=(tasks,), daemon=True).start()
    while True:
        request = json.loads(tasks.get())
        try:
            answer = perform(Path(request["root"]), request["task"])
        except OSError as error:
            answer = f"disk {error}".replace("\n", " ")
        answers.write(answer + "\n")
        answers.flush()


if __name__ == "__main__":
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever prints must not disturb the answers
    serve(channel)
