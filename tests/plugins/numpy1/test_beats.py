"""beats.madmom and tempo.madmom: madmom's own answers, faster and in little memory; nothing invented."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from hemiola import Skip, Unavailable
from hemiola.results import Beats, Content, ContentSegment, Frames
from hemiola.testing import click_track, run, tone
from tests.plugins import signals, truth
from tests.plugins.parts import part, plugin

RATE = 44100
LEVELS = (1, 2, 0.5, 3, 1 / 3, 1.5, 2 / 3)
BEATS, TEMPO = plugin("beats.madmom"), plugin("tempo.madmom")


@pytest.fixture(scope="module")
def networks() -> object:
    """The networks, loaded once."""
    return part("beats", "activation").BeatNetworks()


@pytest.fixture(scope="module")
def whole(networks: object) -> tuple[np.ndarray, np.ndarray]:
    """Twenty seconds of a song and madmom's own activation for it."""
    from madmom.audio.signal import Signal
    from madmom.features.beats import RNNBeatProcessor

    samples = signals.song(2, "minor", RATE, bars=9, bpm=104, drums=0.5)
    return samples, RNNBeatProcessor()(Signal(samples, RATE, num_channels=1))


def test_the_activation_is_madmoms(networks: object, whole: tuple[np.ndarray, np.ndarray]) -> None:
    samples, expected = whole
    found = part("beats", "activation").beat_activation(networks, samples)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 1e-4


def test_spectrograms_are_the_same_in_blocks(networks: object, whole: tuple[np.ndarray, np.ndarray]) -> None:
    samples, _ = whole
    long = networks.features(samples, 0, 1500)
    np.testing.assert_allclose(networks.features(samples, 700, 900), long[700:900], atol=1e-4)


