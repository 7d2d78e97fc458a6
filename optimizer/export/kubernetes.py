"""Kubernetes: Kueue quotas, Volcano queues and KEDA ceilings hour by hour, and the CronJob that applies them.

One manifest an hour, and `release.yaml` with the whole pool for when the plan has expired. The CronJob applies the
newest manifest whose hour has come; past the last hour it applies the release.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from optimizer.export.caps import Caps
from optimizer.export.names import hour_name, kubernetes_name

RESOURCE = "nvidia.com/gpu"
"""Extended resource of a card where nobody says otherwise; on Ascend it is `huawei.com/Ascend910`."""
Document = dict[str, object]
Manifests = dict[str, list[Document]]
"""File name → documents."""


class Manifest(NamedTuple):
    """Manifest of one pool's ceiling."""

    api: str
    """API group and version."""
    kind: str
    name: str
    spec: Document


def kueue(caps: Caps, resources: dict[str, str]) -> Manifests:
    """ClusterQueues with the hour's `nominalQuota`; one queue and one flavor a pool."""
    return _hourly(caps, lambda pool, cards: _cluster_queue(pool, cards, resources.get(pool, RESOURCE)))


def volcano(caps: Caps, resources: dict[str, str]) -> Manifests:
    """Volcano queues with the hour's `capability`."""
    return _hourly(caps, lambda pool, cards: _volcano_queue(pool, cards, resources.get(pool, RESOURCE)))


def keda(caps: Caps, resources: dict[str, str], cards_per_replica: int = 8) -> Manifests:  # noqa: ARG001
    """Patches of the ScaledJob `qaidam-<pool>`: the hour's most replicas."""
    return _hourly(caps, lambda pool, cards: _scaled_job(pool, cards // cards_per_replica))


def _hourly(caps: Caps, manifest: Callable[[str, int], Manifest]) -> Manifests:
    """Manifests: a file an hour with all pools, and the release."""
    files: Manifests = {}
    whole = {pool: int(np.max(caps.of(pool)["pool_cards"].to_numpy(dtype=float))) for pool in caps.pools}
    for time, rows in caps.table.groupby("time_utc", sort=True):
        name = f"{hour_name('plan', time, between='-')}.yaml"  # type: ignore[arg-type]
        hour = rows.sort_values("pool").to_dict("records")
        files[name] = [_labelled(manifest(row["pool"], int(row["cards"])), caps) for row in hour]
    files["release.yaml"] = [_labelled(manifest(pool, cards), caps) for pool, cards in whole.items()]
    return files


def _labelled(manifest: Manifest, caps: Caps) -> Document:
    """Document, with the plan it comes from and when that ends."""
    notes = {"qaidam/plan": caps.plan, "qaidam/expires": f"{caps.expires:%Y-%m-%dT%H:%M:%SZ}"}
    return {
        "apiVersion": manifest.api,
        "kind": manifest.kind,
        "metadata": {"name": manifest.name, "annotations": notes},
        "spec": manifest.spec,
    }


def _cluster_queue(pool: str, cards: int, resource: str) -> Manifest:
    name = kubernetes_name("qaidam", pool)
    flavor = {"name": name, "resources": [{"name": resource, "nominalQuota": cards}]}
    groups = [{"coveredResources": [resource], "flavors": [flavor]}]
    spec: Document = {"namespaceSelector": {}, "resourceGroups": groups}
    return Manifest("kueue.x-k8s.io/v1beta1", "ClusterQueue", name, spec)


def _volcano_queue(pool: str, cards: int, resource: str) -> Manifest:
    spec: Document = {"reclaimable": True, "capability": {resource: str(cards)}}
    return Manifest("scheduling.volcano.sh/v1beta1", "Queue", kubernetes_name("qaidam", pool), spec)


def _scaled_job(pool: str, replicas: int) -> Manifest:
    return Manifest("keda.sh/v1alpha1", "ScaledJob", kubernetes_name("qaidam", pool), {"maxReplicaCount": replicas})


def yaml_text(documents: list[Document]) -> str:
    """Documents as YAML."""
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    out = io.StringIO()
    writer.dump_all(documents, out)
    return out.getvalue()


def apply_script(expires: pd.Timestamp) -> str:
    """Shell script that applies the current step, or the release once the plan is over. Run by the CronJob every few minutes.

    Names sort by time, so the newest that is not in the future is the last of them.
    """
    return """#!/bin/sh
# Applies the manifest of the step. KUBECTL may hold options, e.g. KUBECTL="kubectl patch --type merge -f".
set -eu
export LC_ALL=C
cd "$(dirname "$0")"
now=$(date -u +%Y%m%dT%H%MZ)
step=$(ls | sed -n 's/^qaidam-plan-\\([0-9T]*Z\\)\\.yaml$/\\1/p' | awk -v now="$now" '$0 <= now' | sort | tail -n 1)
over=$(awk -v now="$now" -v end=@END@ 'BEGIN { if (now >= end) print "yes"; else print "no" }')
file=release.yaml
if [ -n "$step" ] && [ "$over" = no ]; then file="qaidam-plan-$step.yaml"; fi
exec ${KUBECTL:-kubectl apply -f} "$file"
""".replace("@END@", f"{expires:%Y%m%dT%H%MZ}")
