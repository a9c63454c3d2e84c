"""Truth and answer of one recording -> rows that add up over recordings; one module for each question.

Only what the truth annotates is scored. An answer that is missing is an empty one: F is 0 and a class is wrong,
while an error in seconds or a ratio's has no row. Where there is none of something and none was heard, there is
no F. Scores that mir_eval has are mir_eval's.

References
----------
Raffel, McFee, Humphrey, Salamon, Nieto, Liang, Ellis 2014, "mir_eval: a transparent implementation of common
MIR metrics".
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from evaluation.annotation import Estimate, Truth
from evaluation.rows import Row
from evaluation.scores.beats import score_beats, score_downbeats, score_units
from evaluation.scores.changes import score_changes
from evaluation.scores.chords import score_chords
from evaluation.scores.content import score_content
from evaluation.scores.groove import score_groove
from evaluation.scores.hits import score_hits
from evaluation.scores.key import score_key
from evaluation.scores.meter import score_meter
from evaluation.scores.notes import score_notes
from evaluation.scores.onsets import score_onsets
from evaluation.scores.options import Options
from evaluation.scores.polyrhythms import score_polyrhythms
from evaluation.scores.regions import score_regions
from evaluation.scores.sections import score_sections
from evaluation.scores.tempo import score_tempo

__all__ = ["Options", "score"]

Scorer = Callable[[Truth, Estimate, Options], list[Row]]

SCORERS: Final[tuple[tuple[str, Scorer], ...]] = (
    ("beats", score_beats),
    ("meter", score_units),
    ("meter", score_downbeats),
    ("meter", score_meter),
    ("meter", score_changes),
    ("tempo", score_tempo),
    ("subdivision", score_polyrhythms),
    ("groove", score_groove),
    ("onsets", score_onsets),
    ("hits", score_hits),
    ("key", score_key),
    ("sections", score_sections),
    ("regions", score_regions),
    ("content", score_content),
    ("notes", score_notes),
    ("chords", score_chords),
)
"""Question and what scores it."""


def score(
    truth: Truth,
    estimate: Estimate,
    options: Options | None = None,
    questions: Collection[str] | None = None,
) -> list[Row]:
    """Everything that can be said about an answer.

    Parameters
    ----------
    truth
        What is known; a field that is None is not scored.
    estimate
        What was answered, in the same form.
    options
        The conventions unless given.
    questions
        Those to score (`Measure.question`); all unless given.

    Returns
    -------
    list of Row
        In the order of the questions; at most one `Failure` of a measure.
    """
    chosen = options or Options()
    return [
        row
        for question, scorer in SCORERS
        if questions is None or question in questions
        for row in scorer(truth, estimate, chosen)
    ]
