"""The website's feeds, the newsletter's list and the pictures."""

import csv
import io
from hashlib import sha256

import feedparser
import pytest
from PIL import Image

from platform_simulator.media import draw
from platform_simulator.scenario import Medium
from tests.unit.platform_simulator.asking import Asked, demo


@pytest.mark.parametrize(("path", "version"), [("/news.rss", "rss20"), ("/news.atom", "atom10")])
def test_a_feed_is_whole_and_newest_first(path: str, version: str) -> None:
    asked = demo()
    feed = feedparser.parse(asked.ask(path).content)
    assert (feed.version, feed.bozo) == (version, False)
    listed = [entry.link.rsplit("/", 1)[1] for entry in feed.entries]
    assert listed == asked.truth()["accounts"]["website-news"]["visible"]["in_feed"]
    texts = [entry.get("summary") or entry.content[0].value for entry in feed.entries]
    assert any("carols & a fire truck" in text for text in texts)
    assert "simulator" in feed.feed.subtitle


def test_a_feed_changes_with_the_clock_and_keeps_its_tag_without() -> None:
    asked = Asked()
    first = asked.ask("/news.rss")
    asked.advance(10)
    assert asked.ask("/news.rss").headers["etag"] == first.headers["etag"]
    assert asked.ask("/news/a").status_code == 200
    asked.advance(3600)
    feed = feedparser.parse(asked.ask("/news.rss").content)
    assert [entry.title for entry in feed.entries] == ["B"]
    assert asked.ask("/news/a").status_code == 404


def test_an_article_is_escaped() -> None:
    page = Asked().ask("/news/a").text
    assert "<b> & more" not in page
    assert "&lt;b&gt; &amp; more" in page


@pytest.mark.parametrize("path", ["/none.rss", "/news/none", "/newsletter/none.csv", "/media/none.png", "/media/x"])
def test_what_is_not_there_is_not_found(path: str) -> None:
    assert Asked().ask(path).status_code == 404


def test_the_list_is_csv_with_the_columns_of_the_register() -> None:
    asked = demo()
    answer = asked.ask("/newsletter/weekly.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert list(rows[0]) == ["Subscriber ID", "Email Address", "Name", "Status", "List", "Subscribed"]
    assert len(rows) == len({row["Subscriber ID"] for row in rows}) == 40
    assert all(row["Email Address"].endswith(".example") for row in rows)
    assert asked.ask("/newsletter/newsletter-weekly.csv").content == answer.content
    asked.advance(7200)
    then = {row["Email Address"] for row in csv.DictReader(io.StringIO(asked.ask("/newsletter/weekly.csv").text))}
    now = {row["Email Address"] for row in rows}
    assert now - then == {"omar.radomski@mail.example"}
    assert then - now == {"gita.westerly@mail.example"}


@pytest.mark.parametrize("kind", ["png", "jpg"])
@pytest.mark.parametrize("size", [(8, 8), (33, 17), (320, 200)])
def test_a_picture_is_one(kind: str, size: tuple[int, int]) -> None:
    drawn = draw("x", Medium(kind=kind, width=size[0], height=size[1]))
    picture = Image.open(io.BytesIO(drawn))
    picture.load()
    assert (picture.size, picture.format) == (size, "PNG" if kind == "png" else "JPEG")
    assert draw("x", Medium(kind=kind, width=size[0], height=size[1])) == drawn


def test_a_grey_picture_shows_the_same_shades_as_the_coloured_one() -> None:
    grey, coloured = (
        Image.open(io.BytesIO(draw("x", Medium(kind=kind, width=320, height=40)))) for kind in ("jpg", "png")
    )
    for column in range(4, 320, 8):
        assert grey.getpixel((column, 20)) == pytest.approx(coloured.getpixel((column, 20))[0], abs=2)


def test_a_picture_answers_to_its_name_and_its_hash() -> None:
    asked = Asked()
    named = asked.ask("/media/sun.jpg")
    assert named.headers["content-type"] == "image/jpeg"
    assert asked.ask(f"/media/{sha256(named.content).hexdigest()}.jpg").content == named.content
    assert asked.ask("/media/lost.png").status_code == 404
