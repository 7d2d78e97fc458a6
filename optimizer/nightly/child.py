"""Solver child process: reads a problem, writes every plan it finds, whole or not at all. Its parent holds the deadline.

python -m optimizer.nightly.child optimise|by-rule FOLDER
"""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path

from optimizer.nightly.problem import Candidate, Problem
from optimizer.nightly.rule_based import rule_based_plans
from optimizer.nightly.two_stage import optimise
from optimizer.solve.highs import solve
from optimizer.solve.self_check import solver_faults

PROBLEM = "problem.pickle"
UNTRUSTED = 5
"""Exit code of a child whose solver fails its self-check; nothing it would say could be believed."""


def write_problem(folder: Path, problem: Problem) -> None:
    """Lay a problem down for the child. Raises OSError."""
    (folder / PROBLEM).write_bytes(pickle.dumps(problem))


def hand_over(folder: Path, task: str, number: int, candidate: Candidate) -> None:
    """Write one plan so that the parent sees it whole or not at all."""
    part = folder / f".{task}-{number}.part"
    part.write_bytes(pickle.dumps(candidate))
    os.replace(part, folder / f"{task}-{number}.pickle")


def handed_over(folder: Path, task: str) -> list[Candidate]:
    """Plans a child wrote, in the order it found them; what cannot be read is left out."""
    candidates = []
    for path in sorted(folder.glob(f"{task}-*.pickle")):
        try:
            candidate = pickle.loads(path.read_bytes())  # our own child's file, in a folder only we can write
        except Exception:
            continue
        if isinstance(candidate, Candidate):
            candidates.append(candidate)
    return candidates


def main(task: str, folder: Path) -> None:
    """Solve what lies in the folder. Errors go to stderr, which the parent keeps.

    First the solver answers models with known optima; one that gets them wrong gets no problem.
    """
    if faults := solver_faults():
        print(f"the installed HiGHS cannot be trusted: {'; '.join(faults)}", file=sys.stderr)
        sys.exit(UNTRUSTED)
    problem = pickle.loads((folder / PROBLEM).read_bytes())
    if task == "by-rule":
        for number, candidate in enumerate(rule_based_plans(problem, solve)):
            hand_over(folder, task, number, candidate)
        return
    number = 0

    def offer(candidate: Candidate) -> None:
        nonlocal number
        hand_over(folder, task, number, candidate)
        number += 1

    optimise(problem, offer)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
