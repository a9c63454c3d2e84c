"""key.ensemble: both halves are heard, weighed by weights from made music, and neither is lost in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import madmom_compat  # noqa: F401 - before madmom
import numpy as np
import pytest
from madmom.audio.signal import Signal
from madmom.features.key import CNNKeyRecognitionProcessor

from evaluation import key_material, key_weights
from hemiola import Skip
from hemiola.results import Content, ContentSegment, Key
from hemiola.testing import run
from tests.plugins import signals, truth
from tests.plugins.parts import part, plugin

RATE = 44100
KEY, ESSENTIA, MADMOM = plugin("key.ensemble"), plugin("key.essentia"), plugin("key.madmom")
cnn, ensemble, pool, profiles = (part("key", name) for name in ("cnn", "ensemble", "pool", "profiles"))
FLAT = np.full(24, np.log(1 / 24))


def name(key: Key) -> str:
    """The tonic with sharps, and the mode."""
    return f"{key.tonic} {key.mode}"


def favouring(number: int, by: float) -> np.ndarray:
    """Log-probabilities that put one key above all others."""
    scores = np.zeros(24)
    scores[number] = by
    return scores - np.log(np.exp(scores).sum())


@pytest.fixture(scope="module")
def network() -> Any:
    """madmom's network, as this project runs it."""
    return cnn.KeyNetwork()


@pytest.fixture(scope="module")
def song() -> signals.Samples:
    """G minor, with drums."""
    return signals.song(7, "minor", RATE, bars=5, drums=0.3)


@pytest.mark.parametrize("tonic", range(12))
def test_a_cadence_names_its_key(tonic: int) -> None:
    mode = ("major", "minor")[tonic % 2]
    found = run(KEY, signals.song(tonic, mode, RATE, bars=4), RATE)
    assert name(found) == f"{profiles.TONICS[tonic]} {mode}"
    assert found.confidence is not None and found.confidence > 0.5


def test_the_probabilities_are_of_all_keys_and_of_none(song: signals.Samples) -> None:
    found = run(KEY, song, RATE)
    assert len(found.alternatives) == 25
    assert sum(key.probability for key in found.alternatives) == pytest.approx(1.0)
    assert found.alternatives[0].tonic == found.tonic
    assert found.alternatives[0].probability == found.confidence
    assert [key.mode for key in found.alternatives].count("atonal") == 1


def test_the_network_says_what_madmoms_program_says(network: Any, song: signals.Samples) -> None:
    from_a = np.ravel(CNNKeyRecognitionProcessor()(Signal(song, RATE, num_channels=1)))
    heard = np.exp(network.log_probabilities(song, [(0, len(song))]))
    np.testing.assert_allclose(
        heard, np.concatenate([np.roll(from_a[:12], -3), np.roll(from_a[12:], -3)]), atol=1e-5
    )


def test_the_network_hears_a_piece_out_of_tune_as_one_in_tune(network: Any, song: signals.Samples) -> None:
    sharp = signals.song(7, "minor", RATE, bars=5, drums=0.3, cents=40.0)
    whole = [(0, len(song))]
    in_tune, retuned, as_it_is = (
        network.log_probabilities(samples, whole, cents=cents)
        for samples, cents in ((song, 0.0), (sharp, 40.0), (sharp, 0.0))
    )
    assert (
        np.abs(np.exp(retuned) - np.exp(in_tune)).max()
        < 0.5 * np.abs(np.exp(as_it_is) - np.exp(in_tune)).max()
    )


