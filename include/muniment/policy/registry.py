"""Every check of a clause by its name, collected from the modules of `policy.checks`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType

from muniment.errors import ConfigurationError
from muniment.policy import checks
from muniment.policy.check import Check


def collect(modules: Iterable[ModuleType]) -> Mapping[str, Check]:
    """Return the checks that *modules* offer as ``CHECKS``, by name.

    Raises:
        ConfigurationError: two have the same name.
    """
    found: dict[str, Check] = {}
    for module in modules:
        for check in module.CHECKS:
            if check.name in found:
                raise ConfigurationError(f"check {check.name}: expected one of that name, found it again in {module}")
            found[check.name] = check
    return MappingProxyType(dict(sorted(found.items())))


CHECKS: Mapping[str, Check] = collect(
    import_module(f"{checks.__name__}.{module.name}") for module in iter_modules(checks.__path__)
)
