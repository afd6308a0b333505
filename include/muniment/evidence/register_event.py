"""An event of a register: who did what to which subject, and when. Append-only; the state is the fold of the events.

Format ``muniment.register-event/1``, canonical JSON at
``registers/<register>/<month>/<event id>.json``, sealed and logged like everything else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from muniment.errors import EvidenceError
from muniment.records.canonical import JsonValue, canonical_json
from muniment.records.names import parse_instant

FORMAT = "muniment.register-event/1"
_FIELDS = frozenset({"format", "register", "id", "event", "subject", "at", "by", "facts"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEvent:
    """One event.

    `id` names it within its register (lower-case letters, digits, hyphens); `event` says what
    happened (``placed``); `subject` what it happened to (a matter, a disposition); `at` is an
    instant as `format_instant` spells it; `by` is the sign-in name or the service that did it.
    """

    register: str
    id: str
    event: str
    subject: str
    at: str
    by: str
    facts: Mapping[str, JsonValue] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Render the event as canonical JSON (RFC 8785)."""
        return canonical_json(
            {
                "format": FORMAT,
                "register": self.register,
                "id": self.id,
                "event": self.event,
                "subject": self.subject,
                "at": self.at,
                "by": self.by,
                "facts": dict(self.facts),
            }
        )


def parse_event(body: bytes) -> RegisterEvent:
    """Read an event from its canonical bytes.

    Raises:
        EvidenceError: the bytes are not canonical JSON of this format, or `at` is no instant.
    """
    try:
        value = json.loads(body)
        canonical = canonical_json(value) == body
    except (ValueError, RecursionError):
        raise EvidenceError("event: expected JSON, found other bytes") from None
    if not canonical:
        raise EvidenceError("event: expected canonical JSON (RFC 8785), found another spelling")
    if not isinstance(value, dict) or value.keys() != _FIELDS or value["format"] != FORMAT:
        raise EvidenceError(f"event: expected the fields of {FORMAT}, found others")
    texts = {name: value[name] for name in _FIELDS - {"format", "facts"}}
    if not all(isinstance(text, str) for text in texts.values()) or not isinstance(value["facts"], dict):
        raise EvidenceError("event: expected texts, and fields as facts, found others")
    parse_instant(texts["at"])
    return RegisterEvent(**texts, facts=value["facts"])
