"""Catalogue of all that people read, gathered from the source: `python -m optimizer.language.extraction`, or `make language`.

Gathered are the texts of `say` and `noted` in code and pages, and the messages of errors and notes wherever a sentence is
made with values in it (an f-string). Translations that are there stay; what is new is left empty, what is gone is dropped.
"""

from __future__ import annotations

import ast
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po
from ruamel.yaml import YAML

from optimizer.language.catalogue import FOLDER, SAID, read
from optimizer.language.shipped_names import names_in
from optimizer.language.terminal import paragraphs

PROJECT = FOLDER.parents[1]
TEMPLATE = FOLDER / "qaidam.pot"
SPOKEN = ("say", "noted")
OWN_WORDS = (
    "optimizer/report", "optimizer/commands/run_summary.py", "optimizer/commands/compare.py", "optimizer/language/recognition.py",
    "optimizer/language/names.py", "optimizer/language/summary_names.py",
)  # fmt: skip
"""Here every sentence goes through `say`, none is kept; f-strings are labels of figures."""
COMMANDS = ("optimizer/cli.py", "optimizer/commands")
"""Here docstrings of commands are help pages."""
NOT_READ = (
    "optimizer/language",
    "optimizer/distribution",
    "optimizer/solve",
    "weather/cooling",
    "weather/forecast/archive",
)
SHIPPED = (
    "scenarios/*.yaml",
    "scenarios/examples/*.yaml",
    "scenarios/studies/*.yaml",
    "scenarios/tariffs/*.yaml",
    "scenarios/rules/*.yaml",
    "scenarios/climates/*.csv",
)
"""Files whose names are read on pages."""
LEAST_WORDS, LEAST_PLAIN_WORDS = 3, 2
"""Of a sentence, with and without its names of keys and variables."""


def template() -> Catalog:
    """All texts, in the order of their files; what is only said and never kept has the comment `said`."""
    texts = Catalog(project="qaidam", charset="utf-8", fuzzy=False)
    kept: dict[str, bool] = {}
    places: dict[str, list[tuple[str, int]]] = {}
    for path in files():
        name = path.relative_to(PROJECT).as_posix()
        for text, is_kept in texts_of(path):
            kept[text] = kept.get(text, False) or is_kept
            places.setdefault(text, []).append((name, 0))
    for text, where in places.items():
        texts.add(text, locations=list(dict.fromkeys(where)), auto_comments=[] if kept[text] else [SAID])
    return texts


def files() -> list[Path]:
    """Sources of both packages, and the pages' templates."""
    patterns = (
        "optimizer/**/*.py",
        "weather/**/*.py",
        "optimizer/**/*.j2",
        *SHIPPED,
        "scenarios/scenario.schema.json",
    )
    return sorted(path for pattern in patterns for path in PROJECT.glob(pattern))


def texts_of(path: Path) -> Iterator[tuple[str, bool]]:
    """Texts of a file, those that are said, then messages; and whether one may be kept in English and recognised later."""
    name = path.relative_to(PROJECT).as_posix()
    if path.suffix == ".j2":
        keywords: dict[str, None] = dict.fromkeys(SPOKEN)
        with path.open("rb") as file:
            for _, message, _, _ in extract(
                "jinja2.ext:babel_extract", file, keywords=keywords, options={"trimmed": "true"}
            ):
                yield str(message), False
        return
    if path.suffix == ".json":
        yield from ((text, True) for text in remedies(json.loads(path.read_text(encoding="utf-8"))))
        return
    if path.suffix in (".yaml", ".csv"):
        # places are recognised in sentences that were kept; names of assets stay keys there
        yield from ((text, path.suffix == ".csv") for text in names_in(path))
        if path.parent.name == "rules":
            yield from ((text, False) for text in asked(path))
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if name.startswith(COMMANDS):
        yield from ((text, False) for text in helped(tree))
    yield from ((text, called == "noted" and not name.startswith(OWN_WORDS)) for text, called in said(tree))
    if not name.startswith((*OWN_WORDS, *NOT_READ)):
        yield from ((text, True) for text in messages(tree))


def said(tree: ast.AST) -> list[tuple[str, str]]:
    """Texts of `say` and `noted` with which of both, in their order; also those within f-strings, where a reader of tokens sees none."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _called(node) in SPOKEN and node.args]
    calls.sort(key=lambda node: (node.lineno, node.col_offset))
    texts = [(node.args[0].value, _called(node)) for node in calls if isinstance(node.args[0], ast.Constant)]
    return [(text, called) for text, called in texts if isinstance(text, str)]


def helped(tree: ast.AST) -> Iterator[str]:
    """Paragraphs of the help of commands, and what their options are."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(
            "command" in (of := ast.unparse(d)) or "group" in of for d in node.decorator_list
        ):
            yield from paragraphs(ast.get_docstring(node) or "")
        elif isinstance(node, ast.Call) and _called(node).lower() == "option":
            for keyword in node.keywords:
                if keyword.arg == "help" and isinstance(keyword.value, ast.Constant):
                    yield str(keyword.value.value)


