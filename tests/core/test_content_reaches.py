"""Ten content segments reach what uses them, in both environments, unchanged; key and beats heed them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import orjson
import pytest

from bridges.calls import Call, Input, PluginWorker, Said
from bridges.discovery import describe, source_at
from core.chain import Provider
from core.engine import Engine
from hemiola.results import Content, ContentSegment
from hemiola.testing import click_track, tone

SEGMENT_S = 3.0
LABELS = ("music", "speech") * 5
CONTENT = Content(
    segments=tuple(
        ContentSegment(start_s=n * SEGMENT_S, end_s=(n + 1) * SEGMENT_S, label=label)
        for n, label in enumerate(LABELS)
    )
)
SECONDS = SEGMENT_S * len(LABELS)
TAKE = {"id": "t", "level": "take", "parent_id": None, "start_s": 0.0, "end_s": SECONDS, "file": "tape.wav"}
ECHO = '''
from typing import ClassVar
from hemiola import AudioView, Config, Context, Plugin, Region, Result, hookimpl
from hemiola.results import Content, ContentSegment

class Echo(Result):
    """What was heard of Content."""
    question: ClassVar[str] = "echo"
    levels: ClassVar[tuple[str, ...]] = ("take",)
    segments: tuple[ContentSegment, ...]

class {name}(Plugin[Echo, Config]):
    """Says back the content it was handed."""
    name, version, licence = "echo.{environment}", "1", "MIT"
    audio, needs, environment = None, (Content,), "{environment}"

    def analyze(self, region: Region, context: Context) -> Echo:
        return Echo(segments=context.need(Content).segments)

@hookimpl
def hemiola_plugins(): return [{name}]
'''


def ask(engine: Engine, provider: Provider, samples: np.ndarray, rate: int) -> Said:
    """What a plugin says about a take, handed the ten segments."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(samples.astype("<f4").tobytes())
        file.flush()
        view = {"rate": rate, "source": "mix", "first": 0, "stop": len(samples)}
        handed = Input("content", "c", TAKE, finer=False, text=CONTENT.to_json(), arrays={})
        audio = provider.manifest.audio
        call = Call(
            TAKE,
            view if audio else None,
            lambda: [os.open(file.name, os.O_RDONLY)] if audio else [],
            (handed,),
            seed=1,
            cpu_s=120.0,
        )
        worker = PluginWorker(
            engine.workers, provider.manifest, provider.source, {}, mapped=1 << 28, scratch=None, still_s=60.0
        )
        try:
            return worker.call(call, lambda fraction: None, lambda: False)
        finally:
            worker.close()


@pytest.mark.parametrize("environment", ["main", "numpy1"])
def test_ten_segments_cross_unchanged(shared_engine: Engine, tmp_path: Path, environment: str) -> None:
    path = tmp_path / "echo.py"
    path.write_text(ECHO.format(name="EchoContent", environment=environment))
    source = source_at(path, shared_engine.workers.environments)
    (manifest,) = describe(source, shared_engine.workers, None).plugins
    said = ask(shared_engine, Provider(manifest, source, 0), np.zeros(1), 22050)
    assert said.status == "ok" and said.text is not None, said.reason
    assert orjson.loads(said.text)["segments"] == orjson.loads(CONTENT.to_json())["segments"]


@pytest.mark.parametrize("name", ["beats.madmom", "beats.librosa"])
def test_beats_are_heard_in_music_and_not_in_speech(shared_engine: Engine, name: str) -> None:
    provider = shared_engine.catalogue.providers()[name]
    rate = provider.manifest.audio.rate if provider.manifest.audio else 0
    assert rate
    said = ask(shared_engine, provider, click_track(np.arange(0.0, SECONDS, 0.5), SECONDS, rate), rate)
    assert said.status == "ok" and said.text is not None, said.reason
    beats = np.array(orjson.loads(said.text)["times"])
    inside = [np.sum((beats > s.start_s + 0.1) & (beats < s.end_s - 0.1)) for s in CONTENT.segments]
    assert all((count == 0) == (label == "speech") for count, label in zip(inside, LABELS, strict=True)), (
        inside
    )


@pytest.mark.parametrize("name", ["key.ensemble", "key.essentia", "key.librosa"])
def test_the_key_is_that_of_the_music(shared_engine: Engine, name: str) -> None:
    provider = shared_engine.catalogue.providers()[name]
    rate = provider.manifest.audio.rate if provider.manifest.audio else 0
    assert rate
    music = sum(tone(f, SEGMENT_S, rate, 0.1) for f in (220.0, 277.18, 329.63, 440.0))
    speech = sum(tone(f, SEGMENT_S, rate, 0.4) for f in (155.56, 185.0, 233.08, 311.13))
    samples = np.concatenate([music if label == "music" else speech for label in LABELS])
    said = ask(shared_engine, provider, samples, rate)
    assert said.status == "ok" and said.text is not None, said.reason
    assert orjson.loads(said.text)["label"] == "A major"
