"""A CSV drop: rows taken whole or handed back with their line and reason, the same file twice changing nothing."""

from __future__ import annotations

import csv
import io
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import ModerationError
from muniment.policy.moderation.cases import Decision, Verdict
from muniment.policy.moderation.csv_drop import read_drop, write_refused
from muniment.policy.moderation.ledger import case_id
from tests.unit.policy.scenes import NOW
from tests.unit.workflows.moderation_office import Office

HEAD = "case,account,item,noticed_at,notice_how,received_by,decided_at,decision,grounds,rationale,duplicates,decided_by"
SPAM = (
    "spam-1,bluesky-city,3kabcdefgh234,2026-11-10 09:00,e-mail,Dana Okafor,2026-11-10 09:30,hide,C7-v,"
    '"Nine posts, one advertisement",9,Dana Okafor'
)
LEFT = "left-1,bluesky-city,3kabcdefgh999,,,,2026-11-10 10:00,left-up,C7-ii,,,Dana Okafor"
BAD = "bad-1,bluesky-city,3kabcdefgh777,,,,2026-11-10 10:00,hide,C7-xxx,,,Dana Okafor"
NOWHERE = "bad-2,myspace,3kabcdefgh777,,,,noon,hide,C7-v,x,two,"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def lines(*rows: str) -> str:
    return "".join(f"{row}\r\n" for row in (HEAD, *rows))


def refused_rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def test_good_rows_are_entered_and_bad_ones_handed_back_with_line_and_reason(office: Office) -> None:
    done = office.drop(lines(SPAM, BAD, LEFT, NOWHERE))

    assert (done.rows, done.new, done.known, sorted(done.refused)) == (2, 3, 0, [3, 5])
    assert done.refused[3].startswith("ground: expected one of C7-i, C7-ii,")
    assert done.refused[5] == (
        "decided_at: expected a time as 2026-11-20 14:05, or with an offset as 2026-11-20T14:05:00-08:00, "
        "found 'noon'; "
        "decided_by: expected it with the other columns of its kind, found none; "
        "duplicates: expected a whole number, found 'two'"
    )
    assert done.refused_file is not None
    _, first, second = refused_rows(done.refused_file)
    assert (first[0], first[2:]) == ("3", BAD.split(","))
    assert (second[0], second[2:]) == ("5", NOWHERE.split(","))
    assert stat.S_IMODE(done.refused_file.stat().st_mode) == 0o600


def test_the_same_file_again_changes_nothing(office: Office) -> None:
    office.drop(lines(SPAM, LEFT))
    sealed = office.keys()

    again = office.drop(lines(SPAM, LEFT))

    assert (again.rows, again.new, again.known) == (2, 0, 3)
    assert office.keys() == sealed


def test_the_refused_file_mended_is_taken(office: Office) -> None:
    done = office.drop(lines(SPAM, BAD))
    assert done.refused_file is not None

    mended = office.drop(done.refused_file.read_bytes().replace(b"C7-xxx,,", b"C7-v,Spam,3"), "mended.csv")

    assert (mended.rows, mended.new, dict(mended.refused), mended.unread) == (1, 1, {}, ())


def test_without_a_refused_row_no_file_is_left(office: Office) -> None:
    assert office.drop(lines(SPAM)).refused_file is None
    assert [path.name for path in office.home.glob("*refused*")] == []


def test_a_time_without_an_offset_is_by_the_citys_clock(office: Office) -> None:
    office.drop(lines(LEFT))

    (decision,) = office.desk().cases["left-1"].all(Decision)

    assert decision.at.isoformat() == "2026-11-10T18:00:00+00:00"
    assert decision.verdict is Verdict.LEFT_UP


@pytest.mark.parametrize("moment", ["2026-11-01 01:30", "2026-03-08 02:30"])
def test_a_time_that_came_twice_or_never_needs_an_offset(office: Office, moment: str) -> None:
    done = office.drop(lines(LEFT.replace("2026-11-10 10:00", moment)))

    assert "expected an offset, for clocks changed" in done.refused[2]
    assert office.drop(lines(LEFT.replace("2026-11-10 10:00", "2026-11-01T01:30:00-07:00"))).refused == {}


