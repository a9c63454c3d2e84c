"""A drop-in for the page's tests: of two providers, the better one crashes on takes of some four seconds; a peer."""

from __future__ import annotations

import os
import signal
from typing import ClassVar

from hemiola import Config, Context, Plugin, Region, Result, hookimpl
from hemiola.results import Meter

SHORT_S = (3.5, 5.0)


class Mood(Result):
    """How a take feels; a question that the page does not know."""

    question: ClassVar[str] = "mood"
    levels: ClassVar[tuple[str, ...]] = ("take",)

    word: str
    warmth: float


class Brave(Plugin[Mood, Config]):
    """Answers, but not about takes of some four seconds: few here are, so that it is not quarantined."""

    name = "mood.brave"
    version = "2.1.0"
    memory = "128 MiB"
    licence = "CC0-1.0"
    model_licence = "CC BY-NC 4.0"

    def analyze(self, region: Region, context: Context) -> Mood:
        """Crash on what is short, after some last words."""
        if SHORT_S[0] < region.duration_s < SHORT_S[1]:
            print("too <b>short</b> to live", flush=True)
            os.kill(os.getpid(), signal.SIGSEGV)
        return Mood(word="brave", warmth=0.75)


class Calm(Plugin[Mood, Config]):
    """Answers in any case."""

    name = "mood.calm"
    version = "1.0.0"
    memory = "128 MiB"

    def analyze(self, region: Region, context: Context) -> Mood:
        """Answer."""
        return Mood(word="calm", warmth=0.25)


class Square(Plugin[Meter, Config]):
    """Hears 4/4 in everything, where it is named."""

    name = "meter.square"
    version = "1.0.0"
    memory = "128 MiB"
    peer = True

    def analyze(self, region: Region, context: Context) -> Meter:
        """Answer."""
        return Meter(meter="4/4", confidence=0.9)


@hookimpl
def hemiola_plugins() -> list[type]:
    """The better one first."""
    return [Brave, Calm, Square]
