"""`python -m tests.validation`: compare with all that others measured or modelled, write the page, fail on a miss."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.validation.drawing import save_svg
from tests.validation.page import Section, collect, markdown
from tests.validation.topics import TOPICS, Topic

HERE = Path(__file__).resolve().parent
PACKAGES = ("numpy", "scipy", "pandas", "xarray", "pvlib", "windpowerlib")
NO_DATA = 3


def main() -> int:
    """Exit code: 0 all bars reached, 1 a bar missed, 3 no data."""
    shared = Path(os.environ.get("QAIDAM_SHARED", HERE.parents[2] / "shared"))
    if not (shared / "data").is_dir():
        print("QAIDAM_SHARED/data not found: set QAIDAM_SHARED to the folder of the reference data.", file=sys.stderr)
        return NO_DATA
    console = Console()
    sections = [_run(topic, shared, console) for topic in TOPICS]
    made_with = ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in PACKAGES)])
    (HERE / "README.md").write_text(markdown(sections, made_with + "."), encoding="utf-8")
    passed, missed = (sum(section.count(kind) for section in sections) for kind in (True, False))
    skipped = ", ".join(section.topic.title for section in sections if section.skipped)
    console.print(f"{passed} passed, {missed} missed" + (f", skipped: {skipped}" if skipped else ""))
    console.print("Page: tests/validation/README.md")
    return 1 if missed else 0


def _run(topic: Topic, shared: Path, console: Console) -> Section:
    picture = f"figures/{topic.name}.svg" if topic.figure else ""
    section = collect(topic, shared, picture)
    if topic.figure and not section.skipped:
        (HERE / "figures").mkdir(exist_ok=True)
        save_svg(topic.figure(shared), HERE / picture)
    console.print(_table(section))
    return section


def _table(section: Section) -> Table:
    table = Table("data", "metric", "ours", "bar", "", title=section.topic.title, title_justify="left")
    for row in section.rows:
        mark = {True: "[green]pass[/]", False: "[bold red]MISSED[/]", None: ""}[row.passed]
        table.add_row(row.data, row.metric, row.ours, row.bar, mark)
    if section.skipped:
        table.caption = f"skipped: {section.skipped}"
    return table


if __name__ == "__main__":
    sys.exit(main())
