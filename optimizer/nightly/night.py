"""Nightly job from end to end: Whatever fails, the next best is tried: a night that has a scenario ends with a plan."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

from optimizer.files.mark import NotOursError
from optimizer.files.processes import problems_of
from optimizer.nightly.attempt import FALLBACK, CannotPublishError, Job, Published, Rung, Sources, attempt
from optimizer.nightly.folder import DrawPage
from optimizer.nightly.hours import night_of
from optimizer.nightly.ladder import LEVEL_NAMES, SECOND_DAY
from optimizer.nightly.metrics import METRICS, write_metrics
from optimizer.nightly.publish import is_whole, move_latest, plans_folder, published, tidy_up
from optimizer.nightly.settings import NightSettings
from optimizer.nightly.short_files import with_last_days_repeated
from optimizer.nightly.solving import Solver, sweep_scratch
from optimizer.nightly.sources import earlier_scenarios
from optimizer.report.night_index import write_index
from optimizer.report.night_page import write_night_page
from optimizer.scenario.single_site import Scenario
from optimizer.solve.highs import SolverError
from weather.calendar import LONGEST_STEP_H

LOCK = ".lock"


class BusyError(Exception):
    """Another run holds the lock of the plans folder."""


def plan_night(
    scenario: Scenario,
    plans: Path,
    now: pd.Timestamp,
    *,
    sources: Sources | None = None,
    settings: NightSettings | None = None,
    solver: Solver | None = None,
    draw_page: DrawPage = write_night_page,
) -> Published:
    """Plan the coming day and publish it into `plans`.

    now: UTC without zone. solver: default two children with the deadlines of the settings. draw_page: makes the night's page.
    Raises BusyError where another run holds the lock, NotOursError where `plans` is not a folder for plans, OSError where
    nothing can be published, SolverError where no attempt gave a plan (then the last plan stands).
    """
    sources, settings = sources or Sources(), settings or NightSettings()
    plans = plans_folder(plans)
    lock = FileLock(plans / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(f"{plans}: another run holds the lock {LOCK}; wait for it to end") from None
    try:
        sweep_scratch()
        until = time.monotonic() + settings.whole_seconds
        done = _tried(Job(plans, now, sources, settings, solver, draw_page, until), scenario)
        tidy_up(plans, settings.keep_days)
        _tell(plans, done)
        return done
    finally:
        lock.release()


def _tried(job: Job, scenario: Scenario) -> Published:
    """First attempt that ends in a published plan."""
    notes: list[str] = []
    for tried_scenario, rung, begun in _attempts(job, scenario):
        try:
            return attempt(job, tried_scenario, rung, [*begun, *notes])
        except CannotPublishError as error:
            raise error.cause from None
        except NotOursError:
            raise
        except Exception as error:  # whatever it is, the next attempt trusts less
            notes += [
                f"night: no plan with {rung.value} of the inputs: {problem}" for problem in problems_of(error)[:3]
            ]
    standing = _second_day(job, scenario, notes)
    if standing is None:
        raise SolverError("; ".join(["no attempt gave a plan, the last plan stands", *notes]))
    return standing


def _second_day(job: Job, scenario: Scenario, notes: list[str]) -> Published | None:
    """Last plan where it covers the coming day and is whole: the record told says why.

    Its own record stays as it was written.
    """
    night = night_of(scenario, job.now, job.settings.seen_days)
    for folder, record in reversed(published(job.plans)):
        starts, ends = pd.Timestamp(record.start_utc), pd.Timestamp(record.valid_until_utc)
        if starts < night.start and night.kept_until <= ends and is_whole(folder):
            move_latest(job.plans, folder.name, job.now)
            why = f"night: no attempt gave a plan; the second day of {folder.name} stands until {ends} UTC"
            change = {"level": SECOND_DAY, "level_name": LEVEL_NAMES[SECOND_DAY], "exit_code": FALLBACK}
            told = record.model_copy(update=change | {"day": night.day, "notes": [why, *job.sources.notes, *notes]})
            return Published(folder, told, is_new=False)
    return None


def _attempts(job: Job, scenario: Scenario) -> Iterator[tuple[Scenario, Rung, list[str]]]:
    """Scenario, what is trusted, and what is to be noted: tonight's scenario first, then those of earlier nights.

    Last these again with files that end too early lengthened by their last day, and in steps that weather can be laid on.
    """
    begun = [(scenario, list[str]())]
    for rung in Rung:
        yield scenario, rung, []
    for name, earlier in earlier_scenarios(job.plans):
        begun.append((earlier, [f"scenario: tonight's gives no plan, that of {name} was taken"]))
        for rung in (Rung.ALL, Rung.NOTHING):
            yield earlier, rung, begun[-1][1]
    for tried, notes in begun:
        with suppress(Exception):  # whatever it is, the next scenario may have files that serve
            longer, repeated = with_last_days_repeated(tried, night_of(tried, job.now, job.settings.seen_days))
            for rung in (Rung.ALL, Rung.NOTHING) if repeated else ():
                yield longer, rung, [*notes, *repeated]
    for tried, notes in begun:
        if (step_h := tried.horizon.step_h) > LONGEST_STEP_H:
            shorter = tried.horizon.model_copy(update={"step_h": LONGEST_STEP_H})
            why = f"scenario: no plan in steps of {step_h:g} h; planned in steps of {LONGEST_STEP_H:g} h"
            for rung in (Rung.ALL, Rung.NOTHING):
                yield tried.model_copy(update={"horizon": shorter}), rung, [*notes, why]


def _tell(plans: Path, done: Published) -> None:
    """Figures for monitoring and the page of all nights. A name in the way keeps no plan from standing."""
    records = [record.model_dump() | {"folder": folder.name} for folder, record in published(plans)]
    for write in (partial(write_metrics, plans / METRICS, done.record), partial(write_index, plans, records)):
        try:
            write()
        except NotOursError as error:
            done.record.notes.append(f"told: {error}")


__all__ = ["LOCK", "BusyError", "Published", "Sources", "plan_night"]
