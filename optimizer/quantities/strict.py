"""Base of everything a user may write: frozen, closed, numbers strict, and no number beyond what its unit can be."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Iterator
from functools import cache

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

LARGEST: dict[str, tuple[float, str]] = {
    "_kw_per_card": (1000.0, "kW per card"),
    "_m_per_s": (200.0, "m/s"),
    "_mwh": (1e7, "MWh"),
    "_mw": (1e6, "MW"),
    "_mva": (1e6, "MVA"),
    "cards": (1e8, "cards"),
}
"""End of a field's name → the largest amount believed, and its unit. A factor of 1,000 (kW for MW) stays within for a
small site: such a number is found by the ranges of the whole plan; these limits end what no site on earth has. Money
has no limit here: a MWh at 2,000,000 is dear in CNY and usual in VND; what dwarfs the other costs is found by the ranges."""


class Settings(BaseModel):
    """Base of everything a user may write: frozen, closed, every field with a range and a sentence; `true` is no number."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, validate_default=True, allow_inf_nan=False
    )

    @model_validator(mode="before")
    @classmethod
    def _true_is_no_number(cls, data: object) -> object:
        """Words in place of true and false where a number is due, so that the field itself refuses them."""
        if not isinstance(data, dict) or not any(isinstance(value, bool | list | tuple) for value in data.values()):
            return data
        return {
            key: value if not isinstance(key, str) or _takes_bool(cls, key) else _in_words(value)
            for key, value in data.items()
        }

    @field_validator("*", mode="after")
    @classmethod
    def _is_within_its_unit(cls, value: object, info: ValidationInfo) -> object:
        if isinstance(value, float | int | list | tuple):
            for number in _numbers(value):
                _within(number, info.field_name or "")
        elif isinstance(value, Settings):  # a size to be found has the unit of what it sizes
            for end in {"min", "max", "existing"} & type(value).model_fields.keys():
                for number in _numbers(getattr(value, end)):
                    _within(number, info.field_name or "")
        return value


def _in_words(value: object) -> object:
    """Value with true and false as words, also within lists."""
    if isinstance(value, list | tuple):
        return [_in_words(part) for part in value]
    return str(value).lower() if isinstance(value, bool) else value


@cache
def _takes_bool(model: type[BaseModel], name: str) -> bool:
    """Whether a field may hold true or false."""
    return name not in model.model_fields or bool in _kinds(model.model_fields[name].annotation)


def _kinds(annotation: object) -> Iterator[object]:
    """Plain types within an annotation."""
    inner = typing.get_args(annotation)
    if not inner:
        yield annotation
    for part in inner if not isinstance(annotation, types.GenericAlias | type) or inner else ():
        yield from _kinds(part)


def _numbers(value: object) -> Iterator[float]:
    """Numbers of a value, also those in lists."""
    if isinstance(value, list | tuple):
        for part in value:
            yield from _numbers(part)
    elif isinstance(value, float | int) and not isinstance(value, bool):
        yield value


def _within(number: float, name: str) -> None:
    """Raises PydanticCustomError for an amount beyond what its unit can be."""
    for ending, (largest, unit) in LARGEST.items():
        if name.endswith(ending) and not name.endswith("_per" + ending):
            if math.isfinite(number) and abs(number) > largest:
                raise PydanticCustomError(
                    "beyond_its_unit",
                    "is {number} {unit}, more than any site has ({largest} {unit}); check the unit",
                    {"number": f"{number:g}", "unit": unit, "largest": f"{largest:,.0f}"},
                )
            return
