"""Notes: onset and pitch right, and the offset as well."""

from __future__ import annotations

from typing import NamedTuple

import mir_eval
import numpy as np
import numpy.typing as npt

from evaluation.annotation import Estimate, NoteMark, Truth
from evaluation.conventions import TimesArray
from evaluation.rows import Row, Value
from evaluation.scores.events import first_failure
from evaluation.scores.matching import Found, Pairs, without
from evaluation.scores.options import Options

OFFSET_RATIO = 0.2
"""An offset may be off by this share of the note, or 50 ms."""
APART_S = 0.0501
"""Onsets farther apart never match (50 ms, compared to the tenth of a millisecond)."""
TOGETHER = 100
"""Notes, at least, that are matched in one call."""
SHORTEST_S = 0.001
"""A note that ends as it begins is taken to last this long: mir_eval refuses notes without length."""


class Notes(NamedTuple):
    """Onsets and offsets, shape (n, 2) in seconds, in order of onset; pitches, shape (n,), in Hz."""

    intervals: npt.NDArray[np.float64]
    pitches_hz: npt.NDArray[np.float64]

    def part(self, where: npt.NDArray[np.intp]) -> Notes:
        """Some of them."""
        return Notes(self.intervals[where], self.pitches_hz[where])


def as_notes(marks: tuple[NoteMark, ...] | None) -> Notes:
    """Notes as mir_eval takes them."""
    ordered = sorted(marks or (), key=lambda mark: mark.onset_s)
    intervals = [(note.onset_s, max(note.offset_s, note.onset_s + SHORTEST_S)) for note in ordered]
    pitches = [mir_eval.util.midi_to_hz(note.pitch) for note in ordered]
    return Notes(np.array(intervals, dtype=np.float64).reshape(-1, 2), np.array(pitches, dtype=np.float64))


def matched(reference: Notes, estimate: Notes, *, with_offsets: bool) -> Pairs:
    """Which notes match: onset within 50 ms, pitch within 50 cents, and the offset if asked.

    mir_eval's matching, run where notes are near each other: it compares all with all, which a long piece
    has no memory for.

    Parameters
    ----------
    reference, estimate
        In order of onset.
    """
    pairs: Pairs = []
    for true, told in _neighbours(reference.intervals[:, 0], estimate.intervals[:, 0]):
        part, other = reference.part(true), estimate.part(told)
        found = mir_eval.transcription.match_notes(
            *part, *other, offset_ratio=OFFSET_RATIO if with_offsets else None
        )
        pairs += [(int(true[i]), int(told[j])) for i, j in found]
    return sorted(pairs)


def _neighbours(
    true: TimesArray, told: TimesArray
) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Indices of both in runs of onsets, cut at gaps that no match could cross; runs with both only."""
    onsets = np.concatenate([true, told])
    order = np.argsort(onsets, kind="stable")
    gaps = np.flatnonzero(np.diff(onsets[order]) > APART_S) + 1
    # The first gap behind every so many notes: a call for each note would take longer than its matrix.
    behind = np.searchsorted(gaps, np.arange(TOGETHER, len(order), TOGETHER))
    runs = np.split(order, np.unique(gaps[behind[behind < len(gaps)]]))
    parts = [(np.sort(run[run < len(true)]), np.sort(run[run >= len(true)]) - len(true)) for run in runs]
    return [(a, b) for a, b in parts if len(a) and len(b)]


def f_measure(reference: Notes, estimate: Notes, *, with_offsets: bool) -> Found:
    """Notes found, invented, missed."""
    pairs = len(matched(reference, estimate, with_offsets=with_offsets))
    return Found(pairs, len(estimate.pitches_hz) - pairs, len(reference.pitches_hz) - pairs)


def score_notes(truth: Truth, estimate: Estimate, options: Options) -> list[Row]:
    """F with onset and pitch, and with the offset as well."""
    if truth.notes is None:
        return []
    reference, answer = as_notes(truth.notes), as_notes(estimate.notes)
    pairs = matched(reference, answer, with_offsets=False)
    n_true, n_told = len(reference.pitches_hz), len(answer.pitches_hz)
    if not n_true and not n_told:
        return []
    onset_f = Found(len(pairs), n_told - len(pairs), n_true - len(pairs)).f
    rows: list[Row] = [
        Value("notes.f_onset", onset_f),
        Value("notes.f", f_measure(reference, answer, with_offsets=True).f),
    ]
    missed = [float(reference.intervals[i, 0]) for i in without(n_true, [i for i, _ in pairs])]
    invented = [float(answer.intervals[j, 0]) for j in without(n_told, [j for _, j in pairs])]
    return rows + first_failure("notes.f_onset", "notes", missed, invented, n_true)
