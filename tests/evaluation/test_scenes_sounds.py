"""A stroke's annotated time is where its own attack first passes a tenth of its peak, whatever the kit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.scenes.kits import KITS, LEVELS, STANDARD, any_kit
from evaluation.scenes.patterns.strokes import Stroke
from evaluation.scenes.playing import Event
from evaluation.scenes.rendering import choked, sounding
from evaluation.scenes.rooms import Room, floor_noise, in_room
from evaluation.scenes.sounds import RATE, TIMBRES, Struck, note

TIME_S = 0.25


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def first_tenth(samples: np.ndarray) -> int:
    size = np.abs(samples)
    return int(np.flatnonzero(size >= 0.1 * size.max())[0])


@pytest.mark.parametrize("kit", KITS)
def test_each_voice_of_a_kit_is_heard_at_its_time(kit: str) -> None:
    for voice in STANDARD:
        for velocity in (0.2, 1.0):
            event = Event(Stroke(0.0, voice, velocity), TIME_S, TIME_S)
            out = sounding([event], KITS[kit], {}, RATE * 4, random(1))
            assert first_tenth(out) == round(TIME_S * RATE), (voice, velocity)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=4, deadline=None)
def test_a_drawn_kit_knows_its_attacks_and_stays_finite(seed: int) -> None:
    kit = any_kit(random(seed))
    for voice in STANDARD:
        samples, attack = kit.strike(voice, 0.8, random(seed))
        assert np.isfinite(samples).all()
        assert attack == first_tenth(samples)


@pytest.mark.parametrize("part", TIMBRES)
def test_each_note_is_heard_at_its_time(part: str) -> None:
    for timbre in TIMBRES[part]:
        for pitch in (31.0, 60.0, 84.0):
            samples, attack = note(timbre, pitch, 0.4)
            assert attack == first_tenth(samples)
            assert attack < 0.03 * RATE


def test_a_note_has_its_pitch() -> None:
    samples, _ = note(TIMBRES["bass"][0], 45.0, 0.9)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 17))
    assert np.argmax(spectrum) * RATE / (1 << 17) == pytest.approx(110.0, abs=1.0)


def test_a_harder_stroke_is_louder() -> None:
    for voice in LEVELS:
        soft, hard = (np.abs(KITS["studio"].strike(voice, v, random()).samples).max() for v in (0.3, 0.9))
        assert hard > 2 * soft


def test_kits_differ_and_a_kit_is_always_itself() -> None:
    voices = [kit.strike("snare", 0.8, random()).samples[:2000] for kit in KITS.values()]
    assert all(not np.array_equal(a, b) for i, a in enumerate(voices) for b in voices[:i])
    again = KITS["dry"].strike("snare", 0.8, random()).samples
    assert np.array_equal(again, KITS["dry"].strike("snare", 0.8, random()).samples)


def test_an_unknown_voice_is_named() -> None:
    with pytest.raises(ValueError, match="studio has no 'gong'"):
        KITS["studio"].strike("gong", 0.5, random())


def test_a_closing_hat_ends_the_open_one() -> None:
    struck = KITS["long"].strike("open_hihat", 1.0, random())
    ended = choked(struck, 0.1)
    assert len(ended.samples) < 0.2 * RATE < len(struck.samples)
    assert ended.attack == first_tenth(ended.samples)


def test_the_room_adds_after_the_direct_sound_and_nothing_before() -> None:
    dry = np.zeros(RATE, np.float32)
    dry[1000] = 1.0
    wet = in_room(dry, Room(wet=0.5, decay_s=0.1, gap_s=0.01), random())
    assert np.allclose(wet[:1400], dry[:1400], atol=1e-7)
    assert np.sum(wet[1401:].astype(float) ** 2) == pytest.approx(0.5, rel=0.05)


def test_the_floor_has_its_level() -> None:
    noise = floor_noise(5 * RATE, Room(floor_db=-50.0), random())
    assert 10 * np.log10(np.mean(noise.astype(float) ** 2)) == pytest.approx(-50.0, abs=0.3)


def test_any_kit_can_be_plugged_in() -> None:
    class Clicks:
        name = "clicks"

        def strike(self, instrument: str, velocity: float, random: np.random.Generator) -> Struck:
            return Struck(np.array([0.01, velocity], np.float32), 1)

    out = sounding([Event(Stroke(0.0, "gong", 0.5), 0.1, 0.1)], Clicks(), {}, RATE, random())
    assert np.flatnonzero(out).tolist() == [4409, 4410]
