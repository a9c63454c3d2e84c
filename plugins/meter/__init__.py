"""The plugins that name a meter: so far comparisons, `meter.madmom` and `meter.beat_this`."""

from __future__ import annotations

from typing import Any

from hemiola import Plugin, hookimpl

from .beat_this import BeatThisMeter
from .classical import PeriodicityMeter
from .peers import MadmomMeter


@hookimpl
def hemiola_plugins() -> list[type[Plugin[Any, Any]]]:
    """The plugins of this folder."""
    return [PeriodicityMeter, MadmomMeter, BeatThisMeter]
