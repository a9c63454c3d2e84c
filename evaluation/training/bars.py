"""What the second network learns: which units of a pulse begin bars and groups, and in which meter.

The pulse is the decoded one as often as the true one; now and then it runs at twice or half the units, or at the beats,
since a decoder errs about that too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from evaluation.training.bar_network import BarNetwork, BarShape
from evaluation.training.fit import Batch, Losses
from evaluation.training.pulses import Pulsed
from evaluation.training.targets import NO_METER, UNKNOWN
from plugins.meter.network import UNITS
from plugins.meter.units import PLACES, features

Random = np.random.Generator
Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
Part = tuple[Floats, Floats, npt.NDArray[np.int64]]

LEARNT = (3, 4, 2)
"""Marks that the events are: downbeat, start of a group, beat."""
POSITIVES = (3.0, 2.0, 1.0)
METER = 0.7
"""Weight of the meter's loss."""
NEAR_S = 0.06
"""A unit is what lies so near to it."""
FEWEST = 8
DECODED, TWICE, HALF, BEATS = 0.5, 0.08, 0.05, 0.05
"""How often a pulse is the decoded one, and at another level; the others are the true units."""
TREMBLE_S = 0.006
BANDS = 27
"""Of the columns, the last; what colours a recording changes them."""
DEAF, NARROW, GAPS = 0.15, 0.3, 0.1
"""How often the first network's events are not heard at all, how often some bands, and how many units, on average."""
HOARSE = 0.15
"""Deviation of a band's loudness from unit to unit."""
STRETCHED = 0.15
"""Deviation of the logarithm of a tempo."""


def pulse_of(clip: Pulsed, random: Random | None) -> Doubles:
    """Units to be named, seconds."""
    units = clip.marks.events[1]
    longest = max(clip.pulses, key=len, default=units)
    if random is None:
        return np.asarray(longest)
    drawn = random.random()
    if drawn < DECODED and clip.pulses:
        return np.asarray(clip.pulses[int(random.integers(len(clip.pulses)))])
    level = (drawn - DECODED) if clip.pulses else drawn
    if level < TWICE and len(units) > 2:
        units = np.interp(np.arange(2 * len(units) - 1) / 2, np.arange(len(units)), units)
    elif level < TWICE + HALF:
        units = units[int(random.integers(2)) :: 2]
    elif level < TWICE + HALF + BEATS:
        units = clip.marks.events[2]
    trembling = units + np.clip(random.normal(0, TREMBLE_S, len(units)), -0.02, 0.02)
    return np.asarray(trembling[np.concatenate([[True], np.diff(trembling) > 0.05])] if len(units) else units)


def part_of(clip: Pulsed, random: Random | None) -> Part | None:
    """Features of a window of units, their events and meters; None where there are too few."""
    times = pulse_of(clip, random)
    if len(times) < FEWEST:
        return None
    if len(times) > UNITS + 1:
        first = 0 if random is None else int(random.integers(len(times) - UNITS))
        times = times[first : first + UNITS + 1]
    values = clip.values.astype(np.float32)
    if random is not None:
        curve = np.interp(np.linspace(0, 5, BANDS), np.arange(6), random.normal(0, 0.4, 6) * random.random())
        values[:, -BANDS:] += (curve + random.normal(0, 0.3)).astype(np.float32)
    begun = times[:-1]
    events = np.stack([lies_near(begun, clip.marks.events[n]) for n in LEARNT], axis=1)
    meters = np.full(len(begun), NO_METER, np.int64)
    for start, end, meter in clip.marks.meters:
        meters[(begun >= start - NEAR_S) & (begun < end - NEAR_S)] = int(meter)
    heard = features(values, times)
    if random is not None:
        disturb(heard, random)
    return heard, events, meters


def disturb(heard: Floats, random: Random) -> None:
    """Change features of n units, shape (n, 4 * columns + 1), to what another room, player or tempo might give."""
    sounds = heard[:, :-1].reshape(len(heard), len(PLACES), -1)
    events, bands = sounds[..., :-BANDS], sounds[..., -BANDS:]
    bands += random.normal(0, HOARSE, bands.shape)
    if random.random() < DEAF:
        events[:] = 0.0
    if random.random() < NARROW:
        low = int(random.integers(BANDS - 7))
        bands[..., low : low + int(random.integers(3, 9))] = 0.0
    sounds[random.random(len(heard)) < 2 * GAPS * random.random()] = 0.0
    heard[:, :-1] = sounds.reshape(len(heard), -1)
    heard[:, -1] += random.normal(0, STRETCHED)


