"""A solving child that is broken in the way `QAIDAM_TEST_FAULT` says; it takes the real child's place in tests.

python -m tests.nightly.broken_child optimise|by-rule FOLDER
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path


def overrun() -> None:
    """The model of HiGHS #2226: 4y − z = 0, 8x + z = −19, all whole and free; HiGHS overruns its time limit on it."""
    import highspy

    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("time_limit", 1.0)
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("threads", 1)
    infinite = highspy.kHighsInf
    for number in range(3):
        highs.addVar(-infinite, infinite)
        highs.changeColIntegrality(number, highspy.HighsVarType.kInteger)
    highs.addRow(0.0, 0.0, 2, [1, 2], [4.0, -1.0])
    highs.addRow(-19.0, -19.0, 2, [0, 2], [8.0, 1.0])
    while True:  # it comes back after some multiple of its limit; a night has no such patience
        highs.run()
        highs.clearSolver()


def wrong_answer(folder: Path) -> None:
    """A plan that claims to be optimal and free of charge, with flows that do not balance."""
    import pickle
    from dataclasses import replace

    from optimizer.nightly import child
    from optimizer.nightly.rule_based import rule_based_plans
    from optimizer.solve.highs import solve

    problem = pickle.loads((folder / child.PROBLEM).read_bytes())
    right = next(plan for plan in rule_based_plans(problem, solve) if plan.origin == "baseline")
    results = right.results.copy(deep=True)
    results["flow"].values[5, 0] += 0.5
    child.hand_over(folder, "optimise", 0, replace(right, origin="optimised", results=results, bound=right.cost))


def distrusted(task: str, folder: Path) -> None:
    """The real child with a solver that tells a cost of 1 for everything."""
    import numpy as np

    from optimizer.nightly import child
    from optimizer.solve import self_check
    from optimizer.solve.highs import Answer

    def lies(*_: object) -> Answer:
        return Answer("optimal", 1.0, 1.0, np.zeros(6), None, 0.0)

    self_check.solve = lies
    child.main(task, folder)


def main(task: str, folder: Path) -> None:
    """Break as told; the child of the rules does nothing, so that the parent must help itself."""
    fault = os.environ["QAIDAM_TEST_FAULT"]
    if fault == "distrusted":
        distrusted(task, folder)
    if task == "by-rule" or fault == "nothing":
        return
    if fault == "overruns":
        overrun()
    elif fault == "sleeps":
        os.system("sleep 600 & wait")  # a grandchild, which must go too
    elif fault == "wrong":
        wrong_answer(folder)
    elif fault == "garbage":
        (folder / "optimise-0.pickle").write_bytes(b"not a plan")
    elif fault == "raises":
        raise MemoryError("cannot allocate 12 GiB")
    else:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
