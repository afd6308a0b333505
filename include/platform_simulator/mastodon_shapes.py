"""Mastodon's entities, in the shapes that a Mastodon 4.7 was recorded with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

Json = dict[str, object]
_APPROVAL = {"automatic": ["public"], "manual": [], "current_user": "automatic"}
_MARKED = re.compile(r"(?P<link>https?://[^\s)]*[^\s).,;!?])|(?P<tag>(?<![\w/])#\w+)")


def account_entity(base: str, said: Mapping[str, object]) -> Json:
    """Build an Account. *said* holds id, acct, name, note, created_at, counts and perhaps avatar."""
    acct, number = str(said["acct"]), str(said["id"])
    name, _, home = acct.partition("@")
    picture = said.get("avatar") or f"{base}/avatars/original/missing.png"
    return {
        "id": number,
        "username": name,
        "acct": acct,
        "display_name": said["name"],
        "locked": False,
        "bot": False,
        "discoverable": True,
        "indexable": False,
        "group": False,
        "created_at": f"{str(said['created_at'])[:10]}T00:00:00.000Z",
        "note": content_html(base, str(said["note"])),
        "url": f"https://{home}/@{name}" if home else f"{base}/@{name}",
        "uri": f"https://{home}/users/{name}" if home else f"{base}/ap/users/{number}",
        "avatar": picture,
        "avatar_static": picture,
        "avatar_description": "",
        "header": f"{base}/headers/original/missing.png",
        "header_static": f"{base}/headers/original/missing.png",
        "header_description": "",
        "followers_count": said["followers_count"],
        "following_count": said["following_count"],
        "statuses_count": said["statuses_count"],
        "last_status_at": said["last_status_at"],
        "hide_collections": None,
        "show_media": True,
        "show_media_replies": True,
        "show_featured": True,
        "noindex": False,
        "feature_approval": _APPROVAL,
        "emojis": [],
        "roles": [],
        "fields": [],
    }


def status_entity(base: str, account: Json, said: Mapping[str, object]) -> Json:
    """Build a Status of *account*. *said* holds the fields that differ from the quiet default."""
    number, acct = str(said["id"]), account["acct"]
    quiet: Json = {
        "id": number,
        "created_at": None,
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": f"{account['uri']}/statuses/{number}",
        "url": f"{base}/@{acct}/{number}" if "@" not in str(acct) else f"{account['url']}/{number}",
        "replies_count": 0,
        "reblogs_count": 0,
        "favourites_count": 0,
        "quotes_count": 0,
        "edited_at": None,
        "content": "",
        "reblog": None,
        "application": None,
        "account": account,
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "tagged_collections": [],
        "quote": None,
        "card": None,
        "poll": None,
        "quote_approval": _APPROVAL,
    }
    return quiet | dict(said)


def media_entity(base: str, name: str, size: tuple[int, int], said: Mapping[str, str | None]) -> Json:
    """Build a MediaAttachment of the picture file *name*; *said* holds its id and description."""
    width, height = size
    sized = {"width": width, "height": height, "size": f"{width}x{height}", "aspect": width / height}
    return {
        "id": said["id"],
        "type": "image",
        "url": f"{base}/media/{name}",
        "preview_url": f"{base}/media/{name}",
        "remote_url": None,
        "preview_remote_url": None,
        "text_url": None,
        "meta": {"original": sized, "small": sized},
        "description": said["description"],
        "blurhash": "UGC~-#M{0JfkNFofR%M{IURj%Mt7E0oM%MR*",
    }


def card_entity(url: str, title: str, description: str) -> Json:
    """Build a PreviewCard."""
    quiet = dict.fromkeys(("author_name", "author_url", "provider_name", "provider_url", "html"), "")
    head: Json = {"url": url, "title": title, "description": description, "language": "en", "type": "link"}
    picture: Json = {"width": 0, "height": 0, "image": None, "image_description": "", "embed_url": "", "blurhash": None}
    return head | quiet | picture | {"published_at": None, "missing_attribution": False, "authors": []}


def mention_entity(account: Json) -> Json:
    """Build a mention of *account*."""
    return {field: account[field] for field in ("id", "username", "url", "acct")}


def tag_entities(base: str, text: str) -> list[Json]:
    """Build the tags of *text*, each once."""
    names = dict.fromkeys(match["tag"][1:].lower() for match in _MARKED.finditer(text) if match["tag"])
    return [{"name": name, "url": f"{base}/tags/{name}"} for name in names]


def content_html(base: str, text: str, mentions: Sequence[Json] = ()) -> str:
    """Write *text* as Mastodon's HTML: paragraphs, line breaks, links, tags; *mentions* stand first."""
    marked, end = "", 0
    for match in _MARKED.finditer(text):
        marked += _escape(text[end : match.start()]) + _mark(base, match)
        end = match.end()
    marked += _escape(text[end:])
    paragraphs = marked.strip().replace("\n\n", "</p><p>").replace("\n", "<br />")
    named = "".join(
        f'<span class="h-card" translate="no"><a href="{one["url"]}" class="u-url mention">'
        f"@<span>{one['username']}</span></a></span> "
        for one in mentions
    )
    return f"<p>{named}{paragraphs}</p>" if paragraphs else ""


def _escape(text: str) -> str:
    return escape(text).replace("&#x27;", "&#39;")


def _mark(base: str, match: re.Match[str]) -> str:
    if match["tag"]:
        name = match["tag"][1:]
        return f'<a href="{base}/tags/{name.lower()}" class="mention hashtag" rel="tag">#<span>{name}</span></a>'
    scheme, rest = match["link"].split("://", 1)
    shown, hidden = rest[:30], rest[30:]
    ellipsis = "ellipsis" if hidden else ""
    return (
        f'<a href="{_escape(match["link"])}" target="_blank" rel="nofollow noopener" translate="no">'
        f'<span class="invisible">{scheme}://</span><span class="{ellipsis}">{_escape(shown)}</span>'
        f'<span class="invisible">{_escape(hidden)}</span></a>'
    )
