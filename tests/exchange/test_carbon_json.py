"""Answers of carbon services: units, order and the difference between marginal and average, as a tie then reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from optimizer.exchange.carbon_json import carbon_of_json
from optimizer.quantities.calendar import Calendar
from optimizer.quantities.documents import DocumentError
from optimizer.quantities.series import FileColumn, values_on

MAPS: dict[str, Any] = {
    "zone": "DE",
    "history": [
        {"zone": "DE", "carbonIntensity": g, "datetime": f"2025-01-01T{hour:02d}:00:00.000Z", "emissionFactorType": "lifecycle",
         "isEstimated": hour == 1}
        for hour, g in ((1, 300), (0, 200), (2, 400))
    ],
}  # fmt: skip
"""Form of Electricity Maps' history, out of order; figures made up."""
WATTTIME: dict[str, Any] = {
    "data": [
        {"point_time": f"2025-01-01T00:{5 * k:02d}:00+00:00", "value": 1000.0 + 100 * (k >= 6)} for k in range(12)
    ],
    "meta": {
        "region": "CAISO_NORTH",
        "signal_type": "co2_moer",
        "units": "lbs_co2_per_mwh",
        "data_point_period_seconds": 300,
    },
}
"""Form of WattTime's history of five-minute points; figures made up."""


def read(answer: object, folder: Path) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Keys of the tie with their files in place, and the notes."""
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    files, notes = carbon_of_json(folder / "answer.json")
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    keys = YAML(typ="safe").load(files["tie.yaml"])
    return {key: FileColumn.model_validate(value, context={"folder": folder}) for key, value in keys.items()}, notes


def test_electricity_maps_is_the_average(tmp_path: Path) -> None:
    """200, 300, 400 g a kWh in the order of their hours are 0.2, 0.3, 0.4 t a MWh of the average; one is an estimate."""
    keys, notes = read(MAPS, tmp_path)
    hours = Calendar.at_local_midnight("2025-01-01", 3 / 24, 1.0, "UTC")
    assert list(keys) == ["carbon_t_per_mwh"]
    assert values_on(keys["carbon_t_per_mwh"], hours) == pytest.approx([0.2, 0.3, 0.4])
    assert any("lifecycle" in note for note in notes)
    assert any(note.startswith("1 points are estimates") for note in notes)


def test_watttime_is_marginal(tmp_path: Path) -> None:
    """Half an hour at 1,000 and half at 1,100 lb a MWh: 1,050 · 0.45359237 / 1,000 = 0.476272 t a MWh, of the marginal plants."""
    keys, _ = read(WATTTIME, tmp_path)
    hour = Calendar.at_local_midnight("2025-01-01", 1 / 24, 1.0, "UTC")
    assert list(keys) == ["marginal_t_per_mwh"]
    assert values_on(keys["marginal_t_per_mwh"], hour) == pytest.approx([0.476272], abs=1e-6)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (WATTTIME | {"meta": WATTTIME["meta"] | {"signal_type": "health_damage"}}, "signal_type is 'health_damage'"),
        (WATTTIME | {"meta": WATTTIME["meta"] | {"units": "stones"}}, "units is 'stones'"),
        (WATTTIME | {"data": WATTTIME["data"][:4] + WATTTIME["data"][5:]}, "fetch the missing hours"),
        (
            MAPS | {"history": [*MAPS["history"][:2], MAPS["history"][2] | {"carbonIntensity": None}]},
            "has the value None",
        ),
        (MAPS | {"history": [*MAPS["history"][:2], MAPS["history"][2] | {"emissionFactorType": "direct"}]}, "mixes"),
        (MAPS["history"], "not the list alone"),
        ({"zone": "DE", "history": []}, "has no points"),
    ],
)
def test_what_is_no_carbon_is_refused(answer: object, said: str, tmp_path: Path) -> None:
    """Another signal, an unknown unit, a hole, a value that is none, two kinds at once, no head, no points."""
    with pytest.raises(DocumentError, match=said):
        read(answer, tmp_path)
