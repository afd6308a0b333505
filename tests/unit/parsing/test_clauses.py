from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from muniment.parsing.clauses import PREAMBLE, normalise, read_clauses, split_plain
from muniment.parsing.list_marks import Mark, MarkKind, list_mark_or_none, read_mark_or_none, roman_of
from muniment.parsing.page_blocks import read_blocks
from tests.unit.parsing import policy_pages
from tests.unit.parsing.policy_pages import LABELS, SECTIONS, clause_html, list_html, page_html, plain_text


def clauses(html: str) -> dict[str, str]:
    return dict(read_clauses(read_blocks(html).blocks))


SOUND = clauses(page_html(clause_html()))


def test_a_policy_is_read_by_the_labels_that_it_is_cited_by() -> None:
    assert list(SOUND) == LABELS
    assert SOUND["B"] == "Conduct"
    assert SOUND["B.2"] == "Wording: Accounts say that they are the town's, and that they keep to this policy."
    assert SOUND["B.3 ii"] == "Meant to sell goods"


def test_lists_numbered_by_the_browser_and_printed_lines_give_the_same_clauses() -> None:
    assert clauses(page_html(list_html())) == SOUND
    printed = dict(read_clauses(split_plain(plain_text())))
    assert {label: text for label, text in printed.items() if label != PREAMBLE} == SOUND


def test_furniture_heading_levels_and_typography_change_no_clause() -> None:
    words = clause_html(heading="h3").replace("town's", "town\u2019s").replace(" when ", "\u00a0when\n  ")
    furnished = page_html(
        f'<div role="alert">The office is closed today.</div><div class="site-banner">Water is off.</div>{words}'
        "<p>Page 2 of 9</p>",
        before='<header><h1>The Town</h1></header><nav><ul><li>1. Home<li>2. News</ul></nav><div id="menu">A</div>',
        after="<aside>See also</aside><footer><p>1. Imprint</p></footer><script>var a = '<p>9. x</p>'</script>",
        title="Policy on Social Networks",
    )
    assert clauses(furnished) == SOUND


def test_a_section_moved_as_a_whole_changes_no_clause() -> None:
    moved = dict(reversed(SECTIONS.items()))
    assert clauses(page_html(clause_html(moved))) == SOUND


def test_a_page_that_does_not_mark_its_main_part_is_read_without_its_furniture() -> None:
    page = f"<body><nav>News</nav><h1>Policy</h1>{clause_html()}<div class='page-footer'>5. Imprint</div></body>"
    assert clauses(page) == SOUND


def test_a_form_around_the_whole_page_is_no_furniture() -> None:
    page = (
        '<body><a class="skip-link" href="#c">Skip</a><form id="aspnetForm"><div class="siteHeader">1. Home</div>'
        f'<div class="has-sidebar col">{clause_html()}</div><div id="pageFooter">2. Imprint</div></form></body>'
    )
    assert clauses(page) == SOUND
    assert clauses(f"<body><form><p>Sign in</p><main><h1>Policy</h1>{clause_html()}</main></form></body>") == SOUND


def test_a_page_that_is_named_after_its_furniture_has_words_all_the_same() -> None:
    assert clauses(f'<body><nav>1. Home</nav><div class="menu-page">{clause_html()}</div></body>') == SOUND


def test_headings_without_numbers_are_labels_and_items_below_them_carry_their_name() -> None:
    found = clauses(
        "<main><h1>Privacy</h1><p>We care.</p><h2>What is collected</h2><p>Addresses.</p><p>Names.</p>"
        "<h2>Criteria</h2><p>A page must:</p><p>1. Name its owner.</p><p>2. Give a number.</p>"
        "<p><strong>Enforcement</strong></p><p>By the manager.</p></main>"
    )
    assert found == {
        PREAMBLE: "We care.",
        "What is collected": "Addresses. Names.",
        "Criteria": "A page must:",
        "Criteria 1": "Name its owner.",
        "Criteria 2": "Give a number.",
        "Enforcement": "By the manager.",
    }


def test_numbered_headings_count_from_no_heading_without_a_number() -> None:
    found = clauses(
        "<main><h1>Privacy</h1><h2>Purpose</h2><p>Why.</p><h2>1. What it covers</h2><p>All.</p>"
        "<h2>2. Use</h2><p>Letters.</p><h2>Contact</h2><p>Write.</p></main>"
    )
    assert found == {
        "Purpose": "Why.",
        "1": "What it covers All.",
        "2": "Use Letters.",
        "Contact": "Write.",
    }