def test_sections_of_a_long_recording_join_without_a_seam(
    networks: object, whole: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    activation = part("beats", "activation")
    samples, expected = whole
    monkeypatch.setattr(activation, "section_bounds", lambda count: [(0, 1200), (800, count)])
    found = activation.beat_activation(networks, samples)
    assert np.abs(found - expected).mean() < 0.02
    model = part("beats", "dbn").BeatModel.between()
    decode = part("beats", "dbn").decode
    assert np.abs(decode(found, model) - decode(expected, model)).max() <= 1


@pytest.mark.parametrize("count", [1, 93_000, 93_001, 372_000, 1_000_000])
def test_sections_cover_everything_and_none_is_too_long(count: int) -> None:
    activation = part("beats", "activation")
    bounds = activation.section_bounds(count)
    assert bounds[0][0] == 0 and bounds[-1][1] == count
    assert all(last - first <= activation.SECTION for first, last in bounds)
    assert all(b[0] < a[1] for a, b in pairwise(bounds))


@pytest.mark.parametrize("seed", range(4))
def test_the_decoder_finds_madmoms_path(seed: int) -> None:
    from madmom.features.beats import DBNBeatTrackingProcessor

    random = np.random.default_rng(seed)
    heard = random.uniform(0.001, 0.1, 3000).astype(np.float32)
    for period, first in ((random.integers(35, 100), 0), (random.integers(35, 100), 1500)):
        heard[first : first + 1500 : period] = random.uniform(0.2, 0.9)
    dbn = part("beats", "dbn")
    expected = DBNBeatTrackingProcessor(fps=100)(heard)
    np.testing.assert_allclose(dbn.decode(heard, dbn.BeatModel.between()) / 100, expected)


@pytest.mark.parametrize("seed", range(3))
def test_the_candidates_are_madmoms(seed: int) -> None:
    from madmom.features.tempo import TempoEstimationProcessor

    heard = np.random.default_rng(seed).uniform(0, 0.2, 2000).astype(np.float32)
    heard[:: 40 + 17 * seed] = 0.8
    found = part("tempo", "comb").tempo_candidates(heard)
    np.testing.assert_allclose(found, TempoEstimationProcessor(fps=100)(heard))


@pytest.mark.parametrize("bpm", [64, 96, 120, 168])
def test_a_click_track_is_followed(bpm: int) -> None:
    clicks = np.arange(0.5, 19.5, 60 / bpm)
    found = run(BEATS, click_track(clicks, 20.0, RATE), RATE, start_s=40.0)
    times = np.array(found.times) - 40.0
    assert np.abs(clicks[:, None] - times).min(axis=1).max() < 0.03
    tempo = run(TEMPO, np.zeros(20, np.float32), 1, start_s=40.0, results=[found])
    assert tempo.bpm == pytest.approx(bpm, rel=0.01)
    assert tempo.pulse_bpm == tempo.bpm
    assert tempo.stability > 0.8
    assert tempo.confidence is None


def test_the_activation_travels_with_the_beats() -> None:
    found = run(BEATS, click_track(np.arange(0.5, 9.5, 0.5), 10.0, RATE), RATE, start_s=5.0)
    assert found.activation_names == ("beat",)
    assert (found.activation.rate_hz, found.activation.start_s) == (100.0, 5.0)
    assert found.activation.values.shape == (1000,)


@pytest.mark.parametrize(
    "samples",
    [
        signals.noise(15.0, RATE),
        signals.drone(15.0, RATE),
        tone(440.0, 15.0, RATE),
        click_track([1.0, 3.3, 4.1], 15.0, RATE),
    ],
    ids=["noise", "drone", "tone", "three clicks"],
)
def test_no_pulse_is_invented(samples: signals.Samples) -> None:
    beats = run(BEATS, samples, RATE)
    assert beats.times == ()
    with pytest.raises(Skip, match="no steady pulse"):
        run(TEMPO, samples, RATE, results=[beats])


def test_beats_leave_speech_out_and_go_on_after_it() -> None:
    samples = click_track(np.arange(0.25, 30, 0.5), 30.0, RATE)
    spoken = Content(
        segments=tuple(
            ContentSegment(start_s=a, end_s=b, label=c)
            for a, b, c in ((0, 10, "music"), (10, 20, "speech"), (20, 30, "music"))
        )
    )
    found = run(BEATS, samples, RATE, results=[spoken])
    times = np.array(found.times)
    assert not ((times >= 10) & (times < 20)).any()
    assert (times < 10).sum() >= 18 and (times >= 20).sum() >= 18
    assert not found.activation.values[1000:2000].any()
    tempo = run(TEMPO, np.zeros(30, np.float32), 1, results=[found])
    assert tempo.bpm == pytest.approx(120, rel=0.01)


def test_nothing_but_speech_is_skipped() -> None:
    spoken = Content(segments=(ContentSegment(start_s=0.0, end_s=10.0, label="speech"),))
    with pytest.raises(Skip, match="nothing but speech here"):
        run(BEATS, click_track(np.arange(0.25, 10, 0.5), 10.0, RATE), RATE, results=[spoken])


def test_a_tempo_without_an_activation_is_left_to_the_next_provider() -> None:
    with pytest.raises(Unavailable, match="activation"):
        run(TEMPO, np.zeros(30, np.float32), 1, results=[Beats(times=tuple(np.arange(0, 30, 0.5)))])


def test_madmoms_own_doubt_makes_the_tempo_unreliable() -> None:
    tempo = part("tempo", "pulse").pulse_of(np.arange(0, 30, 0.5))
    doubt = importlib_package("tempo").doubt
    assert doubt(tempo, [(120.0, 0.6), (60.0, 0.4)]) is None
    assert "only 0.40" in doubt(tempo, [(120.0, 0.4), (60.0, 0.3)])
    assert "its beats go at 120.0" in doubt(tempo, [(80.0, 0.6), (120.0, 0.4)])


def test_beats_that_the_activation_knows_nothing_of_have_no_tempo() -> None:
    heard = np.random.default_rng(0).uniform(0.01, 0.3, 3000).astype(np.float32)
    candidates = part("tempo", "comb").tempo_candidates(heard)
    bpm = next(
        b for b in np.arange(60.0, 140.0) if min(abs(np.log(candidates[0][0] / b / r)) for r in LEVELS) > 0.1
    )
    beats = Beats(
        times=tuple(np.arange(0.0, 29.0, 60 / bpm)),
        activation=Frames(rate_hz=100.0, start_s=0.0, values=heard),
        activation_names=("beat",),
    )
    found = run(TEMPO, np.zeros(30, np.float32), 1, results=[beats])
    assert candidates[0][1] < 0.25
    assert found.bpm is None and found.pulse_bpm is None and found.curve == ()
    assert found.unreliable is not None and found.unreliable.startswith("no tempo")


def importlib_package(question: str) -> object:
    """The package of a question's plugins."""
    import sys

    return sys.modules[plugin(f"{question}.madmom").__module__]


def test_beats_given_elsewhere_keep_their_head() -> None:
    heard = np.full((2000, 2), 0.01, np.float32)
    heard[::50, 1] = 0.9
    beats = Beats(
        times=tuple(np.arange(0, 20, 0.5)),
        activation=Frames(rate_hz=100.0, start_s=0.0, values=heard),
        activation_names=("downbeat", "beat"),
    )
    found = run(TEMPO, np.zeros(20, np.float32), 1, results=[beats])
    assert found.candidates[0].bpm == pytest.approx(120.0)


def test_beats_of_real_mixes(eval_folder: Path) -> None:
    for song in ("MusicDelta_80sRock", "MusicDelta_Reggae"):
        (path,) = (eval_folder / "mdb-drums/mix").glob(f"{song}_*")
        found = np.array(run(BEATS, truth.mono(path, RATE), RATE).times)
        expected = truth.drum_beats(eval_folder, song)
        assert (np.abs(expected[:, None] - found).min(axis=1) < 0.07).mean() > 0.95, song
