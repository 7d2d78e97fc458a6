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


class PriceFactor(Settings):
    """Factor on items of the bill after planning: another price level, with the plan as it is."""

    items: Annotated[list[str], Field(min_length=1)]
    """Items of the bill: `tie: energy`."""
    cases: list[str] = []
    """Cases it holds for; none: all."""
    factor: float = Field(default=1.0, ge=0)
    """Price over that of the scenario."""
    source: str = Field(min_length=1)
    """Where the price comes from, or `assumption`."""


class Assumption(Settings):
    """A value of the money that is not known, with the range it is tried over."""

    says: str = Field(min_length=1)
    """What it is, with its unit."""
    paths: Annotated[list[str], Field(min_length=1)]
    """Where the value stands under `money`; several paths move together."""
    low: float
    """Least value."""
    high: float
    """Greatest value."""
    source: str = Field(min_length=1)
    """Where the range comes from, or `assumption`."""

    @model_validator(mode="after")
    def _is_a_range(self) -> Assumption:
        if not self.low < self.high:
            raise ValueError(f"low {self.low:g} is not below high {self.high:g}")
        return self


class Stated(Settings):
    """A claim that arithmetic tests: two stated numbers imply a third, which is known with a range."""

    site: str = Field(min_length=1)
    """Site it is said of."""
    says: str = Field(min_length=1)
    """Claim in a sentence, with who makes it."""
    of: float
    """Stated number."""
    by: float = Field(default=1.0, gt=0)
    """Stated number it is divided by."""
    unit: str = Field(min_length=1)
    """What the quotient is, with its unit."""
    kind: Literal["at_least", "at_most"]
    """Whether what is known must reach the quotient, or must not pass below it."""
    known: float
    """Known value."""
    low: float
    """Least known value."""
    high: float
    """Greatest known value."""
    decides: str = Field(min_length=1)
    """What decides, in a few words."""
    source: str = Field(min_length=1)
    """Where the known value comes from, or `assumption`."""

    @model_validator(mode="after")
    def _lies_in_its_range(self) -> Stated:
        if not self.low <= self.known <= self.high:
            raise ValueError(f"known {self.known:g} lies outside {self.low:g} to {self.high:g}")
        return self


class Untested(Settings):
    """A claim that planning cannot test."""

    site: str = Field(min_length=1)
    """Site it is said of."""
    says: str = Field(min_length=1)
    """Claim in a sentence, with who makes it."""
    why: str = Field(min_length=1)
    """Why a plan says nothing about it, and what would."""


class Claim(Settings):
    """A statement from outside, put to the test against the runs."""

    site: str = ""
    """Site it is said of, for the page of claims."""
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
    without: list[str] = []
    """Purchases left out of the money."""
    variants: dict[str, dict[str, str]] = {}
    """Other runs that may stand for the cases: what they are → case → the case to take instead."""

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
    price_factors: dict[str, PriceFactor] = {}
    """Price levels that are varied after planning."""
    assumptions: dict[str, Assumption] = {}
    """Values of this section that are varied one by one, for the range of each claim."""
    stated: list[Stated] = []
    """Statements that arithmetic tests."""
    untested: list[Untested] = []
    """Statements that planning cannot test."""

    def terms(self) -> Terms:
        """Financial terms of the project."""
        return Terms(self.years, self.discount_rate, self.tax_rate, self.cost_growth, degradation=self.degradation)

    def named_cases(self) -> list[str]:
        """Cases that are named."""
        named = [case for claim in self.claims for case in (*claim.cases, *claim.against)]
        named += [
            case for claim in self.claims for pair in claim.variants.values() for both in pair.items() for case in both
        ]
        named += [case for bought in self.buy.values() for case in bought.factor_by_case]
        named += [case for priced in self.price_factors.values() for case in priced.cases]
        return named + ([self.baseline] if self.baseline else [])