@pytest.mark.parametrize(
    ("encode", "encoding"),
    [("utf-8", None), ("utf-8-sig", None), ("utf-16", None), ("windows-1252", "windows-1252")],
)
def test_encodings_with_and_without_a_mark_are_read(office: Office, encode: str, encoding: str | None) -> None:
    text = lines(SPAM.replace("Nine posts", "Señor’s nine posts"))

    office.drop(text.encode(encode), encoding=encoding)

    (decision,) = office.desk().cases["spam-1"].all(Decision)
    assert decision.rationale == "Señor’s nine posts, one advertisement"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (lines(SPAM).encode() + b"\xff\xfe\n", r"line 3: expected utf-8, found other bytes; --encoding names it"),
        (b"", "header: expected the names of columns, found nothing"),
        (b"\n \n", "header: expected the names of columns, found nothing"),
        (b'"case\n', "header: expected the names of columns, found expected a record of CSV"),
        (b"who,what\na,b\n", "header: expected some of case, account, item"),
        (b"case,Case\na,b\n", "header: expected 'case' once, found it again"),
    ],
)
def test_a_file_that_cannot_be_read_enters_nothing_and_says_why(office: Office, body: bytes, message: str) -> None:
    with pytest.raises(ModerationError, match=message):
        office.drop(body)

    assert office.keys() == []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a,b", "expected 12 cells, found 2"),
        (f"{LEFT},more", "expected 12 cells, found 13"),
        ('left-1,"bluesky"city' + "," * 10, "expected a record of CSV, found a fault: ',' expected after '\"'"),
        ("left-1,bluesky-city" + "," * 10, "expected a time in one of noticed_at, decided_at"),
        (LEFT.replace("left-1", "Left 1"), "case: expected lower-case letters, digits and single hyphens"),
    ],
)
def test_a_malformed_row_is_handed_back_as_it_stood_and_the_next_is_read(office: Office, row: str, reason: str) -> None:
    done = office.drop(lines(row, SPAM))

    assert reason in done.refused[2]
    assert done.rows == 1
    assert done.refused_file is not None
    assert refused_rows(done.refused_file)[1][2:] in (row.split(","), [f"{row}\n"])


def test_a_quote_that_is_never_closed_loses_nothing_of_the_rest(office: Office) -> None:
    done = office.drop(lines(SPAM, LEFT.replace("left-1", '"left-1'), BAD))

    assert (done.rows, list(done.refused)) == (1, [3])
    assert done.refused_file is not None
    assert "bad-1" in done.refused_file.read_text("utf-8-sig")


def test_headers_of_another_name_semicolons_and_unknown_columns(office: Office) -> None:
    text = "Fall;Konto;Wann;Was;Wer;Laune\nleft-1;bluesky-city;2026-11-10 10:00;no violation;Dana Okafor;gut\n"
    headers = {"case": "Fall", "account": "konto", "decided_at": "Wann", "decision": "Was", "decided_by": "Wer"}

    done = office.drop(text, headers=headers)

    assert (done.rows, dict(done.refused), done.unread) == (1, {}, ("Laune",))


@pytest.mark.parametrize(
    ("headers", "message"),
    [({"mood": "Laune"}, "column: expected one of case,"), ({"case": "Fall"}, "header: expected 'Fall' for case")],
)
def test_a_header_that_is_not_there_is_told(office: Office, headers: dict[str, str], message: str) -> None:
    with pytest.raises(ModerationError, match=message):
        office.drop(lines(SPAM), headers=headers)


def test_a_row_without_a_case_begins_one_that_is_the_same_next_time(office: Office) -> None:
    row = LEFT.replace("left-1", "")

    office.drop(lines(row))
    again = office.drop(lines(row))

    (case,) = office.desk().cases.values()
    assert (again.new, again.known) == (0, 1)
    assert case.id == case_id([one.entry for one in case.entered])


def test_counsels_override_in_the_same_row_comes_before_what_it_allows(office: Office) -> None:
    head = "case,account,item,decided_at,decision,grounds,rationale,decided_by,counsel_at,counsel,counsel_agrees,{}"
    signed = "2026-11-10 09:00,B. Osei,yes"
    row = f"poor-1,bluesky-city,3kabcdefgh234,2026-11-10 10:00,hide,C7-xiii,Why,Dana Okafor,{signed},{{}}"

    without = office.drop("\n".join((head.format("counsel_override"), row.format("no"))))
    taken = office.drop("\n".join((head.format("counsel_override"), row.format("yes"))))

    assert "expected counsel's override" in without.refused[2]
    assert (taken.rows, taken.new) == (1, 2)


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=5), st.sampled_from([",", ";", "\t"]))
def test_whatever_a_spreadsheet_writes_is_read_or_handed_back_cell_by_cell(
    rows: list[list[str]], delimiter: str
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([["case", "account", "item"], *rows])

    drop = read_drop(
        "drop.csv", out.getvalue().encode(), columns=("case", "account", "item"), headers={}, encoding=None
    )

    kept = [tuple(row) for row in rows if any(cell.strip() for cell in row)]
    assert [record.cells for record in drop.records] == kept
    handed = write_refused(drop.header, {record.line: (record.cells, "x") for record in drop.records})
    back = list(csv.reader(io.StringIO(handed.decode("utf-8-sig"), newline="")))
    assert [tuple(row[2:]) for row in back[1:]] == kept


@given(st.binary(max_size=80))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    try:
        drop = read_drop("drop.csv", b"case,item\n" + body, columns=("case", "item"), headers={}, encoding=None)
    except ModerationError:
        return
    assert all(record.fault is not None or len(record.cells) == 2 for record in drop.records)


def test_a_row_of_the_future_is_refused(office: Office) -> None:
    done = office.drop(lines(LEFT.replace("2026-11-10", f"{NOW.year + 1}-01-10")))

    assert "time: expected one that has come" in done.refused[2]


def test_what_a_resident_wrote_in_the_wrong_column_is_not_repeated(office: Office) -> None:
    said = "You are all crooks at City Hall"
    done = office.drop(lines(f"left-1,{said},x,,,,{said},{said},{said},,{said},Dana Okafor"))

    assert done.refused
    assert "crooks" not in done.refused[2]
    assert "found other text" in done.refused[2]
