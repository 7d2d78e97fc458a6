"""Export of a plan: a folder whole or not at all, the same for the same plan, with what changed since the last plan."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from optimizer.export import calendar_file, kubernetes, slurm
from optimizer.export.caps import Caps, caps_of, changes
from optimizer.files.processes import readable
from optimizer.files.whole import write_whole
from optimizer.quantities.spreadsheet import without_formulas

Files = dict[str, str | bytes]
EXPORT = "export"
"""Kind of the folder, as its mark says."""


def _slurm(caps: Caps, _: Mapping[str, str]) -> Files:
    return {"reservations.sh": slurm.script(caps), "reservations.json": slurm.rest_document(caps)}


def _parquet(caps: Caps, _: Mapping[str, str]) -> Files:
    """Caps as a Parquet table. Raises ImportError where pyarrow is not installed."""
    if find_spec("pyarrow") is None:
        raise ImportError("Parquet needs pyarrow, which is not installed; install it, or export to csv")
    return {"caps.parquet": _tidy(caps).to_parquet(index=False)}


def _manifests(
    make: Callable[[Caps, dict[str, str]], kubernetes.Manifests],
) -> Callable[[Caps, Mapping[str, str]], Files]:
    def files(caps: Caps, resources: Mapping[str, str]) -> Files:
        made: Files = {name: kubernetes.yaml_text(documents) for name, documents in make(caps, dict(resources)).items()}
        return made | {"apply.sh": kubernetes.apply_script(caps.expires)}

    return files


def _calendar(caps: Caps, _: Mapping[str, str]) -> Files:
    return {"plan.ics": calendar_file.calendar_text(caps)}


def _table(caps: Caps, _: Mapping[str, str]) -> Files:
    return {"caps.csv": without_formulas(_tidy(caps)).to_csv(index=False, date_format="%Y-%m-%dT%H:%MZ")}


def _tidy(caps: Caps) -> pd.DataFrame:
    """Caps table, a row an hour and pool, with its plan and when that ends."""
    return caps.table.assign(plan=caps.plan, expires_utc=f"{caps.expires:%Y-%m-%dT%H:%MZ}")


FORMATS: dict[str, Callable[[Caps, Mapping[str, str]], Files]] = {
    "slurm": _slurm,
    "kueue": _manifests(kubernetes.kueue),
    "volcano": _manifests(kubernetes.volcano),
    "keda": _manifests(kubernetes.keda),
    "ics": _calendar,
    "csv": _table,
    "parquet": _parquet,
}


def files_of(folder: Path, form: str, resources: Mapping[str, str] | None = None) -> tuple[Files, list[str]]:
    """Files of an export by name, and the changes of caps against the last plan.

    resources: pool → Kubernetes resource of its cards. Raises OSError or ValueError where `folder` is no plan, KeyError for no format.
    """
    caps = caps_of(folder)
    return FORMATS[form](caps, resources or {}), changes(caps, _before(folder))


def write_export(folder: Path, form: str, out: Path, resources: Mapping[str, str] | None = None) -> list[str]:
    """Write an export into `out`, in place of an older one; what changed since the last plan. Raises as `files_of`."""
    files, changed = files_of(folder, form, resources)

    def fill(part: Path) -> None:
        for name, text in files.items():
            path = part / name
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            path.chmod(0o755 if name.endswith(".sh") else 0o644)
        (part / "changes.txt").write_text("\n".join(changed) + "\n", encoding="utf-8")

    write_whole(out, fill, EXPORT)
    return changed


def _before(folder: Path) -> Caps | None:
    """Ceilings of the plan before, where the folder's record names one that can still be read."""
    try:
        record = json.loads(readable(folder / "run-record.json").read_text(encoding="utf-8"))
        return caps_of(folder.resolve().parent / record["previous"]) if record["previous"] else None
    except (OSError, ValueError, KeyError):
        return None
