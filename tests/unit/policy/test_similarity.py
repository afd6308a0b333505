"""Whether a post reflects the website: never too quickly, for what reflects may be destroyed sooner."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.policy.content.similarity import ArticleIndex, Label, Method, classify, index_articles
from muniment.policy.content.words import find_boilerplate, split_words
from tests.unit.policy.items import AT, article, item
from tests.unit.policy.labelled_posts import ARTICLES, POSTS

HOST = "https://www.claremont.example/news"
PICTURE = "c" * 64
OPEN = Label.UNDETERMINED


@pytest.fixture(scope="module")
def index() -> ArticleIndex:
    return index_articles([article(text, key, url=f"{HOST}/{key}") for key, text in ARTICLES.items()], [HOST])


@pytest.mark.parametrize(("text", "label"), [(text, label) for text, label, _ in POSTS if label != Label.REFLECTS])
def test_nothing_that_a_reader_calls_original_or_mixed_is_taken_to_reflect(
    index: ArticleIndex, text: str, label: str
) -> None:
    found = classify(item(text), index).label

    assert found in {label, OPEN}


@pytest.mark.parametrize(
    ("text", "source"), [(text, source) for text, label, source in POSTS if label == Label.REFLECTS]
)
def test_what_a_reader_calls_a_reflection_is_matched_with_its_article(
    index: ArticleIndex, text: str, source: str
) -> None:
    match = classify(item(text), index)

    assert (match.label, match.method) == (Label.REFLECTS, Method.TEXT)
    assert match.article is not None
    assert match.article.item_id == source


def test_few_of_the_labelled_posts_are_left_to_a_person(index: ArticleIndex) -> None:
    found = Counter(classify(item(text), index).label for text, _, _ in POSTS)

    assert found[OPEN] <= 0.1 * len(POSTS)


def test_another_number_makes_another_fact_of_the_same_words(index: ArticleIndex) -> None:
    assert (
        classify(item("The street sweeping calendar for 2027 is out; odd sides on Tuesdays."), index).label
        is Label.REFLECTS
    )
    assert (
        classify(item("The street sweeping calendar for 2028 is out; odd sides on Tuesdays."), index).label
        is Label.MIXED
    )


def test_without_any_article_a_post_is_original_and_one_without_words_is_open() -> None:
    nothing = index_articles([])

    assert classify(item("The library is closed for the holiday on Thursday."), nothing).label is Label.ORIGINAL
    assert classify(item("📚"), nothing).label is OPEN
    assert classify(item(None), nothing).label is OPEN


def test_a_link_to_the_article_ties_a_teaser_to_it_but_not_another_story(index: ArticleIndex) -> None:
    link = {"links": (f"{HOST}/police-report/?utm_source=x",)}

    teaser = classify(item("How did the Police Department do? The annual report is out. 🚓", **link), index)
    bare = classify(item("🚓", **link), index)
    other = classify(item("Come to the barbecue of the firefighters tonight, bring chairs and a salad!", **link), index)

    assert (teaser.label, bare.label, other.label) == (Label.REFLECTS, Label.REFLECTS, Label.MIXED)
    assert {teaser.method, bare.method, other.method} == {Method.LINK}


def test_a_link_to_a_page_of_the_website_that_was_not_captured_leaves_it_open(index: ArticleIndex) -> None:
    text = "Our street tree inventory is public: 24,310 trees, 271 species."

    assert classify(item(text, links=("https://claremont.example/trees",)), index).label is OPEN
    assert classify(item(text, links=("https://elsewhere.example/trees",)), index).label is Label.ORIGINAL


def test_the_same_picture_makes_words_of_its_own_mixed_and_no_words_a_reflection() -> None:
    shown = index_articles([article(ARTICLES["tree-lighting"], media=(PICTURE,))])
    alone = item("🌄", media=(PICTURE,))
    beside = item("Morning light over the canyon trail. Dogs on a leash, please.", media=(PICTURE,))

    assert classify(alone, shown).label is Label.REFLECTS
    assert classify(beside, shown).label is Label.MIXED
    assert classify(beside, shown).method is Method.PICTURE
    assert classify(item("🌄", media=("d" * 64,)), shown).label is OPEN


def test_of_two_like_articles_the_one_nearer_in_time_is_the_source() -> None:
    text = ARTICLES["fire"]
    index = index_articles(
        [
            article(text, "long-ago", published_at=AT.replace(year=2025)),
            article(text, "now", published_at=AT),
            article(text, "before", published_at=AT.replace(year=2024)),
        ]
    )

    match = classify(item(text), index)

    assert match.article is not None
    assert match.article.item_id == "now"


def test_links_tags_mentions_and_set_phrases_are_no_words() -> None:
    sign_off = "Sign up for alerts at claremont.example/alerts!"
    posts = [f"Notice number {number} of the week.\n{sign_off}" for number in range(5)]
    habits = find_boilerplate(posts)

    words = split_words(
        "The POOL opens! #Summer @rec@social.example pool@claremont.example https://x.example/a\n" + sign_off, habits
    )

    assert words == ("the", "pool", "opens")
    assert find_boilerplate(posts[:4]) == frozenset()


def test_a_post_matches_by_what_it_says_and_not_by_its_sign_off() -> None:
    sign_off = "Follow the City for more news about services, parks and streets"
    index = index_articles([article(f"Volunteer corner\n\n{sign_off}")])
    habits = find_boilerplate([sign_off] * 5)
    post = item(f"Lost cat on Mills Avenue, grey, answers to Pepper.\n{sign_off}")

    assert classify(post, index).label is not Label.ORIGINAL
    assert classify(post, index, habits).label is Label.ORIGINAL


@given(st.text(max_size=300), st.lists(st.text(max_size=120), max_size=4))
def test_no_text_is_too_strange_to_compare(text: str, articles: list[str]) -> None:
    index = index_articles([article(one, str(number)) for number, one in enumerate(articles)])

    match = classify(item(text), index)

    assert 0 <= match.score <= 1
    assert (match.label is not Label.REFLECTS) or match.article is not None


@given(
    st.lists(st.sampled_from(["water", "main", "street", "library", "opens", "vote", "trees"]), min_size=5, unique=True)
)
def test_a_post_that_is_an_article_word_for_word_reflects_it(words: list[str]) -> None:
    text = " ".join(words)

    assert classify(item(text.upper()), index_articles([article(text)])).label is Label.REFLECTS
