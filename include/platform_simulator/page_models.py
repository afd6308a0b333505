"""The model of a scenario's pages of the web: policies, terms, front pages, and what is done to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from platform_simulator.times import parse_offset

Offset = Annotated[timedelta, BeforeValidator(parse_offset)]
PagePath = Annotated[str, Field(pattern=r"^(?:[a-z0-9-]+/)*[a-z0-9-]+\.(?:html|txt)$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Furniture(_Part):
    """What surrounds the words of a page; a field that is left out stays as it was."""

    banner: str | None = None
    navigation: list[str] | None = None
    footer: str | None = None


class PageEdit(Furniture):
    """An act on a page from a time on: words put for others (`replace`), or its furniture changed."""

    at: Offset
    replace: dict[str, str] = {}


class WebPage(Furniture):
    """A page at ``/pages/<path>``. In `text` each line is a paragraph, ``# `` begins a heading; `gone` answers 404."""

    title: str
    text: str
    edits: list[PageEdit] = []
    gone: Offset | None = None


def find_page_faults(pages: dict[str, WebPage]) -> list[str]:
    """Return the acts of *pages* that find nothing to replace, or come out of order."""
    faults: list[str] = []
    for path, page in pages.items():
        text, last = page.text, None
        for index, edit in enumerate(page.edits):
            place = f"pages.{path}.edits[{index}]"
            if last is not None and edit.at <= last:
                faults.append(f"{place}.at: expected a time after the edit before, found one not after")
            for old, new in edit.replace.items():
                if old not in text:
                    faults.append(f"{place}.replace: expected words of the text, found {old[:40]!r}")
                text = text.replace(old, new)
            last = edit.at
    return faults
