"""Sections of docs/performance.md that have a benchmark of their own: each is written without touching the rest."""

from __future__ import annotations

from pathlib import Path

_NEXT = "\n## "


def put_section(path: Path, section: str) -> None:
    """Put *section*, which begins with its title, in place of the one of that title, or at the end."""
    title = section.partition("\n")[0]
    before, _, after = path.read_text("utf-8").partition(f"{title}\n")
    _, heading, rest = after.partition(_NEXT)
    parts = [before.rstrip(), section.rstrip(), *([f"{heading.lstrip()}{rest}".rstrip()] if heading else [])]
    path.write_text("\n\n".join(parts) + "\n", "utf-8")


def rewrite(path: Path, text: str) -> None:
    """Write *text* to *path*; sections that stand there and are not of *text* stay, behind it, in their order."""
    own = set(text.splitlines())
    there = path.read_text("utf-8").splitlines() if path.is_file() else []
    others = [read_section(path, line) for line in there if line.startswith("## ") and line not in own]
    path.write_text(text, "utf-8")
    for section in others:
        put_section(path, section)


def read_section(path: Path, title: str) -> str:
    """Return the section of *title* of the document at *path*; empty where there is none."""
    _, found, after = path.read_text("utf-8").partition(f"{title}\n") if path.is_file() else ("", "", "")
    return f"{found}{after.partition(_NEXT)[0]}".rstrip() + "\n" if found else ""
