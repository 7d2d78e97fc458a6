"""Scenarios and studies that come with the package, on the command line by their name: `qaidam run qaidam` in any folder."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem


class ShippedFile(click.Path):
    """A file of the reader's; where there is none of that path, the shipped one of that name, or of that path below `scenarios/`.

    `folder` in `scenarios/` is where names are looked for.
    """

    def __init__(self, folder: str = "") -> None:
        super().__init__(path_type=Path)
        self.folder = folder

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Path of the file, as it was given where nothing is found."""
        from optimizer.quantities.documents import SCENARIOS

        given = Path(str(super().convert(str(value), param, ctx)))
        shipped = SCENARIOS.joinpath(*given.parts[1:]) if given.parts[:1] == (SCENARIOS.name,) else None
        named = self._named(str(given)) if given.name == str(given) else None
        return next((path for path in (given, shipped, named) if path is not None and _is_file(path)), given)

    def _named(self, name: str) -> Path | None:
        """Shipped file of a name."""
        return self._shipped().get(name)

    def _shipped(self) -> dict[str, Path]:
        """Shipped files by their names."""
        from optimizer.quantities.documents import SCENARIOS

        return {path.stem: path for path in sorted((SCENARIOS / self.folder).glob("*.yaml"))}

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Shipped names that begin so, and the shell's own files."""
        names = [CompletionItem(name) for name in self._shipped() if name.startswith(incomplete)]
        return [*names, *super().shell_complete(ctx, param, incomplete)]


def _is_file(path: Path) -> bool:
    """Whether a file is there; longer than a path may be, or with a null byte, it is not."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
