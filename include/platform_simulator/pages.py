"""The routes of a city's pages of the web: policies, terms of platforms, its front page. They change with the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from html import escape

from starlette.requests import Request
from starlette.responses import Response

from platform_simulator.actors import NOTICE
from platform_simulator.page_models import WebPage
from platform_simulator.simulator import Routes, Simulator
from platform_simulator.times import rfc822


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page as it stands at an instant."""

    text: str
    banner: str
    navigation: tuple[str, ...]
    footer: str
    updated: datetime


def shown_page(simulator: Simulator, page: WebPage) -> ShownPage | None:
    """Return *page* as it stands now, or None when it is gone."""
    now, start = simulator.clock.now(), simulator.world.start
    if page.gone is not None and start + page.gone <= now:
        return None
    shown = ShownPage(page.text, page.banner or "", tuple(page.navigation or ()), page.footer or "", start)
    for edit in page.edits:
        if start + edit.at <= now:
            text = shown.text
            for old, new in edit.replace.items():
                text = text.replace(old, new)
            shown = ShownPage(
                text=text,
                banner=shown.banner if edit.banner is None else edit.banner,
                navigation=shown.navigation if edit.navigation is None else tuple(edit.navigation),
                footer=shown.footer if edit.footer is None else edit.footer,
                updated=start + edit.at,
            )
    return shown


def get_page(simulator: Simulator, request: Request) -> Response:
    """Answer a page of the web, or 404 where there is none, or none any more."""
    path = request.path_params["path"]
    page = simulator.scenario.pages.get(path)
    shown = shown_page(simulator, page) if page is not None else None
    if page is None or shown is None:
        return Response(f"<!doctype html><title>404</title><p>Not found. {NOTICE}</p>", 404, media_type="text/html")
    plain = path.endswith(".txt")
    body = (shown.text if plain else _html(page.title, shown)).encode()
    headers = {"ETag": f'"{sha256(body).hexdigest()[:32]}"', "Last-Modified": rfc822(shown.updated)}
    return Response(body, headers=headers, media_type="text/plain" if plain else "text/html")


def _html(title: str, shown: ShownPage) -> str:
    entries = "".join(f'<li><a href="/">{escape(name)}</a></li>' for name in shown.navigation)
    banner = f'<div role="alert">{escape(shown.banner)}</div>' if shown.banner else ""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head><body>\n'
        f"<header>{banner}<nav><ul>{entries}</ul></nav></header>\n"
        f"<main>\n<h1>{escape(title)}</h1>\n{_paragraphs(shown.text)}</main>\n"
        f"<footer><p>{escape(shown.footer)}</p><p>{NOTICE}</p></footer>\n</body></html>\n"
    )


def _paragraphs(text: str) -> str:
    parts = []
    for line in filter(None, map(str.strip, text.splitlines())):
        heading = line.removeprefix("# ")
        parts.append(f"<p>{escape(line)}</p>\n" if heading == line else f"<h2>{escape(heading)}</h2>\n")
    return "".join(parts)


ROUTES: Routes = {"/pages/{path:path}": ("pages", get_page)}
