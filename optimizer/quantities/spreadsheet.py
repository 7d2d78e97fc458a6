"""Tables that people open in a spreadsheet: a text that begins as a formula is shown, not computed."""

from __future__ import annotations

import pandas as pd

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula. Source: OWASP, CSV injection."""


def without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Table with an apostrophe before every text cell and heading that begins so; numbers and times stay."""
    texts = [
        name for name in table.columns if pd.api.types.infer_dtype(table[name], skipna=True) in ("string", "mixed")
    ]
    shown = table.assign(**{str(name): table[name].map(_shown) for name in texts})
    return shown.rename(columns=_shown)


def _shown(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
