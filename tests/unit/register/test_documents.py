"""What is no plain YAML is refused with its line; what is one says what it looks like."""

from __future__ import annotations

from pathlib import Path

import pytest

from muniment.register.documents import MAX_SIZE, Document, read_document


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "town").mkdir()
    return tmp_path / "town" / "agency.yaml"


def read(path: Path, body: bytes) -> Document:
    path.write_bytes(body)
    return read_document(path)


@pytest.mark.parametrize(
    ("body", "line", "told"),
    [
        (b"a: 1\n\tb: 2\n", 2, "expected YAML, found an error: found character '\\t' that cannot start any token"),
        (b"a: 1\nb: [1, 2\n", 3, "expected YAML, found an error: expected ',' or ']', but got '<stream end>'"),
        (b"a: 1\nb: c: d\n", 2, "expected YAML, found an error: mapping values are not allowed here"),
        (b"a:\n  b: 1\n c: 2\n", 3, "expected YAML, found an error: expected <block end>"),
        (b"a: 1\n---\nb: 2\n", 2, "expected YAML, found an error: but found another document"),
        (b"a: 1\nb: 'x\n", 3, "expected YAML, found an error: found unexpected end of stream"),
        (b"a: &x 1\n", 1, "expected every value written out, found a YAML anchor or alias"),
        (b"a: 1\nb: *x\n", 2, "expected every value written out, found a YAML anchor or alias"),
        (b"a: 1\nb: \x01\n", 2, "expected YAML, found the character U+0001"),
        (b"a: 1\nb: \xff\n", 2, "expected UTF-8 text, found bytes that are not"),
        (b"[" * 5000, 1, "expected at most 20 levels, found more"),
        (b"", 1, "expected fields, found an empty file"),
        (b"# nothing\n", 1, "expected fields, found an empty file"),
        (b"#" * (MAX_SIZE + 1), 1, "expected at most 1000000 bytes, found 1000001 bytes"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_line(path: Path, body: bytes, line: int, told: str) -> None:
    document = read(path, body)
    assert not document.whole
    (fault,) = document.faults
    assert fault.line == line
    assert str(fault).startswith(f"town/agency.yaml:{line}: the file: {told}")


def test_a_key_that_comes_twice_is_told_with_both_lines(path: Path) -> None:
    document = read(path, b"a: 1\nb:\n  - id: x\n    c: 1\n    c: 2\na: 3\na: 4\n")
    assert [str(fault) for fault in document.faults] == [
        "town/agency.yaml:5: b[x].c: expected the field once, found it on line 4 too",
        "town/agency.yaml:6: a: expected the field once, found it on line 1 too",
        "town/agency.yaml:7: a: expected the field once, found it on line 1 too",
    ]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"a: !!int 3\n", "a: expected a plain value, found a YAML tag"),
        (b"a: !!python/object/apply:os.getcwd []\n", "a: expected a plain value, found a YAML tag"),
        (b"? [a, b]\n: 3\n", "?: expected a name before the colon, found a list or a group of fields"),
    ],
)
def test_tags_and_keys_that_are_no_names_are_refused(path: Path, body: bytes, told: str) -> None:
    assert [str(fault) for fault in read(path, body).faults] == [f"town/agency.yaml:1: {told}"]


def test_a_value_is_what_it_looks_like(path: Path) -> None:
    document = read(
        path,
        b"\xef\xbb\xbfclock: 17:00\nearly: 08:00\nword: yes\nday: 2026-01-01\nversion: 1.0\nzip: 01234\n"
        b"quoted: 'true'\nflag: true\nempty:\nnull_: null\nnumber: -15\nlist: [1, a]\n<<: {x: 1}\n",
    )
    assert document.faults == []
    assert document.value == {
        "clock": "17:00",
        "early": "08:00",
        "word": "yes",
        "day": "2026-01-01",
        "version": "1.0",
        "zip": "01234",
        "quoted": "true",
        "flag": True,
        "empty": None,
        "null_": None,
        "number": -15,
        "list": [1, "a"],
        "<<": {"x": 1},
    }


def test_a_place_that_is_not_there_has_the_line_of_what_is_around_it(path: Path) -> None:
    document = read(path, b"a: 1\nb:\n  - id: x\n    c: 1\n  -\n    d: 2\n")
    assert document.line_of(("b", 0, "missing")) == 3
    assert document.line_of(("b", 1, "missing", 4)) == 6
    assert document.line_of(("b", 0, "c")) == 4
    assert document.line_of(("missing",)) == 1


def test_a_folder_in_place_of_a_file_is_a_fault(path: Path) -> None:
    path.mkdir()
    assert [fault.found for fault in read_document(path).faults] == ["one that cannot"]
