"""Writers take nothing from anybody: around every command that writes stands a tree that must not change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from optimizer.files.mark import MARK, Mark, NotOursError, mark_of, write_mark
from optimizer.files.single import write_file, write_into
from optimizer.files.whole import recover, remove_own, sweep, write_whole
from optimizer.study.site_table import BEGIN, END
from tests.files.commands_that_write import INTO, OURS, invoke, snapshot


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


def test_a_page_changes_between_its_marks_alone(root: Path) -> None:
    """`study table` into a page of somebody: what stands around the marks stays; without marks nothing changes."""
    page, around = root / "made" / "page.md", ("mine above\n", "\nmine below\n")
    page.write_text(f"{around[0]}{BEGIN}\nold\n{END}{around[1]}")
    before = snapshot(root)
    assert invoke("study table ../made/study ../made/page.md").exit_code == 0
    after = snapshot(root)
    assert {path for path in {**before, **after} if before.get(path) != after.get(path)} == {"made/page.md"}
    written = page.read_text()
    assert written.startswith(around[0] + BEGIN)
    assert written.endswith(END + around[1])
    assert "old" not in written
    assert invoke("study table ../made/study ../canary/notes.txt").exit_code == 2
    assert snapshot(root) == after


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
    assert sorted(path.name for path in home.parent.iterdir()) == ["network", "run", "study", "year.csv"]


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
