"""Writers take nothing from anybody: around every command that writes stands a tree that must not change."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from optimizer.cli import main
from optimizer.files.mark import MARK, Mark, NotOursError, mark_of, write_mark
from optimizer.files.single import write_file, write_into
from optimizer.files.whole import recover, remove_own, sweep, write_whole
from optimizer.nightly import attempt as attempt_module
from optimizer.nightly.solving import in_this_process
from tests.nightly.nights import SITE

STUDY = """
name: Two runs
scenario: site.yaml
vary: {sun: {paths: [solar.field.peak_power_mw], values: [0.5, 1]}}
"""
TINY = {key: value for key, value in SITE.items() if key != "queue"} | {
    "horizon": {"start": "2025-06-02", "days": 1},
    "resilience": {"rule": {"hours": 1}},
}
OURS = {
    "run": "run site.yaml --out {}",
    "export": "export ../made/run --to csv --out {}",
    "nightly": "nightly site.yaml --plans {} --now 2025-06-01T22:00+08:00 --members 1",
    "study": "study run study.yaml --out {}",
    "backtest": "backtest site.yaml --nights 1 --out {}",
    "weather synthesize": "weather synthesize golmud --out {}/year.csv",
    "weather inspect": "weather inspect ../made/year.csv --plot {}/page.html",
    "study export": "study export ../made/study --to {}/runs.csv",
    "schema": "schema --out {}/scenario.json",
}
"""Commands that write where the user says."""
INTO = {
    "report": "report {}/run",
    "outage": "outage {}/run --hours 2",
    "study index": "study index {}/study",
}
"""Commands that write into a folder of ours."""


def snapshot(root: Path, but: Path | None = None) -> dict[str, tuple[str, int, int]]:
    """Every file, link and folder with content, mode and time of change; `but`: the folder that may change."""
    found = {}
    for path in sorted(root.rglob("*")):
        if but is not None and (path == but or path.is_relative_to(but)):
            continue
        told = path.lstat()
        content = os.readlink(path) if path.is_symlink() else ""
        if path.is_file() and not path.is_symlink():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        changed = told.st_mtime_ns if path.is_symlink() or path.is_file() else 0
        found[str(path.relative_to(root))] = (content, told.st_mode, changed)
    return found


def plant(folder: Path) -> Path:
    """Files of somebody else, some with names that we use too."""
    (folder / "deep").mkdir(parents=True)
    for name in ("notes.txt", "summary.json", "results.nc", "report.html", "index.html", "qaidam.prom", "identity",
                 "year.csv", "page.html", "runs.csv", "scenario.json", "index.sqlite", "deep/thesis.tex"):  # fmt: skip
        (folder / name).write_text(f"mine: {name}")
    (folder / "latest").symlink_to("deep")
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a scenario, a study, and one output of each kind."""
    root = tmp_path_factory.mktemp("writers") / "root"
    (root / "work").mkdir(parents=True)
    (root / "work" / "site.yaml").write_text(json.dumps(TINY))
    (root / "work" / "study.yaml").write_text(STUDY)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root / "work")
        for words in (
            "run site.yaml --out ../made/run",
            "study run study.yaml --out ../made/study",
            "weather synthesize golmud --out ../made/year.csv",
        ):
            said = CliRunner().invoke(main, words.split())
            assert said.exit_code == 0, (words, said.output, said.stderr, said.exception)
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it to work in, with the canary tree beside."""
    monkeypatch.setattr(attempt_module, "children", lambda *_, **__: in_this_process)
    root = tmp_path / "root"
    shutil.copytree(made, root, symlinks=True)
    plant(root / "canary")
    monkeypatch.chdir(root / "work")
    return root


def invoke(words: str) -> Result:
    said = CliRunner().invoke(main, words.split())
    assert said.exception is None or isinstance(said.exception, SystemExit), said.exception
    return said


@pytest.mark.parametrize("name", OURS)
def test_nothing_outside_the_output_is_changed(name: str, root: Path) -> None:
    """Into a new folder, and (where it is one output) once more over it: all else has the content, mode and time it had."""
    before = snapshot(root, but=root / "out")
    for _ in range(2):
        said = invoke(OURS[name].format("../out/x"))
        assert said.exit_code in (0, 10, 2), said.stderr
        assert said.exit_code != 2 or "exists already" in said.stderr
        assert snapshot(root, but=root / "out") == before
    assert any(path.is_file() for path in (root / "out").rglob("*"))


@pytest.mark.parametrize("name", OURS)
def test_a_folder_of_somebody_else_is_refused(name: str, root: Path) -> None:
    """Exit code 2 with a remedy, and not a byte is changed. Any summary.json was once enough to have everything deleted."""
    before = snapshot(root)
    said = invoke(OURS[name].format("../canary"))
    assert said.exit_code == 2
    assert "give another" in said.stderr or "give a new folder" in said.stderr
    assert snapshot(root) == before


@pytest.mark.parametrize("name", INTO)
def test_what_is_written_into_a_folder_leaves_the_rest(name: str, root: Path) -> None:
    """Only the files the command is for change, and the mark that lists them; in a folder without a mark nothing does."""
    home = root / "made" / INTO[name].split("{}/")[1].split()[0]
    (home / "notes.txt").write_text("mine")
    before = snapshot(root)
    assert invoke(INTO[name].format("../made")).exit_code == 0
    after = snapshot(root)
    changed = {Path(path).name for path in {**before, **after} if before.get(path) != after.get(path)}
    assert changed <= {MARK, "report.html", "outage.csv", "outage_curve.csv", "index.sqlite"}
    (home / MARK).unlink()
    before = snapshot(root)
    refused = invoke(INTO[name].format("../made")).exit_code
    assert snapshot(root) == before or name == "study index"  # an earlier study is recognised
    assert refused == {"report": 5, "study index": 0}.get(
        name, 2
    )  # a report checks its run first, which fails unmarked


def test_export_into_the_plans_is_refused(root: Path) -> None:
    """The kind of folder must be the same: an export once removed every published night."""
    assert invoke(OURS["nightly"].format("../plans")).exit_code == 10
    before = snapshot(root)
    for out in ("../plans", "../plans/latest", "../made/run", "../made/study"):
        assert invoke(f"export ../plans/latest --to slurm --out {out}").exit_code == 2
    assert invoke("run site.yaml --out ../plans").exit_code == 2
    assert snapshot(root) == before


def test_a_link_is_followed_and_stays_a_link(root: Path) -> None:
    """Twice through the link: the real folder holds the run, the link is the same link."""
    (root / "store").mkdir()
    (root / "link").symlink_to("store")
    for _ in range(2):
        assert invoke("run site.yaml --out ../link").exit_code == 0
        assert os.readlink(root / "link") == "store"
        assert (root / "store" / "summary.json").is_file()
    (root / "loop").symlink_to("loop")
    assert invoke("run site.yaml --out ../loop").exit_code == 2


def test_what_others_put_beside_a_run_stays(root: Path) -> None:
    """Notes and a folder in a run's folder are still there after the next run; of one name with an output, under another."""
    home = root / "made" / "run"
    (home / "deep").mkdir()
    (home / "deep" / "notes.txt").write_text("mine")
    (home / "own.csv").write_text("mine")

    def fill(part: Path) -> None:
        for name in ("summary.json", "own.csv"):
            (part / name).write_text("new")

    write_whole(home, fill, "run")
    assert (home / "deep" / "notes.txt").read_text() == "mine"
    assert (home / "own.csv").read_text() == "new"
    assert (home / "own.csv.kept").read_text() == "mine"
    assert not (home / "results.nc").exists()
    assert sorted(path.name for path in home.parent.iterdir()) == ["run", "study", "year.csv"]


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/outside", "link/outside.txt"])
def test_a_mark_leads_to_nothing_outside(name: str, tmp_path: Path) -> None:
    """A mark somebody wrote that lists a file elsewhere, or behind a link: it is no mark, or the file stays."""
    outside = tmp_path / "outside.txt"
    outside.write_text("mine")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)
    (folder / MARK).write_text(Mark("run", {name: "0" * 64}).text())
    assert (mark_of(folder) is None) == (name != "link/outside.txt")
    remove_own(folder)
    assert outside.read_text() == "mine"


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"made_by": "us"}', "[" * 100_000, "\xff"])
def test_a_mark_that_is_none(text: str, tmp_path: Path) -> None:
    """Anything but our own form is no mark, and the folder is refused."""
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / MARK).write_text(text, encoding="latin-1")
    with pytest.raises(NotOursError, match=r"no \.qaidam\.json says"):
        write_whole(tmp_path / "x", lambda _: None, "run")


