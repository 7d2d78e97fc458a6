"""Scenario file, checked as a whole, every error at once with its line and YAML path."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pydantic

from optimizer.quantities.documents import SCENARIOS, Document, read_document
from optimizer.scenario.complaints import ScenarioError, complaints
from optimizer.scenario.forms import form_of, site_form
from optimizer.scenario.hubs import Hubs
from optimizer.scenario.renamed_keys import name_of_today, with_keys_of_today
from optimizer.scenario.single_site import Scenario, technologies_of
from optimizer.scenario.site import Name


def load_scenario(path: str | Path, overrides: Mapping[str, object] | None = None) -> Scenario | Hubs:
    """Scenario of a YAML file. `overrides` sets values by path (`storage.haixi_share.energy_mwh: 40`), also of keys the file leaves
    to their defaults and inside the tariffs it names (`grid.tie.tariff.energy_price_per_mwh: 300`).

    Raises ScenarioError with every problem of the file, each with line, path, value, rule and remedy.
    """
    document = read_document(Path(path))
    data = merged(document)
    try:
        for location, value in (overrides or {}).items():
            set_by_path(data, location, value)
    except ScenarioError:
        written_out = _written_out(document)
        if written_out is None:
            raise
        for location, value in (overrides or {}).items():
            set_by_path(written_out, location, value)
        return scenario_from(written_out, folder=document.path.parent)
    return scenario_from(data, document)


def _written_out(document: Document) -> dict[str, object] | None:
    """Scenario as plain data with all defaults and tariffs in it, so that every value has a path. None: it is not sound."""
    try:
        return dict(scenario_from(merged(document), document).model_dump(mode="json"))
    except ScenarioError:
        return None


def load_site(path: str | Path, overrides: Mapping[str, object] | None = None) -> Scenario:
    """Scenario of a YAML file of one site; as `load_scenario`, and a file of several sites is refused."""
    return _of_one_site(load_scenario(path, overrides), Path(path).name)


def site_from(data: Mapping[str, object], folder: Path | None = None) -> Scenario:
    """A scenario of one site from plain data. Raises ScenarioError, also where it is one of several sites."""
    return _of_one_site(scenario_from(data, folder=folder), str(data.get("name", "scenario")))


def _of_one_site(scenario: Scenario | Hubs, said: str) -> Scenario:
    if isinstance(scenario, Hubs):
        raise ScenarioError(
            [f"{said}  sites: has several sites, which are planned only by `qaidam run`; give one of them"]
        )
    return scenario


def scenario_from(
    data: Mapping[str, object], document: Document | None = None, folder: Path | None = None
) -> Scenario | Hubs:
    """A scenario from plain data; `document` gives the lines for errors. Raises ScenarioError."""
    base = document.path.parent if document else folder
    known = with_keys_of_today(data, document)
    form = form_of(known)
    try:
        return form.model_validate(known, context={"folder": base})
    except pydantic.ValidationError as error:
        raise ScenarioError(complaints(error, form, known, document)) from None


def merged(document: Document, above: tuple[Path, ...] = ()) -> dict[str, object]:
    """Document's data laid over the one it `extends`, if it does; mappings merge, everything else replaces."""
    data = _with_sites(with_keys_of_today(document.data, document), document, above)
    base = data.pop("extends", None)
    if base is None:
        return data
    path = document.path.parent / str(base)
    if path.resolve() in above:
        raise ScenarioError(
            [
                f"{document.path.name}:{document.line(['extends'])}  extends: leads back to {path.name}; extend a file that stands by itself."
            ]
        )
    return _laid_over(merged(read_document(path), (*above, path.resolve())), data)


def _with_sites(data: dict[str, object], document: Document, above: tuple[Path, ...]) -> dict[str, object]:
    """Data with the scenarios its sites name put in: a file's name, or a mapping that `extends` one."""
    named = data.get("sites")
    if not isinstance(named, dict):
        return data
    sites = {}
    for name, site in named.items():
        own = dict(site) if isinstance(site, dict) else {"extends": site}
        file = own.pop("extends", None)
        base = _site_base(document, str(file), above) if file is not None else {}
        sites[name] = _laid_over(base, own)
    return data | {"sites": sites}


def _site_base(document: Document, file: str, above: tuple[Path, ...]) -> dict[str, object]:
    """Scenario a site names. Raises ScenarioError where that leads back to a file that is being read."""
    path = document.path.parent / file
    chain = (*above, document.path.resolve())
    if path.resolve() in chain:
        raise ScenarioError(
            [
                f"{document.path.name}:{document.line(['sites'])}  sites: lead back to {path.name}; name a scenario of one site"
            ]
        )
    return merged(read_document(path), chain)


def _laid_over(base: Mapping[str, object], top: Mapping[str, object]) -> dict[str, object]:
    """Two mappings as one; where both have a key that of the top holds, mappings under it are laid over each other too."""
    laid = dict(base)
    for key, value in top.items():
        under = laid.get(key)
        laid[key] = _laid_over(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return laid


def set_by_path(data: dict[str, object], path: str, value: object) -> None:
    """Set `a.b.c` in nested mappings; list positions are numbers. Raises ScenarioError where the path leads nowhere."""
    parts = path.split(".")
    *parents, last = [name_of_today(parts[: depth + 1]) for depth in range(len(parts))]
    node: Any = data
    kinds = technologies_of(site_form())
    for depth, part in enumerate(parents):
        if isinstance(node, list) and part.isdigit() and int(part) < len(node):
            node = node[int(part)]
        elif isinstance(node, dict) and part in node:
            node = node[part]
        elif isinstance(node, dict) and (part in kinds or (not node and depth and parents[depth - 1] in kinds)):
            node = node.setdefault(part, {})  # a section the file has not, and its first entry
        else:
            known = list(node) if isinstance(node, dict) else []
            near = difflib.get_close_matches(part, [str(key) for key in known], n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known here: {', '.join(map(str, known)) or 'nothing'}"
            raise ScenarioError([f"override {path}: '{part}' is not in the scenario; {hint}"])
    if isinstance(node, list) and last.isdigit() and int(last) < len(node):
        node[int(last)] = value
    elif isinstance(node, list):
        raise ScenarioError(
            [f"override {path}: '{parents[-1]}' is a list of {len(node)}; give a position from 0 to {len(node) - 1}"]
        )
    elif isinstance(node, dict):
        node[last] = value
    else:
        raise ScenarioError([f"override {path}: '{parents[-1]}' holds a value, not a mapping; set it as a whole"])


def json_schema() -> str:
    """Schema of scenario files as JSON text, for editors; written to scenarios/scenario.schema.json."""
    return json.dumps(site_form().model_json_schema(), indent=1, ensure_ascii=False) + "\n"


__all__ = [
    "SCENARIOS",
    "Hubs",
    "Name",
    "Scenario",
    "ScenarioError",
    "load_scenario",
    "load_site",
    "scenario_from",
    "site_from",
]
