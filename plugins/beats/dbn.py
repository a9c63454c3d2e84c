"""From a beat activation to beats: the most probable way through bar-pointer states, exactly and in little memory.

The state space of [1]_: a beat period is 28 to 109 frames long (at 100 a second) and each period has one
state per frame; the tempo may change at a beat. Within a period a path has no choice, so its
probability there is a difference of cumulative sums, and only the choices at beats need to be kept: one
byte per frame and period, where a table of all states takes 22 kB per frame. The path is the one that
madmom's decoder finds.

References
----------
.. [1] F. Krebs, S. Boeck and G. Widmer, "An efficient state-space model for joint tempo and meter tracking",
   Proc. of the 16th Int. Society for Music Information Retrieval Conf. (ISMIR), 2015.
.. [2] S. Boeck, F. Krebs and G. Widmer, "A multi-model approach to beat tracking considering heterogeneous
   music styles", Proc. of the 15th Int. Society for Music Information Retrieval Conf. (ISMIR), 2014.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

FLOOR = 1e-7  # of an activation and of what it lacks to one, before their logarithms


@dataclass(frozen=True)
class BeatModel:
    """Which beat periods there are, how they follow each other, how long a beat is.

    Attributes
    ----------
    periods : ndarray of shape (k,), int
        Beat periods in frames.
    log_change : ndarray of shape (k, k)
        Log-probability of going from period i (row) to period j (column) at a beat.
    beat_frames : ndarray of shape (k,), int
        Leading frames of a period in which the activation is expected high: a sixteenth of it.
    observation_lambda : int
    """

    periods: npt.NDArray[np.int64]
    log_change: Doubles
    beat_frames: npt.NDArray[np.int64]
    observation_lambda: int

    @classmethod
    def between(
        cls,
        min_bpm: float = 55.0,
        max_bpm: float = 215.0,
        frame_rate: float = 100.0,
        transition_lambda: float = 100.0,
        observation_lambda: int = 16,
    ) -> BeatModel:
        """Periods from `max_bpm` to `min_bpm`; a higher `transition_lambda` keeps the tempo steadier."""
        shortest, longest = 60.0 * frame_rate / max_bpm, 60.0 * frame_rate / min_bpm
        periods = np.arange(round(shortest), round(longest) + 1)
        ratio = periods[None, :] / periods[:, None]
        change = np.exp(-transition_lambda * np.abs(ratio - 1.0))
        change[change <= np.spacing(1)] = 0.0
        change /= change.sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore"):
            log_change = np.log(change)
        return cls(periods, log_change, -(-periods // observation_lambda), observation_lambda)


def decode(activation: npt.NDArray[np.float32], model: BeatModel) -> npt.NDArray[np.int64]:
    """The frames at which the beats of the most probable path lie.

    Parameters
    ----------
    activation : ndarray of shape (frames,)
        0 to 1. A value of exactly zero says nothing for or against a beat.
    model : BeatModel

    Returns
    -------
    ndarray of shape (beats,)
        Ascending; each beat at the activation's peak within its period's beat states.
    """
    if not activation.any():
        return np.zeros(0, np.int64)
    on_beat, off_beat = cumulated(activation, model)
    entries, chosen = forward(on_beat, off_beat, model)
    starts = trace(entries, chosen, on_beat, off_beat, model)
    beats = [
        low + int(np.argmax(activation[low:high]))
        for start, index in starts
        if (high := min(len(activation), start + int(model.beat_frames[index]))) > (low := max(0, start))
    ]
    return np.unique(np.array(beats, np.int64))


def cumulated(activation: npt.NDArray[np.float32], model: BeatModel) -> tuple[Doubles, Doubles]:
    """Cumulative log-likelihoods of beat and of no beat, each with a leading zero."""
    heard = np.asarray(activation, np.float64)
    clipped = np.clip(heard, FLOOR, 1 - FLOOR)
    on = np.where(heard > 0, np.log(clipped), 0.0)
    off = np.where(heard > 0, np.log((1 - clipped) / (model.observation_lambda - 1)), 0.0)
    return np.concatenate(([0.0], np.cumsum(on))), np.concatenate(([0.0], np.cumsum(off)))


def span_score(
    on_beat: Doubles, off_beat: Doubles, starts: npt.NDArray[np.int64], stop: int, model: BeatModel
) -> Doubles:
    """Log-likelihood of frames ``starts .. stop - 1`` for periods that began at `starts` (shape (k,))."""
    begin = np.maximum(starts, 0)
    middle = np.clip(starts + model.beat_frames, begin, stop)
    return (on_beat[middle] - on_beat[begin]) + (off_beat[stop] - off_beat[middle])


def forward(on_beat: Doubles, off_beat: Doubles, model: BeatModel) -> tuple[Doubles, npt.NDArray[np.uint8]]:
    """Best log-probability of beginning each period at each frame, and which period came before.

    Returns
    -------
    entries : ndarray of shape (longest, k)
        A ring: row ``t % longest`` holds the scores, before the period's own observations, of
        periods that begin at frame t; those of the last `longest` frames remain.
    chosen : ndarray of shape (frames, k)
        Index of the period before.
    """
    frames, count = len(on_beat) - 1, len(model.periods)
    longest = int(model.periods.max())
    entries = np.zeros((longest, count))  # before the first frame every state is equally probable
    chosen = np.empty((frames, count), np.uint8)
    columns = np.arange(count)
    change = np.ascontiguousarray(model.log_change.T)
    for frame in range(frames):
        began = frame - model.periods
        ended = entries[began % longest, columns] + span_score(on_beat, off_beat, began, frame, model)
        scores = change + ended
        best = scores.argmax(axis=1)
        chosen[frame] = best
        entries[frame % longest] = scores[columns, best]
    return entries, chosen


def trace(
    entries: Doubles,
    chosen: npt.NDArray[np.uint8],
    on_beat: Doubles,
    off_beat: Doubles,
    model: BeatModel,
) -> list[tuple[int, int]]:
    """The best path's periods as (first frame, index of the period), ascending; the first may begin before 0."""
    frames, longest = len(chosen), len(entries)
    best_score, start, index = -np.inf, 0, 0
    for age in range(1, longest + 1):
        began = frames - age
        alive = model.periods >= age
        starts = np.full(len(model.periods), began)
        scores = entries[began % longest] + span_score(on_beat, off_beat, starts, frames, model)
        scores = np.where(alive, scores, -np.inf)
        if scores.max() > best_score:
            best_score, start, index = float(scores.max()), began, int(scores.argmax())
    path = [(start, index)]
    while start >= 0:
        index = int(chosen[start, index])
        start -= int(model.periods[index])
        path.append((start, index))
    return path[::-1]
