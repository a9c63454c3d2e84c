"""Which samples of a region hold music: everything but what `content` calls speech or noise."""

from __future__ import annotations

from dataclasses import dataclass

from hemiola import Context, Region, Skip
from hemiola.results import Content

LEFT_OUT = ("speech", "noise")
SHORTEST_PIECE_S = 0.4  # shorter pieces between two such segments hold no whole frame
SHORTEST_S = 1.0
FEWEST_FRAMES = 3
"""Of 0.37 s, every 0.19 s."""


@dataclass(frozen=True)
class Kept:
    """What remains of a region.

    Attributes
    ----------
    samples : list of (first, last)
        Sample ranges from the region's first sample.
    seconds : float
        Their length together.
    labels : str
        The labels left out, for a sentence: "speech and noise".
    left_out_s : float
    """

    samples: list[tuple[int, int]]
    seconds: float
    labels: str
    left_out_s: float

    @property
    def remark(self) -> str:
        """What was left out, to be appended to a method, or nothing."""
        return f"; {self.left_out_s:.1f} s of {self.labels} left out" if self.left_out_s > 0 else ""


def kept_spans(content: Content | None, start_s: float, end_s: float, rate: int) -> Kept:
    """Cut speech and noise out of the region from `start_s` to `end_s`."""
    out = [s for s in (content.segments if content else ()) if s.label in LEFT_OUT]
    cuts = sorted((max(s.start_s, start_s), min(s.end_s, end_s)) for s in out)
    pieces, position = [], start_s
    for low, high in cuts:
        if high <= low:
            continue
        pieces.append((position, low))
        position = max(position, high)
    pieces.append((position, end_s))
    whole = not out
    kept = [(low, high) for low, high in pieces if high - low >= SHORTEST_PIECE_S or (whole and high > low)]
    samples = [(round((low - start_s) * rate), round((high - start_s) * rate)) for low, high in kept]
    seconds = sum(high - low for low, high in kept)
    labels = " and ".join(dict.fromkeys(s.label for s in out))
    return Kept(samples, seconds, labels, (end_s - start_s) - seconds if out else 0.0)


def sounding_spans(region: Region, context: Context) -> Kept:
    """The samples to listen to; raises Skip where content leaves less than a second of them."""
    kept = kept_spans(context.get(Content), region.start_s, region.end_s, region.rate)
    if region.duration_s < SHORTEST_S:
        raise Skip(f"{region.duration_s:.2f} s are too short for a key: it takes at least {SHORTEST_S:g} s")
    if kept.seconds < SHORTEST_S:
        raise Skip(f"nothing but {kept.labels} here, which has no key")
    return kept
