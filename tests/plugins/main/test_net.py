"""beats.net, meter.net and tempo.net with the network that ships: from audio to answer, on rhythms made here."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from evaluation.annotation import Truth
from evaluation.scenes.meters import meter
from evaluation.scenes.rendering import render
from evaluation.scenes.scenarios import in_meter
from hemiola import Corrections, Skip, Unavailable
from hemiola.results import Beats, Content, ContentSegment, Meter, Tempo
from hemiola.testing import run
from tests.plugins import signals
from tests.plugins.parts import part, plugin

RATE = 44100
BEATS, METER, TEMPO = plugin("beats.net"), plugin("meter.net"), plugin("tempo.net")
NETWORK = part("beats", "network")
BARS, UNITS, READING = part("meter", "network"), part("meter", "units"), part("meter", "reading")
SEED = 77_000


class Heard:
    """A scene in a meter, and what the three plugins say of it."""

    def __init__(
        self, name: str, seed: int, corrections: Corrections | None = None, start_s: float = 0.0
    ) -> None:
        rendered = render(in_meter("x", meter(name), np.random.default_rng([SEED, seed]), "drums"))
        self.truth: Truth = rendered.truth
        said = {} if corrections is None else {"corrections": corrections}
        self.beats: Beats = run(BEATS, rendered.samples, RATE, start_s=start_s)
        silence = np.zeros_like(rendered.samples)
        self.meter: Meter = run(METER, silence, RATE, results=[self.beats], start_s=start_s, **said)
        self.tempo: Tempo = run(
            TEMPO, silence, RATE, results=[self.beats, self.meter], start_s=start_s, **said
        )


@pytest.fixture(scope="module")
def four() -> Heard:
    """A scene in 4/4, five seconds into its file."""
    return Heard("4/4", 0, start_s=5.0)


def share(found: tuple[float, ...], true: tuple[float, ...] | None, late_s: float = 0.0) -> float:
    """Of the true times, how many have one found within 70 ms."""
    times = np.asarray(found)
    return float(np.mean([np.abs(times - time - late_s).min() < 0.07 for time in true or ()]))


def test_beats_downbeats_and_tempo_of_a_plain_groove_are_found(four: Heard) -> None:
    assert share(four.meter.beat_times, four.truth.beats, 5.0) > 0.9
    assert share(four.meter.downbeat_times, four.truth.downbeats, 5.0) > 0.9
    assert four.meter.meter == "4/4"
    assert four.tempo.bpm == pytest.approx(four.truth.tempo, rel=0.04)
    assert len(four.meter.segments) == 1 and four.meter.modulations == ()


def test_every_answer_says_how_probable_it_is(four: Heard) -> None:
    assert 0.0 < four.beats.confidence <= 1.0
    assert 0.0 < four.meter.confidence <= 1.0
    assert sum(one.probability for one in four.meter.alternatives) <= 1.0 + 1e-6
    assert 0.0 < four.meter.downbeat_confidence <= 1.0
    assert 0.0 < four.tempo.confidence <= 1.0
    assert sum(one.probability for one in four.tempo.candidates) == pytest.approx(1.0)


def test_downbeats_at_another_phase_or_at_half_of_the_ones_are_expected_to_be_worse() -> None:
    units = [0.5 * n for n in range(32)]
    heard = np.full(16 * 50, 0.05, np.float32)
    heard[[round(50 * time) for time in units[::4]]] = 0.9
    right, shifted, half = (
        READING.expected_f(ones, units, heard) for ones in (units[::4], units[2::4], units[::8])
    )
    assert 0.7 < right <= 1.0
    assert shifted < 0.2 < half < right


def test_the_activation_has_a_name_for_every_head(four: Heard) -> None:
    assert four.beats.activation.values.shape[1] == len(four.beats.activation_names)
    kinds = [name.split()[0] for name in four.beats.activation_names]
    assert kinds[:5] == ["onset", "unit", "tactus", "downbeat", "group"]
    assert (kinds.count("tempo"), kinds.count("band")) == (15, 27)


@pytest.mark.parametrize("name", ["3/4", "5/4", "6/8", "7/8"])
def test_other_meters_are_told_from_4_4(name: str) -> None:
    found = [Heard(name, seed).meter.meter for seed in range(1, 6)]
    assert found.count(name) >= 3


def test_a_given_meter_and_tempo_are_the_persons() -> None:
    said = Corrections(meter="3/4", bpm=100.0)
    found = Heard("4/4", 0, said)
    assert (found.meter.meter, found.meter.source) == ("3/4", "user")
    assert (found.tempo.bpm, found.tempo.source) == (100.0, "user")
    assert not found.meter.ambiguous


def test_an_octave_is_heeded_once(four: Heard) -> None:
    found = Heard("4/4", 0, Corrections(octave=0.5))
    assert found.tempo.bpm == pytest.approx(0.5 * four.tempo.bpm, rel=0.05)
    assert found.tempo.source == "user"


@pytest.mark.parametrize(
    "samples", [signals.noise(20.0, RATE), signals.drone(20.0, RATE)], ids=["noise", "drone"]
)
def test_noise_and_drones_have_no_meter(samples: signals.Samples) -> None:
    beats = run(BEATS, samples, RATE)
    assert beats.times == ()
    with pytest.raises(Skip, match="no steady pulse"):
        run(METER, samples, RATE, results=[beats])
    with pytest.raises(Skip, match="too few"):
        run(TEMPO, samples, RATE, results=[beats])


def test_speech_is_left_out() -> None:
    samples = render(in_meter("x", meter("4/4"), np.random.default_rng([SEED, 0]), "drums")).samples
    content = Content(segments=(ContentSegment(start_s=0, end_s=len(samples) / RATE, label="speech"),))
    with pytest.raises(Skip, match="nothing but speech"):
        run(BEATS, samples, RATE, results=[content])


def test_beats_of_another_tracker_are_passed_on() -> None:
    others = Beats(times=tuple(np.arange(0.0, 20.0, 0.5)))
    for asked in (METER, TEMPO):
        with pytest.raises(Unavailable, match="no activation"):
            run(asked, np.zeros(20 * RATE, np.float32), RATE, results=[others])


def test_a_network_that_is_not_there_is_said(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Unavailable, match="missing"):
        NETWORK.Network(tmp_path)
    with pytest.raises(Unavailable, match="missing"):
        BARS.BarNetwork(tmp_path)


@pytest.mark.parametrize("count", [1, 159, 160, 161, 260, 261, 1000])
def test_windows_of_units_cover_everything(count: int) -> None:
    firsts = BARS.windows(count)
    assert firsts[0] == 0 and firsts[-1] + BARS.UNITS >= count
    assert all(0 < b - a <= BARS.STEP for a, b in pairwise(firsts))


def test_a_unit_sounds_the_same_at_every_tempo() -> None:
    values = np.random.default_rng(0).random((400, 32), np.float32)
    times = np.arange(1.0, 4.0, 0.5)
    slow = UNITS.features(values, times)
    fast = UNITS.features(values[::2], times / 2)
    assert slow.shape == (len(times) - 1, UNITS.width(32))
    np.testing.assert_allclose(slow[:, -1] - fast[:, -1], np.log(2.0), rtol=1e-5)
    onsets = slow[:, :32]
    np.testing.assert_array_equal(onsets, np.maximum(values[50:200:25], values[51:200:25])[: len(onsets)])


def test_too_few_units_are_not_told() -> None:
    values = np.zeros((400, 32), np.float32)
    assert BARS.BarNetwork().tell(values, np.arange(BARS.FEWEST) * 0.5) is None


def test_ones_are_told_wherever_a_window_begins(four: Heard) -> None:
    """A long pulse is told in windows; what is said of its units is what is said of them in one."""
    names = four.beats.activation_names
    evidence = part("meter", "evidence")
    values = four.beats.activation.values[:, evidence.columns(names)]
    units = np.asarray(four.meter.unit_times) - 5.0
    span = round((units[-1] - units[0] + np.diff(units).mean()) * 50)
    first = round(units[0] * 50)
    looped = np.tile(values[first : first + span], (6, 1))
    times = np.concatenate([units - units[0] + n * span / 50 for n in range(6)])
    told = BARS.BarNetwork().tell(looped, times)
    assert len(told.times) == len(times) - 1 > BARS.UNITS
    again = told.events[len(units) : 2 * len(units), 0], told.events[3 * len(units) : 4 * len(units), 0]
    assert np.corrcoef(*again)[0, 1] > 0.9


@pytest.mark.parametrize("count", [1, 2, 2559, 2560, 2561, 4161, 30_001, 720_000])
def test_chunks_cover_everything(count: int) -> None:
    starts = NETWORK.starts(count)
    assert starts[0] == 0 and starts[-1] + NETWORK.CHUNK >= count
    assert all(first % 2 == 0 for first in starts)
    assert all(0 < b - a <= NETWORK.STEP for a, b in pairwise(starts))


def test_a_long_recording_is_heard_as_its_parts_are() -> None:
    samples = render(in_meter("x", meter("4/4"), np.random.default_rng([SEED, 0]), "drums")).samples
    network = NETWORK.Network()
    alone = network.hear(samples).values
    level_kept = np.concatenate([samples, samples, samples, samples, samples])
    long = network.hear(level_kept).values
    middle = slice(len(alone) // 4, len(alone) // 2)
    tactus = network.names.index("tactus")
    assert np.corrcoef(alone[middle, tactus], long[middle, tactus])[0, 1] > 0.8


@pytest.mark.parametrize("length", [0, 1, 100, 2 * RATE])
def test_very_short_recordings_do_not_break_it(length: int) -> None:
    heard = NETWORK.Network().hear(np.zeros(length, np.float32))
    assert len(heard.values) == int(np.ceil(np.ceil(length / 441) / 2))
    assert np.isfinite(heard.values).all()
