"""The ledger file: a line for each hour, origin and use; after each hour a seal, a SHA-256 that runs on from the last.

A changed, removed or added line, or another hour, breaks the seal of its hour and all that follow. A cut end is seen by
the last seal kept elsewhere (summary.json). The chain has no key: whoever may write the file can make all of it anew, and
only a last seal kept where they cannot write, or a signature, shows that. Lines: `time_utc,site,origin,use,mwh`; seals: `seal,<hour>,<sha256>`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from optimizer.accounts.provenance import NEGLIGIBLE, Provenance
from optimizer.files.processes import readable

HEADER = "time_utc,site,origin,use,mwh"
GENESIS = hashlib.sha256(HEADER.encode()).hexdigest()


class LedgerError(Exception):
    """A ledger that cannot be continued; `problems` has one line each."""

    def __init__(self, problems: list[str]):
        self.problems = problems
        super().__init__("\n".join(problems))


def append(path: Path, provenance: Provenance) -> str:
    """Write the hours of a plan behind what the file holds (or begin it). Returns the last seal.

    Raises LedgerError if the file is not sound, or if the first new hour is not later than its last. Raises OSError.
    """
    seal, last = GENESIS, ""
    if path.exists():
        problems = verify(path)
        if problems:
            raise LedgerError(problems)
        seal, last = _end(path)
    hours = list(hour_lines(provenance))
    if hours and hours[0][0] <= last:
        problem = f"{path.name}: {hours[0][0]} is already written (the ledger ends at {last}); it is never changed"
        raise LedgerError([problem])
    with path.open("a", encoding="utf-8") as file:
        if last == "":
            file.write(HEADER + "\n")
        for hour, lines in hours:
            seal = _seal(seal, hour, lines)
            file.write("".join(line + "\n" for line in lines) + f"seal,{hour},{seal}\n")
        file.flush()
        os.fsync(file.fileno())
    return seal


def hour_lines(provenance: Provenance) -> Iterator[tuple[str, list[str]]]:
    """Ledger lines of an hour with its stamp, energies to twelve digits."""
    stamps = provenance.time.strftime("%Y-%m-%dT%H:%MZ")
    for step, stamp in enumerate(stamps):
        table = provenance.mwh[step]
        used = zip(*np.nonzero(np.abs(table) > NEGLIGIBLE), strict=True)
        yield stamp, [f"{stamp},{_names(provenance, origin, use)},{table[origin, use]:.12g}" for origin, use in used]


def _names(provenance: Provenance, origin: int, use: int) -> str:
    """`site,origin,use`, the origin with its site where that is another."""
    (home, source), (site, name) = provenance.origins[origin], provenance.uses[use]
    return f"{site},{source if home == site else f'{home}/{source}'},{name}"


def _seal(before: str, hour: str, lines: list[str]) -> str:
    return hashlib.sha256("\n".join([before, hour, *lines]).encode()).hexdigest()


def _end(path: Path) -> tuple[str, str]:
    """Last seal and its hour."""
    *_, last = readable(path).read_text(encoding="utf-8").splitlines()
    _, hour, seal = last.split(",")
    return seal, hour


def verify(path: Path, expected: str | None = None) -> list[str]:
    """Signs of a changed ledger: the first hour whose seal is broken, a torn end. Raises OSError.

    Where summary.json lies beside the file, the last seal must be the one it names; `expected` is one kept elsewhere.
    """
    seal, lines, number = GENESIS, [], 0
    with readable(path).open(encoding="utf-8") as file:
        if file.readline().rstrip("\n") != HEADER:
            return [f"{path.name}:1  the header is not '{HEADER}'"]
        for number, text in enumerate(file, start=2):
            line = text.rstrip("\n")
            if not line.startswith("seal,"):
                lines.append(line)
                continue
            _, hour, written_seal = [*line.split(","), "", ""][:3]
            seal = _seal(seal, hour, lines)
            if seal != written_seal:
                what = f"the seal of {hour[:40]} is broken: the hour or a line of it was changed, added or removed (or an older version sealed it)"
                return [f"{path.name}:{number}  {what}"]
            lines = []
    if lines:
        return [f"{path.name}:{number}  {len(lines)} lines at the end have no seal: the file was cut or added to"]
    if expected is not None and expected != seal:
        return [f"{path.name}: ends with seal {seal}, expected was {expected[:64]}: another ledger, or its end was cut"]
    return _against_summary(path, seal)


def _against_summary(path: Path, seal: str) -> list[str]:
    summary = path.with_name("summary.json")
    try:
        summary_seal = (
            json.loads(readable(summary).read_text(encoding="utf-8")).get("ledger_sha256") if summary.exists() else None
        )
    except (ValueError, AttributeError):
        return [f"{summary.name}: cannot be read, so nothing says where the ledger ends"]
    if summary_seal is None or summary_seal == seal:
        return []
    what = f"ends with seal {seal[:12]}…, {summary.name} says {summary_seal[:12]}…: the end was cut off or the ledger replaced"
    return [f"{path.name}: {what}"]
