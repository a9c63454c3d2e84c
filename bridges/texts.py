"""Text that a worker gave, made safe to store and to print: no half characters, nothing that a terminal obeys."""

from __future__ import annotations

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
CONTROLS, SURROGATES = (range(0x20), range(0x7F, 0xA0)), range(0xD800, 0xE000)
DIRECTIONS = (range(0x202A, 0x202F), range(0x2066, 0x206A))
"""Characters that turn the direction of what follows, so that it reads as something else."""
UNSAFE = {code: REPLACEMENT for codes in (*CONTROLS, SURROGATES, *DIRECTIONS) for code in codes}
UNSAFE |= {ord(sign): sign for sign in "\n\t"} | {ord("\r"): "\n"}


def safe(text: str) -> str:
    """The text without characters that no encoding takes or that a terminal obeys."""
    return text.translate(UNSAFE)


def unsafe(text: str) -> bool:
    """Whether a text of one line holds such a character, or a line break."""
    return any(ord(sign) in UNSAFE for sign in text)


def safe_or_none(value: object, most: int) -> str | None:
    """The first characters of what should be text; None of anything else."""
    return safe(value[:most]) if isinstance(value, str) else None
