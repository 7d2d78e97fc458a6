"""YAML documents as users write them, with the line of every key, so that an error can say where it is."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationInfo
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from weather.files.plain import UnusableFileError, plain_bytes

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
"""The project's own data: sites, tariffs, climates, studies."""

MOST_MB = 0.3
DEEPEST = 40
"""Levels of a document; scenarios have about eight."""
MOST_INDENT = 400
MOST_KEYS = 10_000
"""A hundred sites have about six thousand; the parser takes 0.2 ms for each."""
MOST_VALUES = 200_000
MOST_SHOWN = 80
"""Characters of a value that are repeated in a message."""
MOST_DIGITS, INTEGER = 40, "tag:yaml.org,2002:int"


class DocumentError(Exception):
    """Error in what a user wrote; `problems` has one line each: file:line, path, value, rule, remedy."""

    def __init__(self, problems: Sequence[str]):
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class Document:
    """A YAML file as plain data, and where its keys stand."""

    path: Path
    data: Any
    tree: Node | None
    """Same with the line of every node."""

    def line(self, location: Sequence[str | int]) -> int:
        """Line (from 1) of the deepest part of a location that exists in the file."""
        node, line = self.tree, 1
        for part in location:
            if isinstance(node, MappingNode):
                found = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
                found = (node.value[part], node.value[part])
            else:
                found = None
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        return line


