"""Qaidam as it is installed: `from qaidam import load_scenario, optimize`; all the rest lies in `qaidam.optimizer` and `qaidam.weather`.

Becomes `qaidam/__init__.py` of the wheel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import optimizer as _optimizer

if TYPE_CHECKING:
    from optimizer import *  # noqa: F403

__all__ = [*_optimizer.__all__]


def __getattr__(name: str) -> object:
    return getattr(_optimizer, name)


def __dir__() -> list[str]:
    return sorted(__all__)
