"""What beats.beat_this hears is what its network was trained on: librosa's mel bands, in the scaling of its authors."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from tests.plugins import signals
from tests.plugins.parts import part

MEL = part("beats", "beat_this.mel")


@pytest.fixture(scope="module")
def song() -> np.ndarray:
    """Eight seconds."""
    return signals.song(3, "minor", MEL.RATE, bars=4, bpm=120, drums=0.5)


def test_frames_are_the_logarithm_of_mel_bands_on_slaneys_scale(song: np.ndarray) -> None:
    spectrum = librosa.stft(song, n_fft=1024, hop_length=441, pad_mode="reflect")
    bands = librosa.filters.mel(sr=MEL.RATE, n_fft=1024, n_mels=128, fmin=30, fmax=11000, norm=None)
    expected = np.log1p(1000 * bands @ (np.abs(spectrum) / 32)).T
    found = MEL.LogMel().frames(song, 0, MEL.LogMel().count(len(song)))
    assert found.shape == expected.shape and found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_a_stretch_of_frames_is_the_same_as_when_all_are_made(song: np.ndarray) -> None:
    heard = MEL.LogMel()
    whole = heard.frames(song, 0, heard.count(len(song)))
    for first, stop in ((0, 3), (101, 250), (len(whole) - 2, len(whole))):
        np.testing.assert_allclose(heard.frames(song, first, stop), whole[first:stop], atol=1e-5)
