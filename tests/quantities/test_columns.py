"""Columns of a labelled table: picked by any label, by member, and as expected values."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from optimizer.quantities.columns import expected, labels_of, matching, mean, positions, total


@pytest.fixture
def table() -> xr.DataArray:
    """Two steps; a tie decided for all weathers, a battery in each of three, and a battery of the same name elsewhere."""
    labels = {
        "site": ["here", "here", "here", "here", "there"],
        "asset": ["tie", "battery", "battery", "battery", "battery"],
        "series_flow": ["import", "charge", "charge", "charge", "charge"],
        "member": [-1, 0, 1, 2, 0],
    }
    coords = {name: ("series", np.array(values, dtype=object)) for name, values in labels.items()}
    coords["member"] = ("series", np.array(labels["member"]))
    return xr.DataArray([[1.0, 10, 20, 40, 7], [2.0, 30, 30, 30, 8]], dims=("time", "series"), coords=coords)


def test_labels_have_their_plain_names(table: xr.DataArray) -> None:
    """`series_flow` is the quantity; no label keeps its dimension's name in front."""
    assert set(labels_of(table)) == {"site", "asset", "quantity", "member"}


def test_columns_by_one_label_several_or_any_of_some(table: xr.DataArray) -> None:
    """A name, two names, a list of names; None does not matter; what there is not is nothing, and sums to zero."""
    assert positions(table, asset="battery", site="here").tolist() == [1, 2, 3]
    assert positions(table, asset=["tie", "battery"], site=None).tolist() == [0, 1, 2, 3, 4]
    assert positions(table, quantity=()).tolist() == []
    assert matching(table, asset="engine").shape == (2, 0)
    assert total(table, asset="engine").tolist() == mean(table, asset="engine").tolist() == [0.0, 0.0]
    assert total(table, quantity="charge").tolist() == [77.0, 98.0]
    assert mean(table, quantity="charge", site="here").tolist() == pytest.approx([70 / 3, 30.0])


def test_a_member_has_its_own_columns_and_those_of_all(table: xr.DataArray) -> None:
    """Member 2: the tie (decided for all), its own battery, and the far battery, which has one column for all weathers."""
    assert positions(table, member=2).tolist() == [0, 3, 4]
    assert positions(table, member=0).tolist() == [0, 1, 4]


def test_expected_values_by_weight(table: xr.DataArray) -> None:
    """0.5·10 + 0.3·20 + 0.2·40 = 19: the battery's mean in place of member 0; what all share is not weighed."""
    mean_table = expected(table, [0.5, 0.3, 0.2])
    assert mean_table.values.tolist() == [[1.0, pytest.approx(19.0), 7.0], [2.0, pytest.approx(30.0), 8.0]]
    assert mean_table["member"].values.tolist() == [-1, 0, 0]
    assert expected(table, [1.0]) is table


def test_a_table_without_time(table: xr.DataArray) -> None:
    """Sizes have one dimension; they are picked and averaged alike."""
    sizes = table.isel(time=0)
    assert total(sizes, asset="battery", member=1).item() == 27.0
    assert expected(sizes, [0.5, 0.3, 0.2]).values.tolist() == pytest.approx([1.0, 19.0, 7.0])
