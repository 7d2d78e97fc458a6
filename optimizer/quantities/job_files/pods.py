"""Kubernetes pods: `kubectl get pods -o json`, or a pod list as CSV."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from optimizer.quantities.job_files.rows import (
    MOST_CARDS,
    MOST_HOURS,
    Gathering,
    JobFile,
    LeftOut,
    LogOptions,
    LogRow,
    RowError,
    WorkloadError,
    iso_time,
    job_name,
    number,
    parsed_time,
    shown,
    within,
)
from optimizer.quantities.job_files.tables import cells_of, gather_rows, missing_columns, table_lines

NEEDED = ("name", "num_gpu", "creation_time", "deletion_time", "scheduled_time")
NO_CARD = "requests no card"
OTHER_CARDS = "requests {kinds}, which `accelerators` does not name; add it if it is cards"
END_UNKNOWN = "has ended ({phase}), and when is not said"
NEVER_RAN = "was never scheduled, or has no end"
LENGTH_UNKNOWN = "still runs or waits, its end is unknown: taken as {hours:g} h long (unknown_hours)"
CARD_RESOURCES = ("ascend", "kunlun", "gcu", "xpu", "tpu", "gaudi", "vgpu", "vmlu", "vnpu", "vdcu")
"""Makers' names of cards in resources whose last part is none of the accelerators' names: huawei.com/Ascend910."""


def read_pods(path: str, text: str, options: LogOptions) -> JobFile:
    """Pods of a JSON listing or of a CSV list, by the first character."""
    if text.lstrip().startswith(("{", "[")):
        return _from_json(path, text, options)
    return _from_csv(path, text)


def _from_csv(path: str, text: str) -> JobFile:
    """CSV: name, num_gpu, gpu_milli, qos, creation_time, deletion_time, scheduled_time (seconds).

    A pod that shares one card counts with its share. Columns as in the openb trace (Weng et al., USENIX ATC 2023).
    """
    lines = table_lines(text)
    header = cells_of(next(lines, (1, ""))[1])
    missing_columns(path, header, NEEDED)
    gathered = Gathering()
    names: set[str] = set()

    def named_apart(cells: dict[str, str], place: str) -> LogRow:
        row = _listed_pod(cells, place)
        apart = replace(row, id=f"{row.id}#{place.removeprefix('row ')}") if row.id in names else row
        names.add(row.id)
        return apart

    gather_rows(gathered, lines, header, named_apart)
    return gathered.closed(path, keep_going=True)


def _listed_pod(row: dict[str, str], place: str) -> LogRow:
    cards = number(row, "num_gpu")
    if cards <= 0:
        raise LeftOut(NO_CARD)
    if not row["scheduled_time"] or not row["deletion_time"]:
        raise LeftOut(NEVER_RAN)
    if cards == 1 and row.get("gpu_milli"):
        cards = within(number(row, "gpu_milli"), "gpu_milli", most=1000, unit="thousandths of a card") / 1000
    seconds = number(row, "deletion_time") - number(row, "scheduled_time")
    if seconds <= 0:
        raise LeftOut("was deleted before it ran")
    arrival = number(row, "creation_time")
    if arrival < 0:
        raise RowError(f"creation_time must be at least 0, is {arrival:g}")
    return LogRow(
        job_name(row["name"]),
        arrival,
        within(cards, "num_gpu", most=MOST_CARDS, unit="cards"),
        within(seconds / 3600, "run time", most=MOST_HOURS, unit="h"),
        group=row.get("qos", ""),
        place=place,
    )


def _from_json(path: str, text: str, options: LogOptions) -> JobFile:
    """`kubectl get pods -o json`: a List of Pods, or one Pod. The class of service is the group."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WorkloadError(
            [f"{path}: JSON that breaks off or is damaged ({shown(error)}); list the pods again"]
        ) from error
    items = content.get("items", [content]) if isinstance(content, dict) else content
    if not isinstance(items, list) or not items:
        raise WorkloadError([f"{path}: holds no pods; give the output of `kubectl get pods -A -o json`"])
    gathered = Gathering()
    names: set[str] = set()
    for position, item in enumerate(items, start=1):
        gathered.read += 1
        place = f"pod {position}"
        try:
            row = _pod(item, place, options, gathered)
            name = (
                row.id if row.id not in names else f"{_mapping(item, 'metadata').get('namespace')}/{row.id}#{position}"
            )
            names.add(name)
            gathered.rows.append(row if name == row.id else replace(row, id=name))
        except LeftOut as reason:
            gathered.leave(str(reason), place)
        except RowError as error:
            gathered.broken.append(f"{place}: {error}")
        except (AttributeError, TypeError, KeyError) as error:
            gathered.broken.append(f"{place}: is no Pod as kubectl writes it ({shown(error)})")
    return gathered.closed(path, keep_going=True)


