"""Names for what Pyomo builds a model of. Pyomo ships no types: to mypy each is `Any`, to a reader it says what is meant."""

from __future__ import annotations

from typing import Any, TypeAlias

Variable: TypeAlias = Any
"""A variable (VarData), one by index, or all of them (Var)."""
Block: TypeAlias = Any
"""A block or a whole model; variables and constraints are its attributes."""
Expr: TypeAlias = Any
"""An expression, a relation, or what stands in place of one: a number, `Constraint.Skip`."""
Steps: TypeAlias = Any
"""A set of step numbers: a Pyomo set while a model is built, a range elsewhere."""
