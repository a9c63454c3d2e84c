"""hits.cnn with the network that ships: from audio to strokes, on grooves made here."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from evaluation.conventions import drum_class
from evaluation.scenes.meters import meter
from evaluation.scenes.rendering import Rendered, render
from evaluation.scenes.scenarios import in_meter
from hemiola.results import Hits
from hemiola.testing import run, tone
from tests.plugins import signals
from tests.plugins.parts import part, plugin

HITS = plugin("hits.cnn")
LISTENING, NETWORK, STROKES = part("hits", "listening"), part("hits", "network"), part("hits", "strokes")
MADE_RATE = 44100
WINDOW_S = 0.05


@pytest.fixture(scope="module")
def grooves() -> list[Rendered]:
    """Drums in 4/4, each on a synthesised kit of its own."""
    seeds = (np.random.default_rng([41, n]) for n in range(6))
    return [render(in_meter("x", meter("4/4"), seed, "drums")) for seed in seeds]


@pytest.fixture(scope="module")
def heard(grooves: list[Rendered]) -> list[Hits]:
    """What the plugin says of each."""
    return [asked(groove.samples) for groove in grooves]


def asked(samples: np.ndarray, start_s: float = 0.0) -> Hits:
    """What the plugin says of samples at 44,100 a second."""
    import soxr

    found: Hits = run(
        HITS, soxr.resample(samples, MADE_RATE, LISTENING.RATE), LISTENING.RATE, start_s=start_s
    )
    return found


def strokes(rendered: Rendered, drum: str) -> np.ndarray:
    """When a drum is struck, seconds."""
    return np.array([hit.time_s for hit in rendered.truth.hits or () if drum_class(hit.instrument) == drum])


def share_near(times: np.ndarray, others: np.ndarray) -> float:
    """How many of some times have another one within the window."""
    return float((np.abs(times[:, None] - others).min(axis=1, initial=9.0) <= WINDOW_S).mean())


@pytest.mark.parametrize("drum", ["kick", "snare", "hihat"])
def test_grooves_are_heard_drum_by_drum(grooves: list[Rendered], heard: list[Hits], drum: str) -> None:
    found = []
    for groove, said in zip(grooves, heard, strict=True):
        true, told = strokes(groove, drum), np.array([h.time_s for h in said.hits if h.instrument == drum])
        if len(true) > 8:
            found.append((share_near(true, told), share_near(told, true) if len(told) else 0.0))
    recall, precision = np.mean(found, axis=0)
    assert len(found) >= 4 and recall > 0.75 and precision > 0.75


def test_an_answer_is_in_order_and_adds_up(heard: list[Hits]) -> None:
    for said in heard:
        assert said.source == "mix" and sum(said.summary.values()) == len(said.hits)
        assert 0.4 < (said.confidence_score or 0.0) <= 1.0
        assert all(before.time_s <= after.time_s for before, after in pairwise(said.hits))


def test_a_later_take_is_heard_the_same_later(grooves: list[Rendered], heard: list[Hits]) -> None:
    first, later = heard[0], asked(grooves[0].samples, start_s=100.0)
    assert [hit.instrument for hit in first.hits] == [hit.instrument for hit in later.hits]
    assert np.allclose([h.time_s + 100.0 for h in first.hits], [h.time_s for h in later.hits])


def test_hard_strokes_have_more_velocity_than_soft_ones(grooves: list[Rendered], heard: list[Hits]) -> None:
    pairs = [
        (true.velocity, hit.velocity)
        for groove, said in zip(grooves, heard, strict=True)
        for true in groove.truth.hits or ()
        for hit in said.hits
        if hit.instrument == drum_class(true.instrument) and abs(hit.time_s - true.time_s) < WINDOW_S
    ]
    assert len(pairs) > 100 and np.corrcoef(np.array(pairs, float).T)[0, 1] > 0.5


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(3 * MADE_RATE, np.float32),
        tone(220.0, 4.0, MADE_RATE, 0.3).astype(np.float32),
        signals.drone(4.0, MADE_RATE).astype(np.float32),
        np.zeros(20, np.float32),
    ],
    ids=["silence", "tone", "drone", "moment"],
)
def test_where_no_drum_is_hardly_one_is_heard(samples: np.ndarray) -> None:
    assert len(asked(samples).hits) <= 3


def test_frames_are_the_same_in_pieces() -> None:
    samples = signals.noise(3.0, LISTENING.RATE).astype(np.float32)
    listener, loud = LISTENING.Listener(), LISTENING.loudness(samples)
    count = LISTENING.frame_count(len(samples))
    whole = listener.frames(samples, 0, count, loud)
    pieces = [listener.frames(samples, low, min(count, low + 70), loud) for low in range(0, count, 70)]
    assert np.allclose(whole, np.concatenate(pieces), atol=1e-5)
    assert np.allclose(
        LISTENING.compressed(LISTENING.expanded(whole), 1.0 / LISTENING.FLOOR), whole, atol=1e-4
    )


def test_chunks_say_what_the_whole_says() -> None:
    torch.manual_seed(3)
    network = NETWORK.HitNetwork().eval()
    frames = np.random.default_rng(5).random((NETWORK.CHUNK + 700, LISTENING.BANDS), np.float32)
    heard = NETWORK.hear(network, len(frames), lambda low, high: frames[low:high])
    with torch.inference_mode():
        whole = torch.sigmoid(network(torch.from_numpy(frames)[None])[0])[0].numpy()
    assert np.allclose(heard.probabilities, whole, atol=1e-5)


def test_one_stroke_is_one_peak_and_two_a_twentieth_apart_are_two() -> None:
    values = np.zeros((40, len(NETWORK.DRUMS)), np.float32)
    values[[10, 11], 0], values[15, 0], values[12, 1] = 0.8, 0.9, 0.7
    said = NETWORK.Struck(values, np.full_like(values, 0.25), np.full_like(values, 0.5))
    found = STROKES.peaks(said, np.full(len(NETWORK.DRUMS), 0.5, np.float32))
    assert [(peak.frame, peak.drum) for peak in found] == [(10.25, 0), (12.25, 1), (15.25, 0)]
    assert STROKES.clearness(found) == pytest.approx((0.8 + 0.9) / 2, abs=0.01)
    assert STROKES.clearness([]) is None
