"""From a decoded file to the regions its plugins are asked about: the file, its takes, their regions."""

from __future__ import annotations

import numpy as np

from core import keys
from core.regions import RegionSettings, Span, find_regions, find_takes
from core.views import Stored
from core.words import Level
from database.records import Region


def segment(file: str, stored: Stored, settings: RegionSettings) -> list[Region]:
    """All regions of a file; a silent file has none, not even itself.

    Parameters
    ----------
    file
        SHA-256 of its bytes.
    stored
        Its decoded form, with the silence envelope.
    settings
        How content is told from silence.
    """
    facts = stored.facts
    envelope = np.fromfile(stored.folder / "envelope.f32", dtype="<f4")
    spans = find_regions(envelope, facts["envelope_rate_hz"], facts["duration_s"], settings)
    if not spans:
        return []
    rate, frames = int(facts["rate"]), int(facts["frames"])
    whole = _region(file, Level.FILE, None, 0, frames, rate)
    regions = [whole]
    for run in find_takes(spans, settings.take_gap_s):
        first, stop = _samples(run[0], rate, frames)[0], _samples(run[-1], rate, frames)[1]
        take = _region(file, Level.TAKE, whole.id, first, stop, rate)
        regions.append(take)
        regions += [_region(file, Level.REGION, take.id, *_samples(span, rate, frames), rate) for span in run]
    return regions


def _samples(span: Span, rate: int, frames: int) -> tuple[int, int]:
    first = min(round(span.start_s * rate), frames - 1)
    return first, max(first + 1, min(round(span.end_s * rate), frames))


def _region(file: str, level: Level, parent: str | None, first: int, stop: int, rate: int) -> Region:
    name = keys.region_id(file, level, first, stop)
    return Region(name, file, level, parent, first, stop, first / rate, stop / rate)
