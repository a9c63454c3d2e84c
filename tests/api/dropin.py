"""A drop-in source for a test: a question with two providers, one of which does what its settings say, and a peer."""

from __future__ import annotations

import os
import signal
import time
from typing import Annotated, ClassVar

from pydantic import Field

from hemiola import Config, Context, Plugin, Region, Result, hookimpl


class Mood(Result):
    """How a take feels."""

    question: ClassVar[str] = "mood"
    levels: ClassVar[tuple[str, ...]] = ("take",)

    words: tuple[str, ...] = ()


class Asked(Config):
    """What to do."""

    seconds: Annotated[float, Field(ge=0, le=60)] = 0.0
    """How long to take for it."""
    ends: str = ""
    """"crash" or "fail"; else it answers."""
    words: list[str] = []
    count: int = 0


class Patient(Plugin[Mood, Asked]):
    """Answers, sooner or later, or not."""

    name = "mood.patient"
    version = "1"
    memory = "128 MiB"

    def analyze(self, region: Region, context: Context) -> Mood:
        """Take its time, then end as asked."""
        steps = round(self.config.seconds * 20)
        for step in range(steps):
            context.progress(step / steps)
            time.sleep(0.05)
        if self.config.ends == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if self.config.ends == "fail":
            raise ValueError("it does not feel like it")
        return Mood(words=("patient", *self.config.words))


class Curt(Plugin[Mood, Config]):
    """Answers at once."""

    name = "mood.curt"
    version = "1"
    memory = "128 MiB"

    def analyze(self, region: Region, context: Context) -> Mood:
        """One word."""
        return Mood(words=("curt",))


class Echo(Plugin[Mood, Config]):
    """Answers where it is named."""

    name = "mood.echo"
    version = "1"
    memory = "128 MiB"
    peer = True

    def analyze(self, region: Region, context: Context) -> Mood:
        """One word."""
        return Mood(words=("echo",))


@hookimpl
def hemiola_plugins() -> list[type[Plugin]]:  # type: ignore[type-arg]
    """All three."""
    return [Patient, Curt, Echo]