def _pod(item: Mapping[str, object], place: str, options: LogOptions, gathered: Gathering) -> LogRow:
    if item.get("kind", "Pod") != "Pod":
        raise RowError(f"is a {shown(item['kind'])}, no Pod; list the pods it made")
    facts, spec, status = (_mapping(item, key) for key in ("metadata", "spec", "status"))
    cards = _cards(spec, options.accelerators)
    if cards <= 0:
        others = sorted({shown(name) for part in _parts(spec) for name in _requested(part) if "/" in name})
        raise LeftOut(OTHER_CARDS.format(kinds=", ".join(others)) if others else NO_CARD)
    created = iso_time(str(facts.get("creationTimestamp", "")), "creationTimestamp")
    hours = _hours(spec, status)
    if hours is None and status.get("phase") in ("Succeeded", "Failed"):
        raise LeftOut(END_UNKNOWN.format(phase=status["phase"]))
    if hours is None:
        gathered.assume(LENGTH_UNKNOWN.format(hours=options.unknown_hours), place)
        hours = options.unknown_hours
    if hours <= 0:
        raise LeftOut("ended before it ran")
    return LogRow(
        job_name(str(facts.get("name", ""))),
        created,
        within(cards, "cards", most=MOST_CARDS, unit="cards"),
        within(hours, "run time", most=MOST_HOURS, unit="h"),
        group=str(status.get("qosClass", "")),
        place=place,
    )


def _mapping(item: Mapping[str, object], key: str) -> Mapping[str, object]:
    part = item.get(key) or {}
    if not isinstance(part, Mapping):
        raise RowError(f"{key} is no mapping")
    return part


def _cards(spec: Mapping[str, object], accelerators: Sequence[str]) -> float:
    """Cards of all containers; init containers run before them, one after another, or (sidecars) beside them.

    Resources of the pod as a whole count where they are more than its containers'.
    """
    beside = [part for part in _list(spec, "initContainers") if part.get("restartPolicy") == "Always"]
    before = [part for part in _list(spec, "initContainers") if part not in beside]
    main = sum(_cards_of(container, accelerators) for container in (*_list(spec, "containers"), *beside))
    return max(main, _cards_of(spec, accelerators), *(_cards_of(container, accelerators) for container in before), 0.0)


def _parts(spec: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """What of a pod can request resources: itself and its containers."""
    yield spec
    yield from _list(spec, "containers")
    yield from _list(spec, "initContainers")


def _requested(part: Mapping[str, object]) -> dict[str, object]:
    """Resources by name; of limit and request the limit."""
    resources = _mapping(part, "resources")
    return {str(name): amount for key in ("requests", "limits") for name, amount in _mapping(resources, key).items()}


def _list(spec: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    part = spec.get(key) or []
    return [entry for entry in part if isinstance(entry, Mapping)] if isinstance(part, list) else []


def _cards_of(container: Mapping[str, object], accelerators: Sequence[str]) -> float:
    return sum(_amount(amount) for name, amount in _requested(container).items() if _is_card(name, accelerators))


def _is_card(resource: str, accelerators: Sequence[str]) -> bool:
    """Whether an extended resource (`nvidia.com/gpu`, `huawei.com/Ascend910`, `cambricon.com/mlu370`) is cards."""
    _, slash, kind = resource.rpartition("/")
    known = "|".join(re.escape(name.lower()) for name in (*accelerators, *CARD_RESOURCES))
    return bool(slash) and re.match(rf"(?:{known})(?!.*(?:mem|core|percent|cpu))", kind.lower()) is not None


def _amount(written: object) -> float:
    """A Kubernetes quantity of a countable thing: 8, "8", "1k"."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(m|k)?", str(written).strip())
    if match is None:
        raise RowError(f"'{shown(written)}' is not a number of cards")
    return float(match[1]) * {"m": 1e-3, "k": 1e3}.get(match[2] or "", 1.0)


def _hours(spec: Mapping[str, object], status: Mapping[str, object]) -> float | None:
    """Hours from start to the last container's end; a pod without an end has its deadline, or none knows."""
    started = parsed_time(str(status.get("startTime", "")))
    states = [_mapping(entry, "state").get("terminated") for entry in _list(status, "containerStatuses")]
    ends = [parsed_time(str(state.get("finishedAt", ""))) for state in states if isinstance(state, Mapping)]
    known = [end for end in ends if end is not None]
    if started is not None and known and len(known) == len(states):
        return (max(known) - started).total_seconds() / 3600
    limit = spec.get("activeDeadlineSeconds")
    return float(limit) / 3600 if isinstance(limit, int | float) and not isinstance(limit, bool) else None
