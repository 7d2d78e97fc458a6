"""Seeded mutations of every kind of file that is read: weather of ten forms, job tables and logs, series, tariffs.

Whatever a file holds, a reader gives data or one of the project's own errors, within seconds. `python -m tests.soak_readers
COUNT SEED` runs many; a test runs a few.
"""

from __future__ import annotations

import json
import random
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pandas as pd

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.documents import DocumentError, read_document
from optimizer.quantities.job_table import JobTable
from optimizer.quantities.series import FileColumn, SeriesError, values_on
from optimizer.quantities.tariff import Tariff
from tests.weather.fixtures import provider_files as files
from weather import sources
from weather.canonical import WeatherError
from weather.quality.inspect import inspect
from weather.quality.repair import repair
from weather.sources import tidy

DEADLINE_S = 60
"""A hang, not a slow machine: each takes far below a second alone."""
PLAN = Calendar.at_local_midnight("2025-03-29", 2, 1.0, "Europe/Berlin")
CELLS = ("", "nan", "inf", "-inf", "1e400", "-1", "0", "1e300", "9" * 40, "NaT", "0x10", "true", "ä", "\x00", '"', "|", "a|b",
         "2025-02-30", "9999-12-31", "0001-01-01", "2025-03-30 02:30", "2025-10-26T02:30:00", "UNLIMITED", "Unknown", "24_[1-9",
         "24_[0-99999999]", "gres/npu=8", "=1+1", "[]", "{}", "null", "1,5", "١٢", "x" * 70_000)  # fmt: skip
TIDY_JOBS = "id,arrival,cards,hours,deadline,priority,group\n" + "".join(
    f"j{k},2025-03-{1 + k % 28:02d} {k % 24:02d}:00,{1 + k % 64},{1 + k % 9},,1,g\n" for k in range(40)
)
SACCT = "JobIDRaw|JobName|Submit|Start|End|ElapsedRaw|State|Timelimit|AllocTRES|ReqTRES\n" + "".join(
    f"{k}|n{k}|2025-03-29T0{k % 9}:00:00|2025-03-29T0{k % 9}:10:00|2025-03-29T1{k % 9}:00:00|{600 * k}|COMPLETED|1-00:00:00"
    f"|cpu=8,gres/gpu={k % 8}|gres/gpu=8\n"
    for k in range(40)
)
SWF = "; UnixStartTime: 1743200000\n" + "".join(
    f"{k} {k * 60} -1 {k * 100} {k % 16} -1 -1 4 -1 -1 1 1 1 -1 {k % 3} -1 -1 -1\n" for k in range(40)
)
PODS = json.dumps({"kind": "List", "items": [
    {"metadata": {"name": f"p{k}", "creationTimestamp": "2025-03-29T08:00:00Z"},
     "spec": {"containers": [{"resources": {"limits": {"nvidia.com/gpu": str(k % 4)}}}]},
     "status": {"startTime": "2025-03-29T09:00:00Z",
                "containerStatuses": [{"state": {"terminated": {"finishedAt": "2025-03-29T12:00:00Z"}}}]}}
    for k in range(20)]})  # fmt: skip
PRICES = "time,price\n" + "".join(
    f"{stamp:%Y-%m-%d %H:%M},{stamp.hour}\n" for stamp in pd.date_range("2025-03-29", periods=72, freq="h")
)
TARIFF = (
    "name: t\ncurrency: EUR\nenergy_price_per_mwh: 60\ndemand_price_per_mw_month: 100\nperiods:\n"
    "  - {months: [6, 7, 8], hours: [[14, 20]], band: peak, factor: 2}\n"
    "  - {months: [6, 7, 8], hours: [[20, 14]], band: off, factor: 1}\n"
    "  - {months: [1, 2, 3, 4, 5, 9, 10, 11, 12], band: rest, factor: 1}\n"
)


def originals(folder: Path) -> dict[str, tuple[Path, Callable[[Path], object]]]:
    """A sound file of every form, and what reads it."""
    folder.mkdir(exist_ok=True)
    short, year = files.truth(), files.truth_year()
    made = {
        "epw": files.write_epw(folder / "a.epw", year),
        "tmy3": files.write_tmy3(folder / "a.tmy3", year),
        "tmy2": files.write_tmy2(folder / "a.tm2", year),
        "psm4": files.write_psm4(folder / "psm4.csv", short),
        "nasa": files.write_json(folder / "nasa.json", files.nasa_power_content(short, standard="LST")),
        "nasa-csv": files.write_nasa_csv(folder / "nasa.csv", short, standard="UTC"),
        "pvgis": files.write_json(folder / "pvgis.json", files.pvgis_hourly_content(short, minute=10)),
        "open-meteo": files.write_json(folder / "om.json", files.open_meteo_content(short)),
        "era5": files.write_era5(folder / "era5.nc", short, new_layout=True),
        "tidy": folder / "tidy.csv",
    }
    tidy.write(short, made["tidy"])
    read: dict[str, tuple[Path, Callable[[Path], object]]] = {name: (path, weather) for name, path in made.items()}
    for form, text in (("tidy", TIDY_JOBS), ("sacct", SACCT), ("swf", SWF), ("kubernetes", PODS)):
        path = folder / f"jobs.{form}"
        path.write_text(text, encoding="utf-8")
        read[f"jobs {form}"] = (path, jobs_of(form))
    for name, text, reader in (("series", PRICES, series), ("tariff", TARIFF, tariff_prices)):
        path = folder / name
        path.write_text(text, encoding="utf-8")
        read[name] = (path, reader)
    return read


