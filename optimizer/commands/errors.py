"""Exit codes, and known errors turned into text on stderr.

Exit codes: 0 ok · 2 scenario or usage · 3 data · 4 a promise broken beyond its price cap · 5 solver gave nothing ·
10 published, but from a fallback · 75 busy, another run holds the lock · 130 and 143 ended by Ctrl-C and SIGTERM
(what was finished is kept, nothing half-written stays).
"""

from __future__ import annotations

import gc
import json
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn, TextIO

import click

from optimizer.language.recognition import shown
from optimizer.language.speech import noted, say

SCENARIO_ERROR, DATA_ERROR, BROKEN_PROMISE, NO_PLAN = 2, 3, 4, 5
INTERRUPTED, TERMINATED = 130, 143
OUT_OF_MEMORY = noted(
    "out of memory{limit}; give it more, or plan fewer days or members; what was written before stands"
)
BY_SIGTERM = noted("ended by SIGTERM; what was finished before stands")
BY_CTRL_C = noted("ended by Ctrl-C; what was finished before stands")
UNANSWERED = noted(
    "ended before all questions were answered, so nothing was written; options answer them beforehand, and --yes takes the defaults"
)
LONGEST = 2000
"""Characters of one message."""
LAST_RESORTS = ("overload_mw", "overheat_mw", "unserved_cards")
"""Promises whose breaking no price excuses: tie overloaded, heat left in the halls, inference unserved."""


@contextmanager
def explained(as_json: bool = False) -> Iterator[None]:
    """Turn known errors into text on stderr and an exit code; no traceback reaches a user."""
    from optimizer.files.mark import NotOursError
    from optimizer.files.memory import is_out_of_memory
    from optimizer.files.processes import ChildError, Terminated, ended_by_sigterm
    from optimizer.inputs.assemble import InputError
    from optimizer.plan.results import ResultError
    from optimizer.quantities.documents import DocumentError
    from optimizer.quantities.series import SeriesError
    from optimizer.solve.highs import SolverError
    from optimizer.technologies.contract import ContractError
    from weather.canonical import WeatherError

    try:
        with _notes_on_stderr(), ended_by_sigterm():
            yield
    except (DocumentError, NotOursError) as error:
        complain(error.problems, SCENARIO_ERROR, as_json)
    except (WeatherError, InputError) as error:
        complain(error.problems, DATA_ERROR, as_json)
    except SeriesError as error:
        complain([str(error)], DATA_ERROR, as_json)
    except ContractError as error:
        complain(error.problems, SCENARIO_ERROR, as_json)
    except SolverError as error:
        complain([str(error)], NO_PLAN, as_json)
    except ResultError as error:
        complain([noted("the plan breaks its own laws and is not published"), *error.violations], NO_PLAN, as_json)
    except ChildError as error:
        complain(error.problems, NO_PLAN, as_json)
    except (MemoryError, ImportError) as error:
        if not is_out_of_memory(error):
            raise
        complain([out_of_memory(error)], NO_PLAN, as_json)
    except Terminated:
        _end([BY_SIGTERM], TERMINATED, as_json)
    except KeyboardInterrupt:
        _end([BY_CTRL_C], INTERRUPTED, as_json)
    except OSError as error:
        if is_out_of_memory(error):
            complain([out_of_memory(error)], NO_PLAN, as_json)
        where = f"{error.filename}: " if error.filename else ""
        complain(
            [where + f"{error.strerror or error}; check the path, its permissions and the free space"],
            DATA_ERROR,
            as_json,
        )


def _end(problems: list[str], code: int, as_json: bool) -> NoReturn:
    """End of a command by a signal; at once where the solver still runs, since Python's own end takes away what it uses."""
    from optimizer.solve.interruptible import is_abandoned

    gc.freeze()  # as at SIGTERM: what a command leaves is not searched for garbage
    try:
        complain(problems, code, as_json)
    finally:
        if is_abandoned():
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


@contextmanager
def _notes_on_stderr() -> Iterator[None]:
    """Warnings on stderr for keys read under an old name, a line each, without the place in the code that Python would add."""
    from optimizer.scenario.renamed_keys import RenamedKeyWarning

    with warnings.catch_warnings():
        warnings.simplefilter("default", RenamedKeyWarning)
        elsewhere = warnings.showwarning

        def show(
            message: Warning | str, category: type[Warning], filename: str, lineno: int,
            file: TextIO | None = None, line: str | None = None,
        ) -> None:  # fmt: skip
            if issubclass(category, RenamedKeyWarning):
                click.echo(say("note: {message}", message=shown(str(message))), err=True)
            else:
                elsewhere(message, category, filename, lineno, file, line)

        warnings.showwarning = show
        yield


def out_of_memory(error: BaseException) -> str:
    """Message of memory that has ended, with what was asked for or the limit where that is known."""
    known = isinstance(error, MemoryError) and str(error)
    return OUT_OF_MEMORY.format(limit=f" ({error})" if known else "")


def plain(text: str) -> str:
    """A message as it may be shown: what is in a file must not steer the terminal, nor fill it."""
    shown = "".join(sign if sign.isprintable() or sign == "\n" else "?" for sign in text)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def complain(problems: list[str], code: int, as_json: bool) -> NoReturn:
    """Print all problems to stderr and leave with the code."""
    problems = [plain(problem) for problem in problems]
    if as_json:
        click.echo(json.dumps({"exit_code": code, "problems": problems}, ensure_ascii=False), err=True)
    else:
        for problem in problems:
            click.echo(shown(problem), err=True)
        if len(problems) > 1:
            click.echo(say("{number} problems", number=len(problems)), err=True)
    sys.exit(code)
