"""Error messages for files a user wrote: file:line, YAML path, value, rule, remedy."""

from __future__ import annotations

import difflib
import re
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

import pydantic
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from optimizer.language.speech import noted
from optimizer.quantities.documents import Document, DocumentError
from optimizer.scenario.not_there import NOT_THERE

FORMS = {
    r"^\d{4}-\d{2}-\d{2}$": noted("have the form YYYY-MM-DD"),
    r"^[A-Z]{3}$": noted("be three capital letters such as CNY"),
    r"^[a-z][a-z0-9_]*$": noted("consist of small letters, digits and _, as own_battery does"),
}
"""How the patterns of texts are said."""
RULES = {
    "invalid_key": noted("a key must be text; write it in quotes"),
    "greater_than": noted("must be above {gt:g}, is {value}"),
    "greater_than_equal": noted("must be at least {ge:g}, is {value}"),
    "less_than": noted("must be below {lt:g}, is {value}"),
    "less_than_equal": noted("must be at most {le:g}, is {value}"),
    "missing": noted("is missing"),
    "float_parsing": noted("must be a number, is {value}"),
    "float_type": noted("must be a number, is {value}"),
    "int_parsing": noted("must be a whole number, is {value}"),
    "int_type": noted("must be a whole number, is {value}"),
    "int_from_float": noted("must be a whole number, is {value}"),
    "finite_number": noted("must be a finite number, is {value}"),
    "string_type": noted("must be text, is {value}"),
    "bool_parsing": noted("must be true or false, is {value}"),
    "bool_type": noted("must be true or false, is {value}"),
    "list_type": noted("must be a list, is {value}"),
    "dict_type": noted("must be a mapping of names to settings, is {value}"),
    "model_type": noted("must be a mapping of keys to values, is {value}"),
    "model_attributes_type": noted("must be a mapping of keys to values, is {value}"),
    "string_pattern_mismatch": noted("must {form}, is {value}"),
    "literal_error": noted("must be {expected}, is {value}"),
    "too_short": noted("must have at least {min_length} entries, has {actual_length}"),
    "too_long": noted("must have at most {max_length} entries, has {actual_length}"),
    "string_too_short": noted("must not be empty"),
    "union_tag_invalid": noted("must be one of {expected_tags}, is {tag}"),
    "union_tag_not_found": noted("needs the key {discriminator} that says which form it is"),
}
FRAMES = (
    noted("unknown key"), noted("{problem}. Give: {remedy}"), noted("{problem}. Did you mean '{near}'?"),
    noted("{problem}. Known keys: {keys}"), noted("unknown key. Did you mean '{near}'?"), noted("{problem}; and {more}"),
)  # fmt: skip
"""How a message is put together of what is wrong and the remedy; for their translation."""


class ScenarioError(DocumentError):
    """A scenario that cannot be used; `problems` lists everything that is wrong with it, one line each."""


MOST_PROBLEMS = 50
"""Most problems in one message; a file in the wrong form has thousands."""
MOST_SHOWN = 80
"""Most characters of a value or key in a message; longer ones are cut."""


class MisfitError(ValueError):
    """Settings that are sound one by one and do not fit together: (YAML path, what is wrong and the remedy) of each."""

    def __init__(self, misfits: list[tuple[tuple[str, ...], str]]):
        self.misfits = misfits
        super().__init__("; and ".join(text for _, text in misfits))


def complaints(
    error: pydantic.ValidationError,
    model: type[pydantic.BaseModel],
    data: Mapping[str, object],
    document: Document | None,
) -> list[str]:
    """Error messages for what pydantic found wrong with `data`, one line each, in the order of the file."""
    numbered = []
    problems = error.errors(include_url=False)
    for problem in problems[:MOST_PROBLEMS]:
        cause = problem.get("ctx", {}).get("error")
        if isinstance(cause, MisfitError):
            numbered += [_complaint(list(path), text, document) for path, text in cause.misfits]
            continue
        location = _in_file(problem["loc"], data, problem["type"])
        remedy = _remedy(problem, location, model)
        numbered.append(_complaint(location, f"{_rule(problem)}{'.' if remedy else ''} {remedy}".rstrip(), document))
    lines = [text for _, text in sorted(numbered, key=lambda item: item[0])]
    more = len(problems) - MOST_PROBLEMS
    return lines if more <= 0 else [*lines, f"and {more:,} more; mend these first"]


