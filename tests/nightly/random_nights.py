"""Random nights: chains of evenings with spoiled inputs, spoiled files of last night, changed scenarios and clocks that jump.

Used by the property test (small, by rule, in this process) and by `python -m tests.soak` (the real command).
"""

from __future__ import annotations

import copy
import gzip
import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.scenario.file import set_by_path

BASE: dict[str, Any] = {
    "name": "any night",
    "site": {"name": "here", "latitude": 36.42, "longitude": 94.9, "elevation_m": 2808, "timezone": "Asia/Shanghai"},
    "horizon": {"start": "2025-06-02", "days": 1, "step_h": 1},
    "weather": {"synthetic": "golmud", "year": 2025},
    "storage": {"battery": {"power_mw": 0.2, "energy_mwh": 0.4, "least_state_of_charge": 0.1}},
    "grid": {"tie": {"tariff": "qinghai", "import_limit_mw": 2}},
    "power_train": {"supply": {"design_it_mw": 0.5}},
    "cooling": {"halls": {"kind": "indirect-evaporative", "design_heat_mw": 0.6, "segments": 1}},
    "cluster": {"pool": {"cards": 256, "cards_per_block": 64, "busy_kw_per_card": 1.0, "idle_kw_per_card": 0.3}},
    "service": {"answers": {"pool": "pool", "cards": 60}},
    "queue": {"training": {"pool": "pool", "arrival_cards": 50, "deadline_h": 12, "unfinished_price_per_card_h": 0.2}},
}  # fmt: skip
CHANGES: tuple[tuple[str, tuple[object, ...]], ...] = (
    ("storage.battery.energy_mwh", (0.2, 0.05, 4.0)),
    ("storage.battery.least_state_of_charge", (0.0, 0.5)),
    ("queue.training.deadline_h", (1, 6, 48)),
    ("queue.training.arrival_cards", (0, 500)),
    ("horizon.step_h", (0.5, 2)),
    ("cluster.pool.cards", (64, 512)),
    ("cluster.pool.off_kw_per_card", (0.1,)),
    ("cluster.pool.least_blocks_on", (1, 4)),
    ("power_train.supply.design_it_mw", (0.01, 0.05, 0.3, 5.0)),
    ("grid.tie.tariff", ({"name": "t", "currency": "CNY", "energy_price_per_mwh": -50},)),
    ("service.answers.cards", (0, 250)),
    ("grid.tie.import_limit_mw", (0.0, 0.1, 10)),
    ("site.timezone", ("Europe/Berlin", "America/Santiago", "Asia/Kolkata")),
    ("name", ("another",)),
)
"""Paths and values a scenario is changed to between nights."""
REMOVED = ("storage", "queue", "solar", "nothing")
EVIL: tuple[bytes, ...] = (
    b"", b"null", b"[]", b"{}", b"\x00" * 100, b"\xff\xfe" * 50, b"[" * 50_000, b'{"a": ' * 20_000, b"name: [",
    b'{"time": "2025-06-01T22:00+08:00", "assets": {"battery": {"energy_mwh": 1' + b"0" * 1000 + b"}}}",
    b'{"time": "9999-01-01", "assets": 3}', b'{"time": 1e400, "assets": {"battery": "full"}}',
    b'{"stocks": {"here battery energy_mwh": {"6": ["a"]}}, "monthly": {}}', b'{"stocks": [], "monthly": []}',
    b'{"stocks": {"here battery energy_mwh": {"6": [' + b",".join([b"1e300"] * 24) + b"]}}, \"monthly\": {}}",
    b'{"stocks": {"here battery energy_mwh": {"6": [NaN]}}, "monthly": {"here tie peak_mw": {"6": 1e300}}}',
    b"id,arrival,cards,hours,deadline\n", b"id,arrival,cards,hours,deadline\nx,9999-12-31 23:59,8,2,9999-12-31\n",
    b"id,arrival,cards,hours,deadline\nx,0001-01-01,1e300,-2,NaN\n", b"id,arrival\n" + b"x" * 200_000,
    b'{"opening": 3, "time_utc": ["abc"], "states": {"here battery energy_mwh": ["abc"]}}',
    gzip.compress(b"id,arrival,cards,hours\n" * 100)[:-20],
)  # fmt: skip
LAST = ("states.json", "work.json", "scenario.json", "forecast.nc", "run-record.json", "schedule.csv", "results.nc",
        "summary.json", ".qaidam.json")  # fmt: skip
"""Files of last night that are spoiled."""


def spoil(path: Path, dice: random.Random) -> str:
    """Put something else in a file's place; what was done."""
    kind = dice.choice(("evil", "evil", "evil", "cut", "flip", "gone", "fifo", "folder", "loop", "numbers"))
    content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "loop":
        path.symlink_to(path.name)
    elif kind == "cut":
        path.write_bytes(content[: dice.randrange(len(content) + 1)])
    elif kind == "flip":
        broken = bytearray(content or b"x")
        for _ in range(dice.randrange(1, 20)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        path.write_bytes(bytes(broken))
    elif kind == "numbers":
        text = content.decode("utf-8", errors="replace")
        for old in ("0.4", "1.0", "60", "0.0"):
            text = text.replace(old, dice.choice(("1e9", "-5", "NaN", '"abc"', "[1, 2]")), dice.randrange(1, 5))
        path.write_text(text)
    elif kind == "evil":
        path.write_bytes(dice.choice(EVIL))
    return f"{path.name}: {kind}"


def changed_scenario(dice: random.Random) -> dict[str, Any]:
    """The site with nothing, one or several things changed."""
    data = copy.deepcopy(BASE)
    for path, values in dice.sample(CHANGES, dice.choice((0, 0, 1, 1, 2, 3))):
        set_by_path(data, path, dice.choice(values))
    if dice.random() < 0.15:
        data.pop(dice.choice(REMOVED), None)
    return data


def next_clock(now: pd.Timestamp, dice: random.Random) -> pd.Timestamp:
    """The next evening, or a clock that jumped."""
    hours = dice.choice((24, 24, 24, 24, 0, -24, 48, 20, -24 * 7, 24 * 3650, -24 * 3650, 24 * 30))
    return now + pd.Timedelta(hours=hours)


def input_file(folder: Path, name: str, good: Callable[[], bytes], dice: random.Random) -> Path | None:
    """A file as an input of the night: none, sound, or spoiled."""
    if dice.random() < 0.3:
        return None
    path = folder / name
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.write_bytes(good())
    if dice.random() < 0.6:
        spoil(path, dice)
    return path


def telemetry_text(now: pd.Timestamp, dice: random.Random) -> bytes:
    """Sound telemetry, or telemetry a little off."""
    assets = {
        "battery": {"energy_mwh": dice.choice((0.2, 0.0, 0.4, 0.41, 7))},
        "training": {"backlog_card_h": dice.choice((0, 500, -3))},
    }
    return json.dumps({"time": f"{now.isoformat()}Z", "assets": assets}).encode()


def end_values_text() -> bytes:
    """Sound end values."""
    stocks = {"here battery energy_mwh": {str(month): [300.0] * 24 for month in range(1, 13)}}
    return json.dumps({"stocks": stocks, "monthly": {"here tie peak_mw": {"6": 0.4}}}).encode()
