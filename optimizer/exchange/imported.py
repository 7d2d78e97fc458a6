"""Folder of what was read from another tool's file: a scenario, a tariff or a series, with what was left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from optimizer.exchange.carbon_json import carbon_of_json
from optimizer.exchange.from_pypsa import plain_site_of_network
from optimizer.exchange.from_reopt import scenario_of_reopt
from optimizer.exchange.network_tables import read_network
from optimizer.exchange.plain_scenario import scenario_files
from optimizer.exchange.urdb import tariff_of_urdb
from optimizer.files.whole import write_whole

IMPORT = "import"
"""Kind of the folder, as its mark says."""
NOTES = "notes.txt"


@dataclass(frozen=True)
class Wishes:
    """What a user says of a file beside the file itself."""

    timezone: str | None = None
    currency: str | None = None


@dataclass(frozen=True)
class Imported:
    """Files of an import by name, and what must be known of them, a line each."""

    files: Mapping[str, str]
    notes: Sequence[str] = ()


def of_network(path: Path, wishes: Wishes) -> Imported:
    """Scenario of a PyPSA network. Raises DocumentError."""
    site = plain_site_of_network(read_network(path), path, timezone=wishes.timezone, currency=wishes.currency)
    return Imported(scenario_files(site))


def of_urdb(path: Path, wishes: Wishes) -> Imported:
    """Tariff of a rate of the utility rate database. Raises DocumentError."""
    text, notes = tariff_of_urdb(path, wishes.currency)
    return Imported({"tariff.yaml": text}, notes)


def of_carbon(path: Path, _: Wishes) -> Imported:
    """Carbon factors of a service's answer. Raises DocumentError."""
    return Imported(*carbon_of_json(path))


def of_reopt(path: Path, wishes: Wishes) -> Imported:
    """Scenario of a REopt input. Raises DocumentError."""
    return Imported(*scenario_of_reopt(path, timezone=wishes.timezone, currency=wishes.currency))


READERS: Mapping[str, Callable[[Path, Wishes], Imported]] = {
    "pypsa": of_network, "urdb": of_urdb, "carbon": of_carbon, "reopt": of_reopt,
}  # fmt: skip
"""Forms that are read."""


def write_import(imported: Imported, out: Path) -> Path:
    """Write an import into a folder, whole or not at all, in place of an older import. Raises NotOursError, OSError."""

    def fill(part: Path) -> None:
        for name, text in imported.files.items():
            (part / name).write_text(text, encoding="utf-8")
        if imported.notes:
            (part / NOTES).write_text("\n".join(imported.notes) + "\n", encoding="utf-8")

    return write_whole(out, fill, IMPORT)