def test_what_looks_like_a_writer_s_remains_and_is_not_stays(tmp_path: Path) -> None:
    """A full folder with the ending of half-written ones but without a mark, and one put aside that is not ours."""
    (tmp_path / ".run.1.qaidam-part").mkdir()
    (tmp_path / ".run.1.qaidam-part" / "thesis.tex").write_text("mine")
    (tmp_path / ".run.qaidam-old").mkdir()
    (tmp_path / ".run.qaidam-old" / "thesis.tex").write_text("mine")
    sweep(tmp_path, alone=True)
    recover(tmp_path / "run")
    assert len(list(tmp_path.glob(".run.*/thesis.tex"))) == 2


def test_files_are_replaced_only_when_asked_for(tmp_path: Path) -> None:
    """A file that exists, a folder, a device, a mark: refused; with force the link stays and its file is new."""
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    for path in (tmp_path / "real.csv", tmp_path / "link.csv", tmp_path, Path("/dev/null"), tmp_path / MARK):
        with pytest.raises(NotOursError):
            write_file(path, lambda aside: aside.write_text("new"))
    write_file(tmp_path / "link.csv", lambda aside: aside.write_text("new"), force=True)
    assert (os.readlink(tmp_path / "link.csv"), (tmp_path / "real.csv").read_text()) == ("real.csv", "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.csv", "real.csv"]


def test_a_file_of_another_in_a_folder_of_ours_is_not_replaced(tmp_path: Path) -> None:
    """`report.html` that the mark does not list was put there by somebody."""
    write_mark(tmp_path, Mark("run"))
    (tmp_path / "report.html").write_text("mine")
    with pytest.raises(NotOursError, match="not ours"):
        write_into(tmp_path, "report.html", lambda aside: aside.write_text("new"))
    assert (tmp_path / "report.html").read_text() == "mine"


def test_only_one_folder_of_the_project_removes_trees(project: Path) -> None:
    """`rmtree` stands in the one place that looks at marks first, and in the store of runs, whose names are its own."""
    users = {
        path.relative_to(project).as_posix()
        for package in ("optimizer", "weather")
        for path in (project / package).rglob("*.py")
        if "rmtree(" in path.read_text(encoding="utf-8")
    }
    assert users == {"optimizer/files/whole.py", "optimizer/study/store.py"}