def weather(path: Path) -> object:
    """Read, looked at and repaired, as `qaidam weather inspect` and a plan do."""
    found = sources.read(path)
    return inspect(found, path).text(), repair(found)


def jobs_of(form: str) -> Callable[[Path], object]:
    """Reader of job files of a form, with their account on a plan's hours."""

    def read(path: Path) -> object:
        table = JobTable.model_validate({"file": str(path), "form": form})
        return table.jobs(PLAN), table.account(PLAN)

    return read


def series(path: Path) -> object:
    """A column on a plan's hours."""
    return values_on(FileColumn.model_validate({"file": str(path), "column": "price"}), PLAN)


def tariff_prices(path: Path) -> object:
    """A tariff's prices on a plan's hours."""
    return Tariff.model_validate(read_document(path).data).import_price(PLAN)


def mutated(content: bytes, dice: random.Random) -> bytes:
    """A file with something wrong: cells, lines, bytes, its end, its encoding."""
    how = dice.choice(("cell", "cell", "cell", "drop", "double", "swap", "bytes", "cut", "insert", "encode", "empty"))
    if how in ("bytes", "cut", "empty") or b"\x00" in content[:512]:
        return _bytes_changed(content, dice, how)
    lines = content.decode("utf-8").split("\n")
    at = dice.randrange(len(lines))
    if how == "cell":
        for _ in range(dice.randint(1, 3)):
            at = min(int(abs(dice.gauss(0, len(lines) / 3))), len(lines) - 1)
            separator = dice.choice((",", "|", " ", ":", '"'))
            cells = lines[at].split(separator)
            cells[dice.randrange(len(cells))] = dice.choice(CELLS)
            lines[at] = separator.join(cells)
    elif how == "drop":
        del lines[at : at + dice.choice((1, 1, 1, 24, 3000))]
    elif how == "double":
        lines.insert(at, lines[at])
    elif how == "swap":
        other = dice.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    elif how == "insert":
        lines.insert(at, dice.choice(CELLS))
    return "\n".join(lines).encode(
        dice.choice(("utf-16", "utf-8-sig", "latin-1")) if how == "encode" else "utf-8", "replace"
    )


def _bytes_changed(content: bytes, dice: random.Random, how: str) -> bytes:
    if how == "empty" or not content:
        return dice.choice((b"", b"\n", b"{}", b"[]", b"PK\x03\x04", b"CDF\x01", b"\x89HDF\r\n\x1a\n", b"\x1f\x8b\x08"))
    if how == "cut":
        return content[: dice.randrange(len(content))]
    changed = bytearray(content)
    for _ in range(dice.randint(1, 20)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


class HangError(Exception):
    """A reader that does not come back."""


def _alarm(_: int, __: FrameType | None) -> None:
    raise HangError(f"not back after {DEADLINE_S} s")


def failures(count: int, seed: int, folder: Path) -> Iterator[str]:
    """What went wrong in `count` mutations: the kind, its number and the exception; nothing if all ended as they must."""
    sound = {name: (path.read_bytes(), reader) for name, (path, reader) in originals(folder / "sound").items()}
    signal.signal(signal.SIGALRM, _alarm)
    names = sorted(sound)
    for number in range(count):
        dice = random.Random(f"{seed} {number}")
        name = names[number % len(names)]
        content, reader = sound[name]
        path = folder / f"mutated{Path(name).suffix}"
        path.write_bytes(mutated(content, dice))
        signal.alarm(DEADLINE_S)
        try:
            reader(path)
        except (WeatherError, DocumentError, SeriesError, ValueError) as error:
            if type(error).__module__.split(".")[0] not in ("weather", "optimizer", "pydantic_core"):
                yield f"{seed} {number} {name}: {traceback.format_exc()}"
            elif len(str(error)) > 20_000:
                yield f"{seed} {number} {name}: a message of {len(str(error)):,} characters"
        except Exception:
            yield f"{seed} {number} {name}: {traceback.format_exc()}"
        finally:
            signal.alarm(0)


def main(count: int, seed: int) -> int:
    """Run and print what failed; the number of failures."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for failure in failures(count, seed, Path(folder)):
            wrong += 1
            print(failure, flush=True)
    print(f"{count} mutations from seed {seed}: {wrong} failures")
    return wrong


if __name__ == "__main__":
    sys.exit(min(main(int((sys.argv[1:] or ["3000"])[0]), int((sys.argv[2:] or ["1"])[0])), 1))
