"""Progress of a replay, kept on disk after every night so that it can go on where it was ended."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from optimizer.backtest.outcome import Backtest
from optimizer.files.processes import readable
from optimizer.files.single import write_into
from optimizer.files.target import claim
from optimizer.solve.highs import Floats

BACKTEST = "backtest"
"""Kind of the folder, as its mark says."""
IDENTITY, BRACKETS, OUTCOME = "identity", "brackets.json", "backtest.json"


@dataclass(frozen=True)
class Progress:
    """State of one policy after some nights."""

    steps: int
    values: Floats
    """Columns of the world, shape (columns,)."""
    churn_card_h: float
    seconds: float
    """CPU spent."""
    work: Any = None
    """Cards each work holds in the last plan, shape (steps, works); none: there is no plan yet."""


@dataclass(frozen=True)
class Store:
    """A folder of one backtest; none: nothing is kept."""

    folder: Path | None
    identity: str
    """Hash of everything that decides the outcome."""

    def __post_init__(self) -> None:
        if self.folder is None:
            return
        claim(self.folder, BACKTEST, (IDENTITY, BRACKETS, OUTCOME), lambda _: False)
        known = self.folder / IDENTITY
        if known.exists() and readable(known).read_text(encoding="utf-8") != self.identity:
            raise ValueError(f"{self.folder}: holds a backtest of something else; give another folder")
        write_into(self.folder, IDENTITY, lambda path: path.write_text(self.identity, encoding="utf-8"))

    def brackets(self) -> Backtest | None:
        """Brackets, if they are known."""
        path = None if self.folder is None else self.folder / BRACKETS
        return (
            Backtest(**json.loads(readable(path).read_text(encoding="utf-8")))
            if path is not None and path.exists()
            else None
        )

    def keep_brackets(self, outcome: Backtest) -> None:
        """Write the brackets. Raises OSError."""
        if self.folder is not None:
            brackets = {name: value for name, value in asdict(outcome).items() if name != "replays"}
            write_into(self.folder, BRACKETS, lambda path: path.write_text(json.dumps(brackets), encoding="utf-8"))

    def of(self, policy: str, columns: int) -> Progress:
        """Progress of a policy so far."""
        path = None if self.folder is None else self.folder / f"{policy}.npz"
        if path is None or not path.exists():
            return Progress(0, np.zeros(columns), 0.0, 0.0)
        with np.load(path) as kept:
            return Progress(
                int(kept["steps"]), kept["values"], float(kept["churn_card_h"]), float(kept["seconds"]), kept["work"]
            )

    def keep(self, policy: str, done: Progress) -> None:
        """Write how far a policy has come, whole or not at all. Raises OSError."""
        if self.folder is None:
            return
        write_into(self.folder, f"{policy}.npz", lambda path: np.savez(path, **asdict(done)))

    def keep_outcome(self, text: str) -> None:
        """Write the outcome of the whole backtest as JSON text. Raises OSError."""
        if self.folder is not None:
            write_into(self.folder, OUTCOME, lambda path: path.write_text(text + "\n", encoding="utf-8"))
