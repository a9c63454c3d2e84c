"""stems.hpss: four files that sum to the mix, what is struck apart from what sounds on, in little memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.signal
import soundfile

from hemiola import Unavailable
from hemiola.results import Stems
from hemiola.testing import GivenContext, GivenRegion, run
from tests.plugins import signals
from tests.plugins.parts import ROOT, part, plugin

RATE = 44100
HPSS = plugin("stems.hpss")
PARTING, SHARING = part("stems", "parting"), part("stems", "sharing")
NAMES = ("drums", "bass", "vocals", "other")

LONG = """
import resource, sys, tempfile
from pathlib import Path
import numpy as np
from hemiola.testing import GivenContext, GivenRegion
from tests.plugins.parts import plugin

class Mapped(GivenRegion):
    samples = property(lambda self: sys.exit("a copy of all channels was asked for"))
    channels = property(lambda self: self.mapped)

made = plugin("stems.hpss")(plugin("stems.hpss").config_type())
made.load()
def parted(path):
    whole = np.memmap(path, np.float32, "r").reshape(2, -1)
    region = Mapped(np.zeros(1, np.float32), 44100)
    region.mapped = tuple(whole)
    with tempfile.TemporaryDirectory() as folder:
        made.analyze(region, GivenContext(region, scratch=Path(folder)))
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    return int(status["RssAnon"].split()[0]) / 1024, resource.getrusage(resource.RUSAGE_SELF).ru_utime
first, _ = parted(sys.argv[1])
second, _ = parted(sys.argv[2])
print(first, second)
"""


def asked(samples: np.ndarray, folder: Path) -> tuple[Stems, dict[str, np.ndarray]]:
    """The answer and the stems' samples, shape (n,) or (n, channels)."""
    said = run(HPSS, samples, RATE, level="file", scratch=folder)
    return said, {stem.name: soundfile.read(folder / stem.artifact)[0] for stem in said.stems}


