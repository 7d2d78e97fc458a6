"""Templates of pages, filled in the language of the reader."""

from __future__ import annotations

from pathlib import Path

import jinja2

from optimizer.language.numbers import whole
from optimizer.language.speech import TAGS, language, say


def filled(name: str, **values: object) -> str:
    """Page as text, from a template of this folder and its values. A missing value raises jinja2.UndefinedError."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    environment.globals.update(say=say, whole=whole, language=TAGS[language()])
    return environment.get_template(name).render(**values)