def lies_near(times: Doubles, marks: Doubles) -> Floats:
    """1 for every time that has a mark near to it, else 0."""
    if not len(marks):
        return np.zeros(len(times), np.float32)
    at = np.clip(np.searchsorted(marks, times), 1, max(1, len(marks) - 1))
    nearest = np.minimum(np.abs(marks[at - 1] - times), np.abs(marks[np.minimum(at, len(marks) - 1)] - times))
    return np.asarray(nearest < NEAR_S, np.float32)


def together(parts: Sequence[Part]) -> Batch:
    """Windows side by side, as long as the longest there may be: features, events, meters, and where units are."""
    size, width = len(parts), parts[0][0].shape[1]
    units, events = (
        np.zeros((size, UNITS, width), np.float32),
        np.zeros((size, UNITS, len(LEARNT)), np.float32),
    )
    meters, there = np.full((size, UNITS), UNKNOWN, np.int64), np.zeros((size, UNITS), np.float32)
    for n, (heard, marked, named) in enumerate(parts):
        count = len(heard)
        units[n, :count], events[n, :count], meters[n, :count], there[n, :count] = heard, marked, named, 1.0
    return tuple(torch.from_numpy(part) for part in (units, events, meters, there))


class BarLesson:
    """Windows of units of clips, drawn at random.

    Parameters
    ----------
    seen, other : clips that are learnt from, and that only validate
    """

    def __init__(
        self, seen: Sequence[Pulsed], other: Sequence[Pulsed], shape: BarShape | None = None
    ) -> None:
        self._seen, self._shape = seen, shape or BarShape()
        self._other = [part for clip in other if (part := part_of(clip, None)) is not None]

    def network(self) -> BarNetwork:
        """See Lesson."""
        return BarNetwork(self._shape)

    def batch(self, random: Random, size: int) -> Batch:
        """See Lesson."""
        parts: list[Part] = []
        while len(parts) < size:
            part = part_of(self._seen[int(random.integers(len(self._seen)))], random)
            parts += [part] if part is not None else []
        return together(parts)

    def left_out(self, size: int) -> Iterable[Batch]:
        """See Lesson: the decoded pulses from their beginnings."""
        for first in range(0, len(self._other), size):
            yield together(self._other[first : first + size])

    def losses(self, network: BarNetwork, batch: Batch) -> Losses:
        """See Lesson."""
        units, events, meters, there = batch
        said, named = network(units, there)
        weights = torch.tensor(POSITIVES, device=units.device)
        each = functional.binary_cross_entropy_with_logits(said, events, pos_weight=weights, reduction="none")
        event = (each * there[..., None]).sum() / there.sum()
        meter = functional.cross_entropy(
            named.flatten(0, 1), meters.flatten(), ignore_index=UNKNOWN, label_smoothing=0.02
        )
        return {"all": event + METER * meter, "events": event, "meter": meter}

    def judged(self, network: BarNetwork, batch: Batch) -> dict[str, float]:
        """F of the downbeats, and how often the meter of a window is right where it has one."""
        units, events, meters, there = batch
        said, named = network(units, there)
        found, true = (said[..., 0] > 0) & (there > 0), (events[..., 0] > 0) & (there > 0)
        both = 2.0 * float((found & true).sum()) / max(1.0, float(found.sum() + true.sum()))
        votes = (functional.log_softmax(named, -1) * there[..., None]).sum(1)[:, :NO_METER].argmax(-1)
        rights = []
        for vote, window in zip(votes.tolist(), meters, strict=True):
            inside = {meter for meter in window.tolist() if meter not in (UNKNOWN, NO_METER)}
            rights += [float(vote in inside)] if len(inside) == 1 else []
        return {"downbeat F": both, "meter right": float(np.mean(rights)) if rights else float("nan")}
