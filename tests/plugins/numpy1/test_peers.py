"""The peers of the NumPy-1 environment: madmom's and Essentia's own answers, as their programs give them."""

from __future__ import annotations

from pathlib import Path

import essentia.standard
import madmom_compat  # noqa: F401 - before madmom
import numpy as np
import pytest
from madmom.audio.signal import Signal
from madmom.features.downbeats import DBNDownBeatTrackingProcessor, RNNDownBeatProcessor
from madmom.features.key import KEY_LABELS, CNNKeyRecognitionProcessor
from madmom.features.onsets import CNNOnsetProcessor, OnsetPeakPickingProcessor

from hemiola import Skip, Unavailable
from hemiola.results import KeyAlternative, Meter
from hemiola.testing import click_track, run
from tests.plugins import signals, truth
from tests.plugins.parts import in_environment, part, plugin

RATE = 44100
METER, ONSETS, KEY = plugin("meter.madmom"), plugin("onsets.madmom"), plugin("key.madmom")
BEATS, TEMPO = plugin("beats.essentia"), plugin("tempo.essentia")


def heard(samples: signals.Samples) -> Signal:
    """As madmom takes it."""
    return Signal(samples, RATE, num_channels=1)


@pytest.fixture(scope="module")
def song() -> signals.Samples:
    """Longer than a block, in 4/4 at 112 a minute, G minor."""
    return signals.song(7, "minor", RATE, bars=8, bpm=112, drums=0.5)


@pytest.fixture(scope="module")
def metered(song: signals.Samples) -> Meter:
    """What meter.madmom says of it, from the third second of a file."""
    return run(METER, song, RATE, start_s=3.0)


def waltz(bars: int, bpm: float) -> signals.Samples:
    """A bass note and two chords a bar, with drums."""
    beat = 60 / bpm
    samples = np.zeros(round((3 * bars * beat + 1) * RATE))
    for bar in range(bars):
        root = (0, 5, 7, 0)[bar % 4]
        for place in range(3):
            pitches = (36 + root,) if place == 0 else (60 + root, 64 + root, 67 + root)
            for pitch in pitches:
                sound = signals.note(pitch, 0.8 * beat, RATE, 0.5 if place == 0 else 0.08)
                first = round((3 * bar + place) * beat * RATE)
                samples[first : first + len(sound)] += sound
    return samples.astype(np.float32)


def test_they_are_peers_and_the_providers_are_not() -> None:
    peers = {name for name in in_environment("numpy1") if plugin(name).peer}
    assert peers == {"meter.madmom", "onsets.madmom", "key.madmom", "beats.essentia", "tempo.essentia"}


def test_the_meter_is_what_madmoms_program_finds(song: signals.Samples, metered: Meter) -> None:
    expected = DBNDownBeatTrackingProcessor(beats_per_bar=[3, 4], fps=100)(
        RNNDownBeatProcessor()(heard(song))
    )
    np.testing.assert_allclose(metered.beat_times, 3.0 + expected[:, 0], atol=1e-9)
    np.testing.assert_allclose(metered.downbeat_times, 3.0 + expected[expected[:, 1] == 1, 0], atol=1e-9)
    assert metered.unit_times == metered.beat_times


def is_played(found: Meter, meter: str, bpm: float, start_s: float) -> bool:
    """Whether it has this meter and tempo throughout, and downbeats where bars begin."""
    (segment,) = found.segments
    bars = np.arange(start_s, found.downbeat_times[-1], int(meter[0]) * 60 / bpm)
    nearest = np.abs(bars[:, None] - np.array(found.downbeat_times)).min(axis=1)
    same = (found.meter, segment.meter, segment.start_s) == (meter, meter, start_s)
    return same and abs(segment.bpm / bpm - 1) < 0.02 and float(np.median(nearest)) < 0.05


def test_a_piece_has_its_meter_tempo_and_downbeats(metered: Meter) -> None:
    assert is_played(metered, "4/4", 112.0, start_s=3.0)
    assert is_played(run(METER, waltz(6, 130.0), RATE), "3/4", 130.0, start_s=0.0)
    assert (metered.grouping, metered.confidence) == ((), None)


def test_other_bar_lengths_can_be_asked_for() -> None:
    only_three = METER.config_type(beats_per_bar=(3,))
    found = run(METER, signals.song(0, "major", RATE, bars=2, bpm=120, drums=0.5), RATE, config=only_three)
    assert found.meter == "3/4"


