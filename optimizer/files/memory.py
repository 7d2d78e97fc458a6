"""Memory limit of the process (`ulimit -v`), and libraries that would not end, or end badly, under one.

OpenBLAS asks for its buffers again and again, for ever, where there is no address space for them; shared libraries that
do not fit any more are told as import errors. So there is room for them before they are loaded, or nothing begins.
"""

from __future__ import annotations

import errno
import mmap
import os
import resource
import sys

SMALL_LIBRARIES = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
"""One thread a process, and no arena of a gigabyte that is reserved and hardly used: 1.7 GB of address space become 0.65."""
LIBRARIES_MB = 640
"""Address space of a process that plans a small site: 575 MB with all libraries loaded (on Linux x86-64, Python 3.11)."""


def small_libraries() -> None:
    """Keep what the libraries reserve small, unless the environment says otherwise; only before they are loaded."""
    for name, value in SMALL_LIBRARIES.items():
        os.environ.setdefault(name, value)


def limit_mb() -> float | None:
    """Limit on the address space of this process [MB]; None: there is none."""
    soft = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if soft == resource.RLIM_INFINITY else soft / 1e6


def require_room(room_mb: float = LIBRARIES_MB) -> None:
    """Check that so much address space is left before the libraries are loaded. Raises MemoryError with the limit."""
    limit = limit_mb()
    if limit is None or "scipy.linalg" in sys.modules:
        return
    try:
        mmap.mmap(-1, int(room_mb * 1e6)).close()
    except (OSError, ValueError, MemoryError):
        raise MemoryError(f"ulimit -v is {limit:,.0f} MB, the libraries alone take {room_mb:,.0f} MB") from None


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory has ended: a library that does not fit under a limit is an import error."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or (isinstance(error, ImportError) and limit_mb() is not None)
