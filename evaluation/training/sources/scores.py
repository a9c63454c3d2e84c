"""Written music in its own meters, played with expression and mostly on a piano: folk tunes, classics, marches.

What it teaches that generated rhythms do not: how melody, harmony and form of real music tell where bars begin. A tune
alone mostly gets a left hand.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from evaluation.conventions import TONICS
from evaluation.scenes.meters import Meter
from evaluation.scenes.patterns.strokes import Stroke, loudest
from evaluation.scenes.score import Bar, Score, State
from evaluation.training.sources import Clip, seeded
from evaluation.training.sources.abc_tunes import NATURAL
from evaluation.training.sources.accompaniment import accompanied
from evaluation.training.sources.corpus import Piece, read, table_path
from evaluation.training.sources.expression import any_expression, phrases_of
from evaluation.training.sources.invented_piano import any_tempo
from evaluation.training.sources.left_hands import any_left_hand
from evaluation.training.sources.recital import Programme, any_voices, record
from evaluation.training.sources.stretches import Stretch, rows_of, stretches

Random = np.random.Generator

SHARES = {"6/8": 20, "3/4": 20, "4/4": 18, "2/4": 14, "9/8": 14, "3/8": 5, "12/8": 2, "6/4": 2}
"""How many of a hundred clips are in these meters."""
COMPOSED = 12
"""A stretch of a score in several parts is drawn so many times as often as one of a tune."""
BARE = 0.2
"""The part of the tunes that are played without a left hand."""
LEFT_OUT_OF = 10
"""Every so many titles are kept from the seen side."""
QUICKEST_S = 0.065
"""A twentieth of the notes may follow faster than this; the tempo is held down to that."""


def left_out_piece(piece: Piece) -> bool:
    """Whether a piece belongs to the side that only validates; variants of a tune go together."""
    title = piece.id.rsplit("/", 1)[-1] if piece.id.count("/") == 3 else piece.id
    return zlib.crc32(f"left out {title}".encode()) % LEFT_OUT_OF == 0


@dataclass(frozen=True)
class Repertoire:
    """The pieces of a table, and what can be cut from each side of them by meter."""

    pieces: tuple[Piece, ...]
    sides: tuple[dict[str, list[Stretch]], dict[str, list[Stretch]]]


@lru_cache(maxsize=2)
def repertoire(path: Path) -> Repertoire:
    """What a table holds."""
    pieces = read(path)
    sides: tuple[dict[str, list[Stretch]], dict[str, list[Stretch]]] = ({}, {})
    for index, piece in enumerate(pieces):
        side = sides[left_out_piece(piece)]
        for stretch in stretches(piece, index):
            side.setdefault(stretch.meter.name, []).append(stretch)
    return Repertoire(pieces, sides)


def _parts(piece: Piece) -> int:
    return int(piece.notes[:, 3].max()) + 1


def _drawn(known: Repertoire, left_out: bool, random: Random) -> Stretch:
    side = known.sides[left_out]
    names = [name for name in SHARES if name in side]
    weights = np.array([SHARES[name] for name in names], dtype=float)
    found = side[str(random.choice(names, p=weights / weights.sum()))]
    chances = np.array([COMPOSED if _parts(known.pieces[s.piece]) > 1 else 1 for s in found], dtype=float)
    return found[int(random.choice(len(found), p=chances / chances.sum()))]


def _tempo(meter: Meter, starts: npt.NDArray[np.float32], random: Random) -> float:
    """A tempo of the meter at which no more than a few notes rush."""
    moments = np.unique(np.round(starts, 4))
    quick = float(np.quantile(np.diff(moments), 0.05)) if len(moments) > 2 else 0.5
    return min(any_tempo(meter, random), 60 * max(quick, 0.05) / QUICKEST_S)


def _played(
    stretch: Stretch, piece: Piece, turns: int, shift: int, left_out: bool, random: Random
) -> list[Stroke]:
    """All notes, transposed: the highest part is the melody, the lowest the bass; a tune mostly has a left hand."""
    parts = _parts(piece)
    names = {0: "melody"} | ({parts - 1: "bass"} if parts > 1 else {})
    notes = [(at, length, pitch + shift, part) for at, length, pitch, part in rows_of(piece, stretch, turns)]
    strokes = [
        Stroke(at, names.get(part, "chords"), 0.6, length, float(pitch)) for at, length, pitch, part in notes
    ]
    if parts > 1 or random.random() < BARE:
        return strokes
    figure = any_left_hand(random, left_out)(stretch.meter, random)
    tune = [note for note in notes if note[0] >= -1e-6]
    return strokes + accompanied(tune, stretch.meter, len(stretch.starts) * turns, figure, random)


def _key(piece: Piece, shift: int) -> str | None:
    """The key as truth files spell it, transposed."""
    if piece.key is None:
        return None
    tonic, mode = piece.key.split()
    semitones = NATURAL[tonic[0]] + tonic.count("#") - tonic.count("b") + shift
    return f"{TONICS[semitones % 12]} {mode}"


def _score(
    stretch: Stretch, piece: Piece, bpm: float, seconds: float, random: Random, left_out: bool
) -> Score:
    """An excerpt of about so many seconds, from bar one with its pick-up or from inside some bar."""
    meter, length = stretch.meter, stretch.meter.bar_quarters
    wanted = max(4, round(seconds * bpm / 60 / length))
    turns = max(1, -(-wanted // len(stretch.starts))) if stretch.loops else 1
    total = len(stretch.starts) * turns
    shift = int(random.integers(-5, 7))
    strokes = _played(stretch, piece, turns, shift, left_out, random)
    first = int(random.integers(0, total - wanted + 1)) if total > wanted and random.random() < 0.5 else 0
    last = min(total, first + wanted)
    entry = first * length
    if first == 0 and stretch.pick_up:
        entry = -stretch.pick_up
    elif random.random() < 0.5:
        entry += float(meter.units[int(random.integers(0, meter.beats))])
    bars = tuple(Bar(meter, number * length) for number in range(first - (entry < 0), last))
    inside = (s for s in strokes if entry - 1e-6 <= s.at < last * length - 1e-6)
    return Score(
        bars=bars,
        strokes=loudest(s for s in inside if 21 <= s.pitch <= 108),
        states=(State(meter, bars[0].start, bars[-1].end),),
        key=_key(piece, shift),
        entry=entry,
    )


@dataclass(frozen=True)
class Scores:
    """The source "scores"; it needs the table that `corpus` makes.

    Attributes
    ----------
    sampled : whether sampled instruments play where the machine has them; else all are synthesised
    table : the pieces
    """

    sampled: bool = True
    table: Path | None = None
    name: str = "scores"
    licence: str = "public domain; see evaluation.training.sources.corpus"

    def clip(self, number: int, left_out: bool) -> Clip:
        """See Source; a left-out clip's piece, and its left hand, are of the side that only validates."""
        random = seeded(self.name, number, left_out)
        known = repertoire(self.table or table_path())
        stretch = _drawn(known, left_out, random)
        piece = known.pieces[stretch.piece]
        bpm = _tempo(stretch.meter, piece.notes[:, 0], random)
        score = _score(stretch, piece, bpm, float(random.uniform(20, 36)), random, left_out)
        phrases = phrases_of(score, int(random.choice((4, 4, 8, 2))))
        programme = Programme(
            score=score,
            bpm=bpm,
            phrases=tuple(float(p) for p in phrases),
            expression=any_expression(random),
            voices=any_voices(random, self.sampled),
            kind="score",
            source=self.name,
            licence=piece.licence,
            song=piece.id,
            polyrhythms=False,
        )
        return record(programme, random)