def remedies(schema: object) -> Iterator[str]:
    """What the keys of a scenario are, as a message tells what to give: without capital and full stop."""
    if isinstance(schema, dict):
        for field in schema.get("properties", {}).values():
            if isinstance(field, dict) and isinstance(field.get("description"), str):
                text = re.sub("^[A-Z](?=[a-z ])", lambda first: first[0].lower(), field["description"])
                yield text.removesuffix(".")
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from remedies(part)


def asked(path: Path) -> Iterator[str]:
    """What the clauses of a rule book ask, and its title where that has English words, as the page of a run says it."""
    book = YAML(typ="safe").load(path)
    yield from (" ".join(str(clause["asks"]).split()) for clause in book["clauses"].values())
    if re.search(r"[a-z]{3}", str(book["document"])):
        yield str(book["document"])


def messages(tree: ast.AST) -> Iterator[str]:
    """Sentences with values in a module, and plain ones that are raised or noted; each value a named place."""
    skipped = set(map(id, _not_messages(tree)))
    raised = {id(node) for maker in ast.walk(tree) if _makes_messages(maker) for node in ast.walk(maker)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            text = with_places(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) in raised:
            text = node.value
        else:
            continue
        if is_sentence(text):
            yield text


def _not_messages(tree: ast.AST) -> Iterator[ast.AST]:
    """Texts that no one reads as a message: documentation, parts of other texts, what is said already, help of the command line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant | ast.JoinedStr):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield from node.values
        elif isinstance(node, ast.Call) and (_called(node) in (*SPOKEN, "option", "argument", "warn", "Assertion")):
            for part in [*node.args, *(keyword.value for keyword in node.keywords)]:
                yield from ast.walk(part) if _called(node) not in SPOKEN else [part]


def _makes_messages(node: ast.AST) -> bool:
    """Whether plain texts in it are messages: what is raised, and what is put to a list of notes or problems."""
    return isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and _called(node) == "append")


def _called(node: ast.Call) -> str:
    function = node.func
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def with_places(node: ast.JoinedStr) -> str:
    """Text of an f-string with a named place for each value."""
    text, names = "", dict[str, str]()
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        elif isinstance(part, ast.FormattedValue):
            code = ast.unparse(part.value)
            if code not in names:
                name = _name_of(part.value)
                names[code] = name if name not in names.values() else f"{name}_{len(names) + 1}"
            text += f"{{{names[code]}}}"
    return text


def _name_of(value: ast.expr) -> str:
    """Name for a value's place: of the variable or attribute it is read from."""
    names = [
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(value)
        if isinstance(node, ast.Attribute | ast.Name)
    ]
    plain = [name.strip("_").lower() for name in names if name not in ("self", "map", "str", "len", "join")]
    return plain[0] if plain and plain[0] else "value"


def is_sentence(text: str) -> bool:
    """Whether a text is for people: words in a row, no name of a variable, no pattern, no query, no markup."""
    bare = re.sub(r"\{\w+\}", " ", text)
    plain = re.sub(r"\w*_\w*|\w+=\S*", " ", bare)
    return (
        len(re.findall(r"[A-Za-z]{2,}", bare)) >= LEAST_WORDS
        and len(re.findall(r"[A-Za-z]{2,}", plain)) >= LEAST_PLAIN_WORDS
        and " " in bare.strip()
        and not re.search(r"<|(?<! )>|>(?! )|\\|\n|^https?:|^#|\(\?|^(SELECT|CREATE|INSERT) ", bare)
    )


def written(texts: Catalog) -> str:
    """A catalogue as the text of its file: no dates, no line numbers, so that it changes only when its texts do."""
    file = io.BytesIO()
    write_po(file, texts, width=120, omit_header=False, include_lineno=False, sort_by_file=False, ignore_obsolete=True)
    lines = file.getvalue().decode("utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not re.match(r'"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team)', line)
                   and not line.startswith("# "))  # fmt: skip


def update(language: str, texts: Catalog) -> Catalog:
    """Catalogue of a language with all texts of the template: known translations kept, new texts empty."""
    known = read(language)
    known.update(texts, no_fuzzy_matching=True)
    return known


def main() -> None:
    """Write the template and bring every language's catalogue up to it."""
    texts = template()
    TEMPLATE.write_text(written(texts), encoding="utf-8")
    for path in sorted(FOLDER.glob("*.po")):
        updated = update(path.stem, texts)
        path.write_text(written(updated), encoding="utf-8")
        empty = sum(1 for entry in updated if entry.id and not entry.string)
        print(f"{path.name}: {len(updated)} texts, {empty} without a translation")


if __name__ == "__main__":
    main()
