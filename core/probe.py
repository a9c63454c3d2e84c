"""The built-in probe clip: eight seconds whose answers are known, to tell a broken plugin from hard files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bridges.calls import Call, Input, PluginWorker, Said
from bridges.workers import EnvironmentUnavailable, Workers
from core.chain import Provider
from core.models.there import Model, paths, readable
from core.words import Status
from hemiola.results import Beats, Content, Key, Onsets, Result, Tempo
from hemiola.testing import click_track, tone

SECONDS, BPM = 8.0, 120.0
REGION: dict[str, Any] = {
    "id": "probe",
    "level": "take",
    "parent_id": None,
    "start_s": 0.0,
    "end_s": SECONDS,
    "file": "the probe clip",
}


def probe(
    provider: Provider,
    workers: Workers,
    still_s: float,
    tone_hz: float | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    models: Sequence[Model] = (),
) -> Said:
    """Run a plugin on the clip (or on a pure tone), handed the true answers to what it needs and these models.

    A plugin whose environment is not there says `unavailable`; one that needs what the clip has no
    answer for says so itself.
    """
    manifest = provider.manifest
    rate = manifest.audio.rate or 44100 if manifest.audio else 22050
    worker = PluginWorker(
        workers,
        manifest,
        provider.source,
        {},
        mapped=int(SECONDS * rate * 8) + (1 << 20),
        scratch=tempfile.mkdtemp(prefix="hemiola-") if manifest.scratch else None,
        still_s=still_s,
        models=paths(models),
        readable=readable(models),
    )
    inputs = tuple(given for question in provider.upstream if (given := _truth(question)) is not None)
    view = (
        {"rate": rate, "source": "mix", "first": 0, "stop": int(SECONDS * rate)} if manifest.audio else None
    )
    call = Call(
        REGION, view, lambda: [clip(rate, tone_hz)] if view else [], inputs, 1, manifest.cpu_budget(SECONDS)
    )
    try:
        said = worker.call(call, lambda fraction: None, cancelled)
        said.close()
        return said
    except EnvironmentUnavailable as error:
        return Said(Status.UNAVAILABLE, "environment", reason=str(error))
    finally:
        worker.close()


def clip(rate: int, tone_hz: float | None = None) -> int:
    """A descriptor of mono float32: clicks over an A major chord, or a tone. The caller closes it."""
    if tone_hz is not None:
        samples = tone(tone_hz, SECONDS, rate)
    else:
        samples = click_track(np.arange(0.0, SECONDS, 60 / BPM), SECONDS, rate)
        for frequency in (220.0, 277.18, 329.63):
            samples = samples + 0.1 * tone(frequency, SECONDS, rate)
    with tempfile.NamedTemporaryFile() as file:
        file.write(samples.astype("<f4").tobytes())
        file.flush()
        return os.open(file.name, os.O_RDONLY | os.O_CLOEXEC)


def _truth(question: str) -> Input | None:
    beats = tuple(np.arange(0.0, SECONDS, 60 / BPM))
    music = {"start_s": 0.0, "end_s": SECONDS, "label": "music"}
    known: tuple[Result, ...] = (
        Onsets(times=beats, strengths=(1.0,) * len(beats)),
        Beats(times=beats),
        Tempo(bpm=BPM, pulse_bpm=BPM),
        Content.model_validate({"segments": [music]}),
        Key(tonic="A", mode="major", label="A major", method="truth"),
    )
    for result in known:
        if result.question == question:
            return Input(question, f"truth-{question}", REGION, finer=False, text=result.to_json(), arrays={})
    return None
