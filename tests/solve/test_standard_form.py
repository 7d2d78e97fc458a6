"""Standard form of a model against Pyomo's own compiler, an independent reading of the same expressions."""

from __future__ import annotations

import math

import numpy as np
import pyomo.environ as pyo
import pytest
import scipy.sparse as sp
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from sites import center, small, tie

from optimizer.solve.highs import compile_model, solve
from optimizer.solve.pyomo_types import Block
from optimizer.solve.standard_form import ModelError, StandardForm, standard_form
from optimizer.technologies.base import Size
from optimizer.technologies.compute.cluster import Cluster
from optimizer.technologies.energy.storage import Storage


def by_pyomo(root: Block) -> StandardForm:
    """The same by Pyomo's compiler, which moves fixed variables to the right sides."""
    form = LinearStandardFormCompiler().write(root, mixed_form=True)
    sense, right = np.array([row.bound_type for row in form.rows]), np.asarray(form.rhs, dtype=float)
    return StandardForm(
        np.asarray(form.c.todense(), dtype=float).ravel(),
        float(form.c_offset[0]),
        sp.csc_array(form.A),
        np.where(sense == 1, -math.inf, right),
        np.where(sense == -1, math.inf, right),
        form.columns,
        np.zeros(0, dtype=np.int64),
        {id(row.constraint): number for number, row in enumerate(form.rows)},
    )


def assert_same(root: Block) -> None:
    """Same columns and rows in the same order, same numbers to the last digit."""
    ours, theirs = standard_form(root), by_pyomo(root)
    assert [id(column) for column in ours.columns] == [id(column) for column in theirs.columns]
    assert ours.row_of == theirs.row_of
    assert ours.offset == theirs.offset
    for name in ("cost", "row_lower", "row_upper"):
        assert np.array_equal(getattr(ours, name), getattr(theirs, name)), name
    assert ours.rows.shape == theirs.rows.shape
    assert abs(ours.rows - theirs.rows).nnz == 0


def test_a_site_has_pyomos_form() -> None:
    """A tie, a store with a free size and blocks of cards over six hours."""
    store = Storage(
        energy_mwh=Size(max=80, annual_cost=30_000), power_mw=3, charge_efficiency=0.9, discharge_efficiency=0.9
    )
    cards = Cluster(
        cards=64, cards_per_block=8, busy_kw_per_card=0.7, idle_kw_per_card=0.1, off_kw_per_card=0.0, least_blocks_on=1
    )
    root = small(center(tie=tie(), store=store, cards=cards), 6).model().pyomo
    assert_same(root)


def odd_model() -> Block:
    """Every kind of row and of expression: sides left, right and both, brackets, parameters, zeros, twice the same, unused."""
    root = pyo.ConcreteModel()
    root.steps = pyo.RangeSet(0, 3)
    root.unused = pyo.Var(root.steps)
    root.x, root.size = pyo.Var(root.steps, bounds=(0, 9)), pyo.Var(bounds=(0, None))
    root.count = pyo.Var(root.steps, domain=pyo.NonNegativeIntegers, initialize=2)
    root.share = pyo.Param(initialize=0.25, mutable=True)
    root.cost = pyo.Objective(expr=3 * root.size + sum(root.x[t] * (t - 1) for t in root.steps) + 7)
    root.below = pyo.Constraint(root.steps, rule=lambda b, t: b.x[t] - 2 <= b.share * (b.size + 3 * b.count[t]))
    root.above = pyo.Constraint(expr=-(root.x[0] - 2 * root.x[1]) / 4 + root.x[0] >= 1)
    root.equal = pyo.Constraint(expr=root.x[2] == 0.5 * root.size + 1)
    root.zero = pyo.Constraint(expr=0 * root.x[0] + root.x[1] - root.x[1] <= 5)
    root.between = pyo.Constraint(expr=(1, root.x[3] + root.size, 8))
    root.left_out = pyo.Constraint(expr=root.x[3] >= 8)
    root.left_out.deactivate()
    return root


def test_every_kind_of_expression_has_pyomos_form() -> None:
    assert_same(odd_model())


def test_columns_know_steps_whole_numbers_and_begin() -> None:
    """Five steps of counts and powers, a size of no step; the unused variable is no column."""
    root = odd_model()
    compiled = compile_model(root)
    step = {
        name: compiled.matrix.step[compiled.column_of[id(entry)]]
        for name, entry in (("s", root.size), ("x", root.x[2]))
    }
    assert step == {"s": -1, "x": 2}
    assert id(root.unused[0]) not in compiled.column_of
    counts = [compiled.column_of[id(root.count[t])] for t in root.steps]
    assert np.flatnonzero(compiled.matrix.is_integer).tolist() == sorted(counts)
    assert compiled.matrix.begin is not None
    assert (compiled.matrix.begin[counts] == 2).all()


def test_a_fixed_variable_stands_at_its_value() -> None:
    """x[2] fixed at 3 gives a size of 4 by the equation, whatever its bounds are."""
    root = odd_model()
    root.x[2].fix(3)
    compiled = compile_model(root)
    answer = solve(compiled.matrix.relaxed())
    assert answer.values[compiled.column_of[id(root.size)]] == pytest.approx(4.0, abs=1e-6)  # HiGHS' feasibility


def test_what_is_not_linear_or_cannot_be_met_is_refused() -> None:
    """A product of two variables is no row; nor is 0 ≥ 1."""
    root = odd_model()
    root.product = pyo.Constraint(expr=root.x[0] * root.x[1] <= 1)
    with pytest.raises(ModelError, match="not linear"):
        standard_form(root)
    root = odd_model()
    root.never = pyo.Constraint(expr=root.x[1] - root.x[1] >= 1)
    with pytest.raises(ModelError, match="cannot be met"):
        standard_form(root)
