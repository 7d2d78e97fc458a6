"""Tampering with a finished run, night, study run or ledger: every kind is found, or the page says that it cannot be."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

from optimizer.cli import main
from optimizer.files.mark import MARK, Mark, mark_of, seal_of, sealed, write_mark
from optimizer.nightly.problem import Problem
from optimizer.nightly.rule_based import rule_based_plans
from optimizer.nightly.settings import NightSettings
from optimizer.nightly.solving import SolverPlans
from optimizer.scenario.file import site_from
from optimizer.solve.highs import solve
from tests.nightly.nights import EVENING, SITE, run_night

Damage = Callable[[Path], None]


def said(*words: str) -> tuple[int, str]:
    """Exit code and everything said."""
    done = CliRunner().invoke(main, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout + done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a day and a night's plan."""
    root = tmp_path_factory.mktemp("verify")
    (root / "site.yaml").write_text(json.dumps(SITE))
    assert (
        said("run", str(root / "site.yaml"), "--start", "2025-06-02", "--days", "1", "--out", str(root / "run"))[0] == 0
    )

    def rule_based(problem: Problem) -> SolverPlans:
        return SolverPlans([], list(rule_based_plans(problem, solve)))

    night = run_night(
        root / "plans", scenario=site_from(SITE), now=EVENING, solver=rule_based, settings=NightSettings(members=1)
    )
    shutil.copytree(night.folder, root / "night")
    return root


def edited(name: str, change: Callable[[str], str]) -> Damage:
    """Text of a file changed."""

    def damage(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        other = change(text)
        assert other != text
        (folder / name).write_text(other, encoding="utf-8")

    return damage


def figure(name: str, key: str, change: Callable[[float], float]) -> Damage:
    """A number in a JSON file changed."""

    def damage(folder: Path) -> None:
        told = json.loads((folder / name).read_text())
        told[key] = change(told[key])
        (folder / name).write_text(json.dumps(told))

    return damage


def series(variable: str, change: Callable[[float], float], group: str = "") -> Damage:
    """The first number above zero of a variable in the results changed."""

    def damage(folder: Path) -> None:
        with h5py.File(folder / "results.nc", "r+") as file:
            table = file[f"{group}{variable}"]
            values = table[...]
            place = tuple(index[0] for index in (abs(values) > 1e-3).nonzero())
            table[place] = change(float(values[place]))

    return damage


def every(variable: str, factor: float, group: str = "") -> Damage:
    """All numbers of a variable in the results scaled: a single one may be of no consequence to any figure."""

    def damage(folder: Path) -> None:
        with h5py.File(folder / "results.nc", "r+") as file:
            table = file[f"{group}{variable}"]
            table[...] = table[...] * factor

    return damage


def attribute(name: str, change: Callable[[float], float]) -> Damage:
    def damage(folder: Path) -> None:
        with h5py.File(folder / "results.nc", "r+") as file:
            file.attrs[name] = change(float(np.ravel(file.attrs[name])[0]))

    return damage


def gone(name: str) -> Damage:
    return lambda folder: (folder / name).unlink()


def cut(name: str) -> Damage:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-200])


def first_number(column: int, value: str) -> Callable[[str], str]:
    """A cell of the first row of a table."""

    def change(text: str) -> str:
        head, row, *rest = text.split("\n")
        cells = row.split(",")
        cells[column] = value
        return "\n".join([head, ",".join(cells), *rest])

    return change


