"""Capacity of a plant: given, or left to the optimizer between limits and at a price."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Field, Tag, model_validator

from optimizer.quantities.strict import Settings


def annuity(discount_rate: float, life_years: float) -> float:
    """Yearly share of an investment that pays it back over its life with interest."""
    return discount_rate / (1 - (1 + discount_rate) ** -life_years) if discount_rate else 1 / life_years


class Size(Settings):
    """A capacity left to the optimizer."""

    min: float = Field(default=0.0, ge=0)
    """Least capacity that may be built or leased."""
    max: float = Field(gt=0)
    """Most capacity that may be built or leased."""
    existing: float = Field(default=0.0, ge=0)
    """Capacity that stands already; part of min and max. It costs what `existing_operation_cost` says and nothing more."""
    existing_operation_cost: float = Field(default=0.0, ge=0)
    """Fixed operation and maintenance of a unit of existing capacity in a year."""
    step: float | None = Field(default=None, gt=0)
    """Whole units of this size only (a turbine, a container); none: any size."""
    annual_cost: float | None = Field(default=None, ge=0)
    """Cost of one unit of capacity for a year (a lease, or an annuity); instead of capex."""
    capex: float | None = Field(default=None, ge=0)
    """Investment for one unit of capacity, turned into an annuity over its life."""
    life_years: float = Field(default=20.0, gt=0, le=100)
    """Years the investment lasts."""
    discount_rate: float = Field(default=0.06, ge=0, le=1)
    """Yearly interest of the annuity."""
    operation_share: float = Field(default=0.0, ge=0, le=1)
    """Yearly fixed operation and maintenance as a share of capex."""

    @model_validator(mode="after")
    def _prices_and_range(self) -> Size:
        if (self.annual_cost is None) == (self.capex is None):
            raise ValueError("give either annual_cost or capex, one of the two")
        for name, capacity in (("min", self.min), ("existing", self.existing)):
            if capacity > self.max:
                raise ValueError(f"{name} {capacity:g} is above max {self.max:g}")
        return self

    @property
    def yearly_cost(self) -> float:
        """Money a unit of capacity costs in one year."""
        if self.annual_cost is not None:
            return self.annual_cost
        capex = self.capex or 0.0  # the validator holds one of the two
        return capex * (annuity(self.discount_rate, self.life_years) + self.operation_share)

    @property
    def standing_cost(self) -> float:
        """Money that the existing capacity costs in one year, whatever is added."""
        return self.existing * self.existing_operation_cost


Capacity = Annotated[
    Annotated[Annotated[float, Field(ge=0)], Tag("<number>")] | Annotated[Size, Tag("<size>")],
    Discriminator(lambda value: "<size>" if isinstance(value, dict | Size) else "<number>"),
]
"""A capacity that is given, or one to be found."""


def free_of_charge(capacity: Capacity | None) -> Capacity | None:
    """Capacity that costs nothing: what is not built is not paid."""
    free = {"annual_cost": 0.0, "capex": None, "existing_operation_cost": 0.0}
    return capacity.model_copy(update=free) if isinstance(capacity, Size) else capacity


def most_of(capacity: Capacity) -> float:
    """Capacity, or the most it may become."""
    return capacity.max if isinstance(capacity, Size) else float(capacity)


CAPACITY = "capacity"
"""How the items of a bill begin that are the capital of sizes to be found."""
