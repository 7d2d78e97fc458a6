"""Explanation of a run: the digests behind its name, which of them have changed since, or why it failed."""

from __future__ import annotations

from pathlib import Path

from optimizer.language.speech import noted
from optimizer.scenario.file import scenario_from
from optimizer.study.catalogue import CatalogueError
from optimizer.study.digest import parts_of
from optimizer.study.recheck import faults_of_study_run
from optimizer.study.shapes import Manifest
from optimizer.study.store import failure_of, manifest_of, run_folder

STATUS = noted("{status}, {gap}, {seconds} s")


def explanation(root: Path, beginning: str) -> dict[str, object]:
    """Facts about the one run or failure whose id begins so. Raises CatalogueError if there is none, or more than one."""
    runs = {path.parent.name for path in (root / "runs").glob("??/*/manifest.json")}
    failures = {path.stem for path in (root / "failures").glob("*.json")}
    fitting = sorted(name for name in runs | failures if name.startswith(beginning))
    if len(fitting) != 1:
        raise CatalogueError(f"{len(fitting)} runs in {root} begin with '{beginning}'; give more letters of one id")
    name = fitting[0]
    if name in runs:
        wrong = faults_of_study_run(run_folder(root, name))
        if wrong:
            return {
                "id": name,
                noted("not to be believed"): dict(enumerate(wrong, start=1)),
                noted("remedy"): noted("give the study's command again"),
            }
        return _of_run(manifest_of(root, name))
    failure = failure_of(root, name)
    if failure is None:
        return {"id": name, "run": "", "failed": noted("its reason cannot be read")}
    return {"id": name, "run": failure["label"], "failed": f"{failure['kind']}: {failure['reason']}"}


def _of_run(manifest: Manifest) -> dict[str, object]:
    scenario = scenario_from(manifest["scenario"], folder=Path(manifest["folder"]))
    now = parts_of(scenario.model_dump(mode="json"), manifest["question"], manifest["with_baseline"])
    changed = [part for part, digest in manifest["parts"].items() if now[part] != digest]
    summary = manifest["summary"]
    return {
        "id": manifest["id"],
        "run": manifest["label"],
        "status": STATUS.format(
            status=summary["status"], gap=_gap(summary["gap"]), seconds=f"{manifest['seconds']:.0f}"
        ),
        noted("checked"): noted("every law recomputed from the results")
        if manifest["verified"]
        else noted("breaks a law"),
        noted("changed since"): ", ".join(changed) or noted("nothing: the same task would have the same name"),
        noted("parts"): manifest["parts"],
    }


def _gap(gap: float | None) -> str:
    return noted("no gap known") if gap is None else noted("gap {gap}").format(gap=f"{gap:.3%}")
