"""Rule book: the clauses of a regulation as data, with document number, date and confidence; files of scenarios/rules.

A clause is a promise of the plan where its kind is one of PROMISED (a yearly ratio with a price), else it is a price or an account;
all are checked from the results afterwards (optimizer/rulebook). Texts are in our own words; numbers carry their source.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from optimizer.quantities.documents import DocumentError, data_by_name, named_document
from optimizer.quantities.strict import Settings

Confidence = Literal["official", "secondary", "weak", "assumption"]


class ClauseKind(StrEnum):
    """What a clause asks, in a form that can be computed."""

    SELF_USE = "self_use"
    """Own generation used on site over available, at least."""
    OWN_SUPPLY = "own_supply"
    """Own generation used on site over all use, at least."""
    EXPORT = "export"
    """Export over available, at most."""
    EXPORT_OF_GIVEN = "export_of_given"
    """Export over what own sources gave (self-used and exported), at most."""
    WITHIN_CAPACITY = "within_capacity"
    """Energy bought above the tie's limit, at most [MWh]."""
    GREEN_SHARE = "green_share"
    """Self-used, contracted and certified green energy over all use, at least."""
    CLEAN_SHARE = "clean_share"
    """Carbon-free energy by the hour, the grid's clean part included, over all use, at least."""
    PUE = "pue"
    """Energy of the site over that of its IT, at most."""
    CARBON_INTENSITY = "carbon_intensity"
    """Location-based t CO2 over the energy used in tce, at most."""
    FUNDS_ON_SELF_USE = "funds_on_self_use"
    """Money paid for each self-used MWh."""
    SETTING = "setting"
    """A setting of the scenario that must have one of some values."""


PROMISED = {
    ClauseKind.SELF_USE: "self_use", ClauseKind.OWN_SUPPLY: "own_supply", ClauseKind.EXPORT: "export",
    ClauseKind.EXPORT_OF_GIVEN: "export_of_given", ClauseKind.GREEN_SHARE: "green_share",
}  # fmt: skip
"""Kinds that a plan holds to as promises, by the name of the promise."""
ON_REQUEST = {ClauseKind.PUE: "pue", ClauseKind.CARBON_INTENSITY: "carbon_intensity"}
"""Kinds that a plan holds to where it is asked to, by the name of the promise; else they are checked."""
AT_LEAST = frozenset({ClauseKind.SELF_USE, ClauseKind.OWN_SUPPLY, ClauseKind.GREEN_SHARE, ClauseKind.CLEAN_SHARE,
                      ClauseKind.FUNDS_ON_SELF_USE})  # fmt: skip
"""Kinds whose limit is a least value; the others have a most one."""


class Clause(Settings):
    """A clause of a regulation."""

    kind: ClauseKind
    """What it asks."""
    asks: str = Field(min_length=1)
    """The clause in a sentence of our own."""
    limit: float | None = None
    """Least or most value: a share 0..1, a PUE, MWh, t CO2 per tce, or money per MWh."""
    only_without_continuous_spot: bool = False
    """Whether it holds only while the province's spot market does not run continuously."""
    setting: str | None = None
    """Key in every asset of a section of the scenario, `grid.two_part`; only for `setting`."""
    one_of: list[str] = []
    """Values the setting may have."""
    tce_per_mwh: float = Field(default=0.1229, gt=0)
    """Coal equivalent of a MWh of electricity [tce/MWh]; only for `carbon_intensity`."""
    source: str = Field(min_length=1)
    """Where the number was read, with its date."""
    confidence: Confidence
    """How sure the source is."""

    @model_validator(mode="after")
    def _says_what_it_needs(self) -> Clause:
        if (self.kind == ClauseKind.SETTING) != bool(self.setting and self.one_of):
            raise ValueError("a clause of kind setting needs setting and one_of; the other kinds need neither")
        if self.kind != ClauseKind.SETTING and self.limit is None:
            raise ValueError("needs a limit")
        return self


class Book(Settings):
    """A regulation: who issued it, when, whom it binds, and its clauses."""

    name: str = Field(min_length=1)
    """What it is called in reports."""
    document: str = Field(min_length=1)
    """Number of the document, or its title where the number was not seen."""
    date: str
    """When it was published, YYYY-MM-DD or YYYY-MM."""
    binds: str = Field(min_length=1)
    """Whom it binds."""
    clauses: dict[str, Clause] = Field(min_length=1)
    """Clauses by name."""

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, data: object, info: ValidationInfo) -> object:
        return data_by_name("rules", data, info)

    @field_validator("date", mode="before")
    @classmethod
    def _as_text(cls, day: object) -> object:
        return day.isoformat()[:10] if hasattr(day, "isoformat") else day

    def in_force(self, *, spot_runs_continuously: bool) -> dict[str, Clause]:
        """Clauses that hold, by name."""
        return {
            name: clause
            for name, clause in self.clauses.items()
            if not (clause.only_without_continuous_spot and spot_runs_continuously)
        }


def strictest_clause(books: list[Book], kind: ClauseKind, *, spot_runs_continuously: bool) -> Clause | None:
    """Clause of a kind with a most value in force that allows least; none where there is none."""
    clauses = [
        clause
        for book in books
        for clause in book.in_force(spot_runs_continuously=spot_runs_continuously).values()
        if clause.kind == kind
    ]
    return min(clauses, key=lambda clause: (clause.limit or 0.0) * clause.tce_per_mwh, default=None)


def strictest(books: list[Book], kind: ClauseKind, *, spot_runs_continuously: bool) -> float | None:
    """Strictest limit that any clause of the kind in force sets; none where none does."""
    limits = [
        clause.limit
        for book in books
        for clause in book.in_force(spot_runs_continuously=spot_runs_continuously).values()
        if clause.kind == kind and clause.limit is not None
    ]
    return (max if kind in AT_LEAST else min)(limits, default=None)


def read_book(name: str) -> Book:
    """Book of scenarios/rules by its name, or of a file by its path. Raises DocumentError."""
    document = named_document("rules", name, Path())
    try:
        return Book.model_validate(document.data)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise DocumentError([f"{document.path.name}: {problem}" for problem in problems]) from error