def test_less_than_a_bar_has_no_meter() -> None:
    found = run(METER, click_track([0.1, 0.6], 0.9, RATE), RATE)
    assert (found.meter, found.segments) == (None, ())
    answer = part("meter", "peers").answer
    assert answer(np.array([1.0, 1.5, 2.0]), np.array([3, 1, 2]), (0.5, 2.5)).meter is None
    five = answer(np.arange(7) / 2, np.array([4, 5, 1, 2, 3, 4, 5]), (0.0, 4.0))
    assert five.meter is None and five.downbeat_times == (1.0,)
    assert answer(np.arange(8) / 2, np.array([5, 1, 2, 3, 4, 5, 1, 2]), (0.0, 4.0)).meter == "5/4"


def test_a_take_that_the_decoder_has_no_memory_for_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part("meter", "peers"), "DECODER_BYTES", 4 << 20)
    with pytest.raises(Unavailable, match="too long for madmom's decoder"):
        run(METER, np.zeros(2 * RATE, np.float32), RATE)


def test_onsets_are_what_madmoms_program_finds(song: signals.Samples) -> None:
    picking = OnsetPeakPickingProcessor(threshold=0.54, smooth=0.05, pre_max=0.01, post_max=0.01, fps=100)
    expected = picking(CNNOnsetProcessor()(heard(song)))
    found = run(ONSETS, song, RATE, start_s=3.0)
    np.testing.assert_allclose(found.times, 3.0 + expected, atol=1e-9)
    assert min(found.strengths) > 0.0 and max(found.strengths) <= 1.0


def test_hits_are_found() -> None:
    samples, starts = signals.struck(np.arange(0.5, 9.5, 0.4), 10.0, RATE)
    found = np.array(run(ONSETS, samples, RATE).times)
    assert len(found) == len(starts) and np.abs(found - starts).max() < 0.025


def test_the_key_is_what_madmoms_program_finds(song: signals.Samples) -> None:
    piece = song[: 9 * RATE]
    probabilities = CNNKeyRecognitionProcessor()(heard(piece))[0]
    found = run(KEY, piece, RATE)
    assert [one.probability for one in found.alternatives] == pytest.approx(
        sorted(probabilities, reverse=True)
    )
    assert (found.label, found.tonic, found.mode, found.confidence) == ("G minor", "G", "minor", None)
    assert KEY_LABELS[int(np.argmax(probabilities))] == "G minor"


def test_every_place_of_the_network_has_its_key() -> None:
    sharps = {"Bb": "A#", "Db": "C#", "Eb": "D#", "Ab": "G#"}
    for number, label in enumerate(KEY_LABELS):
        best: KeyAlternative = part("key", "peers").keys_of(np.eye(24)[number])[0]
        tonic, mode = label.split()
        assert (best.tonic, best.mode, best.probability) == (sharps.get(tonic, tonic), mode, 1.0)


def test_what_is_too_short_for_the_key_network_is_skipped() -> None:
    with pytest.raises(Skip, match="too short for madmom's key network"):
        run(KEY, signals.noise(1.3, RATE), RATE)
    assert run(KEY, signals.noise(1.6, RATE), RATE).tonic, "noise has a key as well"


def test_beats_and_tempo_are_essentias(song: signals.Samples) -> None:
    bpm, ticks, confidence, _, _ = essentia.standard.RhythmExtractor2013()(song)
    beats, tempo = run(BEATS, song, RATE, start_s=3.0), run(TEMPO, song, RATE, start_s=3.0)
    np.testing.assert_allclose(beats.times, 3.0 + ticks, atol=1e-6)
    assert tempo.bpm == tempo.pulse_bpm == pytest.approx(bpm) == pytest.approx(112, rel=0.02)
    assert confidence > 0 and beats.confidence is None and tempo.confidence is None


def test_essentia_has_no_tempo_where_it_finds_no_beat() -> None:
    assert run(BEATS, signals.noise(0.1, RATE), RATE).times == ()
    with pytest.raises(Skip, match="finds no beat"):
        run(TEMPO, signals.noise(0.1, RATE), RATE)


@pytest.mark.parametrize("name", ["meter.madmom", "onsets.madmom", "beats.essentia"])
def test_nothing_is_found_after_the_end(name: str) -> None:
    samples = signals.song(0, "major", RATE, bars=2, drums=0.5)[: 4 * RATE]
    found = run(plugin(name), samples, RATE, start_s=2.0)
    times = found.beat_times if name.startswith("meter") else found.times
    assert times and min(times) >= 2.0 and max(times) <= 6.0


def test_downbeats_of_a_real_mix(eval_folder: Path) -> None:
    (path,) = (eval_folder / "mdb-drums/mix").glob("MusicDelta_80sRock_*")
    found = run(METER, truth.mono(path, RATE), RATE)
    rows = np.loadtxt(eval_folder / "mdb-drums/annotations/beats/MusicDelta_80sRock_MIX.beats")
    downbeats = rows[rows[:, 1] == 1, 0]
    assert found.meter == "4/4"
    assert (np.abs(downbeats[:, None] - np.array(found.downbeat_times)).min(axis=1) < 0.07).mean() > 0.8