RUN: dict[str, Damage] = {
    "a cap raised": edited("schedule.csv", first_number(7, "4000")),
    "a cap below zero": edited("schedule.csv", first_number(7, "-5")),
    "planned cards that are no number": edited("schedule.csv", first_number(6, "nan")),
    "a price in the schedule": edited("schedule.csv", first_number(9, "1.0")),
    "an hour's time": edited("schedule.csv", first_number(0, "2025-06-03T00:00Z")),
    "a reason": edited("schedule.csv", first_number(10, "because")),
    "a row of the schedule removed": edited("schedule.csv", lambda text: "\n".join(text.split("\n")[:5] + text.split("\n")[6:])),
    "the cost in the summary": figure("summary.json", "cost", lambda value: value * 0.9),
    "the saving": figure("summary.json", "saving", lambda value: value + 100),
    "the gap": figure("summary.json", "gap", lambda value: value / 2 + 0.01),
    "the bound": figure("summary.json", "bound", lambda value: value - 500),
    "PUE": figure("summary.json", "pue", lambda _: 1.05),
    "the green share": figure("summary.json", "green_share", lambda _: 1.0),
    "carbon": figure("summary.json", "carbon_location_t", lambda value: value / 2 + 1),
    "a flow in the results": series("flow", lambda value: value * 1.1),
    "a stock in the results": series("stored", lambda value: value + 0.1),
    "a flow that is no number": series("flow", lambda _: float("nan")),
    "inputs of the results": every("input", 1.2),
    "the cost in the results": attribute("cost", lambda value: value - 50),
    "flows of the baseline": every("flow", 3.0, "baseline/"),
    "an amount in the ledger": edited("ledger.csv", lambda text: re.sub(r",([0-9.]+)\n", r",9\1\n", text, count=1)),
    "a line of the ledger removed": edited("ledger.csv", lambda text: "\n".join(text.split("\n")[:1] + text.split("\n")[2:])),
    "an hour in a seal": edited("ledger.csv", lambda text: re.sub(r"seal,(\S{14})00Z", r"seal,\g<1>30Z", text, count=1)),
    "the ledger's end cut": edited("ledger.csv", lambda text: text[: text.rindex("seal,", 0, -10)]),
    "carbon in the statement": edited("green_statement.csv", lambda text: re.sub(r"(\d)\.(\d)", r"\g<1>9.\2", text, count=1)),
}  # fmt: skip
"""Found whatever the digests say: the mark is made anew after the damage."""
BY_DIGEST: dict[str, Damage] = {
    "report changed": edited("report.html", lambda text: text.replace("</title>", " (audited)</title>", 1)),
    "end values": edited("end_values.json", lambda text: text.replace("0.", "7.", 1)),
    "results cut": cut("results.nc"),
    "schedule gone": gone("schedule.csv"),
    "summary gone": gone("summary.json"),
    "ledger gone": gone("ledger.csv"),
    "notes in the summary": figure("summary.json", "notes", lambda _: ["all is well"]),  # type: ignore[arg-type,return-value]
}
"""Found by the digest alone."""


@pytest.mark.parametrize("name", RUN)
def test_tampering_is_found_whatever_the_digests_say(name: str, made: Path, tmp_path: Path) -> None:
    """The change with digests made anew by somebody who knows how: exit code 3. (The change alone breaks its digest.)"""
    shutil.copytree(made / "run", tmp_path / "run")
    RUN[name](tmp_path / "run")
    write_mark(tmp_path / "run", sealed(tmp_path / "run", "run"))
    code, text = said("verify", str(tmp_path / "run"))
    assert code == 3, text


@pytest.mark.parametrize("name", BY_DIGEST)
def test_tampering_is_found_by_its_digest(name: str, made: Path, tmp_path: Path) -> None:
    """What nothing else is computed from is sealed all the same."""
    shutil.copytree(made / "run", tmp_path / "run")
    BY_DIGEST[name](tmp_path / "run")
    assert said("verify", str(tmp_path / "run"))[0] == 3


NIGHT: dict[str, Damage] = {
    "cap": edited("schedule.csv", first_number(7, "-5")),
    "cost": figure("run-record.json", "cost", lambda value: value - 10),
    "level": figure("run-record.json", "level", lambda value: 0 * value),
    "baseline": figure("summary.json", "baseline_cost", lambda value: value * 2),
    "flow": series("flow", lambda value: value * 1.1),
    "cut": cut("results.nc"),
}


@pytest.mark.parametrize("name", NIGHT)
def test_a_night_that_was_tampered_with_is_not_exported(name: str, made: Path, tmp_path: Path) -> None:
    """Exit code 3, nothing written; a plan that nobody touched goes out."""
    shutil.copytree(made / "night", tmp_path / "night")
    out = tmp_path / "out"
    NIGHT[name](tmp_path / "night")
    write_mark(tmp_path / "night", sealed(tmp_path / "night", "night"))
    assert said("export", str(tmp_path / "night"), "--to", "csv", "--out", str(out))[0] == 3
    assert not out.exists()


