"""HTML in which every text is escaped: a name from a file or a plugin cannot become an element."""

from __future__ import annotations

import re
from html import escape


class Markup(str):
    """Text that is HTML already. Only `tag`, `join` and `trusted` make it."""

    __slots__ = ()


Content = str | Markup | None
_VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta"})
_UNHEARD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def text(content: Content) -> Markup:
    """Escaped, unless it is HTML already; characters that no page may hold become a replacement mark."""
    if content is None:
        return Markup("")
    if isinstance(content, Markup):
        return content
    return Markup(escape(_UNHEARD.sub("\ufffd", content), quote=True))


def trusted(html: str) -> Markup:
    """HTML that this project wrote itself: its stylesheet, script and plots."""
    return Markup(html)


def join(parts: list[Markup] | tuple[Markup, ...]) -> Markup:
    """Pieces one after the other."""
    return Markup("".join(parts))


def tag(name: str, /, *contents: Content, **attributes: str | bool | None) -> Markup:
    """An element. An attribute's trailing underscore is left out, others become dashes; None and False leave it out."""
    named = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{named}>")
    return Markup(f"<{name}{named}>{''.join(text(content) for content in contents)}</{name}>")


def _attribute(key: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{text(str(value))}"'
