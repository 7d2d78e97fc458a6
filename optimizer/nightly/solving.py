"""The parent of the solving children: it holds the deadline and ends what overruns it.

HiGHS can overrun its own time limit (HiGHS #2226), so a deadline is a process group killed by its parent.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from optimizer.files.memory import SMALL_LIBRARIES
from optimizer.files.processes import end_with_parent
from optimizer.files.whole import lives, remove_tree
from optimizer.language.speech import noted
from optimizer.nightly.child import UNTRUSTED, handed_over, write_problem
from optimizer.nightly.problem import Candidate, Problem
from optimizer.nightly.rule_based import rule_based_plans
from optimizer.nightly.two_stage import optimise
from optimizer.solve.highs import SolverError, solve
from optimizer.solve.self_check import solver_faults

CHILD = f"{__package__}.child"
OPTIMISE, BY_RULE = noted("optimise"), noted("by-rule")
"""Tasks of the two children."""
SCRATCH = "qaidam-night-"
"""Beginning of the names of the folders children work in; the parent's number follows."""


@dataclass(frozen=True)
class SolverPlans:
    """Candidates of a night, from good to better, and what went wrong."""

    optimised: list[Candidate]
    rule_based: list[Candidate]
    notes: list[str] = field(default_factory=list)
    trusted: bool = True
    """Whether the solver passed its self-check."""


Solver = Callable[[Problem], SolverPlans]


def children(solve_seconds: float, rule_seconds: float, module: str = CHILD) -> Solver:
    """A solver that works in two children side by side, each with its deadline in seconds."""

    def solve_in_children(problem: Problem) -> SolverPlans:
        with tempfile.TemporaryDirectory(prefix=f"{SCRATCH}{os.getpid()}-") as name:
            folder = Path(name)
            write_problem(folder, problem)
            began = time.monotonic()
            running = {task: started(task, folder, module) for task in (OPTIMISE, BY_RULE)}
            deadlines = {OPTIMISE: solve_seconds, BY_RULE: rule_seconds}
            notes = []
            try:
                for task in (BY_RULE, OPTIMISE):
                    notes += waited_for(running[task], task, began + deadlines[task], folder)
            finally:
                for process in running.values():
                    ended(process)
            trusted = UNTRUSTED not in {process.returncode for process in running.values()}
            return SolverPlans(handed_over(folder, OPTIMISE), handed_over(folder, BY_RULE), notes, trusted)

    return solve_in_children


def sweep_scratch() -> None:
    """Remove the working folders of this user's parents that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*-*"):
        parent = folder.name.removeprefix(SCRATCH).partition("-")[0]
        try:
            own = not folder.is_symlink() and folder.is_dir() and folder.stat().st_uid == os.getuid()
            if own and parent.isdigit() and not lives(int(parent)):
                remove_tree(folder)
        except OSError:
            continue


def started(task: str, folder: Path, module: str) -> subprocess.Popen[bytes]:
    """A child in a process group of its own, with one thread, its errors in a file."""
    with (folder / f"{task}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", module, task, str(folder)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=os.environ | SMALL_LIBRARIES,
            preexec_fn=partial(end_with_parent, os.getpid()),  # this process has no threads of its own
        )  # fmt: skip


def waited_for(process: subprocess.Popen[bytes], task: str, deadline: float, folder: Path) -> list[str]:
    """Wait for a child up to the deadline (time.monotonic), then end it; what went wrong, in a line."""
    try:
        code = process.wait(max(deadline - time.monotonic(), 0.0))
    except subprocess.TimeoutExpired:
        ended(process)
        return [f"solver: {task} was not done at its deadline and was ended"]
    if code == 0:
        return []
    lines = (folder / f"{task}.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    reason = (noted("signal {code}") if code < 0 else noted("exit code {code}")).format(code=abs(code))
    return [f"solver: {task} ended with {reason}" + (f": {lines[-1]}" if lines else "")]


def ended(process: subprocess.Popen[bytes]) -> None:
    """Kill a child and all it started."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def in_this_process(problem: Problem) -> SolverPlans:
    """Solving without children and without a deadline: for replays of many nights."""
    optimised: list[Candidate] = []
    notes = []
    if faults := solver_faults():
        return SolverPlans([], [], [f"solver: cannot be trusted: {'; '.join(faults)}"], trusted=False)
    try:
        optimise(problem, optimised.append)
    except SolverError as error:
        notes.append(f"solver: {error}")
    rule_based: list[Candidate] = []
    try:
        rule_based += rule_based_plans(problem, solve)
    except SolverError as error:
        notes.append(f"solver: by rule: {error}")
    return SolverPlans(optimised, rule_based, notes)
