"""Scenario files of another time: keys under their old names are read with a note, a newer format is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from optimizer.cli import main
from optimizer.scenario import renamed_keys
from optimizer.scenario.file import ScenarioError, load_site, scenario_from, set_by_path
from optimizer.scenario.renamed_keys import (
    FORMAT,
    RENAMED,
    RENAMED_IN_STUDIES,
    RenamedKey,
    RenamedKeyWarning,
    with_keys_of_today,
)
from optimizer.scenario.single_site import Scenario
from optimizer.study.settings import Study

SOUND = Path(__file__).parents[1] / "cases" / "sound.yaml"
NOTE = "solar > field > module_power_mw: is called peak_power_mw today; the old name is still read."


@pytest.fixture(autouse=True)
def _a_key_was_renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the peak power of a field had once borne another name."""
    before = RenamedKey(("solar", "*", "module_power_mw"), "peak_power_mw")
    monkeypatch.setattr(renamed_keys, "RENAMED", (*RENAMED, before))


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, str], Path]:
    """The sound scenario with a text in place of another, as s.yaml."""

    def write(old: str, new: str) -> Path:
        text = SOUND.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "s.yaml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return write


def test_an_old_name_is_read_with_a_note(written: Callable[[str, str], Path]) -> None:
    """Same value; one note with file, line, path and the new name; written out again under the new name without one."""
    path = written("peak_power_mw", "module_power_mw")
    with pytest.warns(RenamedKeyWarning) as notes:
        scenario = load_site(path)
    messages = [str(note.message) for note in notes if note.category is RenamedKeyWarning]
    assert messages == [f"s.yaml:7  {NOTE}"]
    assert scenario.solar == load_site(SOUND).solar
    assert scenario_from(scenario.model_dump(mode="json"), folder=path.parent) == scenario


def test_the_command_line_notes_it_on_stderr(written: Callable[[str, str], Path]) -> None:
    """The scenario is sound; the note is one line beside it."""
    result = CliRunner().invoke(main, ["check", str(written("peak_power_mw", "module_power_mw"))])
    assert result.exit_code == 0, result.output
    assert result.stderr.splitlines() == [f"note: s.yaml:7  {NOTE}"]


def test_an_old_name_above_or_below_extends_is_the_same_key(written: Callable[[str, str], Path]) -> None:
    """A base under the old name, the file that extends it under the new one, and the other way round: the file wins."""
    base = written("peak_power_mw: 1", "module_power_mw: 1")
    over = base.with_name("over.yaml")
    for key in ("peak_power_mw", "module_power_mw"):
        over.write_text(f"extends: s.yaml\nsolar: {{field: {{{key}: 3}}}}\n", encoding="utf-8")
        with pytest.warns(RenamedKeyWarning):
            assert load_site(over).solar["field"].peak_power_mw == 3


def test_an_old_name_may_be_overridden_by_path() -> None:
    """`--set solar.field.module_power_mw=3` sets the key of today."""
    with pytest.warns(RenamedKeyWarning, match=r"peak_power_mw today"):
        assert load_site(SOUND, {"solar.field.module_power_mw": 3}).solar["field"].peak_power_mw == 3
    data: dict[str, Any] = {"sites": {"west": {"solar": {"field": {}}}}}
    with pytest.warns(RenamedKeyWarning):
        set_by_path(data, "sites.west.solar.field.module_power_mw", 2)
    assert data == {"sites": {"west": {"solar": {"field": {"peak_power_mw": 2}}}}}


def test_both_names_are_refused(written: Callable[[str, str], Path]) -> None:
    """Which of the two is meant cannot be known."""
    path = written("peak_power_mw: 1", "module_power_mw: 2, peak_power_mw: 1")
    with pytest.warns(RenamedKeyWarning), pytest.raises(ScenarioError) as error:
        load_site(path)
    assert error.value.problems == [
        "s.yaml:7  solar > field > module_power_mw: is the old name of peak_power_mw, which stands there too; "
        "give peak_power_mw alone."
    ]


def test_a_newer_format_is_refused_before_anything_else(written: Callable[[str, str], Path]) -> None:
    """Keys of a newer format are not called unknown; the one complaint says what to do."""
    path = written("name: small", f"name: small\nformat: {FORMAT + 1}\nkey_to_come: 1")
    result = CliRunner().invoke(main, ["check", str(path)])
    assert (result.exit_code, result.output.splitlines()) == (
        2,
        [
            f"s.yaml:3  format: is {FORMAT + 1}, newer than {FORMAT}, the newest this program reads; "
            "update Qaidam, or write the file in the older format."
        ],
    )


def test_the_format_may_be_given_or_left_out(written: Callable[[str, str], Path]) -> None:
    """A file without one is of today's format; one that is no format is told as any other value."""
    assert load_site(SOUND).format == FORMAT == load_site(written("name: small", "name: small\nformat: 1")).format
    with pytest.raises(ScenarioError, match=r"s.yaml:3  format: must be 1, is 0"):
        load_site(written("name: small", "name: small\nformat: 0"))


@pytest.mark.parametrize(
    ("form", "table", "key"),
    [(form, table, key) for form, table in ((Scenario, RENAMED), (Study, RENAMED_IN_STUDIES)) for key in table],
    ids=lambda part: part.path[-1] if isinstance(part, RenamedKey) else "",
)
def test_every_renamed_key_leads_to_a_key_of_today(
    form: type[BaseModel], table: tuple[RenamedKey, ...], key: RenamedKey
) -> None:
    """The new name is in the schema at the old one's place, the old one is not."""
    schema: Any = form.model_json_schema()
    node = schema
    for part in key.path[:-1]:
        node = node["properties"][part] if part != "*" else next(iter(node["patternProperties"].values()))
        node = schema["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node
    assert key.new in node["properties"]
    assert key.path[-1] not in node["properties"]
    data: dict[str, Any] = {key.path[-1]: 1}
    for part in reversed(key.path[:-1]):
        data = {part: data}
    with pytest.warns(RenamedKeyWarning, match=f"is called {key.new} today"):
        assert str(key.new) in str(with_keys_of_today(data, renamed=table))
