"""Tables of all keys of a scenario file, for readers: forms, default and meaning; made from the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from optimizer.files.page_part import put_part, with_part
from optimizer.scenario.forms import hubs_form

BEGIN = "<!-- keys: written by `qaidam schema` -->"
END = "<!-- end of keys -->"
HEAD = "| key | may be | default | meaning |\n|---|---|---|---|\n"
BOUNDS = {
    "exclusiveMinimum": "above {:g}",
    "minimum": "at least {:g}",
    "exclusiveMaximum": "below {:g}",
    "maximum": "at most {:g}",
}
KINDS = {
    "number": "number",
    "integer": "whole number",
    "string": "text",
    "boolean": "true or false",
    "null": "none",
    "array": "list",
}
SERIES = tuple(f"[{name}](#{name.lower()})" for name in ("DailyCourse", "Monthly", "FileColumn", "PriceFile"))
BY_MEMBER = "[ByMember](#bymember)"
MANY_SITES = "Several sites"

Schema = Mapping[str, Any]


def written(text: str) -> str:
    """A page with the tables between its markers made anew. Raises ValueError where a marker is missing."""
    return with_part(text, key_tables(), BEGIN, END, "the keys")


def write(path: Path) -> None:
    """Make the tables of a page anew. Raises OSError, ValueError."""
    put_part(path, key_tables(), BEGIN, END, "the keys")


def key_tables() -> str:
    """A heading and a table for a scenario, for a file of several sites, and for every mapping they hold, by name."""
    schema = hubs_form().model_json_schema()
    models: dict[str, Schema] = schema["$defs"]
    whole = {"Scenario": models["Scenario"], MANY_SITES: schema}
    parts = {name: model for name, model in sorted(models.items()) if name not in whole and "properties" in model}
    return "\n".join(section(name, model, models) for name, model in (whole | parts).items())


def section(name: str, model: Schema, models: Mapping[str, Schema]) -> str:
    """Key table of one mapping: its name, what it is, its keys."""
    about = str(model.get("description", "")).strip().replace("\n", " ")
    needed = model.get("required", [])
    rows = [row(key, field, models, key in needed) for key, field in model["properties"].items()]
    return f"#### {name}\n\n{about}\n\n{HEAD}{''.join(rows)}"


def row(key: str, field: Schema, models: Mapping[str, Schema], is_needed: bool) -> str:
    """Table row of one key; what is said of a mapping only there is said here too."""
    default = "needed" if is_needed else default_of(field)
    named = models.get(str(field.get("$ref", "")).rpartition("/")[2], {})
    meaning = str(field.get("description") or named.get("description", "")).replace("\n", " ").replace("|", "\\|")
    return f"| `{key}` | {may_be(field, models)} | {default} | {meaning} |\n"


def may_be(field: Schema, models: Mapping[str, Schema]) -> str:
    """Forms of a value; the forms of a series as one word."""
    names = list(dict.fromkeys(forms(field, models)))
    if set(SERIES) <= set(names):
        names = [form for form in names if form not in (*SERIES, BY_MEMBER)] + ["series"]
    return " or ".join(names)


def default_of(field: Schema) -> str:
    """Default as one would write it; a mapping's own defaults stand in its table."""
    value = field.get("default")
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float | int):
        return f"{value:g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return (
        f"`{value}`" if isinstance(value, str) and value else "" if isinstance(value, dict) else str(value or "empty")
    )


def forms(field: Schema, models: Mapping[str, Schema]) -> Iterator[str]:
    """Forms a value may have, in words; a mapping as a link to its table."""
    for part in ("anyOf", "oneOf", "allOf"):
        for form in field.get(part, []):
            yield from forms(form, models)
    if "$ref" in field:
        name = str(field["$ref"]).rpartition("/")[2]
        if "enum" in models.get(name, {}):
            yield from forms(models[name], models)
        else:
            yield f"[{name}](#{name.lower()})"
    elif "enum" in field or "const" in field:
        yield ", ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    elif field.get("type") == "object":
        inner = next(iter(field.get("patternProperties", {}).values()), field.get("additionalProperties"))
        yield f"name: {may_be(inner, models)}" if isinstance(inner, Mapping) else "mapping"
    elif field.get("type") == "array" and isinstance(field.get("items"), Mapping):
        yield f"list of {may_be(field['items'], models)}"
    elif "type" in field:
        limits = [text.format(field[bound]) for bound, text in BOUNDS.items() if bound in field]
        yield ", ".join([KINDS[field["type"]], *limits])