def test_what_nobody_touched_is_sound(made: Path, tmp_path: Path) -> None:
    """Run and night pass, tell their seal, and are exported; the seal kept elsewhere is known again, another is not."""
    for name in ("run", "night"):
        code, text = said("verify", str(made / name))
        assert (code, seal_of(made / name) in text) == (0, True), text
        assert said("export", str(made / name), "--to", "csv", "--out", str(tmp_path / name))[0] == 0
        assert said("verify", str(tmp_path / name))[0] == 0
        assert said("verify", str(made / name), "--expect", seal_of(made / name))[0] == 0
        assert said("verify", str(made / name), "--expect", "0" * 64)[0] == 3


def test_a_folder_made_anew_as_a_whole_is_what_it_cannot_find(made: Path, tmp_path: Path) -> None:
    """Another run sealed in its place passes: the page says so, and the seal or a signature shows it."""
    shutil.copytree(made / "run", tmp_path / "run")
    before = seal_of(tmp_path / "run")
    (tmp_path / "run" / "report.html").write_text("audited")
    write_mark(tmp_path / "run", sealed(tmp_path / "run", "run"))
    assert said("verify", str(tmp_path / "run"))[0] == 0
    assert said("verify", str(tmp_path / "run"), "--expect", before)[0] == 3
    assert "What it cannot find: a folder made anew as a whole" in " ".join(said("verify", "--help")[1].split())


def test_a_report_is_not_drawn_of_a_run_that_fails(made: Path, tmp_path: Path) -> None:
    """A changed summary: exit code 5 and the old page stays; untouched it is drawn, and the run is sound after that."""
    shutil.copytree(made / "run", tmp_path / "run")
    assert said("report", str(tmp_path / "run"))[0] == 0
    assert said("verify", str(tmp_path / "run"))[0] == 0
    RUN["carbon"](tmp_path / "run")
    page = (tmp_path / "run" / "report.html").read_bytes()
    assert said("report", str(tmp_path / "run"))[0] == 5
    assert (tmp_path / "run" / "report.html").read_bytes() == page


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_a_signature_shows_who_sealed_it(made: Path, tmp_path: Path) -> None:
    """Signed: passes for its signer, not for another; made anew and not signed again: found."""
    shutil.copytree(made / "run", tmp_path / "run")
    for name in ("ours", "theirs"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True)
        (tmp_path / f"{name}.signers").write_text(f"site {(tmp_path / f'{name}.pub').read_text()}")
    run = str(tmp_path / "run")
    assert said("verify", run, "--signers", str(tmp_path / "ours.signers"))[0] == 3
    assert said("verify", run, "--sign", str(tmp_path / "ours"))[0] == 0
    assert said("verify", run, "--signers", str(tmp_path / "ours.signers"))[0] == 0
    assert said("verify", run, "--signers", str(tmp_path / "theirs.signers"))[0] == 3
    (tmp_path / "run" / "report.html").write_text("audited")
    write_mark(tmp_path / "run", sealed(tmp_path / "run", "run"))
    assert said("verify", run, "--signers", str(tmp_path / "ours.signers"))[0] == 3


def test_a_folder_without_a_mark_fails(made: Path, tmp_path: Path) -> None:
    """An output of an older version, or of nobody: nothing says what it held."""
    shutil.copytree(made / "run", tmp_path / "run")
    (tmp_path / "run" / MARK).unlink()
    assert said("verify", str(tmp_path / "run"))[0] == 3
    assert mark_of(tmp_path / "run") is None
    write_mark(tmp_path / "run", Mark("something else", {}))
    assert said("verify", str(tmp_path / "nowhere"))[0] == 3


def test_the_page_names_every_kind(project: Path) -> None:
    """What is found, and how: a kind that is added belongs on the page, and there are at least thirty."""
    page = (project / "optimizer" / "guides" / "verify.md").read_text(encoding="utf-8")
    assert [kind for kind in (*RUN, *BY_DIGEST, *NIGHT) if kind not in page] == []
    assert len(RUN) + len(BY_DIGEST) >= 30
