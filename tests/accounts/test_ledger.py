"""Ledger: sealed hours that are continued, never overwritten, and whose changes are found."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from optimizer.accounts import ledger
from optimizer.accounts.provenance import provenance_of
from tests.accounts.few_flows import made_up


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A ledger of three hours."""
    flows = {("a", "sun", "output"): [1, 2, 3], ("a", "tie", "import"): [1, 1, 1], ("a", "hall", "draw"): [-2, -3, -4]}
    ledger.append(tmp_path / "ledger.csv", provenance_of(made_up(flows, {})))
    return tmp_path / "ledger.csv"


@pytest.mark.parametrize("line", range(2, 11))
def test_a_changed_line_is_found(written: Path, line: int):
    """Every line but the header, changed in its last digit, breaks a seal; an untouched file does not."""
    assert ledger.verify(written) == []
    lines = written.read_text().splitlines()
    lines[line - 1] = lines[line - 1][:-1] + ("1" if lines[line - 1][-1] != "1" else "2")
    written.write_text("\n".join(lines) + "\n")
    assert ledger.verify(written)


def test_a_removed_line_and_a_cut_end_are_found(written: Path):
    """A line less breaks its hour's seal; a whole last hour less is found by the seal in summary.json."""
    lines = written.read_text().splitlines()
    written.with_name("summary.json").write_text(f'{{"ledger_sha256": "{lines[-1].split(",")[2]}"}}')
    assert ledger.verify(written) == []
    written.write_text("\n".join(lines[:1] + lines[2:]) + "\n")
    assert "broken" in ledger.verify(written)[0]
    written.write_text("\n".join(lines[:-3]) + "\n")
    assert "cut off" in ledger.verify(written)[0]


def test_a_ledger_is_continued_and_never_overwritten(written: Path):
    """The same hours again are refused; later hours go behind and the seals run on."""
    flows = {("a", "sun", "output"): [1], ("a", "hall", "draw"): [-1]}
    with pytest.raises(ledger.LedgerError, match="already written"):
        ledger.append(written, provenance_of(made_up(flows, {})))
    later = made_up(flows, {}).assign_coords(time=pd.date_range("2025-02-01", periods=1, freq="h"))
    before = written.read_text()
    ledger.append(written, provenance_of(later))
    assert written.read_text().startswith(before)
    assert ledger.verify(written) == []


def test_the_command_finds_a_changed_past(written: Path):
    """`qaidam ledger verify` leaves with 0 for a sound ledger, by file or by folder, and with 3 and the hour for a
    changed one.
    """
    from click.testing import CliRunner

    from optimizer.cli import main

    assert CliRunner().invoke(main, ["ledger", "verify", str(written)]).exit_code == 0
    assert CliRunner().invoke(main, ["ledger", "verify", str(written.parent)]).exit_code == 0
    written.write_text(written.read_text().replace("sun,hall,", "sun,hill,", 1))
    changed = CliRunner().invoke(main, ["ledger", "verify", str(written)])
    assert changed.exit_code == 3
    assert "the seal of 2025-01-31T14:00Z is broken" in changed.output
