"""Sampled instruments from a General MIDI sound font: each note rendered once by fluidsynth, kept on disk, cut to use.

A note's samples are those of fluidsynth, dry; where its attack lies is measured on them, so a stroke can be laid with
its attack on a sample. Without fluidsynth or the sound font there are none, and sources use synthesised voices.

References
----------
The sound font is TimGM6mb by Tim Brechbill (GPL-2.0; Debian's package timgm6mb-soundfont); what is rendered with it
is not covered by its licence.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from evaluation.scenes.sounds import RATE, Samples, Struck, attack_of

SOUND_FONT = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")
LOWEST, HIGHEST = 24, 103
"""MIDI numbers of the notes kept."""
HELD_S, SLOT_S, BEFORE_S = 2.9, 3.0, 0.01
LAYERS = {True: (38, 72, 108), False: (84,)}
"""Velocities rendered, of pianos and of others."""
LOUDER = 1.4
"""Between layers a note's level goes with this power of its velocity."""


@dataclass(frozen=True)
class Instrument:
    """A program of General MIDI.

    Attributes
    ----------
    program : 0 to 127
    release_s : how fast a note let go dies away
    piano : whether it is rendered in several velocities
    lowest, highest : MIDI numbers of the notes it is asked for; others are folded in by octaves
    """

    name: str
    program: int
    release_s: float = 0.06
    piano: bool = False
    lowest: int = LOWEST
    highest: int = HIGHEST


PIANOS = (Instrument("piano", 0, 0.08, True), Instrument("bright piano", 1, 0.08, True))
INSTRUMENTS = (
    Instrument("electric piano", 4),
    Instrument("harpsichord", 6, 0.05),
    Instrument("vibraphone", 11, 0.2),
    Instrument("church organ", 19, 0.1),
    Instrument("accordion", 21, lowest=45, highest=93),
    Instrument("nylon guitar", 24, 0.1),
    Instrument("steel guitar", 25, 0.1),
    Instrument("violin", 40, lowest=55, highest=98),
    Instrument("cello", 42, lowest=34, highest=79),
    Instrument("harp", 46, 0.3),
    Instrument("strings", 48, 0.12),
    Instrument("clarinet", 71, lowest=50, highest=91),
    Instrument("flute", 73, lowest=60, highest=98),
)


def cache_folder() -> Path:
    """Where training keeps what it can make again: HEMIOLA_TRAINING_CACHE, else the user's cache."""
    told = os.environ.get("HEMIOLA_TRAINING_CACHE")
    base = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    return Path(told) if told else Path(base) / "hemiola" / "training"


def available() -> bool:
    """Whether fluidsynth and the sound font are here."""
    return shutil.which("fluidsynth") is not None and SOUND_FONT.is_file()


@dataclass(frozen=True)
class Bank:
    """All notes of an instrument.

    Attributes
    ----------
    notes : int16, shape (layers, pitches, samples), mapped from disk
    attacks : where each one's attack lies, in samples, shape (layers, pitches)
    scale : from the integers to a peak of 1 for the loudest note
    """

    instrument: Instrument
    notes: npt.NDArray[np.int16]
    attacks: npt.NDArray[np.int64]
    scale: float

    def note(self, pitch: float, seconds: float, velocity: float) -> Struck:
        """A note let go after some seconds, at the level its velocity (0 to 1) has."""
        folded = round(pitch)
        while folded < self.instrument.lowest:
            folded += 12
        while folded > self.instrument.highest:
            folded -= 12
        layers = np.array(LAYERS[self.instrument.piano])
        layer = int(np.argmin(np.abs(layers - 127 * velocity)))
        level = self.scale * (127 * velocity / layers[layer]) ** LOUDER
        attack = int(self.attacks[layer, folded - LOWEST])
        fade = round(3 * self.instrument.release_s * RATE)
        held = min(attack + round(max(seconds, 0.03) * RATE), self.notes.shape[2] - fade)
        samples = self.notes[layer, folded - LOWEST, : held + fade].astype(np.float32)
        samples[:held] *= np.float32(level)
        samples[held:] *= np.float32(level) * _falling(fade)
        return Struck(samples, attack)


