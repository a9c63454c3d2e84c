"""Three plugins that do nothing but their work: one before those that do harm, one after it, one beside."""

from __future__ import annotations

import random

import numpy as np

from hemiola import Config, Context, Plugin, Region, hookimpl
from hemiola.results import Chords, Labels, Notes


class Earlier(Plugin[Labels, Config]):
    """Asked first: names the whole by its level."""

    name = "labels.tiny"
    version = "1"
    memory = "256 MiB"

    def analyze(self, region: Region, context: Context) -> Labels:
        """One label."""
        level = float(np.sqrt(np.mean(np.square(region.samples))))
        label = {"start_s": region.start_s, "end_s": region.end_s, "label": f"{level:.9f}", "group": "event"}
        return Labels.model_validate({"labels": [label]})


class Beside(Plugin[Notes, Config]):
    """Needs nobody: notes drawn by lot, the same each time."""

    name = "notes.tiny"
    version = "1"
    memory = "256 MiB"

    def analyze(self, region: Region, context: Context) -> Notes:
        """Ten notes."""
        pitches = np.random.default_rng(random.randrange(1 << 30)).uniform(40, 80, 10) + np.random.rand(10)  # noqa: NPY002
        onsets = np.linspace(region.start_s, region.end_s, 10, endpoint=False)
        notes = [
            {"onset_s": a, "offset_s": a + 0.1, "pitch": p} for a, p in zip(onsets, pitches, strict=True)
        ]
        return Notes.model_validate({"notes": notes})


class After(Plugin[Chords, Config]):
    """Stands on the first."""

    name = "chords.tiny"
    version = "1"
    memory = "256 MiB"
    needs = (Labels,)

    def analyze(self, region: Region, context: Context) -> Chords:
        """One chord, named by the label."""
        named = context.need(Labels).labels[0].label
        return Chords.model_validate(
            {"chords": [{"start_s": region.start_s, "end_s": region.end_s, "label": named}]}
        )


@hookimpl
def hemiola_plugins() -> list[type[Plugin]]:  # type: ignore[type-arg]
    """All three."""
    return [Earlier, Beside, After]
