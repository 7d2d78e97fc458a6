"""Units that run the nightly job: systemd, cron and Kubernetes accept them, and their limits fit the job's own."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

DEPLOY = Path(__file__).resolve().parents[2] / "optimizer" / "export" / "deploy"


@pytest.mark.parametrize("unit", ["qaidam-nightly.service", "qaidam-nightly.timer"])
def test_systemd_accepts_the_units(unit: str, tmp_path: Path) -> None:
    """`systemd-analyze verify` finds nothing; a key with a typo is told as unknown."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze not found")
    for path in DEPLOY.glob("qaidam-nightly.*"):
        (tmp_path / path.name).write_text(path.read_text().replace("/opt/qaidam/bin/qaidam", "/bin/true"))
    said = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / unit)], capture_output=True, text=True, check=False
    )
    assert said.stderr == ""
    assert said.returncode == 0


def test_the_service_outlives_its_own_deadlines() -> None:
    """8 minutes against 90 + 60 s of solving; exit code 10 is a success, 2 is not tried again; the parent outlives its child."""
    from optimizer.nightly.settings import NightSettings

    text = (DEPLOY / "qaidam-nightly.service").read_text()
    settings = NightSettings()
    assert "TimeoutStartSec=8min" in text
    assert 2 * (settings.solve_seconds + settings.rule_seconds) < 8 * 60
    assert {"SuccessExitStatus=10", "RestartPreventExitStatus=2", "OOMPolicy=continue"} <= set(text.splitlines())


def test_the_crontab_has_one_job_of_five_fields() -> None:
    """Minute, hour, day, month, weekday, user, command; at 22:00 of the site's clock, outside the hour of clock changes."""
    jobs = [line for line in (DEPLOY / "crontab").read_text().splitlines() if re.match(r"[\d*]", line)]
    assert len(jobs) == 1
    minute, hour, *rest = jobs[0].split()
    assert (int(minute), int(hour), rest[:4]) == (0, 22, ["*", "*", "*", "qaidam"])
    assert "CRON_TZ=Asia/Shanghai" in (DEPLOY / "crontab").read_text()


def test_the_cronjob_is_one_by_kubernetes_own_schema() -> None:
    """Strict: an unknown or misspelt key is refused. Kueue, Volcano and KEDA are not in Kubernetes' own schemas."""
    validate = pytest.importorskip("kubernetes_validate").validate
    document = YAML(typ="safe").load((DEPLOY / "cronjob.yaml").read_text())
    validate(document, "1.33", strict=True)
    with pytest.raises(Exception, match="concurencyPolicy"):
        validate(document | {"spec": document["spec"] | {"concurencyPolicy": "Forbid"}}, "1.33", strict=True)


def test_the_cronjob_forbids_two_at_once() -> None:
    """Forbid, a time zone, a deadline beyond the job's own, and no retry of a wrong scenario (exit code 2)."""
    document = YAML(typ="safe").load((DEPLOY / "cronjob.yaml").read_text())
    spec, job = document["spec"], document["spec"]["jobTemplate"]["spec"]
    assert (document["kind"], spec["concurrencyPolicy"], spec["timeZone"]) == ("CronJob", "Forbid", "Asia/Shanghai")
    assert job["activeDeadlineSeconds"] > 8 * 60
    rules = job["podFailurePolicy"]["rules"]
    assert rules[0]["onExitCodes"]["values"] == [2]
    assert rules[1]["onPodConditions"] == [{"type": "DisruptionTarget", "status": "True"}]
    assert job["template"]["spec"]["restartPolicy"] == "Never"
