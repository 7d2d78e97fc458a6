"""Money settings of a study, and the claims it puts to the test."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from optimizer.accounts.finance import Terms
from optimizer.study.metrics import check_metric
from optimizer.technologies.base import Settings


class Bought(Settings):
    """Purchase paid at the start."""

    amount: float | str
    """Units bought: a number, or a capacity of the run (`sunny_field.size_mw`)."""
    unit_cost: float | str
    """Price of a unit in the currency of the scenario, or the path where the scenario has it."""
    life_years: float = Field(default=20.0, gt=0, le=100)
    """Years until it is bought again."""
    operation_share: float = Field(default=0.0, ge=0, le=1)
    """Yearly upkeep as a share of the price."""
    factor_by_case: dict[str, float] = {}
    """Factor on the price for some cases."""
    source: str = Field(min_length=1)
    """Where the price comes from, or `assumption`."""


class Claim(Settings):
    """A statement from outside, put to the test against the runs."""

    says: str = Field(min_length=1)
    """Claim in a sentence, with who makes it."""
    metric: str
    """Metric it is about."""
    cases: Annotated[list[str], Field(min_length=1)]
    """Cases it is claimed for."""
    against: list[str] = []
    """Cases it is compared with; none: the value itself is claimed."""
    kind: Literal["below", "above", "lower_by_share", "earlier_by"]
    """`below`/`above` a value; `lower_by_share`: by that share of the other cases'; `earlier_by`: by that much."""
    value: float
    """Claimed value."""
    conditions: str = ""
    """What the answer rests on."""

    @model_validator(mode="after")
    def _compares_with_somebody(self) -> Claim:
        check_metric(self.metric)
        if (self.kind in ("lower_by_share", "earlier_by")) != bool(self.against):
            raise ValueError("lower_by_share and earlier_by need `against`; below and above must not have it")
        return self


class Money(Settings):
    """Money over the years of a project."""

    years: int = Field(default=15, gt=0, le=60)
    """Years looked at."""
    discount_rate: float = Field(default=0.06, gt=-1, le=1)
    """Yearly discount rate."""
    tax_rate: float = Field(default=0.0, ge=0, lt=1)
    """Tax on profits."""
    cost_growth: float = Field(default=0.0, gt=-1, le=1)
    """Yearly growth of the running cost."""
    degradation: float = Field(default=0.0, ge=0, lt=1)
    """Yearly loss of output."""
    buy: dict[str, Bought] = {}
    """What is paid at the start, by name."""
    fixed_cost_per_year: float = Field(default=0.0, ge=0)
    """Running cost that the model does not see: people, insurance, network."""
    revenue_per_card_hour: float = Field(default=0.0, ge=0)
    """Income of a card-hour of work."""
    source: str = Field(min_length=1)
    """Where rates, fixed cost and revenue come from, or `assumption`."""
    baseline: str | None = None
    """Case each run is compared with, in the same weather and with the same factors."""
    claims: list[Claim] = []
    """Statements put to the test."""

    def terms(self) -> Terms:
        """Financial terms of the project."""
        return Terms(self.years, self.discount_rate, self.tax_rate, self.cost_growth, degradation=self.degradation)

    def named_cases(self) -> list[str]:
        """Cases that are named."""
        named = [case for claim in self.claims for case in (*claim.cases, *claim.against)]
        named += [case for bought in self.buy.values() for case in bought.factor_by_case]
        return named + ([self.baseline] if self.baseline else [])
