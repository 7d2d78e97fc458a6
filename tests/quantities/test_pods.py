"""Kubernetes' pods as job logs: what holds cards is a job, what does not is named with its reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.quantities.test_job_logs import BERLIN, table


def pod(name: str, resource: str, status: dict[str, object]) -> dict[str, object]:
    """A pod as kubectl writes it, with two cards in two containers."""
    container = {"name": "c", "resources": {"limits": {resource: "1"}}}
    return {
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "creationTimestamp": "2025-10-25T08:00:00Z"},
        "spec": {"containers": [container, container], "initContainers": [container]},
        "status": {"startTime": "2025-10-25T09:00:00Z", **status},
    }


def test_pods_of_kubectl_are_read(tmp_path: Path) -> None:
    """A finished pod from start to its last end; a running one by the assumed length; other resources are no cards."""
    ended = [{"state": {"terminated": {"finishedAt": f"2025-10-25T1{hour}:00:00Z"}}} for hour in (0, 2)]
    items = [
        pod("done", "nvidia.com/gpu", {"containerStatuses": ended}),
        pod("npu", "huawei.com/Ascend910", {"containerStatuses": [{"state": {"running": {}}}]}),
        pod("web", "example.com/fpga", {}),
        {"kind": "Pod", "metadata": {"name": "bare"}},
        "nonsense",
    ]
    log = table(tmp_path, json.dumps({"kind": "List", "items": items}), form="kubernetes", unknown_hours=10)
    assert [(job.id, job.cards, job.hours) for job in log.jobs(BERLIN)] == [("done", 2, 3.0), ("npu", 2, 10.0)]
    account = "\n".join(log.account(BERLIN))
    assert "5 rows read, 2 kept, 3 left out" in account
    assert "taken as 10 h long (unknown_hours): pod 2" in account


@pytest.mark.parametrize(("changes", "resources", "told"), [
    ({}, {"aliyun.com/gpu-mem": "4"}, "requests aliyun.com/gpu-mem, which `accelerators` does not name"),
    ({"kind": "Deployment"}, {"nvidia.com/gpu": "1"}, "is a Deployment, no Pod"),
    ({"status": {"phase": "Failed"}}, {"nvidia.com/gpu": "1"}, "has ended (Failed), and when is not said"),
])  # fmt: skip
def test_what_is_no_work_of_a_pod_is_named(
    tmp_path: Path, changes: dict[str, object], resources: dict[str, str], told: str
) -> None:
    """Memory was once counted as cards, and a pod that failed as one that still runs."""
    odd = {
        **pod("odd", "nvidia.com/gpu", {}),
        "spec": {"containers": [{"resources": {"limits": resources}}]},
        **changes,
    }
    sound = pod("sound", "nvidia.com/gpu", {})
    log = table(tmp_path, json.dumps([sound, odd]), form="kubernetes", unknown_hours=1)
    assert [job.id for job in log.jobs(BERLIN)] == ["sound"]
    assert told in "\n".join(log.account(BERLIN))


def test_cards_of_sidecars_and_of_whole_pods_count(tmp_path: Path) -> None:
    """A sidecar runs beside the two containers (3 cards); a request of the pod as a whole counts where it is more (4)."""
    sidecar, whole = pod("sidecar", "mthreads.com/vgpu", {}), pod("whole", "nvidia.com/gpu", {})
    sidecar["spec"]["initContainers"][0]["restartPolicy"] = "Always"  # type: ignore[index]
    whole["spec"]["resources"] = {"requests": {"nvidia.com/gpu": "4"}}  # type: ignore[index]
    log = table(tmp_path, json.dumps([sidecar, whole]), form="kubernetes")
    assert [job.cards for job in log.jobs(BERLIN)] == [3, 4]


def test_pods_of_a_list_share_cards_and_names(tmp_path: Path) -> None:
    """Two pods of one name are two jobs; a share above a whole card is no share."""
    text = "name,num_gpu,gpu_milli,creation_time,deletion_time,scheduled_time\n"
    text += "a,2,1000,0,3600,0\na,1,500,0,3600,0\nb,1,5000,0,3600,0\n"
    log = table(tmp_path, text, form="kubernetes")
    assert [(job.id, job.cards) for job in log.jobs(BERLIN)] == [("a", 2), ("a#3", 0.5)]
    assert "gpu_milli is 5000" in "\n".join(log.account(BERLIN))
