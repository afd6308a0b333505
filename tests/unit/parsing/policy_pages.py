"""Invented pages with the structure of policies, in as many layouts as they are published in."""

from __future__ import annotations

from html import escape

SECTIONS: dict[str, list[str]] = {
    "A. Aim": ["The town writes on networks to tell its people what it does.", "It answers when it can."],
    "B. Conduct": [
        "Sites: A list of every account is kept by the press office.",
        "Wording: Accounts say that they are the town's, and that they keep to this policy.",
        "Comments are taken out when they are:",
        "Removal: What is taken out is kept with its day and its writer.",
    ],
    "C. Review": ["This policy is read again every year."],
}
GROUNDS = ["Rude", "Meant to sell goods", "Written by machines to flood the page"]
HELD = "B. Conduct", 2  # the item under which the grounds stand
LABELS = ["A", "A.1", "A.2", "B", "B.1", "B.2", "B.3", "B.3 i", "B.3 ii", "B.3 iii", "B.4", "C", "C.1"]
ROMAN = ("i", "ii", "iii")


def clause_html(sections: dict[str, list[str]] = SECTIONS, *, heading: str = "h2") -> str:
    """Return the words of the policy as HTML with its numbers written out."""
    parts = []
    for title, clauses in sections.items():
        parts.append(f"<{heading}>{escape(title)}</{heading}>")
        for number, text in enumerate(clauses, start=1):
            parts.append(f"<p>{number}. {escape(text)}</p>")
            if (title, number - 1) == HELD:
                parts.append("<ul>" + "".join(f"<li>{ROMAN[at]}. {each}</li>" for at, each in enumerate(GROUNDS)))
                parts.append("</ul>")
    return "\n".join(parts)


def list_html() -> str:
    """Return the same as lists that a browser numbers."""
    parts = []
    for title, clauses in SECTIONS.items():
        items = []
        for number, text in enumerate(clauses):
            inner = "".join(f"<li>{each}" for each in GROUNDS) if (title, number) == HELD else ""
            items.append(f"<li>{escape(text)}" + (f'<ol type="i">{inner}</ol>' if inner else "") + "</li>")
        parts.append(f"<h3>{escape(title)}</h3><ol>{''.join(items)}</ol>")
    return "".join(parts)


def plain_text() -> str:
    """Return the same as plain text, in lines of a printed page."""
    lines = ["Approved: ____", ""]
    for title, clauses in SECTIONS.items():
        lines += [title, ""]
        for number, text in enumerate(clauses, start=1):
            half = text.index(" ", len(text) // 2)
            lines += [f"{number}. {text[:half]}", text[half + 1 :]]
            if (title, number - 1) == HELD:
                lines += [f" - {ROMAN[at]}. {each}" for at, each in enumerate(GROUNDS)]
        lines.append("")
    return "\n".join(lines)


def page_html(body: str, *, before: str = "", after: str = "", title: str = "Policy on Networks") -> str:
    """Return a whole page around *body*."""
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title></head><body>"
        f"{before}<main><h1>{title}</h1>{body}</main>{after}</body></html>"
    )
