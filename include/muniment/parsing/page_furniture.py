"""What surrounds the words of a web page: navigation, headers, footers, banners, forms.

It is known by the elements of HTML (sections 4.3 and 4.4 of the WHATWG's standard), by the
landmark roles of WAI-ARIA 1.2, and by the usual names of classes.
"""

from __future__ import annotations

import re
from enum import IntEnum

Attributes = dict[str, str | None]

UNREAD = frozenset(
    ("head", "title", "script", "style", "template", "noscript", "svg", "select", "iframe", "object", "button")
)
_FURNITURE = UNREAD | {"nav", "header", "footer", "aside", "dialog", "menu", "search"}
_FURNITURE_ROLES = frozenset(
    ("navigation", "banner", "contentinfo", "complementary", "search", "alert", "alertdialog", "dialog", "status")
)
_FURNITURE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navigation|navbar|menu|breadcrumbs?|footer|header|masthead|banner|cookies?|sidebar|skip|alert"
    r"|share|sharing|pagination|pager|toolbar|topbar|translate|lastupdated|last-updated)(?:$|[\s_-])",
    re.IGNORECASE,
)
# What a layout says of itself is no name of furniture: has-sidebar, no-header.
_LAYOUT_NAMES = re.compile(r"(?:^|(?<=\s))(?:has|no|with|without|layout)[_-]\S+", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Furniture(IntEnum):
    """Why something is taken for furniture; of two reasons the later counts."""

    NONE = 0
    FORM = 1
    NAME = 2
    PART = 3


def find_furniture(tag: str, attributes: Attributes) -> Furniture:
    """Tell whether an element is furniture, and why."""
    if tag in _FURNITURE or attributes.get("role") in _FURNITURE_ROLES:
        return Furniture.PART
    if tag in {"body", "html", "main", "article"}:
        return Furniture.NONE  # a whole page is named after what stands at its side
    names = _LAYOUT_NAMES.sub("", f"{attributes.get('class') or ''} {attributes.get('id') or ''}")
    if any(_FURNITURE_NAMES.search(spelled) for spelled in (names, _CAMEL.sub("-", names))):
        return Furniture.NAME
    return Furniture.FORM if tag == "form" else Furniture.NONE
