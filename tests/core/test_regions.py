"""Silence is found at any floor, and content in it, without touching a setting."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.noise_floor import above_floor
from core.regions import RegionSettings, Span, find_regions, find_takes
from tests.core.ladder import RATE, coloured, db, envelope_of, hit, hum, note, placed, white

Samples = NDArray[np.float64]

EVENTS = [(1.0, 0.4), (1.75, 0.3), (2.5, 1.0), (4.5, 0.2), (5.2, 0.5), (8.0, 1.5), (10.0, 0.3), (11.0, 0.1)]
SECONDS = 14.0
TRUTH = [(start, start + length) for start, length in EVENTS]


def notes(*levels_db: float) -> Samples:
    """A note per event, at the levels by turns."""
    sounds = [
        (start, note(length, levels_db[i % len(levels_db)], 110 * 2 ** (i / 3)))
        for i, (start, length) in enumerate(EVENTS)
    ]
    return placed(SECONDS, sounds)


def bursts(level_db: float) -> Samples:
    """A burst of white noise per event."""
    return placed(
        SECONDS, [(start, white(length, level_db, i + 5)) for i, (start, length) in enumerate(EVENTS)]
    )


def regions_of(samples: Samples, rate: int = RATE, **kwargs: float) -> list[Span]:
    return find_regions(*envelope_of(samples, rate), RegionSettings(**kwargs))


def assert_found(found: list[Span], truth: list[tuple[float, float]], tolerance_s: float = 0.03) -> None:
    assert len(found) == len(truth), found
    for span, (start, end) in zip(found, truth, strict=True):
        assert abs(span.start_s - start) <= tolerance_s, (span, start, end)
        assert abs(span.end_s - end) <= tolerance_s, (span, start, end)


@pytest.mark.parametrize("exponent", [0, 1, 2], ids=["white", "pink", "brown"])
@pytest.mark.parametrize("floor_db", [-80, -70, -60, -50, -40, -30])
def test_content_is_found_over_any_floor(floor_db: float, exponent: float) -> None:
    for above_db in (10, 20, 40):
        if floor_db + above_db > -6:
            continue
        for content in (notes(floor_db + above_db), bursts(floor_db + above_db)):
            assert_found(regions_of(content + coloured(SECONDS, floor_db, exponent, 3)), TRUTH)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 48000, 96000, 192000])
def test_content_is_found_at_any_sample_rate(rate: int) -> None:
    sounds = [(start, note(length, -30, 220, rate)) for start, length in EVENTS]
    samples = placed(SECONDS, sounds, rate) + white(SECONDS, -60, 1, rate)
    assert_found(regions_of(samples, rate), TRUTH)


@pytest.mark.parametrize("mains_hz", [50, 60])
@pytest.mark.parametrize(
    ("hum_db", "hiss_db", "content_db"), [(-40, -75, -35), (-30, -70, -40), (-50, -60, -40), (-40, None, -30)]
)
def test_hum_hides_nothing_above_it(
    mains_hz: float, hum_db: float, hiss_db: float | None, content_db: float
) -> None:
    hiss = 0 if hiss_db is None else white(SECONDS, hiss_db, 1)
    assert_found(regions_of(notes(content_db) + hum(SECONDS, hum_db, mains_hz) + hiss), TRUTH)


@pytest.mark.parametrize("offset", [0.01, 0.2, -0.5])
def test_a_constant_offset_is_no_content(offset: float) -> None:
    assert_found(regions_of(notes(-40) + white(SECONDS, -70) + offset), TRUTH)
    assert regions_of(white(SECONDS, -75) + offset) == []


def test_an_out_of_phase_pair_is_not_silence() -> None:
    one = notes(-20)
    assert_found(regions_of(np.stack([one, -one]) + white(SECONDS, -60)), TRUTH)


def test_one_channel_of_32_is_enough() -> None:
    floors = np.stack([white(SECONDS, -60, seed) for seed in range(32)])
    floors[7] += notes(-40)
    assert_found(regions_of(floors), TRUTH)


@pytest.mark.parametrize("floor_db", [-55, -30])
def test_digital_silence_does_not_hide_a_floor(floor_db: float) -> None:
    samples = notes(-15) + white(SECONDS, floor_db, 2)
    for start, end in ((0.0, 0.5), (6.5, 7.5), (13.5, 14.0)):
        samples[round(start * RATE) : round(end * RATE)] = 0
    assert_found(regions_of(samples), TRUTH)


def test_a_recording_faded_in_and_out_keeps_its_floor() -> None:
    at = np.arange(round(SECONDS * RATE)) / RATE
    fade = np.clip(np.minimum(at, SECONDS - at) / 0.9, 0, 1)
    assert_found(regions_of((notes(-20) + white(SECONDS, -50, 2)) * fade), TRUTH)


@pytest.mark.parametrize("levels_db", [(-20.0,), (-60.0,), (-10.0, -17.0, -24.0, -31.0, -38.0, -45.0)])
def test_notes_over_digital_silence_are_no_floor_to_each_other(levels_db: tuple[float, ...]) -> None:
    assert_found(regions_of(notes(*levels_db)), TRUTH)


@pytest.mark.parametrize(
    "samples",
    [
        white(40, -35),
        white(40, -20),
        coloured(40, -30),
        coloured(40, -35, 2),
        note(20, -20),
        note(20, -20) + white(20, -70),
        white(30, -25) * 10 ** (0.2 * np.sin(2 * np.pi * 0.3 * np.arange(30 * RATE) / RATE)),
    ],
    ids=["rain", "downpour", "pink", "brown", "drone", "drone over hiss", "waves"],
)
def test_steady_sound_throughout_is_one_region(samples: Samples) -> None:
    assert_found(regions_of(samples), [(0.0, len(samples) / RATE)])


@pytest.mark.parametrize("hiss_db", [-60.0, None])
def test_music_without_a_pause_is_one_region(hiss_db: float | None) -> None:
    chords = [(2.0 * i, note(2, -20 - 3 * (i % 3), 110 * 2 ** (i * 5 % 12 / 12))) for i in range(20)]
    samples = placed(40, chords) + (0 if hiss_db is None else white(40, hiss_db))
    assert_found(regions_of(samples), [(0.0, 40.0)])


@pytest.mark.parametrize("samples", [np.zeros(20 * RATE), white(20, -75), white(20, -100)])
def test_silence_has_no_regions(samples: Samples) -> None:
    assert regions_of(samples) == []


def test_nothing_has_no_regions() -> None:
    assert find_regions(np.zeros(0, np.float32), 172.0, 0.0) == []


@pytest.mark.parametrize("floor_db", [None, -70.0, -50.0])
def test_a_drum_loop_is_one_take(floor_db: float | None) -> None:
    floor = 0 if floor_db is None else white(8, floor_db)
    busy = placed(8, [(i * 0.25, hit(0.2, -6 if i % 2 else -20, 0.03, i)) for i in range(32)])
    sparse = placed(8, [(i * 0.5, hit(0.2, -6, 0.02, i)) for i in range(16)])
    for loop, count in ((busy, 1), (sparse, 16)):
        regions = regions_of(loop + floor)
        assert len(regions) == count
        assert len(find_takes(regions, 3.0)) == 1


@pytest.mark.parametrize("floor_db", [None, -50.0])
def test_clicks_shorter_than_the_least_length_are_kept_in_a_run(floor_db: float | None) -> None:
    floor = 0 if floor_db is None else white(8, floor_db)
    clicks = regions_of(placed(8, [(0.25 + i * 0.5, note(0.01, -6, 1500)) for i in range(15)]) + floor)
    assert len(clicks) == 15
    assert regions_of(placed(8, [(4.0, note(0.004, -30, 1500))]) + white(8, -65)) == []


@pytest.mark.parametrize("floor_db", [-90, -70, -50, -30])
def test_a_fade_out_is_followed_to_the_floor(floor_db: float) -> None:
    at = np.arange(10 * RATE) / RATE
    faded = note(10, -10) * np.clip((7 - at) / 5, 0, 1)
    (region,) = regions_of(faded + white(10, floor_db))
    assert region.start_s < 0.01
    heard_until = 7 - 5 * db(floor_db - 3 + 10)  # where the fade is 3 dB under the floor
    assert heard_until - 0.1 < region.end_s < 7.1


@pytest.mark.parametrize("floor_db", [-90, -70, -50, -30])
def test_reverberation_is_followed_to_the_floor(floor_db: float) -> None:
    at = np.arange(10 * RATE) / RATE
    decay_s = 2.5  # for 60 dB
    tail = white(10, -10, 3) * 10 ** (-3 * np.maximum(0, at - 2) / decay_s)
    (region,) = regions_of(tail + white(10, floor_db))
    meets_floor = 2 + decay_s * (-10 - floor_db) / 60
    assert meets_floor - 0.02 < region.end_s < meets_floor + 0.3


def test_a_floor_may_drift_along_a_tape() -> None:
    seconds = 600
    rate = 8000
    drift = coloured(seconds, -60, 1, 1, rate) * 10 ** (np.linspace(0, 15, seconds * rate) / 20)
    sounds = [(20 + i * 60, note(30, -25, 150, rate)) for i in range(9)]
    regions = regions_of(drift + placed(seconds, sounds, rate), rate)
    assert_found(regions, [(start, start + 30.0) for start, _ in sounds])


def test_a_song_on_a_tape_is_not_cut_at_its_quiet_notes() -> None:
    seconds, rate = 300, 16000
    song = np.concatenate(
        [note(2, -15 - 4 * (i % 5), 100 * 2 ** (i * 7 % 12 / 12), rate) for i in range(120)]
    )
    samples = placed(seconds, [(10, song), (260, note(20, -20, 220, rate))], rate) + white(
        seconds, -60, 0, rate
    )
    regions = regions_of(samples, rate)
    assert_found(regions, [(10, 250), (260, 280)])
    assert len(find_takes(regions, 3.0)) == 2


def test_settings_do_what_they_say() -> None:
    samples = notes(-20) + white(SECONDS, -70)
    assert len(regions_of(samples, min_gap_s=1.2)) == 2
    assert len(regions_of(samples, min_length_s=0.35)) == 4
    padded = regions_of(samples, padding_s=0.1)
    assert_found(padded, [(start - 0.1, end + 0.1) for start, end in TRUTH])
    touching = regions_of(samples, padding_s=5.0)
    assert touching[0].start_s == 0.0
    assert touching[-1].end_s == SECONDS
    assert all(one.end_s == other.start_s for one, other in pairwise(touching))


def test_takes_are_runs_of_regions_with_short_gaps() -> None:
    spans = [Span(0, 1), Span(3.9, 5), Span(8, 9), Span(20, 21)]
    assert find_takes(spans, 3.0) == [spans[:2], spans[2:3], spans[3:]]
    assert find_takes([], 3.0) == []


def test_the_floor_is_measured() -> None:
    envelope, rate_hz, _ = envelope_of(notes(-20) + white(SECONDS, -55))
    floor_db = above_floor(envelope, rate_hz).floor_db
    assert floor_db == pytest.approx(-55, abs=1)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 4000),
    st.floats(0, 1),
    st.floats(0, 0.5),
    st.floats(0, 0.3),
    st.floats(0, 2),
)
def test_regions_are_ordered_apart_and_within_the_recording(
    seed: int, count: int, digital: float, gap: float, length: float, padding: float
) -> None:
    random = np.random.default_rng(seed)
    levels = np.repeat(random.uniform(-11, -1, (count // 50 + 1, 8)), 50, axis=0)[:count]
    envelope = (10**levels * random.exponential(1, (count, 8))).astype(np.float32)
    envelope[random.uniform(size=count) < digital / 2] = 0
    duration_s = (count - 0.3) / 172.0
    spans = find_regions(envelope, 172.0, duration_s, RegionSettings(gap, length, padding))
    assert all(0 <= span.start_s < span.end_s <= duration_s for span in spans)
    assert all(one.end_s <= other.start_s for one, other in pairwise(spans))