def test_a_long_piece_is_heard_in_equal_parts(
    network: Any, song: signals.Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = np.exp(network.log_probabilities(song, [(0, len(song))]))
    monkeypatch.setattr(cnn, "BLOCK", len(song) // 2 + 1)
    parts = list(cnn.blocks([(0, len(song))]))
    assert [end - start for start, end in parts] == [len(song) // 2, len(song) - len(song) // 2]
    assert np.abs(np.exp(network.log_probabilities(song, [(0, len(song))])) - whole).max() < 0.1


def test_a_faint_recording_has_the_key_of_a_loud_one(song: signals.Samples) -> None:
    loud, faint = run(KEY, song, RATE), run(KEY, 0.003 * song, RATE)
    assert name(faint) == name(loud) and faint.confidence == pytest.approx(loud.confidence, abs=0.01)


@pytest.mark.parametrize(
    "samples",
    [signals.noise(10.0, RATE), signals.struck(np.arange(0.2, 9.8, 0.25), 10.0, RATE)[0]],
    ids=["noise", "drums"],
)
def test_what_has_no_pitch_is_atonal_whatever_the_network_says(samples: signals.Samples) -> None:
    found = run(KEY, samples, RATE)
    assert (found.tonic, found.mode, found.label, found.tuning_hz) == (None, "atonal", "atonal", None)
    assert run(MADMOM, samples, RATE).tonic


def test_speech_and_noise_are_left_out_for_both() -> None:
    wrong, right = signals.song(6, "major", RATE, bars=6), signals.song(0, "minor", RATE, bars=4)
    samples, border = np.concatenate([wrong, right]), len(wrong) / RATE
    spoken = Content(
        segments=(
            ContentSegment(start_s=0.0, end_s=border, label="speech"),
            ContentSegment(start_s=border, end_s=len(samples) / RATE, label="music"),
        )
    )
    heeded, alone = run(KEY, samples, RATE, results=[spoken]), run(KEY, right, RATE)
    assert heeded.label == "C minor" and f"{border:.1f} s of speech left out" in heeded.method
    assert heeded.confidence == pytest.approx(alone.confidence, abs=0.01)


def test_where_the_network_hears_nothing_the_method_says_so(song: signals.Samples) -> None:
    found = run(KEY, song[: round(1.3 * RATE)], RATE)
    assert "alone: madmom's key network takes 1.6 s" in found.method and found.confidence is not None
    assert "pooled with madmom CNN" in run(KEY, song, RATE).method


def test_less_than_a_second_is_skipped(song: signals.Samples) -> None:
    with pytest.raises(Skip, match="too short for a key"):
        run(KEY, song[: RATE // 2], RATE)


@pytest.mark.parametrize(
    ("module", "method", "half"),
    [
        ("cnn.KeyNetwork", "log_probabilities", "madmom's network"),
        ("hpcp", "pitch_classes", "Essentia's profile"),
    ],
)
def test_a_half_that_fails_is_named_and_the_other_does_not_stand_for_both(
    song: signals.Samples, monkeypatch: pytest.MonkeyPatch, module: str, method: str, half: str
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("no such layer")

    place: Any = part("key", module.split(".")[0])
    monkeypatch.setattr(place.KeyNetwork if "." in module else place, method, broken)
    with pytest.raises(ensemble.HalfFailed, match=f"{half} failed.* ValueError: no such layer"):
        run(KEY, song, RATE)
    if half == "madmom's network":
        assert run(ESSENTIA, song, RATE).label == "G minor", "the next provider answers"


def test_want_of_memory_stays_want_of_memory() -> None:
    with pytest.raises(MemoryError), ensemble.asking(ensemble.MADMOM):
        raise MemoryError


def test_it_is_asked_first_and_names_both_licences() -> None:
    assert KEY.rank < ESSENTIA.rank < plugin("key.librosa").rank and MADMOM.peer and not KEY.peer
    assert "CC BY-NC-SA 4.0" in KEY.model_licence
    assert "AGPL" in KEY.licence and "BSD" in KEY.licence


def test_where_they_differ_the_surer_one_wins() -> None:
    fits = np.zeros((2, 24))
    fits[:, 0], fits[:, 7] = 0.9, 0.87
    assert pool.pooled(fits, FLAT, 1.0, 0.08).argmax() == 0
    assert pool.pooled(fits, favouring(7, 6.0), 1.0, 0.08).argmax() == 7
    fits[:, 7] = 0.2
    assert pool.pooled(fits, favouring(7, 2.0), 1.0, 0.08).argmax() == 0
    agreed = pool.pooled(fits, favouring(0, 2.0), 1.0, 0.08)
    assert agreed[0] > pool.pooled(fits, FLAT, 1.0, 0.08)[0]


def test_atonal_is_as_probable_as_not_where_key_essentia_draws_the_line() -> None:
    fits = np.zeros((2, 24))
    assert pool.pooled(fits, FLAT, 0.08, 0.08)[24] == pytest.approx(0.5)
    assert pool.pooled(fits, None, 0.0, 0.08)[24] > 0.99 > 0.1 > pool.pooled(fits, None, 0.5, 0.08)[24]


def test_the_weights_of_choices_are_found_again() -> None:
    random = np.random.default_rng(3)
    scores = random.normal(size=(4000, 24, 2))
    odds = key_weights.softmax(scores @ np.array([2.0, 0.5]))
    chosen = np.array([random.choice(24, p=row) for row in odds])
    np.testing.assert_allclose(key_weights.logit(scores, chosen), [2.0, 0.5], atol=0.1)


def test_the_weights_come_out_of_made_music_alone() -> None:
    made = KEY(KEY.config_type())
    made.load()
    heard = key_weights.asked(made, 5, (0, 1, 5, 8))
    assert heard.profiles.shape == (4, 2, 24) and heard.tonal.tolist() == [True, True, True, False]
    found = key_weights.fitted(heard, made.tonal_from)
    assert len(found.with_network) == len(found.without_network) == len(pool.PROFILES)
    assert 0.0 <= key_weights.judged(heard)["key exact, pooled"] <= 1.0


@pytest.mark.parametrize("number", [0, 6, 9])
def test_made_music_is_the_same_each_time_and_another_with_another_seed(number: int) -> None:
    first, again, other = (key_material.case(seed, number) for seed in (4, 4, 5))
    assert (first.key, first.kind) == (again.key, again.kind)
    np.testing.assert_array_equal(first.samples, again.samples)
    assert len(other.samples) != len(first.samples)
    assert 0 <= key_material.number_of(first.key) <= 24


def test_real_keys_are_no_worse_than_either_alone(eval_folder: Path, network: Any) -> None:
    right = np.zeros(3, int)
    for path, key in truth.piano_keys(eval_folder).items():
        samples = truth.mono(path, RATE)[: 45 * RATE]
        published = int(network.log_probabilities(samples, [(0, len(samples))]).argmax())
        madmoms = f"{profiles.TONICS[published % 12]} {('major', 'minor')[published // 12]}"
        right += [
            said == key
            for said in (name(run(KEY, samples, RATE)), name(run(ESSENTIA, samples, RATE)), madmoms)
        ]
    together, essentia, madmom = right
    assert together >= max(essentia, madmom), right