def mixed(seconds: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bursts of noise, a chord that holds, and both together."""
    at = np.arange(round(seconds * RATE)) / RATE
    strokes = signals.noise(seconds, RATE, 0.3) * np.exp(-((at + 0.2) % 0.5) / 0.03).astype(np.float32)
    held = signals.drone(seconds, RATE, 110.0) + signals.drone(seconds, RATE, 660.0)
    return strokes, held, (strokes + held).astype(np.float32) * 0.5


def test_the_four_stems_sum_to_the_mix(tmp_path: Path) -> None:
    _, _, mix = mixed(9.0)
    said, stems = asked(mix, tmp_path)
    assert tuple(stems) == NAMES and said.gain == 1.0 and said.model == "hpss"
    assert np.abs(sum(stems.values()) - mix).max() < 1.6e-5


@pytest.mark.parametrize("channels", [2, 6])
def test_channels_stay_apart(channels: int, tmp_path: Path) -> None:
    _, _, mix = mixed(4.0)
    several = np.stack([mix * (0.2 + 0.1 * n) for n in range(channels)])
    several[1] = 0.0
    _, stems = asked(several, tmp_path)
    assert all(stem.shape == (len(mix), channels) for stem in stems.values())
    assert np.abs(sum(stems.values()).T - several).max() < 1.6e-5
    assert all(np.abs(stem[:, 1]).max() < 1e-4 for stem in stems.values())


def test_strokes_go_to_the_drums_and_what_holds_does_not(tmp_path: Path) -> None:
    strokes, held, mix = mixed(9.0)
    _, stems = asked(mix, tmp_path)

    def share(stem: np.ndarray, source: np.ndarray) -> float:
        return float(np.dot(stem, source * 0.5) / np.dot(source * 0.5, source * 0.5))

    assert share(stems["drums"], strokes) > 0.75 and abs(share(stems["drums"], held)) < 0.05
    sustained = stems["bass"] + stems["vocals"] + stems["other"]
    assert share(sustained, held) > 0.9


@pytest.mark.parametrize(("hertz", "name"), [(60.0, "bass"), (1000.0, "vocals"), (9000.0, "other")])
def test_what_holds_goes_by_its_pitch(hertz: float, name: str, tmp_path: Path) -> None:
    tone = (0.3 * np.sin(2 * np.pi * hertz * np.arange(4 * RATE) / RATE)).astype(np.float32)
    said, stems = asked(tone, tmp_path)
    inner = slice(RATE, 3 * RATE)  # its beginning and end are struck
    power = {each: float(np.square(stem[inner]).sum()) for each, stem in stems.items()}
    assert power[name] > 0.95 * sum(power.values())
    loudest = max(said.stems, key=lambda stem: -np.inf if stem.snr_db is None else stem.snr_db)
    assert loudest.name == name and loudest.snr_db is not None and loudest.snr_db > 5


def test_snr_is_the_stem_beside_the_rest_of_the_mix(tmp_path: Path) -> None:
    _, _, mix = mixed(5.0)
    said, stems = asked(mix, tmp_path)
    whole = sum(stems.values())
    for stem in said.stems:
        rest = whole - stems[stem.name]
        expected = 10 * np.log10(np.square(stems[stem.name]).sum() / np.square(rest).sum())
        assert stem.snr_db == pytest.approx(expected, abs=1e-6)


def test_a_mix_beyond_full_scale_is_turned_down_and_says_so(tmp_path: Path) -> None:
    _, _, mix = mixed(5.0)
    loud = mix / np.abs(mix).max() * 2.5
    said, stems = asked(loud, tmp_path)
    assert said.gain == pytest.approx(0.4)
    assert np.abs(sum(stems.values()) - 0.4 * loud).max() < 5e-5


def test_silence_has_silent_stems_without_a_ratio(tmp_path: Path) -> None:
    said, stems = asked(np.zeros(RATE, np.float32), tmp_path)
    assert all(stem.snr_db is None for stem in said.stems)
    assert all(len(stem) == RATE and not stem.any() for stem in stems.values())


@pytest.mark.parametrize("block", [1, 3, 64, 100_000])
def test_blocks_of_any_size_give_the_same(block: int) -> None:
    _, _, mix = mixed(3.0)
    whole = np.concatenate([stems for _, stems in PARTING.parted([mix], RATE)], axis=-1)
    pieces = list(PARTING.parted([mix], RATE, block))
    ends = [first + stems.shape[-1] for first, stems in pieces]
    assert [first for first, _ in pieces] == [0, *ends[:-1]] and ends[-1] == len(mix)
    np.testing.assert_allclose(np.concatenate([s for _, s in pieces], axis=-1), whole, atol=1e-6)


@pytest.mark.parametrize("length", [1, 1023, 1024, 4096, 5000])
def test_every_sample_is_parted_once(length: int) -> None:
    mix = np.random.default_rng(length).normal(0, 0.1, length).astype(np.float32)
    stems = np.concatenate([stems for _, stems in PARTING.parted([mix], RATE)], axis=-1)
    assert stems.shape == (3, 1, length)


def test_masks_and_bands_hold_nothing_back() -> None:
    """With everything that holds in one band, the parts alone add up to the mix."""
    bass, vocals = PARTING.bands(RATE)
    hertz = np.fft.rfftfreq(PARTING.N_FFT, 1 / RATE)
    assert (bass >= 0).all() and (vocals >= -1e-7).all() and (bass + vocals <= 1 + 1e-6).all()
    assert (bass[hertz < 170] == 1).all() and (bass[hertz > 360] == 0).all()
    tone = (0.3 * np.sin(2 * np.pi * 1000 * np.arange(2 * RATE) / RATE)).astype(np.float32)
    stems = np.concatenate([stems for _, stems in PARTING.parted([tone], RATE)], axis=-1)
    np.testing.assert_allclose(stems.sum(axis=0)[0], tone, atol=1e-3)


def test_what_has_no_room_in_one_stem_goes_to_another() -> None:
    random = np.random.default_rng(0)
    mix = random.uniform(-1, 1, (2, 5000)).astype(np.float32)
    stems = random.uniform(-3, 3, (3, 2, 5000)).astype(np.float32)
    steps = SHARING.in_steps(mix, stems)
    assert steps.dtype == np.int16 and steps.shape == (4, 2, 5000)
    expected = np.clip(np.rint(mix * 32768), -32768, 32767)
    np.testing.assert_array_equal(steps.sum(axis=0, dtype=np.int32), expected)


def test_more_channels_than_a_flac_holds_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="9 channels"):
        asked(np.zeros((9, RATE), np.float32), tmp_path)


def test_without_a_folder_to_write_in_it_is_unavailable() -> None:
    made = HPSS(HPSS.config_type())
    made.load()
    region = GivenRegion(np.zeros(RATE, np.float32), RATE, level="file")
    with pytest.raises(Unavailable, match="scratch"):
        made.analyze(region, GivenContext(region))


def test_long_files_take_no_more_memory_and_are_never_copied(tmp_path: Path) -> None:
    _, _, mix = mixed(60.0)
    minutes = {"one": np.tile(mix, (2, 1)), "six": np.tile(mix, (2, 6))}
    for name, samples in minutes.items():
        samples.tofile(tmp_path / name)
    command = [sys.executable, "-c", LONG, str(tmp_path / "one"), str(tmp_path / "six")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first, second = map(float, done.stdout.split())
    assert second < first + 25 and second < 400, (first, second)


@pytest.mark.parametrize("song", ["Reggae", "Grunge", "Rockabilly"])
def test_real_drums_stand_out_of_the_drum_stem(song: str, eval_folder: Path, tmp_path: Path) -> None:
    """Spectra of the drum stem are nearer to those of the true drums than the mix's, by 2 dB and more."""
    folder = eval_folder / "mdb-drums"
    (mixed_down,) = (folder / "mix").glob(f"MusicDelta_{song}_*MIX.*")
    mix, rate = soundfile.read(mixed_down, dtype="float32", frames=15 * RATE, always_2d=True)
    drums, _ = soundfile.read(
        folder / "drum_only" / f"MusicDelta_{song}_Drum.flac",
        dtype="float32",
        frames=len(mix),
        always_2d=True,
    )
    assert rate == RATE
    _, stems = asked(mix.mean(axis=1), tmp_path)
    gained = nearness_db(stems["drums"], drums.mean(axis=1)) - nearness_db(
        mix.mean(axis=1), drums.mean(axis=1)
    )
    assert gained > 2.0


def nearness_db(estimate: np.ndarray, source: np.ndarray) -> float:
    """Scale-invariant ratio of magnitudes: what is the source's over what is not, in dB."""
    e, s = (np.abs(scipy.signal.stft(each, nperseg=1024)[2]).ravel() for each in (estimate, source))
    aimed = np.dot(e, s) / np.dot(s, s) * s
    return float(10 * np.log10(np.square(aimed).sum() / np.square(e - aimed).sum()))
