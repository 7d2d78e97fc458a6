"""Export of a run as a PyPSA network: the CSV folder PyPSA reads, the same problem as a scenario, and what was left out."""

from __future__ import annotations

from pathlib import Path

from optimizer.exchange.network_tables import csv_files
from optimizer.exchange.of_run import plain_site_of_run
from optimizer.exchange.plain_scenario import write_scenario
from optimizer.exchange.plain_site import PlainSite, objective_constant
from optimizer.exchange.to_pypsa import network_of
from optimizer.files.whole import write_whole
from optimizer.runs.tables import opened

EXPORT = "export"
"""Kind of the folder, as its mark says."""
SAME, LEFT_OUT = "same-in-qaidam", "left-out.txt"


def write_network(run: Path, out: Path, site: str | None = None) -> tuple[Path, PlainSite]:
    """Write a run's network into `out`, in place of an older export. Raises DocumentError, OSError, NotOursError."""
    plain = plain_site_of_run(*opened(run), site)
    files = csv_files(network_of(plain))

    def fill(part: Path) -> None:
        for name, text in files.items():
            (part / name).write_text(text, encoding="utf-8")
        (part / SAME).mkdir()
        write_scenario(plain, part / SAME)
        (part / LEFT_OUT).write_text(left_out_text(plain), encoding="utf-8")

    return write_whole(out, fill, EXPORT), plain


def left_out_text(plain: PlainSite) -> str:
    """What of the run the network has not, a line each, and how its objective stands to the scenario's cost."""
    lines = [
        f"Network of {plain.name}: {plain.count} snapshots of {plain.step_h:g} h from {plain.time[0]:%Y-%m-%d %H:%M} UTC, "
        f"powers in MW, money in {plain.currency}.",
        f"The same problem for Qaidam: {SAME}/scenario.yaml. Its cost is the network's objective"
        f" plus {objective_constant(plain):.6f}.",
        "A store charges and discharges, a tie buys and sells in one hour only if that pays; Qaidam forbids it.",
        *plain.notes,
    ]
    return "\n".join(lines) + "\n"
