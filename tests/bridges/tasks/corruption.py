"""Decodes random corruptions of one file; run as `python -m tests.bridges.tasks.corruption FILE FOLDER COUNT`."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bridges.tasks.decode import IntakeFailure
from tests.bridges.tasks.decoding import take_in


def fuzz(path: Path, folder: Path, count: int) -> None:
    """Decode `count` corruptions: bytes changed, a stretch cut out, doubled or zeroed, an end cut off."""
    whole = path.read_bytes()
    place = st.integers(0, len(whole) - 1) | st.integers(0, min(200, len(whole) - 1))
    byte_changes = st.lists(st.tuples(place, st.integers(0, 255)), max_size=12)
    stretches = st.tuples(place, st.integers(0, 300), st.sampled_from(["keep", "cut", "double", "zero"]))

    @settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(byte_changes, stretches, place, st.booleans())
    def decode_one(
        changes: list[tuple[int, int]], stretch: tuple[int, int, str], end: int, cut_off: bool
    ) -> None:
        content = bytearray(whole)
        for at, value in changes:
            content[at] = value
        start, length, how = stretch
        part = bytes(content[start : start + length])
        replaced = {"keep": part, "cut": b"", "double": part * 2, "zero": bytes(len(part))}[how]
        content[start : start + length] = replaced
        corrupted = folder / f"x{path.suffix}"
        corrupted.write_bytes(content[: end + 1] if cut_off else content)
        with contextlib.suppress(IntakeFailure):
            take_in(corrupted, folder / "out", max_seconds=60.0)

    folder.mkdir(exist_ok=True)
    decode_one()


if __name__ == "__main__":
    fuzz(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
