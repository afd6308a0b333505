"""One YAML file of an agency, read into plain values that remember their lines.

A narrow YAML on purpose, so that a file says what a reader thinks it says: no anchors, no
tags, no second spelling of a value (``yes``, ``17:00`` and ``2026-01-01`` are text until a
model asks for more), and never the same key twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from muniment.errors import Fault

MAX_SIZE = 1_000_000  # bytes; a register of a thousand accounts takes half of that
MAX_DEPTH = 20

Value = str | int | bool | list["Value"] | dict[str, "Value"] | None
Place = tuple[str | int, ...]

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,15}")
_WORDS: dict[str, bool | None] = {"null": None, "~": None, "": None, "true": True, "false": False}
_UNTAGGED = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))  # YAML 1.2.2 section 10.1


class _Loader(yaml.SafeLoader):
    """Tells an untagged plain scalar from a tagged one: nothing is resolved by its looks."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own attribute, never written to


class _FastLoader(yaml.CSafeLoader):
    """The same in C, six times as fast: each command and each DAG file reads every file of an agency."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own attribute, never written to


@dataclass(slots=True)
class Document:
    """A file's value, the line of every place in it (from 1), and what was wrong with it so far.

    `whole` is False when the file could not be read to its end: `value` is None then, and
    says nothing.
    """

    name: str
    body: bytes = b""
    value: Value = None
    whole: bool = False
    lines: dict[Place, int] = field(default_factory=dict)
    _noted: dict[tuple[int, Place, str, str], None] = field(default_factory=dict)

    @property
    def faults(self) -> list[Fault]:
        """Return what was noted, by line, each once."""
        noted = sorted(self._noted, key=lambda note: note[0])
        return [Fault(self.name, line, self._spell(place), expected, found) for line, place, expected, found in noted]

    def fault(self, place: Place, expected: str, found: str, *, line: int | None = None) -> None:
        """Note that *place* holds *found* where *expected* should be."""
        self._noted[(line or self.line_of(place), place, expected, found)] = None

    def line_of(self, place: Place) -> int:
        """Return the line of *place*, or of the nearest place around it that is there."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def _spell(self, place: Place) -> str:
        spelled, value = "", self.value
        for step in place:
            if isinstance(step, int):
                value = value[step] if isinstance(value, list) and step < len(value) else None
                name = value.get("id") if isinstance(value, dict) else None
                spelled += (
                    f"[{name[:60]}]" if isinstance(name, str) and name and name.isprintable() else f"[#{step + 1}]"
                )
            else:
                value = value.get(step) if isinstance(value, dict) else None
                spelled += f".{step}" if spelled else step
        return spelled or "the file"


def read_document(path: Path) -> Document:
    """Read the YAML file at *path*; what is wrong with it stands in its `faults`."""
    name = f"{path.parent.name}/{path.name}"
    try:
        return read_body(name, path.read_bytes())
    except OSError as error:
        document = Document(name)
        found = "none" if isinstance(error, FileNotFoundError) else "one that cannot"
        document.fault((), "a file that can be read", found)
        return document


def read_body(name: str, body: bytes) -> Document:
    """Read YAML from *body*; what is wrong with it stands in the document's `faults`, under *name*."""
    document = Document(name, body)
    text = _decode(document)
    if text is not None:
        _compose(document, text)
    return document


def _decode(document: Document) -> str | None:
    if len(document.body) > MAX_SIZE:
        document.fault((), f"at most {MAX_SIZE} bytes", f"{len(document.body)} bytes")
        return None
    try:
        return document.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        document.lines[()] = document.body.count(b"\n", 0, error.start) + 1
        document.fault((), "UTF-8 text", "bytes that are not")
        return None


def _compose(document: Document, text: str) -> None:
    try:
        if not _is_plain(document, text):
            return
        node = _compose_node(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        context = f" {error.context}" if error.context else ""
        document.lines[()] = mark.line + 1 if mark is not None else 1
        document.fault((), "YAML", f"an error: {error.problem}{context}")
        return
    except yaml.reader.ReaderError as error:
        document.lines[()] = text.count("\n", 0, error.position) + 1
        document.fault((), "YAML", f"the character U+{error.character:04X}")
        return
    if node is None:
        document.fault((), "fields", "an empty file")
        return
    document.value = _value(document, node, ())
    document.whole = True


def _compose_node(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=_FastLoader)
    except yaml.YAMLError:
        return yaml.compose(text, Loader=_Loader)  # for its words, which name the line and what is there


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from list(yaml.parse(text, Loader=_FastLoader))
    except yaml.YAMLError:
        yield from yaml.parse(text, Loader=_Loader)


def _is_plain(document: Document, text: str) -> bool:
    # Composing recurses, and an alias may hold itself: both are refused before it begins.
    depth = 0
    for event in _events(text):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            refusal = f"at most {MAX_DEPTH} levels", "more"
        elif isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            refusal = "every value written out", "a YAML anchor or alias"
        else:
            continue
        document.lines[()] = event.start_mark.line + 1 if event.start_mark is not None else 1
        document.fault((), *refusal)
        return False
    return True


def _value(document: Document, node: yaml.Node, place: Place) -> Value:
    document.lines.setdefault(place, node.start_mark.line + 1)
    if node.tag not in _UNTAGGED:
        document.fault(place, "a plain value", "a YAML tag")
    if isinstance(node, yaml.MappingNode):
        return {key: _value(document, value, (*place, key)) for key, value in _fields(document, node, place)}
    if isinstance(node, yaml.SequenceNode):
        return [_value(document, item, (*place, index)) for index, item in enumerate(node.value)]
    return _scalar(node) if isinstance(node, yaml.ScalarNode) else None


def _fields(document: Document, node: yaml.MappingNode, place: Place) -> Iterator[tuple[str, yaml.Node]]:
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        name = key.value if isinstance(key, yaml.ScalarNode) else "?"
        if not isinstance(key, yaml.ScalarNode):
            document.fault((*place, name), "a name before the colon", "a list or a group of fields", line=line)
        elif name in seen:
            document.fault((*place, name), "the field once", f"it on line {seen[name]} too", line=line)
        else:
            seen[name] = document.lines[(*place, name)] = line
            yield name, value


def _scalar(node: yaml.ScalarNode) -> Value:
    text = str(node.value)
    if node.style:  # None, or nothing from the loader in C: no quotes
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER.fullmatch(text) else text
