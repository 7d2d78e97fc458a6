"""Nobody else can send work: nothing listens on one machine, and a scheduler takes nobody without a certificate."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from optimizer.study.conduct import Engine, conduct
from optimizer.study.engine import EngineError
from optimizer.study.load import load_study
from optimizer.study.store import run_folder
from optimizer.study.task import requested_runs
from tests.study.certificates import certificates
from tests.study.test_resume import PATIENCE_S, free_port, scheduler

LISTENING = "0A"
INTRUDER = """
import socket, ssl, sys, pathlib
try:
    pathlib.Path(sys.argv[2]).read_bytes()
    sys.exit(10)
except PermissionError:
    pass
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
try:
    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20) as plain, context.wrap_socket(plain) as wrapped:
        wrapped.sendall(b"x" * 100)
        sys.exit(11 if wrapped.recv(100) else 0)
except (ssl.SSLError, ConnectionError):
    sys.exit(0)
"""


def listening(process: int) -> set[str]:
    """Sockets that a process and all it started listen on."""
    inodes = set()
    for member in (process, *descendants(process)):
        for link in Path(f"/proc/{member}/fd").glob("*"):
            with_name = os.readlink(link) if link.is_symlink() else ""
            if with_name.startswith("socket:["):
                inodes.add(with_name[8:-1])
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return {row[1] for row in rows if row[3] == LISTENING and row[9] in inodes}


def descendants(process: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            found += [child, *descendants(child)]
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_study_on_one_machine_listens_on_nothing(eight: Path, tmp_path: Path) -> None:
    """With two workers, looked at after every run: no socket. A local Dask cluster had four, open to every user."""
    study, seen = load_study(eight), []
    _, found = conduct(study, tmp_path / "out", Engine(workers=2), watch=lambda *_: seen.append(listening(os.getpid())))
    assert (len(found.done), seen[-1], len(seen)) == (8, seen[0], 9)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "127.0.0.1:8786", "tls://127.0.0.1:8786"])
def test_a_scheduler_in_the_clear_is_refused(address: str, eight: Path, tmp_path: Path) -> None:
    """Without tls:// or without certificates: an error with the remedy, before anything is asked of it."""
    with pytest.raises(EngineError, match="--tls-ca"):
        conduct(load_study(eight), tmp_path / "out", Engine(scheduler=address))


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="another user cannot be taken on")
def test_another_user_cannot_send_work(tmp_path: Path) -> None:
    """As `nobody`, without a certificate: the key cannot be read, and the scheduler breaks the connection off."""
    known = certificates(tmp_path / "tls")
    with scheduler(known) as (address, _):
        port = address.rsplit(":", 1)[1]
        words = [
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "/usr/bin/env",
            "python3",
            "-c",
            INTRUDER,
        ]
        for _ in range(PATIENCE_S):
            tried = subprocess.run([*words, port, str(known.key)], capture_output=True, text=True, check=False)
            if "ConnectionRefused" not in tried.stderr and tried.returncode != 1:
                break
            time.sleep(1)
        assert tried.returncode == 0, tried.stderr
        assert free_port() != int(port)


def test_a_spoiled_run_is_done_again(eight: Path, tmp_path: Path) -> None:
    """A manifest that is no JSON, a series cut or one bit of it turned, a figure changed: each runs again, and the three
    others are left alone; what was spoiled is kept beside."""
    study, root = load_study(eight), tmp_path / "out"
    conduct(study, root, Engine())
    names = [one.id for one in requested_runs(study)]
    before = {name: (run_folder(root, name) / "manifest.json").stat().st_mtime_ns for name in names}
    manifest, series = "manifest.json", "series.nc"
    first, second, third, fourth, fifth = (run_folder(root, name) for name in names[:5])
    (first / manifest).write_text("{ half")
    (second / series).write_bytes((second / series).read_bytes()[:-500])
    turned = bytearray((third / series).read_bytes())
    turned[len(turned) // 2] ^= 1
    (third / series).write_bytes(bytes(turned))
    (fourth / manifest).write_text((fourth / manifest).read_text().replace('"cost": ', '"cost": 9', 1))
    (fifth / series).unlink()
    _, found = conduct(study, root, Engine())
    assert len(found.done) == 8
    after = {name: (run_folder(root, name) / "manifest.json").stat().st_mtime_ns for name in names}
    assert [after[name] == before[name] for name in names] == [False] * 5 + [True] * 3
    assert len(list(root.glob("runs/??/.*.spoiled"))) == 5
