"""What a replay has done so far, kept on disk after every night so that it can go on where it was ended."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from optimizer.backtest.outcome import Backtest
from optimizer.solve.highs import Floats


@dataclass(frozen=True)
class Progress:
    """One policy after some nights."""

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
        self.folder.mkdir(parents=True, exist_ok=True)
        mark = self.folder / "identity"
        if mark.exists() and mark.read_text(encoding="utf-8") != self.identity:
            raise ValueError(f"{self.folder}: holds a backtest of something else; give another folder")
        mark.write_text(self.identity, encoding="utf-8")

    def brackets(self) -> Backtest | None:
        """The brackets, if they are known."""
        path = None if self.folder is None else self.folder / "brackets.json"
        return Backtest(**json.loads(path.read_text(encoding="utf-8"))) if path is not None and path.exists() else None

    def keep_brackets(self, outcome: Backtest) -> None:
        """Write the brackets. Raises OSError."""
        if self.folder is not None:
            told = {name: value for name, value in asdict(outcome).items() if name != "replays"}
            _replace(self.folder / "brackets.json", json.dumps(told).encode())

    def of(self, policy: str, columns: int) -> Progress:
        """How far a policy has come."""
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
        part = self.folder / f".{policy}.part.npz"
        np.savez(part, **asdict(done))
        os.replace(part, self.folder / f"{policy}.npz")


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    os.replace(part, path)
