"""Reads a scenario file: every fault at once, each naming its place."""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path

import yaml
from pydantic import ValidationError

from platform_simulator.checks import find_faults
from platform_simulator.errors import ScenarioError
from platform_simulator.scenario import Scenario

_BOOLEAN = "tag:yaml.org,2002:bool"


def read_scenario(path: Path) -> Scenario:
    """Read and check the scenario file *path*.

    Raises:
        ScenarioError: the file cannot be read or holds faults; the message names each of them.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError([f"{path.name}: expected a readable UTF-8 file, found {type(error).__name__}"]) from None
    return parse_scenario(text, path.name)


def parse_scenario(text: str, name: str) -> Scenario:
    """Read and check *text*; faults start with *name*.

    Raises:
        ScenarioError: *text* holds faults; the message names each of them.
    """
    try:
        # The loader below is a safe one; it only refuses doubled keys besides.
        value = yaml.load(text, Loader=_OneKeyLoader)  # noqa: S506
        scenario = Scenario.model_validate(value)
    except yaml.YAMLError as error:
        raise ScenarioError([f"{name}: expected YAML, found: {' '.join(str(error).split())}"]) from None
    except ValidationError as error:
        raise ScenarioError(
            [f"{name}: {_place(fault['loc'])}: {_complaint(dict(fault))}" for fault in error.errors()]
        ) from None
    faults = find_faults(scenario)
    if faults:
        raise ScenarioError([f"{name}: {fault}" for fault in faults])
    return scenario


def _place(location: tuple[int | str, ...]) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).lstrip(".") or "the file"


def _complaint(fault: dict[str, object]) -> str:
    message = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "missing":
        return "expected a value, found none"
    if fault["type"] == "extra_forbidden":
        return "expected no field of this name, found one"
    return f"{message[0].lower()}{message[1:]}, found {str(fault['input'])[:60]!r}"


class _OneKeyLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader that refuses a key said twice, where YAML's own would keep the last."""


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Hashable, object]:
    keys: set[object] = set()
    for key, _ in node.value:
        if key.value in keys:
            raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} twice", key.start_mark)
        keys.add(key.value)
    return loader.construct_mapping(node, deep=True)


# YAML 1.2 has two booleans. YAML 1.1, which the loader knows, also takes `on` and `no` for some.
_OneKeyLoader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag != _BOOLEAN]
    for first, resolvers in _OneKeyLoader.yaml_implicit_resolvers.items()
}
_OneKeyLoader.add_implicit_resolver(_BOOLEAN, re.compile("^(?:true|false)$"), list("tf"))
_OneKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
