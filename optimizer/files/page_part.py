"""Part of a page between two marks that stay, made anew: tables and dictionaries in pages that people write around them."""

from __future__ import annotations

from pathlib import Path

from optimizer.files.single import write_file


def with_part(page: str, part: str, begin: str, end: str, what: str) -> str:
    """Text of a page with the part, which ends its last line, between its marks. Raises ValueError where a mark is missing."""
    before, found_begin, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"has no place for {what}; put these two lines where it shall be: {begin} {end}")
    return f"{before}{begin}\n{part}{end}{after}"


def put_part(page: Path, part: str, begin: str, end: str, what: str) -> None:
    """Put a part between the marks of a page. Raises OSError, and ValueError where a mark is missing."""
    whole = with_part(page.read_text(encoding="utf-8"), part, begin, end, what)
    write_file(page, lambda aside: aside.write_text(whole, encoding="utf-8"), force=True)
