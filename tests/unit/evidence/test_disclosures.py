"""What is shown of a row is proved, what is withheld is not given away, and any change is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from muniment.errors import EvidenceError, ProofError
from muniment.evidence.commitments import State, commit_row, derive_key
from muniment.evidence.disclosures import Disclosure, Shown, Withheld, check_disclosure, disclose, parse_disclosure
from muniment.evidence.merkle import root_of
from muniment.evidence.row_fields import FIELDS
from muniment.records.canonical import canonical_json
from tests.second_implementation import row_commitments as second

SECRET, ROWS, PLACE = bytes(range(32)), 11, 6
ALL = frozenset(field.name for field in FIELDS["subscribers/1"])


def subscriber(number: int) -> dict[str, Any]:
    return {
        "subscriber_id": f"s{number}",
        "row_state": "new",
        "row_snapshot": None,
        "content_sha256": bytes([number]) * 32,
        "handle": None,
        "display_name": f"Ann the {number}th",
        "address": f"ann-{number}@people.example",
        "status": "active",
        "list_name": "weekly",
        "subscribed_at": datetime(2026, 11, 21, 12, 0, 0, number, UTC),
        "subscribed_text": "2026-11-21",
        "page": 0,
        "raw": f'{{"name":"Ann the {number}th"}}',
    }


LEAVES = [commit_row("subscribers/1", SECRET, number, subscriber(number)) for number in range(ROWS)]
ROOT = root_of(LEAVES)


def show(*names: str) -> Disclosure:
    return disclose(
        "subscribers/1",
        subscriber(PLACE),
        show=set(names),
        secret=SECRET,
        row_of_run=PLACE,
        row=PLACE,
        leaves=LEAVES,
    )


def change_value(told: Disclosure) -> Disclosure:
    shown = told.fields["address"]
    assert isinstance(shown, Shown)
    return replace(told, fields=dict(told.fields) | {"address": replace(shown, values={"address": "bob@a.example"})})


def move_name(told: Disclosure) -> Disclosure:
    shown = told.fields["name"]
    assert isinstance(shown, Shown)
    moved = {"handle": shown.values["display_name"], "display_name": None}
    return replace(told, fields=dict(told.fields) | {"name": replace(shown, values=moved)})


def exchange(told: Disclosure) -> Disclosure:
    fields = dict(told.fields)
    fields["raw"], fields["subscriber_id"] = fields["subscriber_id"], fields["raw"]
    return replace(told, fields=fields)


FORGERIES: dict[str, Callable[[Disclosure], Disclosure]] = {
    "another value": change_value,
    "a value in the column beside": move_name,
    "another key": lambda told: replace(
        told, fields=dict(told.fields) | {"address": Shown(bytes(16), {"address": "ann-6@people.example"})}
    ),
    "two commitments exchanged": exchange,
    "another commitment": lambda told: replace(told, fields=dict(told.fields) | {"raw": Withheld(bytes(32))}),
    "a short commitment": lambda told: replace(told, fields=dict(told.fields) | {"raw": Withheld(bytes(31))}),
    "a field left out": lambda told: replace(told, fields={k: v for k, v in told.fields.items() if k != "raw"}),
    "a field said to be null": lambda told: replace(
        told,
        fields={k: v for k, v in told.fields.items() if k != "raw"},
        states=(*told.states[:-1], State.NULL),
    ),
    "a field too many": lambda told: replace(told, fields=dict(told.fields) | {"text": Withheld(bytes(32))}),
    "a state too many": lambda told: replace(told, states=(*told.states, State.NULL)),
    "another place": lambda told: replace(told, row=PLACE - 1),
    "a place past the end": lambda told: replace(told, row=ROWS),
    "more rows": lambda told: replace(told, rows=ROWS + 1),
    "a proof cut short": lambda told: replace(told, proof=told.proof[:-1]),
    "a proof too long": lambda told: replace(told, proof=(*told.proof, bytes(32))),
    "another schema": lambda told: replace(told, schema="items/1"),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_disclosure_proves_nothing(forge: Callable[[Disclosure], Disclosure]) -> None:
    with pytest.raises(ProofError):
        check_disclosure(forge(show("address", "name")), rows=ROWS, root=ROOT)


def test_a_disclosure_of_another_snapshot_proves_nothing() -> None:
    with pytest.raises(ProofError):
        check_disclosure(show("address"), rows=ROWS, root=root_of(LEAVES[::-1]))


def test_a_field_that_is_none_is_not_shown_as_one() -> None:
    field = FIELDS["subscribers/1"][1]
    nothing = {name: None for name, _ in field.columns}
    told = show("address")
    forged = replace(told, fields=dict(told.fields) | {"name": Shown(bytes(16), nothing)})
    with pytest.raises(ProofError, match="name"):
        check_disclosure(forged, rows=ROWS, root=ROOT)


def test_another_row_than_the_one_committed_to_is_not_disclosed() -> None:
    with pytest.raises(ProofError, match="row 6"):
        disclose(
            "subscribers/1",
            subscriber(PLACE) | {"address": "bob@people.example"},
            show={"address"},
            secret=SECRET,
            row_of_run=PLACE,
            row=PLACE,
            leaves=LEAVES,
        )


def test_a_field_that_the_schema_lacks_is_not_disclosed() -> None:
    with pytest.raises(ProofError, match="text"):
        show("text")


@pytest.mark.parametrize("names", [ALL, {"address"}, ALL - {"address", "raw"}, frozenset()])
def test_a_field_a_row_and_a_redacted_row_are_proved(names: frozenset[str]) -> None:
    told = parse_disclosure(show(*names).to_bytes())

    check_disclosure(told, rows=ROWS, root=ROOT)
    assert second.is_disclosed(told.to_bytes(), ROWS, ROOT)
    shown = {name: dict(field.values) for name, field in told.fields.items() if isinstance(field, Shown)}
    given = subscriber(PLACE)
    assert shown == {
        field.name: {column: given[column] for column, _ in field.columns}
        for field in FIELDS["subscribers/1"]
        if field.name in names
    }


def test_what_is_withheld_is_nowhere_in_the_disclosure() -> None:
    body = show("circumstances").to_bytes()
    values = subscriber(PLACE)
    secrets = [SECRET.hex(), *(derive_key(SECRET, number, PLACE).hex() for number in (0, 1, 2, 4))]
    hidden = [values["address"], values["display_name"], values["content_sha256"].hex(), *secrets]
    assert not [one for one in hidden if one.encode() in body]
    assert derive_key(SECRET, 3, PLACE).hex().encode() in body


def test_the_second_implementation_finds_forgeries_too() -> None:
    told = json.loads(show("address").to_bytes())
    told["fields"]["address"]["values"]["address"] = "bob@people.example"
    assert not second.is_disclosed(canonical_json(told), ROWS, ROOT)
    assert not second.is_disclosed(show("address").to_bytes(), ROWS, bytes(32))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body[:-1],
        lambda body: b" " + body,
        lambda body: b"[]",
        lambda body: b"\xff",
        lambda body: body.replace(b"muniment.rows/1", b"muniment.rows/2"),
        lambda body: body.replace(b"muniment.disclosure/1", b"muniment.disclosure/2"),
        lambda body: body.replace(b'"states":"v', b'"states":"x'),
        lambda body: body.replace(b'"rows":11', b'"rows":"11"'),
        lambda body: body.replace(b'"row":6', b'"row":true'),
        lambda body: body.replace(b'"key":"', b'"key":"z'),
        lambda body: body.replace(b'"key":', b'"lock":'),
        lambda body: body.replace(b'"address":"ann', b'"adress":"ann'),
        lambda body: body.replace(b"subscribers/1", b"subscribers/9"),
    ],
)
def test_a_malformed_disclosure_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    body = show("address", "circumstances").to_bytes()
    assert spoil(body) != body
    with pytest.raises(EvidenceError):
        parse_disclosure(spoil(body))
