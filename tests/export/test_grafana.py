"""The dashboard of nights: it shows every figure the nights write, and none they do not."""

from __future__ import annotations

import json
import re
from pathlib import Path

from optimizer.nightly.metrics import FORECAST_LEVELS, HELP

DASHBOARD = Path(__file__).resolve().parents[2] / "optimizer/export/deploy/grafana-nights.json"


def panels() -> list[dict]:
    return json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]


def test_every_figure_is_shown_and_every_shown_one_is_written() -> None:
    """A figure that is renamed leaves an empty panel, a new one stays unseen."""
    queries = [target["expr"] for panel in panels() for target in panel["targets"]]
    assert {name for query in queries for name in re.findall(r"qaidam_(\w+)", query)} == set(HELP)


def test_levels_are_named_as_the_nights_count_them() -> None:
    """Each number of a level has a name; those of the forecast are the nights' own words, in their order."""
    named = {}
    for panel in panels():
        for mapping in panel["fieldConfig"]["defaults"]["mappings"]:
            names = [mapping["options"][str(number)]["text"] for number in range(len(mapping["options"]))]
            named.setdefault(panel["targets"][0]["expr"].split("{")[0], set()).add(tuple(names))
    assert named["qaidam_forecast_level"] == {FORECAST_LEVELS}
    (levels,) = named["qaidam_plan_level"]
    assert [f"{number} {name}" for number, name in enumerate(levels)] == HELP["plan_level"].rstrip(".").split(", ")


def test_panels_have_room_and_a_sentence() -> None:
    """No two lie over each other in the grid of 24 columns; each has a title, a description and a source to choose."""
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["datasource"] == {"type": "prometheus", "uid": "${source}"}