def _complaint(location: Sequence[str | int], text: str, document: Document | None) -> tuple[int, str]:
    """(line, the whole sentence)."""
    line = document.line(location) if document else 0
    return line, f"{place_of(location, document)}{text}{'' if text.endswith(('.', '?')) else '.'}"


def place_of(location: Sequence[str | int], document: Document | None) -> str:
    """Beginning of an error message: file and line where they are known, and the YAML path."""
    where = " > ".join(_shown(part).strip("'") for part in location) or "scenario"
    return f"{document.path.name}:{document.line(location)}  {where}: " if document else f"{where}: "


def _in_file(location: tuple[str | int, ...], data: object, kind: str) -> list[str | int]:
    """Location without the steps pydantic adds for unions and checks, which stand nowhere in the file."""
    kept: list[str | int] = []
    node: Any = data
    for number, part in enumerate(location):
        last = number == len(location) - 1
        if isinstance(part, str) and part.startswith("<"):
            continue
        if part == "[key]":
            continue
        inside = (isinstance(node, Mapping) and part in node) or (
            isinstance(node, list) and isinstance(part, int) and part < len(node)
        )
        if inside:
            node = node[part]
        elif not (last and kind == "missing"):
            continue
        kept.append(part)
    return kept


def _rule(problem: ErrorDetails) -> str:
    kind, context = problem["type"], dict(problem.get("ctx", {}))
    if kind == "extra_forbidden":
        return "unknown key"
    if kind == "value_error":
        return str(context["error"])
    value = problem["input"]
    shown = _shown(value)
    if "expected" in context:
        context["expected"] = str(context["expected"]).replace("'", "")
    if "pattern" in context:
        context["form"] = FORMS.get(context["pattern"], f"have the form {context['pattern']}")
    if kind == "beyond_its_unit":
        return str(problem["msg"])
    template = RULES.get(kind)
    return template.format(value=shown, **context) if template else f"{problem['msg']}, is {shown}"


def _shown(value: object) -> str:
    """A value in a sentence: text in quotes, cut where it is long, without signs that steer a terminal."""
    if isinstance(value, dict):
        return "a mapping"
    text = "".join(sign if sign.isprintable() else "?" for sign in str(value))
    cut = text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."
    return f"'{cut}'" if isinstance(value, str) else cut


def _remedy(problem: ErrorDetails, location: list[str | int], model: type[pydantic.BaseModel]) -> str:
    owner, field = _field_at(location, model)
    if problem["type"] == "extra_forbidden" and owner is not None:
        if instead := NOT_THERE.get(str(location[-1])):
            return f"{instead}."
        known = list(owner.model_fields)
        near = difflib.get_close_matches(str(location[-1])[:MOST_SHOWN], known, n=1, cutoff=0.5)
        return f"Did you mean '{near[0]}'?" if near else f"Known keys: {', '.join(known)}."
    if field is None or field.description is None or problem["type"] == "value_error":
        return ""
    sentence = re.sub(
        "^[A-Z](?=[a-z ])", lambda first: first[0].lower(), field.description
    )  # DC and IT stay as they are
    return f"Give: {sentence}".rstrip()


def _field_at(
    location: list[str | int], model: type[pydantic.BaseModel]
) -> tuple[type[pydantic.BaseModel] | None, FieldInfo | None]:
    """Model that holds the last key of a location, and that key's field, if the key is known."""
    owner: Any = model
    kind: Any = model
    field = None
    for part in location:
        models = _models_in(kind)
        holder = next(
            (candidate for candidate in models if isinstance(part, str) and part in candidate.model_fields), None
        )
        if holder is not None:
            owner, field = holder, holder.model_fields[str(part)]
            kind = field.annotation
        elif models and not _is_container(kind):
            return models[0], None
        else:
            field = None
            kind = _inside(kind)
            owner = next(iter(_models_in(kind)), owner)
    return owner, field


def _is_container(kind: object) -> bool:
    return typing.get_origin(kind) in (dict, list)


def _inside(kind: object) -> object:
    arguments = typing.get_args(kind)
    return arguments[-1] if _is_container(kind) and arguments else kind


def _models_in(kind: object) -> list[type[pydantic.BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, pydantic.BaseModel):
        return [kind]
    if typing.get_origin(kind) in (typing.Union, types.UnionType, typing.Annotated):
        return [model for part in typing.get_args(kind) for model in _models_in(part)]
    return []
