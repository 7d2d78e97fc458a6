"""Packages that offer a technology and are at fault: told with name, version and remedy, never a traceback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from optimizer.cli import main
from optimizer.scenario.forms import hubs_form, site_form
from optimizer.technologies.plug_ins import plug_ins

SOUND = Path(__file__).parents[1] / "cases" / "sound.yaml"
TECHNOLOGY = "from optimizer.technologies.base import Technology\n"
WHOLE = "(Technology):\n    def build(self, block, inputs, opening): ...\n    def bill(self, record, inputs, opening): ...\n"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str, str], None]]:
    """Put a distribution of one module with one entry point on the path, as an installer would leave it."""
    monkeypatch.syspath_prepend(tmp_path)
    caches = (plug_ins, site_form, hubs_form)

    def put(module: str, entry_point: str, text: str) -> None:
        (tmp_path / f"{module}.py").write_text(text, encoding="utf-8")
        about = tmp_path / f"{module}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[qaidam.technologies]\n{entry_point}\n")
        for cached in caches:
            cached.cache_clear()

    yield put
    for cached in caches:
        cached.cache_clear()


@pytest.mark.parametrize(
    ("module", "entry_point", "text", "words"),
    [
        (
            "away", "kiln = away:Kiln", "import no_such_module\n",
            "plug-in kiln of away 1.0: away:Kiln cannot be loaded (ModuleNotFoundError: No module named 'no_such_module'); "
            "repair or uninstall it",
        ),
        (
            "nameless", "kiln = nameless:Kiln", TECHNOLOGY,
            "plug-in kiln of nameless 1.0: nameless:Kiln cannot be loaded "
            "(AttributeError: module 'nameless' has no attribute 'Kiln'); repair or uninstall it",
        ),
        (
            "plain", "kiln = plain:Kiln", "class Kiln: ...\n",
            "plug-in kiln of plain 1.0: plain:Kiln is no Technology of optimizer.technologies.base; repair or uninstall it",
        ),
        (
            "half", "kiln = half:Kiln", f"{TECHNOLOGY}class Kiln(Technology): ...\n",
            "plug-in kiln of half 1.0: half:Kiln lacks bill, build; repair or uninstall it",
        ),
        (
            "other", "oven = other:Kiln", f"{TECHNOLOGY}class Kiln{WHOLE}",
            "plug-in oven of other 1.0: other:Kiln has the key kiln; give its entry point that name",
        ),
        (
            "double", "storage = double:Storage", f"{TECHNOLOGY}class Storage{WHOLE}",
            "plug-in storage of double 1.0: the key storage of a scenario is taken; give the technology another name, "
            "or uninstall it",
        ),
        (
            "clash", "horizon = clash:Horizon", f"{TECHNOLOGY}class Horizon{WHOLE}",
            "plug-in horizon of clash 1.0: the key horizon of a scenario is taken; give the technology another name, "
            "or uninstall it",
        ),
    ],
)  # fmt: skip
def test_a_broken_package_is_reported(
    install: Callable[[str, str, str], None], module: str, entry_point: str, text: str, words: str
) -> None:
    """One line, exit code 2; the scenario itself is sound."""
    install(module, entry_point, text)
    result = CliRunner().invoke(main, ["check", str(SOUND)])
    assert isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code, result.output.splitlines()) == (2, [words])


def test_all_that_is_wrong_is_reported_at_once(install: Callable[[str, str, str], None]) -> None:
    """Two packages with the same technology, and a third that is at fault: three would need three tries otherwise."""
    install("first", "kiln = first:Kiln", f"{TECHNOLOGY}class Kiln{WHOLE}")
    install("second", "kiln = second:Kiln", f"{TECHNOLOGY}class Kiln{WHOLE}")
    install("third", "oven = third:Oven", "")
    said = CliRunner().invoke(main, ["check", str(SOUND)]).output
    assert "plug-in kiln: offered by several distributions (first 1.0, second 1.0); keep one of them" in said
    assert "plug-in oven of third 1.0" in said
    assert said.endswith("2 problems\n")
