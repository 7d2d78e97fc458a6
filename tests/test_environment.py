"""environment.yml and pyproject.toml name the same packages, so both ways to install give the same program."""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

EXTRAS_IN_CONDA = ("notebooks", "test")


def environment(project: Path) -> dict:
    return YAML(typ="safe").load(project / "environment.yml")


def conda_lines(project: Path) -> list[str]:
    return [line for line in environment(project)["dependencies"] if isinstance(line, str)]


def pip_lines(project: Path) -> list[str]:
    return next(line["pip"] for line in environment(project)["dependencies"] if isinstance(line, dict))


def ranges(lines: list[str]) -> dict[str, str]:
    """Canonical package name -> its version range as text with a fixed order."""
    parsed = [Requirement(line) for line in lines]
    return {canonicalize_name(item.name): str(item.specifier) for item in parsed}


def wanted(project: Path) -> dict[str, str]:
    settings = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    lines = list(settings["dependencies"])
    for extra in EXTRAS_IN_CONDA:
        lines += settings["optional-dependencies"][extra]
    return ranges(lines)


def test_same_packages_and_ranges_as_pyproject(project):
    """Each package of pyproject.toml stands in environment.yml with the same range, and none beside them: both
    dicts are equal, which names the odd one out (a forgotten `dask`, or `<3` against `<4`)."""
    in_conda = [line for line in conda_lines(project) if line != "pip"]
    in_pip = [line for line in pip_lines(project) if not line.startswith("-e")]
    found = ranges([*in_conda, *in_pip])
    python = found.pop("python")
    assert found == wanted(project)
    assert python == tomllib.loads((project / "pyproject.toml").read_text())["project"]["requires-python"]


def test_only_conda_forge_is_asked(project):
    """A `defaults` channel would mix builds; `nodefaults` keeps it out even where a user's settings add it."""
    assert environment(project)["channels"] == ["conda-forge", "nodefaults"]


def test_windpowerlib_comes_from_pip(project):
    """conda-forge ends at windpowerlib 0.2.1, which fails on pandas 3: a conda line for it could not be solved."""
    assert not any(line.startswith("windpowerlib") for line in conda_lines(project))
    assert "windpowerlib==0.2.2" in pip_lines(project)


def test_pip_lines_carry_no_hashes_and_install_the_project_last(project):
    """conda hands all pip lines over as one file; a hash in it, or a hashed lock, would forbid the `-e .` line."""
    lines = pip_lines(project)
    assert lines[-1] == "-e ."
    assert not any("--hash" in line or line.startswith("-r") for line in lines)


def test_no_package_stands_twice(project):
    """Two lines for one package would let the second silently widen or narrow the first."""
    lines = [line for line in [*conda_lines(project), *pip_lines(project)] if not line.startswith("-e")]
    names = [canonicalize_name(Requirement(line).name) for line in lines]
    assert sorted(names) == sorted(set(names))
