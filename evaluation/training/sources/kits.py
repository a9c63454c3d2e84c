"""Sampled drum kits in Hydrogen's format: whole, or each drum from another kit; synthesised where there are none.

Two of the kits that Debian's package hydrogen-drumkits holds share their recordings with kits that judge this project;
they are never read. One kit is left out for validation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from evaluation.scenes.kits import LEVELS, STANDARD, Kit, SynthKit, any_kit
from evaluation.scenes.sounds import RATE, Samples, Struck, attack_of

FOLDER = Path("/usr/share/hydrogen/data/drumkits")
"""Where Debian's package hydrogen-drumkits lies."""
JUDGES = ("The Black Pearl 1.0", "Gimme A Hand 1.0")
"""Kits of that package whose recordings are in kits that judge: never read."""
LEFT_OUT = ("BJA_Pacific",)
"""Kits that only validate."""
LICENCES = {
    "Audiophob": "CC0-1.0",
    "BJA_Pacific": "CC-BY-SA-3.0-US",
    "ColomboAcousticDrumkit": "GPL-2.0-or-later, recordings made with it exempt",
    "ElectricEmpireKit": "GPL-2.0-or-later",
    "ForzeeStereo": "GPL-2.0",
    "HardElectro1": "GPL-2.0-or-later",
    "Millo-Drums_v.1": "GPL-2.0",
    "Millo_MultiLayered2": "GPL-2.0",
    "Millo_MultiLayered3": "GPL-2.0",
    "VariBreaks": "GPL-2.0-or-later",
    "circAfrique v4": "CC-BY-SA-3.0",
    "rumpf_kit_z01_h2": "CC-BY-3.0",
}
"""As Debian's copyright file of the package tells them."""
LONGEST_S, BEFORE_S, QUIET = 2.5, 0.02, 1e-3
"""How long before its attack a sample begins, how long it lasts, and to what part of its peak it has decayed then."""
POOL = 10
"""Synthesised kits that a process holds; a new one for every clip would cost seconds each."""

NAMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"roll|whistle|zap|fx|sample:|choke|swish|^$", ()),
    (r"(dununba|sangban|kenkeni).*bell|cowbell|agogo", ("cowbell",)),
    (r"djembe.*slap", ("high_tom", "rim")),
    (r"djembe.*tone|sangban|kenkeni|conga", ("mid_tom", "high_tom")),
    (r"djembe.*bass|dununba", ("low_tom",)),
    (r"ride.*(bell|cup)|ride-cup|^paiste bell", ("ride_bell",)),
    (r"ride-crash", ("ride",)),
    (r"crash|china|splash", ("crash",)),
    (r"ride|cymbal [12]$", ("ride",)),
    (r"clap", ("clap",)),
    (r"tambourine|shaker|maraca", ("shaker",)),
    (r"(hat|hh|hi-hat).*(pedal|\bpd\b)|pedal (hat|hh)", ("pedal_hihat",)),
    (r"(hat|hi-hat).*(\bop|semiopen|free)|op(en)? hh|ohh", ("open_hihat",)),
    (r"hat|hh", ("hihat",)),
    (r"kick|bass ?drum", ("kick",)),
    (r"rimshot|snare|opaco", ("snare",)),
    (r"rim click|click", ("rim",)),
    (r"stick", ("rim", "sticks")),
    (r"floor|tom.*low|low.*tom", ("low_tom",)),
    (r"tom.*hi|hi.*tom", ("high_tom",)),
    (r"tom|drum [12]$", ("mid_tom",)),
)
"""What kits call their drums, the first that fits, and the voices they are."""


@dataclass(frozen=True)
class Layer:
    """A sample file and the velocities, 0 to 1, for which it was recorded."""

    file: Path
    least: float
    most: float


Drum = tuple[Layer, ...]
"""One drum, from its soft to its loud recordings."""


@dataclass(frozen=True)
class Library:
    """A kit's drums by voice; several where a kit has several snares."""

    name: str
    licence: str
    drums: Mapping[str, tuple[Drum, ...]]


def voices_of(name: str) -> tuple[str, ...]:
    """The voices for which a drum of that name serves; none if it is no drum of a kit."""
    return next((voices for pattern, voices in NAMES if re.search(pattern, name.lower())), ())


@lru_cache(maxsize=4)
def libraries(folder: Path = FOLDER) -> tuple[Library, ...]:
    """All kits of the folder but those that judge, in order of their names; none where there is no folder."""
    found = (read(file) for file in sorted(folder.glob("*/drumkit.xml")) if file.parent.name not in JUDGES)
    return tuple(library for library in found if library.drums)


def read(file: Path) -> Library:
    """A kit from its drumkit.xml."""
    root = ElementTree.parse(file).getroot()
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    drums: dict[str, list[Drum]] = {}
    for instrument in root.iter("instrument"):
        drum = tuple(sorted(_layers(instrument, file.parent), key=lambda layer: (layer.least, layer.file)))
        for voice in voices_of(instrument.findtext("name") or "") if drum else ():
            drums.setdefault(voice, []).append(drum)
    return Library(
        file.parent.name,
        LICENCES.get(file.parent.name) or (root.findtext("license") or "").split("\n")[0].strip(),
        {voice: tuple(of) for voice, of in drums.items()},
    )


def _layers(instrument: ElementTree.Element, folder: Path) -> list[Layer]:
    named = [(layer.findtext("filename"), layer) for layer in instrument.iter("layer")]
    found = [
        Layer(folder / name, float(layer.findtext("min") or 0), float(layer.findtext("max") or 1))
        for name, layer in named
        if name
    ]
    single = instrument.findtext("filename")
    found = found or ([Layer(folder / single, 0.0, 1.0)] if single else [])
    return [layer for layer in found if layer.file.is_file()]


