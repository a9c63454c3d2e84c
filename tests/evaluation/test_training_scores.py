"""Sources of music without drums: exact truth, the same clip from the same number, nothing shared between the sides."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from evaluation.scenes.patterns.strokes import Stroke
from evaluation.scenes.playing import Event
from evaluation.scenes.sounds import RATE, TIMBRES
from evaluation.training.sources import corpus, left_hands, right_hands
from evaluation.training.sources.abc_tunes import UnreadableError, read_tune
from evaluation.training.sources.invented_piano import InventedPiano
from evaluation.training.sources.recital import sounding
from evaluation.training.sources.sampled import PIANOS, available
from evaluation.training.sources.scores import Scores, left_out_piece
from evaluation.training.sources.stretches import stretches

SYNTHESISED = InventedPiano(sampled=False)


def test_the_same_number_gives_the_same_clip_and_another_number_another() -> None:
    first, again, other = (SYNTHESISED.clip(n, False) for n in (3, 3, 4))
    assert first.samples.tobytes() == again.samples.tobytes()
    assert first.truth == again.truth
    assert first.truth != other.truth


def test_the_sides_differ_and_share_no_figure() -> None:
    assert SYNTHESISED.clip(3, False).truth != SYNTHESISED.clip(3, True).truth
    assert not set(left_hands.SEEN) & set(left_hands.LEFT_OUT)
    assert not set(right_hands.SEEN) & set(right_hands.LEFT_OUT)


@pytest.mark.parametrize("number", range(6))
def test_every_downbeat_is_a_beat_and_a_unit_and_nothing_lies_outside(number: int) -> None:
    clip = SYNTHESISED.clip(number, False)
    truth = clip.truth
    assert truth.beats and truth.units and truth.downbeats and truth.onsets and truth.segments
    assert set(truth.downbeats) <= set(truth.beats) <= set(truth.units)
    assert truth.onsets[0] > 0 and truth.beats[-1] < len(clip.samples) / RATE
    assert clip.samples.dtype == np.float32 and np.abs(clip.samples).max() <= 1.0


def rises(samples: np.ndarray, second: float) -> bool:
    """Whether the magnitude reaches a tenth of its peak within 3 ms of that second, and no earlier."""
    size = np.abs(samples) >= 0.1 * np.abs(samples).max()
    return abs(int(np.argmax(size)) / RATE - second) < 0.003


@pytest.mark.parametrize(
    "voice", [voice for part in TIMBRES.values() for voice in part], ids=lambda v: v.name
)
def test_a_synthesised_note_is_attacked_where_its_event_lies(voice) -> None:
    event = Event(Stroke(0.0, "melody", 0.7, 1.0, 65.0), 0.5, 0.5, 0.4)
    assert rises(sounding([event], {"melody": voice}, 2 * RATE), 0.5)


@pytest.mark.skipif(not available(), reason="needs fluidsynth and the sound font TimGM6mb")
@pytest.mark.parametrize("pitch", (30.0, 48.0, 60.0, 73.0, 100.0))
@pytest.mark.parametrize("velocity", (0.2, 0.5, 0.9))
def test_a_sampled_note_is_attacked_where_its_event_lies(pitch: float, velocity: float) -> None:
    event = Event(Stroke(0.0, "melody", velocity, 1.0, pitch), 0.5, 0.5, 0.4)
    assert rises(sounding([event], {"melody": PIANOS[0]}, 2 * RATE), 0.5)


@pytest.mark.skipif(not available(), reason="needs fluidsynth and the sound font TimGM6mb")
def test_a_louder_note_is_louder() -> None:
    peaks = []
    for velocity in (0.2, 0.4, 0.6, 0.8, 1.0):
        event = Event(Stroke(0.0, "melody", velocity, 1.0, 60.0), 0.5, 0.5, 0.4)
        peaks.append(float(np.abs(sounding([event], {"melody": PIANOS[0]}, RATE)).max()))
    assert peaks == sorted(peaks)


JIG = """X:1
T:The Tested Jig
M:6/8
L:1/8
K:D
A|"D"d2e {f}f>ed|(3ABc d2-dz|=c_BA G,3|d6-|d3 e2 f|[df]2A F3|a'ga b2 c|d3 d2:|
"""


def test_a_tune_in_abc_is_read_with_its_pick_up_ties_tuplets_and_accidentals() -> None:
    tune = read_tune(JIG)
    assert [bar[1] for bar in tune.bars] == [
        Fraction(1, 2),
        *[Fraction(3)] * 5,
        Fraction(3),
        Fraction(3),
        Fraction(5, 2),
    ]
    played = [(float(at), float(length), pitch) for at, length, pitch, _ in tune.notes]
    assert played[:3] == [(0.0, 0.5, 69), (0.5, 1.0, 74), (1.5, 0.5, 76)]
    assert played[3:6] == [(2.0, 0.75, 78), (2.75, 0.25, 76), (3.0, 0.5, 74)]
    assert [round(length, 3) for _, length, _ in played[6:10]] == [0.333, 0.333, 0.333, 1.5]
    assert [pitch for _, _, pitch in played[10:14]] == [72, 70, 69, 55]
    assert played[14] == (9.5, 4.5, 74)
    assert tune.key == ("D", "")


def test_a_tune_in_several_voices_is_refused() -> None:
    with pytest.raises(UnreadableError):
        read_tune(JIG.replace("K:D", "K:D\nV:1"))


def piece(number: int, text: str = JIG) -> corpus.Piece:
    return corpus._tune(f"made/up/{number}/title{'abcdefghijklmnopqrstuvwxyz'[number]}", text)


def test_a_stretch_keeps_its_pick_up_and_loops_where_the_last_bar_lacks_it() -> None:
    (stretch,) = stretches(piece(0), 0)
    assert stretch.meter.name == "6/8" and stretch.pick_up == 0.5 and stretch.last == 2.5 and stretch.loops
    assert stretch.starts == tuple(0.5 + 3 * bar for bar in range(8))


def test_a_bar_that_a_repeat_divides_is_one_and_a_wrong_bar_ends_a_stretch() -> None:
    whole = "d3 d3|" * 6
    divided = piece(0, f"X:1\nT:a\nM:6/8\nL:1/8\nK:D\n{whole}d3 d2:|:d|{whole}")
    assert [len(s.starts) for s in stretches(divided, 0)] == [13]
    wrong = piece(0, f"X:1\nT:a\nM:6/8\nL:1/8\nK:D\n{whole}d3 d6|{whole}")
    assert [len(s.starts) for s in stretches(wrong, 0)] == [6, 6]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "scores.npz"
    corpus.write([piece(number) for number in range(26)], Counter(), path)
    return path


def test_a_table_is_read_as_it_was_written(table: Path) -> None:
    for number, found in enumerate(corpus.read(table)):
        assert found.id == piece(number).id and found.key == "D major"
        assert np.array_equal(found.notes, piece(number).notes) and np.array_equal(
            found.bars, piece(number).bars
        )


def test_written_music_gives_the_same_clip_from_the_same_number_with_its_truth(table: Path) -> None:
    source = Scores(sampled=False, table=table)
    for number in range(8):
        clip, truth = source.clip(number, False), source.clip(number, False).truth
        assert clip.truth == truth and truth.meter == "6/8" and truth.grouping == (3, 3)
        assert set(truth.downbeats) <= set(truth.beats) <= set(truth.units)
        per_bar = np.searchsorted(truth.beats, truth.downbeats[1:]) - np.searchsorted(
            truth.beats, truth.downbeats[:-1]
        )
        assert set(per_bar) == {2}


def test_no_piece_is_on_both_sides(table: Path) -> None:
    source = Scores(sampled=False, table=table)
    sides = [{source.clip(n, side).truth.song for n in range(5)} for side in (False, True)]
    assert not sides[0] & sides[1]
    assert any(left_out_piece(piece(n)) for n in range(26))


@pytest.mark.parametrize(
    "name",
    (
        "bach/bwv846",
        "bach/wtc/bwv848",
        "schubert/moment_musical_3",
        "beethoven/opus28/movement4",
        "chopin/opus10no5",
    ),
)
def test_what_evaluation_hears_never_trains(name: str) -> None:
    assert corpus.EVALUATED.search(name)


def test_the_table_made_here_holds_nothing_that_evaluation_hears() -> None:
    if not corpus.table_path().is_file():
        pytest.skip("needs the table that `python -m evaluation.training.sources.corpus` makes")
    names = [found.id for found in corpus.read(corpus.table_path())]
    assert not [name for name in names if corpus.EVALUATED.search(name)]
    assert not [name for name in names if name.split("/")[0] in corpus.LEFT_OUT]
