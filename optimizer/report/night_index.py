"""The page of all nights: one row a night, the newest first, each with a link to its own page. Plain HTML, no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from optimizer.files.single import write_into
from optimizer.language.numbers import whole
from optimizer.language.speech import TAGS, language, say


def index_html(nights: Sequence[Mapping[str, Any]]) -> str:
    """Page as text. Each night is a run record with its `folder`, in any order."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    environment.globals.update(say=say, whole=whole, language=TAGS[language()])
    newest = sorted(nights, key=lambda night: (night["start_utc"], night["published_utc"]), reverse=True)
    return environment.get_template("night_index.html.j2").render(nights=newest)


def write_index(plans: Path, nights: Sequence[Mapping[str, Any]]) -> None:
    """Replace `index.html` of a plans folder. Raises OSError."""
    page = index_html(nights)
    write_into(plans, "index.html", lambda aside: aside.write_text(page, encoding="utf-8"))
