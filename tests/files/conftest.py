"""A scenario, a study and one output of each kind, with files of somebody else beside them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from optimizer.cli import main
from optimizer.nightly import attempt as attempt_module
from optimizer.nightly.solving import in_this_process
from tests.files.commands_that_write import STUDY, TINY, plant


@pytest.fixture(scope="session")
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
            "export ../made/run --to pypsa --out ../made/network",
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
