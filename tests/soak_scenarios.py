"""Seeded mutations of scenarios and studies: one to three of their values replaced by what nobody should write.

A scenario that is accepted is planned for six hours. Whatever is written, the end is a plan or one of the project's own
errors, within seconds. `python -m tests.soak_scenarios COUNT SEED` runs many and lists "planned nonsense": mutations that
were accepted and planned although their value is one no site has, by the reason why each is no error
(`tests/planned_nonsense.py`); one without a reason is a failure. A test runs a few.
"""

from __future__ import annotations

import copy
import json
import random
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from optimizer.inputs.assemble import InputError
from optimizer.plan.certify import plan_assets
from optimizer.plan.optimize import calendar_for, effort_for, inputs_for
from optimizer.quantities.documents import DocumentError, read_document
from optimizer.quantities.series import SeriesError
from optimizer.scenario.file import load_site
from optimizer.solve.highs import SolverError
from optimizer.study.load import load_study
from tests.planned_nonsense import reason_of
from tests.soak_readers import DEADLINE_S, HangError, _alarm
from weather.canonical import WeatherError

SOUND = Path(__file__).with_name("cases") / "sound.yaml"
OWN_ERRORS = (DocumentError, InputError, SeriesError, WeatherError, SolverError)
ABSURD: tuple[object, ...] = (-1, -1e-9, 0, 1e-12, 1e4, 1e9, 1e30, 10**30, 10**400, True, None, "", "x", "1e3", "NaN", [], {}, [1],
          {"hourly": [1] * 24}, {"hourly": [1] * 23}, {"file": "none.csv", "column": "a"}, {"min": 1, "max": 0},
          {"min": 0, "max": 1e12, "annual_cost": 0}, "2025-02-30", "9999-12-31", "../../etc/passwd", "\u202e\x1b[2J", "a" * 5000,
          {"monthly": {"13": 1}}, [[[[1]]]], "=1+1")  # fmt: skip
STUDY = {
    "name": "any", "scenario": "sound.yaml", "weather_years": [2024, 2025],
    "vary": {"sun": {"paths": ["solar.field.peak_power_mw"], "values": [0.5, 1]}},
    "sensitivity": {"price": {"paths": ["grid.tie.import_limit_mw"], "low": 1, "high": 3}},
    "cases": {"small": {"overrides": {"storage.battery.energy_mwh": 0.2}}, "large": {}},
}  # fmt: skip
Route = tuple[str | int, ...]


def leaves(node: object, route: Route = ()) -> Iterator[Route]:
    """Way to every value and every branch of nested data."""
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in parts:
        yield (*route, key)
        yield from leaves(value, (*route, key))


def spoiled(sound: object, dice: random.Random) -> tuple[object, dict[str, object]]:
    """A copy with a few values replaced, taken away, doubled under another key or moved; and what was done by path."""
    data, done = copy.deepcopy(sound), dict[str, object]()
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        *above, key = dice.choice(list(leaves(data)))
        parent = data
        for part in above:
            parent = parent[part]  # type: ignore[index]
        path, how = ".".join(map(str, (*above, key))), dice.choice(("value",) * 6 + ("gone", "misspelled", "moved"))
        if how == "value":
            old = parent[key]  # type: ignore[index]
            scaled = isinstance(old, float | int) and dice.random() < 0.4
            value = old * dice.choice((-1, 1e-3, 1e3, 1e6)) if scaled else dice.choice(ABSURD)
            parent[key], done[path] = value, value  # type: ignore[index]
            continue
        value = parent.pop(key)  # type: ignore[attr-defined]
        done[path] = how
        if how == "misspelled" and isinstance(parent, dict):
            parent[f"{key}s"] = value
        elif how == "moved" and isinstance(data, dict):
            data[str(key)] = value
    return data, done


def plan_of(path: Path) -> object:
    """A scenario read and planned for six hours."""
    scenario = load_site(path)
    inputs = inputs_for(scenario, calendar_for(scenario, days=0.25))
    return plan_assets(scenario.assets(), inputs, effort_for(scenario, workers=1, seconds=20))


KINDS: dict[str, tuple[object, Callable[[Path], object]]] = {
    "scenario": (read_document(SOUND).data, plan_of),
    "study": (STUDY, load_study),
}


def outcomes(count: int, seed: int, folder: Path) -> Iterator[tuple[str, dict[str, object], str]]:
    """(kind, what was spoiled, how it ended) of each mutation: "accepted", "refused", or the traceback."""
    (folder / "sound.yaml").write_bytes(SOUND.read_bytes())
    signal.signal(signal.SIGALRM, _alarm)
    for number in range(count):
        dice = random.Random(f"{seed} {number}")
        kind = dice.choice(("scenario", "study"))
        sound, reader = KINDS[kind]
        data, done = spoiled(sound, dice)
        path = folder / f"{kind}.yaml"
        path.write_text(json.dumps(data, default=str), encoding="utf-8")
        signal.alarm(DEADLINE_S)
        try:
            reader(path)
            yield kind, done, "accepted"
        except OWN_ERRORS as error:
            yield kind, done, "refused" if len(str(error)) < 20_000 else f"a message of {len(str(error)):,} characters"
        except (Exception, HangError):
            yield kind, done, f"{seed} {number}: {traceback.format_exc()}"
        finally:
            signal.alarm(0)


def main(count: int, seed: int) -> int:
    """Run, print what failed and what was planned though a single value in it is absurd; the number of failures."""
    ends, nonsense = Counter[str](), dict[str, Counter[str]]()
    with tempfile.TemporaryDirectory() as folder:
        for kind, done, end in outcomes(count, seed, Path(folder)):
            ends[f"{kind} {end}" if end in ("accepted", "refused") else "failures"] += 1
            if end not in ("accepted", "refused"):
                print(done, end, flush=True)
            elif end == "accepted" and len(done) == 1:
                ((path, value),) = done.items()
                reason = reason_of(kind, path, value)
                ends["failures"] += reason is None
                of_reason = nonsense.setdefault(reason or "NOT JUSTIFIED", Counter())
                of_reason[f"{kind}: {path} = {str(value)[:60]!r}"] += 1
    print(f"{count} mutations from seed {seed}: {dict(ends)}")
    for reason, of_reason in sorted(nonsense.items()):
        print(f"  {reason}:")
        for what, times in sorted(of_reason.items()):
            print(f"    {times} x accepted: {what}")
    return ends["failures"]


if __name__ == "__main__":
    sys.exit(min(main(int((sys.argv[1:] or ["1000"])[0]), int((sys.argv[2:] or ["1"])[0])), 1))