@lru_cache(maxsize=512)
def one_shot(file: Path) -> Struck:
    """A sample file: mono, 44,100 samples a second, peak 1, from just before its attack to where it has decayed."""
    import soundfile

    samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    if rate != RATE:
        import soxr

        mono = soxr.resample(mono, rate, RATE)
    peak = float(np.abs(mono).max(initial=0.0))
    if peak <= 0.0:
        return Struck(np.zeros(1, np.float32), 0)
    first = max(0, attack_of(mono) - round(BEFORE_S * RATE))
    cut = mono[first : first + round(LONGEST_S * RATE)] / np.float32(peak)
    loud = np.flatnonzero(np.abs(cut) > QUIET)
    cut = cut[: int(loud[-1]) + 1].copy()
    fade = min(len(cut), 256)
    cut[len(cut) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    cut.setflags(write=False)
    return Struck(cut, attack_of(cut))


@dataclass(frozen=True)
class SampledKit:
    """A set of drums, each with its own gain and tuning.

    Attributes
    ----------
    drums : a drum for each voice that is sampled
    others : plays the voices that are not
    gains : of each voice
    tunes : factor of each voice's frequencies
    touch : a stroke's level is its velocity to this power
    """

    name: str
    drums: Mapping[str, Drum]
    others: Kit
    gains: Mapping[str, float]
    tunes: Mapping[str, float]
    touch: float = 1.4
    _tuned: dict[tuple[str, Path], Struck] = field(default_factory=dict, compare=False, repr=False)

    def strike(self, instrument: str, velocity: float, random: np.random.Generator) -> Struck:
        """See Kit."""
        drum = self.drums.get(instrument)
        if not drum:
            return self.others.strike(instrument, velocity, random)
        near = [layer for layer in drum if layer.least <= velocity <= layer.most] or list(drum)
        layer = near[int(random.integers(len(near)))]
        key = (instrument, layer.file)
        if key not in self._tuned:
            self._tuned[key] = tuned(one_shot(layer.file), self.tunes.get(instrument, 1.0))
        samples, attack = self._tuned[key]
        level = LEVELS[instrument] * self.gains.get(instrument, 1.0) * velocity**self.touch
        return Struck(samples * np.float32(level), attack)


def tuned(struck: Struck, factor: float) -> Struck:
    """A stroke with its frequencies times a factor, and shorter by it."""
    if factor == 1.0 or len(struck.samples) < 2:
        return struck
    count = int((len(struck.samples) - 1) / factor)
    places = np.arange(count) * factor
    samples: Samples = np.interp(places, np.arange(len(struck.samples)), struck.samples).astype(np.float32)
    return Struck(samples, attack_of(samples))


@dataclass(frozen=True)
class HeldKit:
    """A synthesised kit that keeps its strokes: two loudnesses and two takes of each voice."""

    kit: SynthKit
    _struck: dict[tuple[str, int, int], Struck] = field(default_factory=dict, compare=False, repr=False)

    @property
    def name(self) -> str:
        """See Kit."""
        return self.kit.name

    def strike(self, instrument: str, velocity: float, random: np.random.Generator) -> Struck:
        """See Kit."""
        loud, take = int(velocity >= 0.55), int(random.integers(2))
        key = (instrument, loud, take)
        if key not in self._struck:
            self._struck[key] = self.kit.strike(
                instrument, (0.4, 0.9)[loud], np.random.default_rng([loud, take])
            )
        samples, attack = self._struck[key]
        return Struck(samples * np.float32((velocity / (0.4, 0.9)[loud]) ** 1.4), attack)


@lru_cache(maxsize=2 * POOL)
def held_kit(number: int, left_out: bool) -> HeldKit:
    """The n-th of the synthesised kits that training shares."""
    return HeldKit(any_kit(np.random.default_rng([number, int(left_out), 5])))


def training_kit(random: np.random.Generator, left_out: bool, folder: Path = FOLDER) -> Kit:
    """A kit for a clip: sampled, its missing drums from elsewhere; each drum from another; or synthesised.

    A left-out clip has the left-out kit, or a synthesised one that no seen clip has.
    """
    synthesised = held_kit(int(random.integers(POOL)), left_out)
    side = [library for library in libraries(folder) if (library.name in LEFT_OUT) == left_out]
    drawn = random.random()
    if not side or drawn < 0.25:
        return synthesised
    if drawn < 0.6 or len(side) == 1:
        first, second = (side[int(i)] for i in random.integers(len(side), size=2))
        drums = _some(second, random) | _some(first, random)
        name = first.name
    else:
        drums = _mixed(side, random)
        name = "mixed"
    gains = {voice: float(10 ** (np.clip(random.normal(0, 3), -7, 7) / 20)) for voice in STANDARD}
    shared = random.normal(0, 0.05)
    tunes = {voice: float(np.exp(np.clip(shared + random.normal(0, 0.04), -0.2, 0.2))) for voice in STANDARD}
    return SampledKit(name, drums, synthesised, gains, tunes, float(random.uniform(1.0, 1.8)))


def _some(library: Library, random: np.random.Generator) -> dict[str, Drum]:
    return {voice: of[int(random.integers(len(of)))] for voice, of in sorted(library.drums.items())}


def _mixed(side: list[Library], random: np.random.Generator) -> dict[str, Drum]:
    drums: dict[str, Drum] = {}
    for voice in STANDARD:
        having = [library for library in side if voice in library.drums]
        if having:
            of = having[int(random.integers(len(having)))].drums[voice]
            drums[voice] = of[int(random.integers(len(of)))]
    return drums
