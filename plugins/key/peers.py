"""What others make of the key, for comparison: madmom's convolutional network as published."""

from __future__ import annotations

import numpy as np

from hemiola import AudioView, Budget, Config, Context, Plugin, Region, Skip
from hemiola.results import Key, KeyAlternative

from . import profiles

RATE = 44100
HOP = RATE // 5
FEWEST_FRAMES = 8
"""Three times the network halves the number of frames; of fewer nothing is left."""


class MadmomKey(Plugin[Key, Config]):
    """Key by madmom's convolutional network, as its KeyRecognition.

    Notes
    -----
    madmom's own network: 5 frames a second of a spectrogram in quarter tones from 65 to 2,100 Hz, one of 24 keys for
    the whole. It knows no "atonal": noise and drums have a key as well. `alternatives` are its
    probabilities of all keys, as the network gives them.

    References
    ----------
    .. [1] F. Korzeniowski and G. Widmer, "Genre-agnostic key classification with convolutional neural networks",
       Proc. of the 19th Int. Society for Music Information Retrieval Conf. (ISMIR), 2018.
    """

    name = "key.madmom"
    version = "1.0.0"
    peer = True
    audio = AudioView(rate=RATE, channels=1)
    environment = "numpy1"
    budget = Budget(seconds=20, per_audio_second=0.5)
    memory = "2 GiB"
    licence = "BSD-3-Clause (madmom)"
    model_licence = "CC BY-NC-SA 4.0 (madmom's key model)"
    libraries = ("madmom", "numpy", "scipy")

    def load(self) -> None:
        """Read the network's weights."""
        import madmom_compat  # noqa: F401 - must come before madmom
        from madmom.audio.signal import Signal
        from madmom.features.key import CNNKeyRecognitionProcessor

        self._signal = Signal
        self._network = CNNKeyRecognitionProcessor()

    def analyze(self, region: Region, context: Context) -> Key:
        """Name the key of a take or region."""
        if -(-len(region.samples) // HOP) < FEWEST_FRAMES:
            raise Skip(f"{region.duration_s:.2f} s are too short for madmom's key network: it takes 1.6 s")
        samples = np.array(region.samples, np.float32)
        keys = keys_of(np.ravel(self._network(self._signal(samples, RATE, num_channels=1))))
        best = keys[0]
        assert best.tonic is not None
        label = profiles.spelt(profiles.TONICS.index(best.tonic), best.mode)
        return Key(
            tonic=best.tonic, mode=best.mode, label=label, alternatives=keys, method="madmom CNN (2018)"
        )


def keys_of(probabilities: np.ndarray) -> tuple[KeyAlternative, ...]:
    """All keys, the most probable first; of shape (24,): major keys from A, then minor keys from A."""
    made = [
        KeyAlternative(
            tonic=profiles.TONICS[(9 + number) % 12],
            mode="major" if number < 12 else "minor",
            probability=min(1.0, float(probability)),
        )
        for number, probability in enumerate(probabilities)
    ]
    return tuple(sorted(made, key=lambda key: -key.probability))