def read_document(path: Path) -> Document:
    """Read a YAML 1.2 file. Raises DocumentError where it is missing, unreadable, not YAML or has a key twice."""
    try:
        content = plain_bytes(path, most_mb=MOST_MB)
        text = content.decode("utf-8-sig")
    except UnusableFileError as error:
        raise DocumentError([f"{path}: {error}"]) from error
    except FileNotFoundError as error:
        raise DocumentError([f"{path}: no such file; check the path"]) from error
    except OSError as error:
        raise DocumentError([f"{path}: cannot be read ({error.strerror}); give the path of a YAML file"]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DocumentError(
            [f"{path.name}:{line}  not UTF-8 text (byte 0x{error.object[error.start]:02x}); save the file as UTF-8"]
        ) from error
    _not_too_much(path, text)
    try:
        tree, data = _parsed(text)
        _not_too_large(path, data)
    except RecursionError as error:
        raise DocumentError([f"{path.name}:1  not YAML we can read: it is nested too deep; flatten it"]) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else 1
        problem = str(error.problem or error).split(" with value")[0].split("\n")[0]
        raise DocumentError([f"{path.name}:{line}  not YAML: {problem}; mend the line"]) from error
    except YAMLError as error:
        raise DocumentError([f"{path.name}:1  not YAML: {str(error).splitlines()[0]}; mend the file"]) from error
    except ValueError as error:  # what looks like a date and is none
        raise DocumentError(
            [f"{path.name}:{_line_of_no_date(text)}  not YAML: {error}; give a day that exists"]
        ) from error
    except DocumentError:
        raise
    except Exception as error:  # the parser's own, for tags whose value is none (!!bool abc)
        raise DocumentError([f"{path.name}:1  not YAML we can read ({str(error)[:80]}); write plain values"]) from error
    if not isinstance(data, dict):
        raise DocumentError([f"{path.name}:1  must be a mapping of keys to values; see scenarios/README.md"])
    return Document(path, data, tree)


def _parsed(text: str) -> tuple[Node | None, object]:
    """Nodes with their lines, and the plain data they stand for, of one pass over a text. Raises as the parser does."""
    constructor, parser = YAML(typ="safe", pure=True).get_constructor_parser(text)
    try:
        tree: Node | None = constructor.composer.get_single_node()
        _no_giant_number(tree)
        return tree, None if tree is None else constructor.construct_document(tree)
    finally:
        parser.dispose()


def _no_giant_number(tree: Node | None) -> None:
    """Raises MarkedYAMLError for a whole number of more digits than any quantity has: no float holds it."""
    nodes, seen = [] if tree is None else [tree], set[int]()
    while nodes:
        node = nodes.pop()
        if id(node) in seen:
            continue  # an alias
        seen.add(id(node))
        if isinstance(node, MappingNode):
            nodes += [part for pair in node.value for part in pair]
        elif isinstance(node, SequenceNode):
            nodes += node.value
        elif node.tag == INTEGER and len(node.value) > MOST_DIGITS:
            problem = f"a whole number of {len(node.value):,} characters; at most {MOST_DIGITS} are read"
            raise MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


def parsed_value(text: str) -> object:
    """Plain value of a piece of YAML, as on a command line. Raises ValueError."""
    try:
        return _parsed(text)[1]
    except (YAMLError, RecursionError) as error:
        raise ValueError(str(error).split("\n")[0]) from error


def _not_too_much(path: Path, text: str) -> None:
    """Raises DocumentError for more keys, or deeper brackets and indents, than any settings have; a parser would take minutes."""
    keys = len(re.findall(r":(?=\s)|\":", text))
    if keys > MOST_KEYS:
        raise DocumentError(
            [f"{path.name}:1  has about {keys:,} keys, at most {MOST_KEYS:,} are read; put series into CSV files"]
        )
    depth = 0
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.split(" #")[0]
        depth = depth if bare[:1] in " \t-[]{}" else 0  # a key of the first level: brackets in texts above do not count
        deepest = depth
        for sign in re.findall(r"[\[\]{}]", bare):
            depth += 1 if sign in "[{" else -1
            deepest = max(deepest, depth)
        dashes = re.match(r"[\s-]*", bare)
        if deepest > DEEPEST or (dashes is not None and len(dashes[0]) > MOST_INDENT):
            raise DocumentError([f"{path.name}:{number}  nested more than {DEEPEST} levels deep; flatten it"])


def _not_too_large(path: Path, data: object) -> None:
    """Raises DocumentError where aliases (*name) make a document of more values than any settings have, or one in itself."""
    sizes: dict[int, float] = {}

    def size(node: object) -> float:
        if not isinstance(node, dict | list):
            return 1.0
        if id(node) not in sizes:
            sizes[id(node)] = float("inf")  # met again within itself
            sizes[id(node)] = 1.0 + sum(size(part) for part in (node.values() if isinstance(node, dict) else node))
        return sizes[id(node)]

    if size(data) > MOST_VALUES:
        raise DocumentError([f"{path.name}:1  holds over {MOST_VALUES:,} values; put series into CSV files"])


def _line_of_no_date(text: str) -> int:
    """Line (from 1) of the first date that does not exist; 1 if there is none."""
    for number, line in enumerate(text.splitlines(), start=1):
        for year, month, day in re.findall(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b", line):
            try:
                datetime.date(int(year), int(month), int(day))
            except ValueError:
                return number
    return 1


def named_document(kind: str, name: str, folder: Path | None) -> Document:
    """Document `name` of scenarios/<kind>/, or a file of that path beside the scenario. Raises DocumentError."""
    places = [SCENARIOS / kind / f"{name}.yaml"]
    if folder is not None:
        places = [Path(folder) / kind / f"{name}.yaml", Path(folder) / name, *places]
    for place in places:
        if _is_file(place):
            return read_document(place)
    known = sorted(path.stem for path in (SCENARIOS / kind).glob("*.yaml"))
    shown = name if len(name) <= MOST_SHOWN else f"{name[:MOST_SHOWN]}..."
    raise DocumentError([f"no {kind[:-1]} '{shown}'; known are {', '.join(known)}"])


def _is_file(place: Path) -> bool:
    try:
        return place.is_file()
    except (OSError, ValueError):  # longer than a path may be, or with a null byte
        return False


def data_by_name(kind: str, data: object, info: ValidationInfo) -> object:
    """Settings written as a name, as the document of that name has them; anything else as it is. Raises ValueError."""
    if not isinstance(data, str):
        return data
    try:
        return named_document(kind, data, (info.context or {}).get("folder")).data
    except DocumentError as error:
        raise ValueError(str(error)) from error


def beside_the_scenario(data: object, folder: Path | str | None) -> object:
    """Settings whose `file` is relative to the scenario's folder, with its whole path; anything else as it is."""
    if folder is not None and isinstance(data, dict) and isinstance(data.get("file"), str):
        return {**data, "file": str((Path(folder) / data["file"]).resolve())}
    return data
