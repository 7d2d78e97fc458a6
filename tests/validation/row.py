"""One comparison, as a row of the page: what was compared, what came out, what was asked for, whose numbers."""

from __future__ import annotations

from dataclasses import dataclass

from tests.validation.bars import reaches


@dataclass(frozen=True)
class Row:
    """A comparison; all fields as printed."""

    data: str
    metric: str
    ours: str
    bar: str
    source: str

    @property
    def passed(self) -> bool | None:
        """Whether the bar is reached; None where none was set."""
        return reaches(self.ours, self.bar)

    @property
    def verdict(self) -> str:
        """The last column of the page."""
        return {True: "pass", False: "**MISSED**", None: ""}[self.passed]
