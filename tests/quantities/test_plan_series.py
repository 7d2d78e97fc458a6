"""Series and tariffs as users write them, laid on the plan's hours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import TypeAdapter

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.series import Series, SeriesError, read_column, values_on
from optimizer.quantities.tariff import Tariff

WEEK = Calendar.at_local_midnight("2025-01-03", 4, 1.0, "Asia/Shanghai", frozenset({"2025-01-06"}))
"""Friday to Monday; the Monday is a holiday."""


def series(data: object, folder: Path | None = None) -> Series:
    """What a user wrote, validated."""
    return TypeAdapter(Series).validate_python(data, context={"folder": folder})


def test_a_number_holds_all_along() -> None:
    """96 times 3."""
    assert values_on(series(3), WEEK).tolist() == [3.0] * 96


def test_a_daily_course_knows_weekends_and_holidays() -> None:
    """Friday has the working day's noon, the weekend and the holiday Monday the other one, all scaled by 2."""
    course = series({"hourly": [0] * 12 + [5] + [0] * 11, "weekend": [0] * 12 + [1] + [0] * 11, "scale": 2})
    assert values_on(course, WEEK)[[12, 36, 60, 84]].tolist() == [10.0, 2.0, 2.0, 2.0]


def test_a_monthly_course_turns_with_the_local_month() -> None:
    """January's 1 for 24 h, February's 2 after local midnight."""
    turn = Calendar.at_local_midnight("2025-01-31", 2, 1.0, "Asia/Shanghai")
    assert values_on(series({"monthly": list(range(1, 13))}), turn).tolist() == [1.0] * 24 + [2.0] * 24


def test_a_file_is_read_beside_the_scenario(tmp_path: Path) -> None:
    """Row by row from the start; comments skipped; repeated where asked, refused where too short."""
    (tmp_path / "load.csv").write_text("# made up\nhour,mw\n" + "".join(f"{h},{h % 24}\n" for h in range(48)))
    repeated = series({"file": "load.csv", "column": "mw", "repeat": True}, tmp_path)
    assert values_on(repeated, WEEK).tolist() == list(np.tile(np.arange(24.0), 4))
    short = series({"file": "load.csv", "column": "mw"}, tmp_path)
    with pytest.raises(
        SeriesError, match="has 48 rows, the plan needs 96; shorten the plan, lengthen the file or set repeat"
    ):
        values_on(short, WEEK)


def test_a_cell_that_is_no_number_is_reported_with_its_row(tmp_path: Path) -> None:
    """Row 3 of the file, counting the header."""
    (tmp_path / "bad.csv").write_text("mw\n1\nmany\n3\n")
    with pytest.raises(SeriesError, match="column mw, row 3: 'many' is not a number; fill every row"):
        read_column(str(tmp_path / "bad.csv"), "mw")
    with pytest.raises(SeriesError, match="no column 'kw'; the file has mw"):
        read_column(str(tmp_path / "bad.csv"), "kw")


@pytest.mark.parametrize(
    ("floats", "expected_price"),
    [(False, 100 * 1.5 + 100 * 0.1 + 30 + 20 + 5), (True, 100 * 1.5 + 100 * 0.1 * 1.5 + 30 + 20 + 5)],
)
def test_only_the_energy_price_floats(floats: bool, expected_price: float) -> None:
    """Peak factor 1.5 on 100, loss of 10 % floating or not, transmission 30, fee 20, funds 5. All floating would be 247.5."""
    tariff = Tariff(
        energy_price_per_mwh=100, line_loss=0.1, line_loss_floats=floats, transmission_price_per_mwh=30, system_fee_per_mwh=20,
        funds_per_mwh=5, periods=[{"months": list(range(1, 13)), "band": "peak", "hours": [[0, 24]], "factor": 1.5}],
    )  # fmt: skip
    assert tariff.import_price(WEEK) == pytest.approx(np.full(96, expected_price))


def test_an_hour_in_two_rows_is_refused() -> None:
    """Each hour of each month lies in exactly one row."""
    months = list(range(1, 13))
    rows = [{"months": months, "band": b, "hours": [h], "factor": 1} for b, h in (("a", [0, 13]), ("b", [12, 24]))]
    with pytest.raises(ValueError, match="12:00 2 times"):
        Tariff(energy_price_per_mwh=100, periods=rows)
