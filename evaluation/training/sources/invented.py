"""Clips in rhythms drawn by their places in the bar (see `invention`): there is no list of grooves to learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.scenes.playing import MACHINE, Feel, human
from evaluation.scenes.rendering import Scene, render
from evaluation.scenes.rooms import any_room
from evaluation.scenes.tempo import drifting, staged
from evaluation.training.invention.songs import Song, passages, song
from evaluation.training.invention.styles import LEFT_OUT, SEEN
from evaluation.training.invention.tonal import WITHOUT_DRUMS, Parts, any_voices
from evaluation.training.sources import Clip, seeded
from evaluation.training.sources.generated import AnyKit, own_kit

Random = np.random.Generator
SECONDS = (19.0, 38.0)
"""How long the bars last, about."""
WITH_DRUMS = ("", "", "", "bass", "bass chords", "bass chords", "bass chords melody", "chords")
UNACCOMPANIED = 0.22
"""So many songs have no drums."""
DRIFTS = (0.0, 0.0, 0.004, 0.012, 0.03)


def any_parts(random: Random) -> tuple[bool, Parts]:
    """Whether there are drums, and what is played beside them."""
    drums = bool(random.random() >= UNACCOMPANIED)
    return drums, frozenset(str(random.choice(WITH_DRUMS if drums else WITHOUT_DRUMS)).split())


@dataclass(frozen=True)
class Invented:
    """The source "invented".

    Attributes
    ----------
    kit : draws the kit of a clip
    """

    kit: AnyKit = own_kit
    name: str = "invented"
    licence: str = "CC0-1.0"

    def clip(self, number: int, left_out: bool) -> Clip:
        """See Source."""
        random = seeded(self.name, number, left_out)
        drums, parts = any_parts(random)
        plan = passages(float(random.uniform(*SECONDS)), random)
        written = song(plan, LEFT_OUT if left_out else SEEN, parts, drums, random)
        side = "left-out" if left_out else "seen"
        scene = self._scene(written, drums, bool(parts), f"{self.name}-{side}-{number}", left_out, random)
        rendered = render(scene)
        return Clip(rendered.samples, rendered.truth)

    def _scene(
        self, written: Song, drums: bool, parts: bool, name: str, left_out: bool, random: Random
    ) -> Scene:
        tempo = staged(written.stages)
        drift = float(random.choice(DRIFTS))
        return Scene(
            kind="mix" if drums and parts else "drums" if drums else "melodic",
            score=written.score,
            tempo=drifting(tempo, drift, random) if drift else tempo,
            kit=self.kit(random, left_out),
            feel=_feel(random),
            room=any_room(random),
            timbres=any_voices(random),
            seed=int(random.integers(1 << 62)),
            source="invention",
            song=name,
            lead_s=float(random.uniform(0.05, 1.5)),
            tail_s=float(random.uniform(0.3, 2.0)),
            balance_db=float(random.uniform(-9, 9)),
            peak=float(random.uniform(0.3, 0.95)),
        )


def _feel(random: Random) -> Feel:
    """A machine, or people of any meter alike: tight, loose, or beginners."""
    drawn = random.random()
    if drawn < 0.15:
        return MACHINE
    feel = human(random)
    if drawn < 0.85:
        return feel
    return Feel(feel.tremble_ms * 1.8, feel.wander_ms * 1.8, feel.lean_ms, feel.loudness * 1.4)
