"""The routes of a city's website and newsletter: RSS 2.0, Atom (RFC 4287), article pages, CSV (RFC 4180), pictures."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from html import escape

from starlette.requests import Request
from starlette.responses import Response

from platform_simulator.actors import NOTICE
from platform_simulator.ids import chance
from platform_simulator.media import CONTENT_TYPES, draw
from platform_simulator.scenario import Article, Newsletter, Website
from platform_simulator.simulator import Routes, Simulator, base_address
from platform_simulator.times import iso, rfc822

CSV_HEADER = ("Subscriber ID", "Email Address", "Name", "Status", "List", "Subscribed")


@dataclass(frozen=True, slots=True)
class Shown:
    """An article as it stands at an instant."""

    article: Article
    at: datetime
    updated: datetime
    title: str
    text: str


def shown_articles(simulator: Simulator, website: Website) -> list[Shown]:
    """Return the articles of *website* that stand now, newest first."""
    now, start = simulator.clock.now(), simulator.world.start
    found = []
    for article in website.articles:
        if start + article.at <= now and (article.deleted is None or now < start + article.deleted):
            updated, title, text = start + article.at, article.title, article.text
            for edit in article.edits:
                if start + edit.at <= now:
                    updated, title, text = start + edit.at, edit.title or title, edit.text
            found.append(Shown(article, start + article.at, updated, title, text))
    return sorted(found, key=lambda one: (one.at, one.article.id), reverse=True)


def _website(simulator: Simulator, feed: str) -> Website | None:
    sites = (one for one in simulator.scenario.accounts.values() if isinstance(one, Website))
    return next((one for one in sites if one.feed == feed), None)


def _missing() -> Response:
    return Response(f"<!doctype html><title>404</title><p>Not found. {NOTICE}</p>", 404, media_type="text/html")


def _answer(text: str, media_type: str, changed: datetime | None) -> Response:
    body = text.encode()
    headers = {"ETag": f'"{sha256(body).hexdigest()[:32]}"'}
    if changed is not None:
        headers["Last-Modified"] = rfc822(changed)
    return Response(body, headers=headers, media_type=media_type)


def get_feed(simulator: Simulator, request: Request) -> Response:
    """Answer the feed in the form that the address ends with."""
    website = _website(simulator, request.path_params["feed"])
    if website is None:
        return _missing()
    shown = shown_articles(simulator, website)[: website.window]
    changed = max((one.updated for one in shown), default=None)
    write, kind = (_rss, "rss") if request.url.path.endswith(".rss") else (_atom, "atom")
    text = write(website, shown, base_address(request), simulator)
    return _answer(text, f"application/{kind}+xml", changed)


def _rss(website: Website, shown: list[Shown], base: str, simulator: Simulator) -> str:
    items = "".join(
        f"<item><title>{escape(one.title)}</title><link>{_link(website, one, base)}</link>"
        f'<guid isPermaLink="true">{_link(website, one, base)}</guid><pubDate>{rfc822(one.at)}</pubDate>'
        f"<description>{escape(one.text)}</description>{_enclosure(one, base, simulator)}</item>\n"
        for one in shown
    )
    built = f"<lastBuildDate>{rfc822(max(one.updated for one in shown))}</lastBuildDate>" if shown else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        f"<title>{escape(website.title)}</title><link>{base}/{website.feed}</link>"
        f"<description>{escape(f'{website.description} {NOTICE}')}</description><language>en-us</language>"
        f'<generator>platform simulator</generator>{built}<atom:link href="{base}/{website.feed}.rss" rel="self" '
        f'type="application/rss+xml"/>\n{items}</channel></rss>\n'
    )


def _enclosure(one: Shown, base: str, simulator: Simulator) -> str:
    if one.article.medium is None:
        return ""
    medium = simulator.scenario.media[one.article.medium]
    size, kind = len(draw(one.article.medium, medium)), CONTENT_TYPES[medium.kind]
    return f'<enclosure url="{base}/media/{one.article.medium}.{medium.kind}" length="{size}" type="{kind}"/>'


def _atom(website: Website, shown: list[Shown], base: str, simulator: Simulator) -> str:
    entries = "".join(
        f"<entry><id>{_link(website, one, base)}</id><title>{escape(one.title)}</title>"
        f'<link rel="alternate" href="{_link(website, one, base)}"/><published>{iso(one.at)}</published>'
        f'<updated>{iso(one.updated)}</updated><content type="text">{escape(one.text)}</content></entry>\n'
        for one in shown
    )
    updated = max((one.updated for one in shown), default=simulator.world.start)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{base}/{website.feed}</id><title>{escape(website.title)}</title>"
        f"<subtitle>{escape(f'{website.description} {NOTICE}')}</subtitle><updated>{iso(updated)}</updated>"
        f'<author><name>{escape(website.title)}</name></author><link rel="self" href="{base}/{website.feed}.atom"/>\n'
        f"{entries}</feed>\n"
    )


def _link(website: Website, one: Shown, base: str) -> str:
    return f"{base}/{website.feed}/{one.article.id}"


def get_article(simulator: Simulator, request: Request) -> Response:
    """Answer the page of an article, or 404 when it does not stand."""
    website = _website(simulator, request.path_params["feed"])
    shown = shown_articles(simulator, website) if website else []
    one = next((one for one in shown if one.article.id == request.path_params["article"]), None)
    if one is None:
        return _missing()
    page = (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{escape(one.title)}</title>'
        f"<h1>{escape(one.title)}</h1><p>{escape(one.text)}</p><footer>{NOTICE}</footer></html>\n"
    )
    return _answer(page, "text/html", one.updated)


def get_list(simulator: Simulator, request: Request) -> Response:
    """Answer a newsletter's list as CSV, by the name of its account or of its file."""
    name = request.path_params["name"]
    lists = {key: one for key, one in simulator.scenario.accounts.items() if isinstance(one, Newsletter)}
    key = next((key for key, one in lists.items() if name in (key, one.file)), None)
    if key is None:
        return _missing()
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(CSV_HEADER)
    for one in simulator.state().subscriptions(key):
        number = f"S-{chance(key, one.address) % 10**8:08d}"
        rows.writerow((number, one.address, one.name, "subscribed", lists[key].name, iso(one.since)))
    return _answer(text.getvalue(), "text/csv", None)


def get_medium(simulator: Simulator, request: Request) -> Response:
    """Answer a picture, by its name or the SHA-256 of its bytes."""
    stem, _, kind = request.path_params["name"].rpartition(".")
    for name, medium in simulator.scenario.media.items():
        if medium.kind == kind and not medium.missing:
            drawn = draw(name, medium)
            if stem in (name, sha256(drawn).hexdigest()):
                return Response(drawn, media_type=CONTENT_TYPES[kind])
    return _missing()


ROUTES: Routes = {
    "/{feed}.rss": ("website.rss", get_feed),
    "/{feed}.atom": ("website.atom", get_feed),
    "/newsletter/{name}.csv": ("newsletter", get_list),
    "/media/{name}": ("media", get_medium),
    "/{feed}/{article}": ("website.article", get_article),
}
