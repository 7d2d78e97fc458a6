"""Commands that write, and a tree of somebody else's files around them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from click.testing import CliRunner, Result

from optimizer.cli import main
from tests.nightly.nights import SITE

STUDY = """
name: Two runs
scenario: site.yaml
vary: {sun: {paths: [solar.field.peak_power_mw], values: [0.5, 1]}}
"""
TINY = {key: value for key, value in SITE.items() if key != "queue"} | {
    "horizon": {"start": "2025-06-02", "days": 1},
    "resilience": {"rule": {"hours": 1}},
}
OURS = {
    "run": "run site.yaml --out {}",
    "export": "export ../made/run --to csv --out {}",
    "nightly": "nightly site.yaml --plans {} --now 2025-06-01T22:00+08:00 --members 1",
    "study": "study run study.yaml --out {}",
    "backtest": "backtest site.yaml --nights 1 --out {}",
    "weather synthesize": "weather synthesize golmud --out {}/year.csv",
    "weather inspect": "weather inspect ../made/year.csv --plot {}/page.html",
    "study export": "study export ../made/study --to {}/runs.csv",
    "new": "new {} --yes",
    "import": "import ../made/network --from pypsa --out {}",
    "table": "table ../made/run hours --out {}/runs.csv",
    "compare": "compare ../made/run ../made/run --out {}/page.html",
    "schema": "schema --out {}/scenario.json",
}
"""Commands that write where the user says."""
INTO = {
    "report": "report {}/run",
    "outage": "outage {}/run --hours 2",
    "study index": "study index {}/study",
}
"""Commands that write into a folder of ours."""


READS_ONLY = {
    "check",
    "study table",
    "study claims",
    "study show",
    "study why",
    "ledger verify",
    "rules",
    "verify",
    "whatif",
    "weather fetch",
}
"""Commands that write nothing, or (`study table`, `study claims`, `verify --sign`, `weather fetch --cache`) only what tests of their own say."""


def snapshot(root: Path, but: Path | None = None) -> dict[str, tuple[str, int, int]]:
    """Every file, link and folder with content, mode and time of change; `but`: the folder that may change."""
    found = {}
    for path in sorted(root.rglob("*")):
        if but is not None and (path == but or path.is_relative_to(but)):
            continue
        told = path.lstat()
        content = os.readlink(path) if path.is_symlink() else ""
        if path.is_file() and not path.is_symlink():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        changed = told.st_mtime_ns if path.is_symlink() or path.is_file() else 0
        found[str(path.relative_to(root))] = (content, told.st_mode, changed)
    return found


def plant(folder: Path) -> Path:
    """Files of somebody else, some with names that we use too."""
    (folder / "deep").mkdir(parents=True)
    for name in ("notes.txt", "summary.json", "results.nc", "report.html", "index.html", "qaidam.prom", "identity",
                 "year.csv", "page.html", "runs.csv", "scenario.json", "tariff.yaml", "index.sqlite", "deep/thesis.tex"):  # fmt: skip
        (folder / name).write_text(f"mine: {name}")
    (folder / "latest").symlink_to("deep")
    return folder


def invoke(words: str) -> Result:
    said = CliRunner().invoke(main, words.split())
    assert said.exception is None or isinstance(said.exception, SystemExit), said.exception
    return said
