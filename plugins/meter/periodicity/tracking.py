"""From scores in many windows to one course: smoothed over resolutions, slow to change, with what else it may be.

Scores of all hypotheses lie in one vector whose layout is the same in every window: the phase is counted from a
pulse's first stroke in the whole take, so that a meter that goes on is one and the same entry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from . import scores
from .hypotheses import Fold, Hypothesis
from .pulse import Pulse
from .spectrum import RESOLUTIONS_S

Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

MOST_WINDOWS = 1500
LEAST_STEP_S = 5.0
SHOWN = 6
"""Hypotheses shown of a window."""
FEWEST_STROKES = 6
IMPOSSIBLE = -1e4
WEIGHED_S = (10.0, 20.0)
"""Resolutions that the course is made of, beside the whole."""
SWITCH, SLIP = 8.0, 7.0
"""Log odds that another hypothesis must gain, and that the same bar with another phase must."""
CONTENDERS = 24
"""Best hypotheses of the whole that may be on the course; of each window a quarter as many."""


@dataclass(frozen=True)
class Field:
    """All hypotheses about a take.

    Attributes
    ----------
    pulses : sequence of Pulse
    folds : sequence of tuple of Fold
        Of each pulse.
    favour : callable
        What to add to the score of a hypothesis for what was said of the tempo, by seconds of a quarter.
    """

    pulses: Sequence[Pulse]
    folds: Sequence[tuple[Fold, ...]]
    favour: Callable[[float], float] = lambda quarter_s: 0.0

    @cached_property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """In the order of the vectors."""
        return tuple(
            Hypothesis(index, count, phase)
            for index, folds in enumerate(self.folds)
            for fold in folds
            for count in fold.counts
            for phase in range(fold.length)
        )

    @cached_property
    def favoured(self) -> Doubles:
        """What `favour` adds to each hypothesis."""
        return np.array(
            [self.favour(self.pulses[h.pulse].period_s * h.count.quarters) for h in self.hypotheses]
        )

    def parts(self, start_s: float, end_s: float) -> tuple[Doubles, list[Doubles]]:
        """Scores of all hypotheses within two times, shape (hypotheses,), and of each fold its parts."""
        found, kept = [], []
        for pulse, folds in zip(self.pulses, self.folds, strict=True):
            part = pulse.between(start_s, end_s)
            first = int(np.searchsorted(pulse.times, start_s))
            if len(part.times) < FEWEST_STROKES:
                found.extend(np.full(len(fold.counts) * fold.length, IMPOSSIBLE) for fold in folds)
                kept.extend(np.zeros((len(fold.counts), fold.length, scores.WIDTH)) for fold in folds)
                continue
            for fold, parts in zip(folds, scores.all_parts(part, folds), strict=True):
                turned = np.roll(parts, first, axis=1)
                found.append(scores.scored(fold, turned).ravel())
                kept.append(turned)
        return np.concatenate(found) + self.favoured, kept


@dataclass(frozen=True)
class Window:
    """The best hypotheses of a window with their scores and parts."""

    start_s: float
    end_s: float
    resolution_s: float
    best: tuple[tuple[Hypothesis, float, dict[str, float]], ...]


def log_shares(values: Doubles) -> Doubles:
    """Log of the softmax along the last axis."""
    shifted = values - values.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def window_of(field: Field, start_s: float, end_s: float) -> tuple[Window, Doubles]:
    """A window with its best hypotheses, one of each bar and pulse, and the scores of all."""
    values, kept = field.parts(start_s, end_s)
    rows = np.concatenate([parts.reshape(-1, scores.WIDTH) for parts in kept])
    best: list[tuple[Hypothesis, float, dict[str, float]]] = []
    seen = set()
    for index in np.argsort(-values)[: 20 * SHOWN]:
        found = field.hypotheses[index]
        if (found.pulse, found.count) in seen or values[index] <= IMPOSSIBLE / 2:
            continue
        seen.add((found.pulse, found.count))
        best.append((found, float(values[index]), scores.summed(found.count, rows[index])))
        if len(best) == SHOWN:
            break
    return Window(start_s, end_s, end_s - start_s, tuple(best)), values


def spans(duration_s: float, resolution_s: float, stretch: float) -> list[tuple[float, float]]:
    """Windows of a resolution half over each other, 5 s apart or more, or `stretch` times that."""
    if resolution_s >= duration_s:
        return [(0.0, duration_s)]
    count = max(2, round((duration_s - resolution_s) / (max(0.5 * resolution_s, LEAST_STEP_S) * stretch)) + 1)
    return [(float(s), float(s) + resolution_s) for s in np.linspace(0.0, duration_s - resolution_s, count)]


def all_spans(duration_s: float) -> dict[float, list[tuple[float, float]]]:
    """The windows of every resolution shorter than the whole, MOST_WINDOWS at most."""
    used = [r for r in RESOLUTIONS_S if r < duration_s] or [RESOLUTIONS_S[0]]
    wanted = sum(duration_s / max(0.5 * r, LEAST_STEP_S) for r in used)
    return {r: spans(duration_s, r, max(1.0, wanted / MOST_WINDOWS)) for r in used}


@dataclass(frozen=True)
class Course:
    """What is heard over time.

    Attributes
    ----------
    steps_s : ndarray of shape (steps,)
        Middles of the steps, seconds from the take's start.
    chosen : ndarray of shape (steps,)
        The hypothesis of each step, as an index.
    shares : ndarray of shape (hypotheses,)
        Probability-like share of each hypothesis over the whole.
    score : float
        How well the best fits, the whole or the middle one of the windows, whichever is more.
    windows : tuple of Window
    """

    steps_s: Doubles
    chosen: Indices
    shares: Doubles
    score: float
    windows: tuple[Window, ...]


def follow(field: Field, duration_s: float, progress: Callable[[float], None]) -> Course:
    """The course through a take.

    A step's evidence is the mean of the log shares of the whole take and of the windows around it, those of WEIGHED_S,
    by as much of a window as a step is; to switch costs SWITCH.
    """
    whole, values = window_of(field, 0.0, duration_s)
    overall = log_shares(values)
    windows, locally = [whole], {}
    todo = all_spans(duration_s)
    count, done = sum(map(len, todo.values())), 0
    for resolution, bounds in todo.items():
        weighed_here = resolution in WEIGHED_S
        rows = np.zeros((len(bounds) if weighed_here else 0, len(values)), np.float32)
        for index, (start, end) in enumerate(bounds):
            window, found = window_of(field, start, end)
            windows.append(window)
            if weighed_here:
                rows[index] = found
            done += 1
            progress(done / count)
        locally[resolution] = rows
    step_s = min(2.0, duration_s)
    steps = np.arange(0.5 * step_s, duration_s, step_s)
    weighed = {r: (todo[r], locally[r]) for r in WEIGHED_S if r in todo}
    contenders = _contenders(overall, [rows for _, rows in weighed.values()])
    evidence = np.tile(overall[contenders] * step_s / max(duration_s, step_s), (len(steps), 1))
    for resolution, (bounds, rows) in weighed.items():
        shares = log_shares(rows.astype(np.float64))[:, contenders]
        centres = np.array([0.5 * (a + b) for a, b in bounds])
        near = np.abs(steps[:, None] - centres).argmin(axis=1)
        evidence += np.maximum(shares[near], -25.0) * step_s / resolution
    way = _switching(field, contenders, evidence)
    middle = [float(np.median(rows.max(axis=1))) for _, rows in weighed.values()]
    return Course(
        steps, contenders[way], np.exp(overall), max(float(values.max()), *middle, IMPOSSIBLE), tuple(windows)
    )


def _contenders(overall: Doubles, locally: Sequence[Floats]) -> Indices:
    found = set(np.argsort(-overall)[:CONTENDERS].tolist())
    for rows in locally:
        for row in rows:
            found.update(np.argpartition(-row, CONTENDERS // 4)[: CONTENDERS // 4].tolist())
    return np.array(sorted(found), np.intp)


def _switching(field: Field, contenders: Indices, evidence: Doubles) -> Indices:
    """The best way through evidence, shape (steps, contenders), at the price of its switches."""
    counts = [(field.hypotheses[i].pulse, field.hypotheses[i].count) for i in contenders]
    kinds = np.array([counts.index(count) for count in counts])
    score = evidence[0].copy()
    came = np.zeros(evidence.shape, np.intp)
    own = np.arange(len(contenders))
    for step in range(1, len(evidence)):
        best_of_kind = np.full(len(contenders), -1)
        order = np.argsort(score)
        best_of_kind[kinds[order]] = order
        slipped = best_of_kind[kinds]
        far = int(score.argmax())
        options = np.stack([score, score[slipped] - SLIP, np.full(len(own), score[far] - SWITCH)])
        best = options.argmax(axis=0)
        came[step] = np.stack([own, slipped, np.full(len(own), far)])[best, own]
        score = options[best, own] + evidence[step]
    way = np.zeros(len(evidence), np.intp)
    way[-1] = int(score.argmax())
    for step in range(len(evidence) - 1, 0, -1):
        way[step - 1] = came[step, way[step]]
    return way
