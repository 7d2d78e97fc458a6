"""What a killed worker, a killed client, a full disk and a lost scheduler leave behind, with a real scheduler and two workers."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from optimizer.study.conduct import Engine, conduct
from optimizer.study.engine import Certificates, EngineError, checked_workers, remote_client, run_on, run_task
from optimizer.study.load import load_study
from optimizer.study.run import perform
from optimizer.study.store import audit, failure_of, is_done, manifests, run_folder, still_to_do
from optimizer.study.task import requested_runs, tasks
from tests.study.certificates import certificates, tls_words
from weather.canonical import WeatherError

PATIENCE_S = 200


def without_timings(root: Path) -> dict[str, Any]:
    """Every manifest of a study without how long things took, and in how much memory."""
    found = {}
    for _, manifest in manifests(root):
        manifest["summary"].pop("seconds")
        del manifest["seconds"], manifest["peak_memory_gb"], manifest["manifest_sha256"]  # which counts both
        found[manifest["id"]] = manifest
    return found


def changed_times(root: Path) -> dict[str, int]:
    """When each finished run was written."""
    return {path.parent.name: path.stat().st_mtime_ns for path in root.glob("runs/??/[!.]*/manifest.json")}


def until(truth: Any, what: str) -> None:
    """Wait for something that other processes do."""
    for _ in range(PATIENCE_S * 20):
        if truth():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE_S} s for {what}")


@contextlib.contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, killed with the group at the end."""
    started = subprocess.Popen([sys.executable, *command], start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        yield started
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        started.wait()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="session")
def known(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates of the scheduler, its workers and us."""
    return certificates(tmp_path_factory.mktemp("tls"))


@contextlib.contextmanager
def scheduler(known: Certificates) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A Dask scheduler on loopback: its address and process."""
    port = str(free_port())
    words = ("--protocol", "tls", "--host", "127.0.0.1", "--port", port, "--no-dashboard", *tls_words(known))
    with process("-m", "distributed.cli.dask_scheduler", *words) as started:
        yield f"tls://127.0.0.1:{port}", started


def worker(address: str, known: Certificates, *more: str) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """One worker process of one thread, without a nanny: when it is killed it stays dead."""
    options = ("--nworkers", "1", "--nthreads", "1", "--no-dashboard", "--no-nanny", "--host", "127.0.0.1")
    return process("-m", "distributed.cli.dask_worker", address, *tls_words(known), *(more or options))


def test_killed_worker_and_client_change_nothing(eight: Path, tmp_path: Path, known: Certificates) -> None:
    """kill -9 of one of two workers, then of the client, in the middle; resumed, the study has the results of an undisturbed one.

    All but timings are equal, the checksums of the series too, and no finished run is written twice.
    """
    study, calm, stormy = load_study(eight), tmp_path / "calm", tmp_path / "stormy"
    for task in tasks(study, requested_runs(study)):
        assert perform(calm, task) == "done"
    with scheduler(known) as (address, _), worker(address, known) as first, worker(address, known):
        command = (
            "-c",
            "from optimizer.cli import main; main()",
            "study",
            str(eight),
            "--scheduler",
            address,
            "--tls-ca",
            str(known.authority),
            "--tls-cert",
            str(known.certificate),
            "--tls-key",
            str(known.key),
            "--out",
            str(stormy),
            "--json",
        )
        with process(*command) as client:
            until(lambda: len(changed_times(stormy)) >= 1, "a run")
            first.kill()
            before = len(changed_times(stormy))
            until(lambda: len(changed_times(stormy)) > before, "another run")
            client.kill()
        finished = changed_times(stormy)
        assert 2 <= len(finished) < 8
        _, found = conduct(study, stormy, Engine(scheduler=address, certificates=known))
    assert not found.failed
    assert not found.missing
    after = changed_times(stormy)
    assert {name: after[name] for name in finished} == finished
    assert without_timings(stormy) == without_timings(calm)
    conduct(study, stormy, Engine())  # nothing to do, but to clear what the killed left
    assert changed_times(stormy) == after
    assert not list(stormy.glob("runs/??/.*"))


def test_lost_scheduler_is_noticed(eight: Path, tmp_path: Path, known: Certificates) -> None:
    """A killed scheduler ends the loop without an error; the audit says which runs are missing, and they are done next time."""
    study, root = load_study(eight), tmp_path / "lost"

    with scheduler(known) as (address, killed), worker(address, known):

        def kill(_: str, behind: int, __: int) -> None:
            if behind == 2:
                killed.kill()

        _, found = conduct(study, root, Engine(scheduler=address, certificates=known), watch=kill)
    assert found.missing
    assert len(found.done) >= 2
    assert len(found.done) + len(found.missing) == 8


def test_a_scheduler_keeps_nothing_of_what_is_done(tmp_path: Path, known: Certificates) -> None:
    """Forty runs are one kind to Dask, and none is in the hands of client or scheduler at the end. Named by their ids alone
    they were forty kinds, kept for ever: 15 kB each, above 2 GB for a hundred thousand."""
    asked, answers = [{"id": f"{number:024x}", "label": "", "seconds": 1} for number in range(40)], {}
    with (
        scheduler(known) as (address, _),
        worker(address, known),
        remote_client(address, known, PATIENCE_S) as client,
    ):
        run_on(client, tmp_path, iter(asked), answers.__setitem__, lambda _, task: f"did {task['id']}")
        kinds = client.run_on_scheduler(lambda dask_scheduler: set(dask_scheduler.task_prefixes))
        assert "run" in kinds
        assert len(kinds) == 1
        assert len(client.futures) <= 1  # the last one is still in the loop's hand
    assert answers == {task["id"]: f"did {task['id']}" for task in asked}


def test_workers_with_two_threads_are_refused(eight: Path, tmp_path: Path, known: Certificates) -> None:
    """Two solves in one process hang; such a worker is refused with the remedy."""
    wide = ("--nthreads", "2", "--no-nanny", "--no-dashboard")
    with (
        scheduler(known) as (address, _),
        worker(address, known, *wide),
        pytest.raises(EngineError, match="--nthreads 1"),
    ):
        conduct(load_study(eight), tmp_path / "wide", Engine(scheduler=address, certificates=known))


def test_no_workers_is_said() -> None:
    """A scheduler without workers is an error with the remedy, not an endless wait."""

    class Idle:
        def scheduler_info(self, **_: int) -> dict[str, Any]:
            return {"workers": {}}

    with pytest.raises(EngineError, match="dask worker"):
        checked_workers(Idle())


def test_a_run_that_takes_too_long_is_killed(eight: Path, tmp_path: Path) -> None:
    """The limit is held by killing, and told; the next run is done by a new child. A hang would never return."""
    study = load_study(eight)
    one, two = list(tasks(study, requested_runs(study)[:2]))
    assert run_task(str(tmp_path), one | {"seconds": 0.01}) == "time"
    assert "seconds_per_run" in str(failure_of(tmp_path, one["id"]))
    assert run_task(str(tmp_path), two) == "done"
    assert run_task(str(tmp_path), one) == "done"  # more time: done after all, and the failure is forgotten
    assert failure_of(tmp_path, one["id"]) is None


def test_a_worker_of_another_version_keeps_no_run(eight: Path, tmp_path: Path) -> None:
    """Asked for a run whose name its own source and packages would not give: a failure with its reason, tried again later."""
    study = load_study(eight)
    task = next(iter(tasks(study, requested_runs(study)[:1]))) | {"id": "0" * 24}
    assert run_task(str(tmp_path), task) == "version"
    assert "install the same lock" in failure_of(tmp_path, task["id"])["reason"]  # type: ignore[index]
    assert not is_done(tmp_path, task["id"])
    assert still_to_do(tmp_path, [task["id"]], again=False) == {task["id"]}


def test_a_full_disk_leaves_no_half_result(eight: Path, tmp_path: Path) -> None:
    """A folder that cannot be written stands for a full disk: the kind is `disk`, nothing half-written stays, later it works."""
    study = load_study(eight)
    task = next(iter(tasks(study, requested_runs(study)[:1])))
    folder = run_folder(tmp_path, task["id"])
    folder.parent.parent.mkdir()
    folder.parent.write_text("in the way")
    assert run_task(str(tmp_path), task) == "disk"
    assert failure_of(tmp_path, task["id"])["kind"] == "disk"  # type: ignore[index]
    folder.parent.unlink()
    assert run_task(str(tmp_path), task) == "done"
    assert is_done(tmp_path, task["id"])


def test_failures_are_kept_and_the_rest_goes_on(written: Any, tmp_path: Path) -> None:
    """A limit nobody can keep fails with its reason, the other run is done; the hopeless one is not tried again."""
    text = """
name: One hopeless
scenario: site.yaml
pareto: [{measure: carbon_location_t, at_most: [-1.0]}]
"""
    study = load_study(written(text))
    _, found = conduct(study, tmp_path / "out", Engine())
    assert len(found.done) == 2 - len(found.failed) == 1
    assert "no plan can keep" in next(iter(found.failed.values()))
    tried: list[str] = []
    conduct(study, tmp_path / "out", Engine(), watch=lambda _, behind, of: tried.append(f"{behind}/{of}"))
    assert tried == ["2/2"]


def test_shards_cover_every_run_once(eight: Path, tmp_path: Path) -> None:
    """Three shards do the eight runs, none twice: the parts of the audit add up to the whole."""
    study, root = load_study(eight), tmp_path / "shards"
    parts = [{one.id for one in conduct(study, root, Engine(), shard=(number, 3))[0]} for number in range(3)]
    assert sum(map(len, parts)) == 8
    assert set().union(*parts) == {one.id for one in requested_runs(study)}
    assert not audit(root, set().union(*parts)).missing


def test_command_line_counts_and_tells(eight: Path, tmp_path: Path) -> None:
    """--check counts without running; a wrong path is told with all others and exit code 2."""
    from click.testing import CliRunner

    from optimizer.cli import main

    told = CliRunner().invoke(main, ["study", str(eight), "--check", "--json", "--out", str(tmp_path / "none")])
    assert json.loads(told.stdout)["runs"] == 8
    assert not (tmp_path / "none").exists()
    eight.write_text(eight.read_text().replace("solar.field", "solar.feild").replace("vary:", "vray: 1\nvary:"))
    refused = CliRunner().invoke(main, ["study", str(eight)])
    assert refused.exit_code == 2
    assert "vray" in refused.stderr
    assert "Did you mean 'vary'?" in refused.stderr


def test_a_bug_is_no_fault_of_the_data(eight: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception nobody expected is kept as a bug with its traceback, also a ValueError; a weather file's as data."""
    task = next(iter(tasks(load_study(eight), requested_runs(load_study(eight))[:1])))
    raised = {KeyError("flow"): "bug", ValueError("shapes"): "bug", WeatherError("a.epw: no"): "data"}
    for error, kind in raised.items():

        def fails(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr("optimizer.study.run.scenario_from", fails)
        assert perform(tmp_path, task) == kind
        reason = failure_of(tmp_path, task["id"])["reason"]  # type: ignore[index]
        assert ("Traceback" in reason) == (kind == "bug")
        assert str(error) in reason