@lru_cache(maxsize=16)
def _falling(count: int) -> Samples:
    ramp = np.arange(count, dtype=np.float32) / count
    return np.asarray(np.exp(-3 * ramp) * (1 - ramp), dtype=np.float32)


@lru_cache(maxsize=32)
def bank(instrument: Instrument) -> Bank:
    """An instrument's notes, rendered at the first call on a machine."""
    folder = cache_folder() / "instruments"
    notes, attacks = (folder / f"{instrument.program:03}-{part}.npy" for part in ("notes", "attacks"))
    if not (notes.is_file() and attacks.is_file()):
        folder.mkdir(parents=True, exist_ok=True)
        rendered = _rendered(instrument)
        found = [[attack_of(note.astype(np.float32)) for note in layer] for layer in rendered]
        _kept(notes, rendered)
        _kept(attacks, np.array(found, dtype=np.int64))
    mapped: npt.NDArray[np.int16] = np.load(notes, mmap_mode="r")
    return Bank(instrument, mapped, np.load(attacks), _scale(mapped))


def _scale(notes: npt.NDArray[np.int16]) -> float:
    """The middle of the keyboard decides, in its loudest layer."""
    middle = notes[-1, 60 - LOWEST : 73 - LOWEST, : RATE // 2]
    return 1.0 / max(float(np.abs(middle).max()), 1.0)


def _kept(path: Path, array: npt.NDArray[np.generic]) -> None:
    """Written aside and renamed: another process never reads half a file."""
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npy", delete=False) as file:
        np.save(file, array)
    os.replace(file.name, path)


def _rendered(instrument: Instrument) -> npt.NDArray[np.int16]:
    """Every note of every layer, one after the other in a single run of fluidsynth."""
    layers = LAYERS[instrument.piano]
    notes = [(pitch, velocity) for velocity in layers for pitch in range(LOWEST, HIGHEST + 1)]
    with tempfile.TemporaryDirectory() as folder:
        score, audio = Path(folder, "notes.mid"), Path(folder, "notes.wav")
        score.write_bytes(_midi(instrument.program, notes))
        command = ["fluidsynth", "-niq", "-R", "0", "-C", "0", "-g", "0.8", "-r", str(RATE), "-F", str(audio)]
        subprocess.run([*command, str(SOUND_FONT), str(score)], check=True, capture_output=True)
        with wave.open(str(audio)) as file:
            stereo = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).reshape(-1, 2)
    mono = (stereo.astype(np.int32).sum(axis=1) // 2).astype(np.int16)
    mono = np.concatenate([mono, np.zeros(RATE, dtype=np.int16)])
    starts = [round((0.5 + SLOT_S * i - BEFORE_S) * RATE) for i in range(len(notes))]
    count = round((HELD_S + BEFORE_S) * RATE)
    cut = np.stack([mono[start : start + count] for start in starts])
    return cut.reshape(len(layers), -1, count)


def _midi(program: int, notes: Sequence[tuple[int, int]]) -> bytes:
    """A MIDI file of a note every SLOT_S seconds, each stopped dead before the next; a tick is a millisecond."""
    events = [(0, bytes([0xFF, 0x51, 3]) + (1_000_000).to_bytes(3, "big")), (0, bytes([0xC0, program]))]
    for index, (pitch, velocity) in enumerate(notes):
        start = 500 + round(1000 * SLOT_S) * index
        stop = start + round(1000 * (HELD_S + 0.02))
        events += [(start, bytes([0x90, pitch, velocity])), (stop, bytes([0x80, pitch, 0]))]
        events += [(stop, bytes([0xB0, 120, 0]))]
    track, now = b"", 0
    for at, message in [*events, (events[-1][0] + 100, bytes([0xFF, 0x2F, 0]))]:
        track += _variable(at - now) + message
        now = at
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, 1000) + b"MTrk" + struct.pack(">I", len(track)) + track


def _variable(number: int) -> bytes:
    """A MIDI quantity of variable length."""
    found = [number & 0x7F]
    while number := number >> 7:
        found.append(0x80 | (number & 0x7F))
    return bytes(reversed(found))