def test_a_statute_quoted_in_a_policy_keeps_its_own_numbers() -> None:
    text = (
        "The law is this.\n\n2-17-999. Notices. (1) A town may not hide.\n\n(2) A town shall say:\n\n(a) its name;\n\n"
        "(b) its number; and\n\n(3) Besides:\n\n(a) more."
    )
    assert [clause.label for clause in read_clauses(split_plain(text))] == [
        PREAMBLE,
        "2-17-999",
        "2-17-999(2)",
        "2-17-999(2)(a)",
        "2-17-999(2)(b)",
        "2-17-999(3)",
        "2-17-999(3)(a)",
    ]


def test_a_label_that_comes_twice_is_kept_twice() -> None:
    assert clauses("<main><p>1. One.</p><h2>Annex</h2><p>Two.</p><h2>Annex</h2><p>Three.</p></main>") == {
        "1": "One.",
        "Annex": "Two.",
        "Annex (2)": "Three.",
    }


def test_what_follows_a_list_belongs_to_what_held_the_list() -> None:
    assert clauses("<main><h2>A. Aim</h2><ol><li>One.</li></ol><p>After.</p></main>") == {
        "A": "Aim After.",
        "A.1": "One.",
    }


def test_a_letter_after_h_is_no_roman_number() -> None:
    assert read_mark_or_none("i. Text", Mark(MarkKind.LOWER, "h", "")) == Mark(MarkKind.LOWER, "i", "Text")
    assert read_mark_or_none("i. Text") == Mark(MarkKind.ROMAN, "i", "Text")
    assert read_mark_or_none("e.g. text") is None
    assert read_mark_or_none("ix. Text") == Mark(MarkKind.ROMAN, "ix", "Text")


def test_lists_are_marked_as_a_browser_shows_them() -> None:
    assert [roman_of(number) for number in (4, 9, 14, 21)] == ["iv", "ix", "xiv", "xxi"]
    assert list_mark_or_none(3, "A", "") == "C."
    assert list_mark_or_none(3, None, "list-style-type: lower-roman") == "iii."
    assert list_mark_or_none(27, "a", "") is None
    assert list_mark_or_none(3, None, "list-style: none") is None


_WORDS = st.text(alphabet="abcdefgh <>&1.)(-\u2019\u00a0", min_size=1, max_size=30)
_FURNITURE = st.sampled_from(
    [
        "<nav>{}</nav>",
        "<header>{}</header>",
        "<footer><p>{}</p></footer>",
        '<div class="cookie-banner"><p>{}</p></div>',
        "<aside><ol><li>{}</ol></aside>",
        '<div role="alert">{}',  # never closed where it is the last thing before the page's end
        "<form><label>{}</label></form>",
        "<!-- {} -->",
    ]
)


@given(shape=_FURNITURE, words=_WORDS, inside=st.booleans(), first=st.booleans())
def test_no_furniture_changes_a_clause(shape: str, words: str, *, inside: bool, first: bool) -> None:
    from html import escape

    piece = shape.format(escape(words.replace("-", "")))
    if shape.startswith('<div role="alert">'):
        piece += "</div>"
    body = clause_html()
    if inside:
        body = piece + body if first else body + piece
        page = page_html(body)
    else:
        page = page_html(body, before=piece if first else "", after="" if first else piece)
    assert clauses(page) == SOUND


@given(
    label=st.sampled_from([label for label in LABELS if "." in label]),
    word=st.from_regex(r"[a-z]{2,9}", fullmatch=True),
)
def test_any_change_of_a_clauses_words_changes_its_label_and_no_other(label: str, word: str) -> None:
    before = SOUND[label]
    after = clauses(page_html(clause_html()).replace(before.replace("'", "&#x27;"), f"{before} {word}", 1))
    assert {each for each in {*after, *SOUND} if after.get(each) != SOUND.get(each)} == {label}


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    read_clauses(read_blocks(text).blocks)
    labels = [clause.label for clause in read_clauses(split_plain(text))]
    assert len(set(labels)) == len(labels)
    assert normalise(normalise(text)) == normalise(text)


def test_the_fixture_has_the_clauses_that_the_tests_speak_of() -> None:
    assert len(policy_pages.GROUNDS) == 3
    assert len(LABELS) == 13
