"""The forms a scenario file may have, of one site and of several, with the technologies of plug-ins where some are installed."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from types import GenericAlias
from typing import Any

from pydantic import Field, create_model

from optimizer.scenario.hubs import Hubs
from optimizer.scenario.single_site import Scenario
from optimizer.scenario.site import Name
from optimizer.technologies.base import Technology
from optimizer.technologies.plug_ins import GROUP, PlugInError, origin, plug_ins


def form_of(data: Mapping[str, object]) -> type[Scenario] | type[Hubs]:
    """Form of a file: of several sites where it names `sites`. Raises PlugInError."""
    return hubs_form() if "sites" in data else site_form()


@cache
def site_form() -> type[Scenario]:
    """Form of a scenario of one site: `Scenario`, with a field more for each plug-in. Raises PlugInError."""
    technologies = plug_ins()
    taken = [name for name in technologies if hasattr(Scenario, name) or name in Scenario.model_fields]
    if taken:
        raise PlugInError(
            [
                f"plug-in {entry.name} of {origin(entry)}: the key {entry.name} of a scenario is taken; "
                "give the technology another name, or uninstall it"
                for entry in entry_points(group=GROUP)
                if entry.name in taken
            ]
        )
    if not technologies:
        return Scenario
    fields: dict[str, Any] = {
        name: (GenericAlias(dict, (Name, technology)), Field(default={}, description=_about(technology)))
        for name, technology in technologies.items()
    }
    return create_model("Scenario", __base__=Scenario, __doc__=Scenario.__doc__, **fields)


def _about(technology: type[Technology]) -> str:
    """First line of a technology's docstring."""
    return (inspect.getdoc(technology) or technology.__name__).partition("\n")[0]


@cache
def hubs_form() -> type[Hubs]:
    """Form of a scenario of several sites. Raises PlugInError."""
    form = site_form()
    if form is Scenario:
        return Hubs
    sites: Any = (GenericAlias(dict, (Name, form)), Hubs.model_fields["sites"])
    return create_model("Hubs", __base__=Hubs, __doc__=Hubs.__doc__, sites=sites)
